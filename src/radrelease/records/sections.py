"""What a report is cut into, and what the cutting is not sure of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from radrelease.records.release import SectionName

__all__ = ["Doubt", "Part", "PartKind", "Sectioned"]


class PartKind(StrEnum):
    """What a stretch of a report is; the first four are published."""

    INDICATION = "Indication"
    COMPARISON = "Comparison"
    FINDINGS = "Findings"
    IMPRESSION = "Impression"
    TECHNIQUE = "technique"
    EXAM = "exam"
    RECOMMENDATION = "recommendation"
    ADDENDUM = "addendum"
    PRELIMINARY = "preliminary read"
    NOTIFICATION = "critical-result note"
    SIGNATURE = "signature"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"
    FURNITURE = "furniture"

    @property
    def section(self) -> SectionName | None:
        """The published section of this kind, if it is one."""
        return _SECTIONS.get(self)


_SECTIONS = {PartKind(name.value): name for name in SectionName}


class Doubt(StrEnum):
    """Why a report may be cut otherwise than its author meant, a sentence each."""

    NO_HEADER = "no header is known"
    NO_FINDINGS = "nothing stands as findings or impression"
    UNKNOWN_HEADER = "a header is not known"
    UNSURE_HEADER = "what looks like a header may be none, or the other way round"
    UNHEADED_TEXT = "text stands under no header"
    OUT_OF_ORDER = "the sections stand in no usual order"
    REPEATED = "a section stands in several places"
    ODD_CONTENT = "what stands under a header does not look like it"
    ODD_LENGTH = "a section is much longer or shorter than such sections are"
    CORRECTED = "an addendum may correct the report"
    SEVERAL_REPORTS = "several reports or readings stand in one text"


class Part(NamedTuple):
    """Characters ``start`` to ``end`` (excluded) of a report, what they are and by which rule."""

    kind: PartKind
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sectioned:
    """A whole report in parts, which follow each other without a gap from its first to its last character.

    ``confidence`` is from 0 to 1; a report is accepted without doubt only where ``doubts`` is empty.
    """

    parts: tuple[Part, ...]
    doubts: tuple[Doubt, ...]
    confidence: float

    @property
    def accepted(self) -> bool:
        """Whether the cut needs neither a model nor a person."""
        return not self.doubts

    def sections(self, text: str) -> Mapping[SectionName, str | None]:
        """The published sections, cut from ``text``; the stretches of one are joined by a blank line."""
        return {name: _joined(text, self.parts, name) for name in SectionName}


def _joined(text: str, parts: tuple[Part, ...], name: SectionName) -> str | None:
    return "\n\n".join(text[part.start : part.end] for part in parts if part.kind.section is name) or None
