"""The rules' cut of a whole report, as parts that tile it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radrelease.records import Section
from radrelease.section_records import Doubt, Part, PartKind, Sectioned
from radrelease.stages.sections import find_sections

__all__ = ["sectioned"]

_LONGEST_HEADER = 80


def sectioned(text: str) -> Sectioned:
    """The parts of ``text`` by the rules alone, with what they are not sure of."""
    sections = find_sections(text)
    parts = tuple(_tiled(text, sections))
    doubts = tuple(_doubts(parts))
    return Sectioned(parts=parts, doubts=doubts, confidence=0.5 if doubts else 1.0)


def _tiled(text: str, sections: Sequence[Section]) -> Iterator[Part]:
    place = 0
    for section in sections:
        yield from _between(text, place, section.start)
        kind = PartKind(section.name.value)
        yield Part(kind=kind, start=section.start, end=section.end, reason=section.rule)
        place = section.end
    yield from _between(text, place, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Part]:
    if start == end:
        return
    words = text[start:end].strip()
    header = len(words) <= _LONGEST_HEADER and "\n" not in words
    kind = PartKind.FURNITURE if header else PartKind.OTHER
    yield Part(kind=kind, start=start, end=end, reason="no section")


def _doubts(parts: Sequence[Part]) -> Iterator[Doubt]:
    kinds = {part.kind for part in parts}
    if not any(kind.section for kind in kinds):
        yield Doubt.NO_HEADER
    if not kinds & {PartKind.FINDINGS, PartKind.IMPRESSION}:
        yield Doubt.NO_FINDINGS
