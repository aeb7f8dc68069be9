"""A header of a report, and the forms in which headers show that they are some."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from radrelease.stages.sections.names import Named

__all__ = ["PAGES", "Case", "Form", "Header"]


class Form(StrEnum):
    """How a header shows that it is one."""

    OWN = "of its source"
    COLON = "before a colon"
    ALONE = "alone on its line"
    SEPARATED = "before a dash or the like"
    CAPITALS = "in capitals"
    INLINE = "within a line, before a colon"
    INLINE_CAPITALS = "within a line, in capitals"
    BARE = "a bare word"
    SPOKEN = "spoken"
    LIKENESS = "a line like those of headers"
    QUESTION = "a question"
    ENDER = "words that end a report"
    PAGE = "a page ends"
    NEXT_PAGE = "the report goes on"


class Case(StrEnum):
    """Which letters a report is written in."""

    MIXED = "mixed"
    CAPITALS = "capitals"
    SMALL = "small"


class Header:
    """A header from ``start`` (decoration included) to ``end`` (where its content begins).

    ``named`` is None for the title of an examination, a sub-header of findings, and what is not known.
    """

    __slots__ = ("end", "form", "named", "organ", "start", "title", "word")

    def __init__(
        self,
        start: int,
        end: int,
        word: int,  # where its first word begins
        form: Form,
        named: Named | None = None,
        *,
        title: bool = False,
        organ: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        self.word = word
        self.form = form
        self.named = named
        self.title = title
        self.organ = organ

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of it but its form."""
        return self.named is None and not (self.title or self.organ or self.form in PAGES)


PAGES: Final = frozenset({Form.PAGE, Form.NEXT_PAGE})
