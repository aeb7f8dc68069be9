"""A stretch of a report while it is being told what it is."""

from __future__ import annotations

from typing import Final

from radrelease.records.sections import PartKind
from radrelease.stages.sections.forms import Header

__all__ = ["BODY", "PUBLISHED", "Stretch"]

BODY: Final = frozenset({PartKind.FINDINGS, PartKind.IMPRESSION})
"""The parts that say what was seen."""
PUBLISHED: Final = frozenset(kind for kind in PartKind if kind.section is not None)
"""The parts that are sections of a release."""


class Stretch:
    """What stands under one header, or is told apart by its words; decoration included."""

    __slots__ = ("end", "header", "kind", "reason", "start")

    def __init__(
        self, kind: PartKind, start: int, end: int, reason: str, header: Header | None = None
    ) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.reason = reason
        self.header = header

    @property
    def header_start(self) -> int:
        """Where its header begins, or itself where it has none."""
        return self.header.word if self.header else self.start

    def changed(
        self,
        *,
        kind: PartKind | None = None,
        start: int | None = None,
        end: int | None = None,
        reason: str | None = None,
    ) -> Stretch:
        """A stretch of the same header that is otherwise in what is given."""
        return Stretch(
            self.kind if kind is None else kind,
            self.start if start is None else start,
            self.end if end is None else end,
            self.reason if reason is None else reason,
            self.header,
        )
