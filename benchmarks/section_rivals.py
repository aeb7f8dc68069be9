"""The other side of ``bench_sections.py``: ``section_rivals.py NAME``, by an interpreter with its packages.

It reads one JSON object from standard input, the ``texts`` and header ``words`` by section, and writes one:
the ``sections`` of each text in the order of ``NAMES``, the CPU ``seconds`` they took, and the ``version``;
or the ``error`` for want of which it cannot run. Nothing of radrelease is imported.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

NAMES = ("Indication", "Comparison", "Findings", "Impression")
Words = Mapping[str, Sequence[str]]
"""Spellings of headers by the section they begin; under "" those of what is no section."""
Found = list[str | None]
Cut = Callable[[str], Found]

_PLAIN = {
    "Indication": "indications?|clinical indication|clinical history|history|reason for exam(?:ination)?",
    "Comparison": "comparisons?",
    "Findings": "findings?",
    "Impression": "impressions?|conclusions?",
    "other": "technique|exam(?:ination)?|procedure|views?|recommendations?|addendum",
}


def plain(_: Words) -> tuple[str, Cut]:
    """What most people write first: the usual headers at the beginning of a line, with a colon."""
    groups = "|".join(f"(?P<{name}>{words})" for name, words in _PLAIN.items())
    header = re.compile(
        rf"^[ \t]*(?:(?:{groups})[ \t]*:|electronically signed)", re.IGNORECASE | re.MULTILINE
    )

    def cut(text: str) -> Found:
        found = list(header.finditer(text))
        ends = [*(each.start() for each in found), len(text)][1:]
        return _joined(
            (each.lastgroup or "", text[each.end() : end]) for each, end in zip(found, ends, strict=True)
        )

    return "no package", cut


def radreport(_: Words) -> tuple[str, Cut]:
    """The parser of radreport, as its page shows it."""
    from radreport import ReportParser

    parser = ReportParser()

    def cut(text: str) -> Found:
        sections = parser.parse(text).sections
        return _joined((section.name.capitalize(), section.raw_text) for section in sections)

    return f"radreport {version('radreport')}", cut


_HEADED = {"findings": "Findings", "indication": "Indication", "clinical history": "Indication"}
_CATEGORIES = {
    "history_of_present_illness": "Indication",
    "past_medical_history": "Indication",
    "reason_for_examination": "Indication",
    "observation_and_plan": "Impression",
}


def medspacy(_: Words) -> tuple[str, Cut]:
    """The sectionizer of medspaCy with the rules it comes with, read as kindly as their categories allow."""
    return _sectionizer(
        "default", (), lambda category, title: _HEADED.get(title) or _CATEGORIES.get(category, "")
    )


def medspacy_words(words: Words) -> tuple[str, Cut]:
    """The same with the header words of radrelease for rules, each with a colon or alone on its line."""
    return _sectionizer(None, words.items(), lambda category, _: category)


def _sectionizer(
    rules: str | None, words: Iterable[tuple[str, Sequence[str]]], name_of: Callable[[str, str], str]
) -> tuple[str, Cut]:
    warnings.simplefilter("ignore")
    import medspacy as package
    from medspacy.section_detection import SectionRule

    pipeline: Any = package.load(medspacy_enable={"medspacy_tokenizer"})
    sectionizer = pipeline.add_pipe("medspacy_sectionizer", config={"rules": rules})
    for name, spellings in words:
        category = name or "other"
        sectionizer.add([SectionRule(literal=f"{word}:", category=category) for word in spellings])
        sectionizer.add(SectionRule(literal=category, category=category, pattern=_alone(spellings)))

    def cut(text: str) -> Found:
        document = pipeline(text)
        return _joined(
            (
                name_of(part.category or "", document[slice(*part.title_span)].text.strip(" :\n").lower()),
                document[slice(*part.body_span)].text,
            )
            for part in document._.sections
        )

    return f"medspacy {version('medspacy')}", cut


def _alone(spellings: Sequence[str]) -> str:
    return rf"(?im)^[ \t]*(?:{'|'.join(map(re.escape, spellings))})[ \t]*$"


def _joined(parts: Iterable[tuple[str, str]]) -> Found:
    words: dict[str, list[str]] = {name: [] for name in NAMES}
    for name, text in parts:
        if name in words and text.strip():
            words[name].append(text.strip())
    return ["\n\n".join(stretches) or None for stretches in words.values()]


RIVALS = {
    "plain": plain,
    "radreport": radreport,
    "medspacy": medspacy,
    "medspacy-words": medspacy_words,
}


def main() -> None:
    """Cut what standard input asks for."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not stand in the answer
    asked = json.load(sys.stdin)
    try:
        told, cut = RIVALS[sys.argv[1]](asked["words"])
    except Exception as error:  # whatever a rival lacks is why it is not run
        json.dump({"error": f"{type(error).__name__}: {error}".splitlines()[0][:160]}, answer)
        return
    cut(asked["texts"][0])
    began = time.process_time()
    sections = [cut(text) for text in asked["texts"]]
    seconds = time.process_time() - began
    json.dump({"version": told, "seconds": seconds, "sections": sections}, answer)


if __name__ == "__main__":
    main()
