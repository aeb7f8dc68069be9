"""Lines that stand as the headers of their report do, and have words that are not known.

The headers of one report are marked alike: before an equals sign, framed by stars, in capitals before two
blanks. A line that is marked so and heads nothing known may head a part that nobody has listed. This says so,
and cuts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from radrelease.stages.sections.forms import Form, Header
from radrelease.stages.sections.layout import Line
from radrelease.stages.sections.names import is_organ, is_title, name_of

__all__ = ["inline_places_like_headers", "places_like_headers"]

_NAME: Final = r"[A-Za-z][A-Za-z'\u2019/&\-]*(?:[ ][A-Za-z'\u2019/&\-]+){0,4}?"
_LABEL: Final = re.compile(
    rf"(?P<name>{_NAME})(?P<mark>[ ]?[)\]}}>*_]*"
    r"(?:[ \t]*(?:[:=;|>\u00bb\u2013\u2014]|-{1,2}(?=[\s>])|\.{2}|\.(?=[ \t]+[A-Z\d]))|\t|[ ]{2}|[ \t]*$)"
    r"|[ ]?[)\]}>*_]+(?=[ \t]))",
    re.MULTILINE,
)
_NUMBER: Final = re.compile(r"\d{1,2}|\b[IVX]{1,4}\b")
_LISTED: Final = frozenset({Form.COLON, Form.SEPARATED, Form.ALONE, Form.CAPITALS, Form.BARE})
_LOOSE: Final = frozenset({Form.SEPARATED, Form.CAPITALS, Form.BARE})
"""Those that are marked by something else than a colon and the line's end."""
_LONGEST_BEFORE: Final = 45
"""Characters of a line from which on what follows it may be the rest of a sentence."""
_WITHIN: Final = 60
"""Characters of a line within which its mark stands."""


class _Shape(NamedTuple):
    """How a header is marked: before its words, after them, and by capitals."""

    lead: str
    mark: str
    shouted: bool
    small: bool


def places_like_headers(text: str, lines: Sequence[Line], headers: Sequence[Header]) -> Iterator[int]:
    """Where the lines begin that are marked as two known headers of the report are."""
    listed = [header for header in headers if header.named is not None and header.form in _LISTED]
    known = {header.word for header in headers}
    loose = any(header.form in _LOOSE for header in listed)
    candidates = [
        (line, before)
        for line, before in zip(lines, [None, *lines], strict=False)
        if line.body not in known and (loose or _may_be_label(text, line))
    ]
    if not candidates:
        return
    alike = _alike(text, listed)
    marks = {shape.mark for shape in alike}
    for line, before in candidates:
        end = min(line.end, line.body + _WITHIN)
        if any(text.find(mark, line.body, end) >= 0 for mark in marks):
            shape = _shape(text, line.start, line.body, line.end)
            headed = before is not None and before.body in known
            if shape in alike and not _is_of_text(text, line, shape, before, headed=headed):
                yield line.body


def _may_be_label(text: str, line: Line) -> bool:
    """Whether a colon stands early in the line, or the line is short and no sentence."""
    if text.find(":", line.body, min(line.end, line.body + _WITHIN)) >= 0:
        return True
    return line.end - line.body <= _LONGEST_BEFORE and text[line.end - 1] not in ".,;?!"


def _alike(text: str, listed: Sequence[Header]) -> frozenset[_Shape]:
    """The shapes of several headers."""
    once: set[_Shape] = set()
    several: set[_Shape] = set()
    for header in listed:
        shape = _shape(text, header.start, header.word, len(text))
        if shape is not None:
            (several if shape in once else once).add(shape)
    return frozenset(several)


_COLON: Final = re.compile(r"(?<=[A-Za-z)]):(?=\s)")
_BEFORE_COLON: Final = re.compile(
    r"(?:\A|(?<=[.;|/>\-\n\s]))(?P<name>[A-Za-z][A-Za-z'/\-]*(?:[ ][A-Za-z'/\-]+){0,2})[ ]?\Z"
)
_LONGEST_NAME: Final = 40


def inline_places_like_headers(text: str, headers: Sequence[Header]) -> Iterator[int]:
    """Where a colon stands within a line after words that are marked as two known headers are."""
    inline = [header for header in headers if header.form is Form.INLINE]
    if len(inline) < _FEWEST_ALIKE:
        return
    small = all(text[header.word].islower() for header in inline)
    ends = {header.end for header in headers} | {header.word for header in headers}
    for found in _COLON.finditer(text):
        if not ends.isdisjoint(range(found.start() + 1, found.end() + 4)):
            continue
        begin = max(0, found.start() - _LONGEST_NAME)
        name = _BEFORE_COLON.search(text, begin, found.start())
        if name is None or is_organ(name["name"]) or is_title(name["name"]):
            continue
        if small or any(word[0].isupper() for word in name["name"].split()):
            yield found.start()


_FEWEST_ALIKE: Final = 2


def _shape(text: str, start: int, word: int, end: int) -> _Shape | None:
    found = _LABEL.match(text, word, end)
    if found is None:
        return None
    name, mark = found["name"], found["mark"]
    sign = mark.strip()[:1] or ("\t" if "\t" in mark else mark[:2])
    lead = _NUMBER.sub("1", text[start:word].strip()) if start < word else ""
    return _Shape(lead, sign, name.isupper(), name[0].islower())


def _is_of_text(text: str, line: Line, shape: _Shape | None, before: Line | None, *, headed: bool) -> bool:
    """Whether the line is known otherwise, or may be one of a section's own."""
    found = _LABEL.match(text, line.body, line.end)
    if found is None or shape is None or is_organ(found["name"]) or is_title(found["name"]):
        return True
    if shape.mark or shape.lead:
        return False
    if headed or before is None or name_of(found["name"]) is not None:
        return True  # what stands under a header that is alone on its line
    return before.end - before.body > _LONGEST_BEFORE and text[before.end - 1] not in ".:?!"
