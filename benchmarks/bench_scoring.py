"""How fast the sealed benchmark scores, and BLEU-2 beside the packages that give the same values.

    pip install nltk fast-bleu
    python benchmarks/bench_scoring.py [--studies 10000]

CPU seconds of this process, all in one run; the rivals are given texts cut into words beforehand, and ours
cuts its own. A rival that is not installed is left out.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
import numpy as np

from radrelease.compiled import library
from radrelease.identifiers import PatientId
from radrelease.profiles.findings import load_finding_rules
from radrelease.records.benchmark import Reference, ScoringSettings, StudyKey
from radrelease.records.release import View
from radrelease.stages.scoring.assessing import assess
from radrelease.stages.scoring.bleu import bleu_2
from radrelease.stages.scoring.contamination import copies_among

ROUNDS = 3
SENTENCES = [text for rule in load_finding_rules().findings for text in (*rule.examples, *rule.traps)]


def make_text(rng: random.Random) -> str:
    """A report of four to ten sentences, a few words of each replaced so that most sentences are unlike."""
    sentences = " ".join(rng.choices(SENTENCES, k=rng.randint(4, 10)))
    return " ".join(
        f"w{rng.randrange(2000)}" if rng.random() < 0.1 else word for word in sentences.split(" ")
    )


def make_references(rng: random.Random, count: int) -> list[Reference]:
    """Studies of patients who have one, two or three."""
    return [
        Reference(
            id=StudyKey(f"s{number:06d}"),
            patient_id=PatientId(f"p{rng.randrange(count * 7 // 10):06d}"),
            findings=make_text(rng),
            impression=None,
            context="Cough and fever for three days. None.",
            site=f"site {min(7, int(rng.paretovariate(1)))}",
            sex=rng.choice("MF"),
            age=f"{rng.randint(1, 95):03d}Y",
            views=(rng.choice((View.FRONTAL_PA, View.FRONTAL_AP)), View.LATERAL),
        )
        for number in range(count)
    ]


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of the fastest of some rounds, and what came out."""
    best, made = float("inf"), None
    for _ in range(ROUNDS):
        start = time.process_time()
        made = run()
        best = min(best, time.process_time() - start)
    return best, made


def words(text: str) -> list[str]:
    """As ReXrank cuts them."""
    return [word for word in text.lower().replace(".", " .").split(" ") if word]


def fast_bleu(first: Sequence[list[str]], second: Sequence[list[str]]) -> list[float]:
    """BLEU-2 by fast-bleu, a scorer per report as CXR-Report-Metric makes it."""
    scorer = import_module("fast_bleu").BLEU
    weights = {"bigram": (0.5, 0.5)}
    pairs = zip(first, second, strict=True)
    return [scorer([one], weights).get_score([other])["bigram"][0] for one, other in pairs]


def nltk(first: Sequence[list[str]], second: Sequence[list[str]]) -> list[float]:
    """BLEU-2 by nltk, smoothed alike."""
    module = import_module("nltk.translate.bleu_score")
    smooth = module.SmoothingFunction().method1
    pairs = zip(first, second, strict=True)
    return [module.sentence_bleu([a], b, weights=(0.5, 0.5), smoothing_function=smooth) for a, b in pairs]


@click.command()
@click.option("--studies", type=int, default=10_000)
def main(studies: int) -> None:
    """Print the figures."""
    rng = random.Random(7)  # noqa: S311 - for texts
    references = make_references(rng, studies)
    texts = [one.findings or "" for one in references]
    guesses = [make_text(rng) for _ in references]
    print(f"{studies} reports of {sum(len(words(text)) for text in texts) / studies:.0f} words")
    print(f"compiled: {'yes' if library() else 'no'}")
    ours, values = timed(lambda: bleu_2(texts, guesses))
    print(f"BLEU-2: {ours * 1e3:.0f} ms")
    first, second = [words(text) for text in texts], [words(text) for text in guesses]
    for name, rival in (("fast_bleu", fast_bleu), ("nltk", nltk)):
        if find_spec(name) is None:
            print(f"  {name} is not installed")
            continue
        theirs, scores = timed(lambda rival=rival: rival(first, second))
        unlike = float(np.abs(values - np.array(scores)).max())
        print(f"  {name}: {theirs * 1e3:.0f} ms, {theirs / ours:.0f} times ours; differs by {unlike:.1e}")
    settings = ScoringSettings(commitment="0" * 64, target="findings")
    predictions = {one.id: guess for one, guess in zip(references, guesses, strict=True)}
    start = time.process_time()
    done = assess(references, predictions, settings).evaluation
    spent = time.process_time() - start
    cells = sum(not group.suppressed for group in done.subgroups)
    print(f"whole scoring, {settings.replicates} replicates, {cells} subgroups: {spent:.1f} CPU-s")
    training = [make_text(rng) for _ in range(2 * studies)]
    start = time.process_time()
    copies_among([*guesses, *texts], training)
    print(f"copies of {len(training)} training reports looked for: {time.process_time() - start:.1f} CPU-s")


if __name__ == "__main__":
    main()
