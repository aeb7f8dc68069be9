"""A stretch of a report while it is being told what it is."""

from __future__ import annotations

from typing import NamedTuple

from radrelease.section_records import PartKind
from radrelease.stages.sections.forms import Header

__all__ = ["BODY", "PUBLISHED", "Stretch"]

BODY = frozenset({PartKind.FINDINGS, PartKind.IMPRESSION})
"""The parts that say what was seen."""
PUBLISHED = frozenset(kind for kind in PartKind if kind.section is not None)
"""The parts that are sections of a release."""


class Stretch(NamedTuple):
    """What stands under one header, or is told apart by its words; decoration included."""

    kind: PartKind
    start: int
    end: int
    reason: str
    header: Header | None = None

    @property
    def header_start(self) -> int:
        """Where its header begins, or itself where it has none."""
        return self.header.word if self.header else self.start
