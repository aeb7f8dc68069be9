"""The members of a JSON object one after the other: a table of studies is too large to be held as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["read_members"]

_AT_ONCE = 1 << 20
"""Signs that are read at once."""

_BLANK = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode

Member = tuple[str, Any]


def read_members(path: Path) -> Iterator[Member]:
    """Each name with its value, in order; a name that is given twice comes twice.

    Raises :class:`ValueError` where the file is not one JSON object in UTF-8, at the latest when it ends.
    """
    with path.open(encoding="utf-8") as file:
        text, place, due, sign = file.read(_AT_ONCE), 0, "{", ""
        while sign != "}":
            try:
                sign, member, end = _next(text, place)
            except ValueError:
                more = file.read(_AT_ONCE)
                if not more:
                    raise
                text, place = text[place:] + more, 0
                continue
            if sign not in due:
                raise ValueError("not a JSON object")
            place, due = end, ",}"
            if member is not None:
                yield member
        if text[place:].strip() or any(map(str.strip, file)):
            raise ValueError("something follows the object")


def _next(text: str, place: int) -> tuple[str, Member | None, int]:
    """The next sign, the member after it if there is one, and the place after that.

    Raises :class:`ValueError` where the text ends too early to say.
    """
    start = _after_blanks(text, place)
    sign, inside = text[start : start + 1], _after_blanks(text, start + 1)
    if sign == "}" or (sign == "{" and text[inside : inside + 1] == "}"):
        return sign, None, start + 1
    name, end = _decode(text, inside)
    colon = _after_blanks(text, end)
    value, end = _decode(text, _after_blanks(text, colon + 1))
    after = _after_blanks(text, end)
    if not isinstance(name, str) or text[colon] != ":" or text[after : after + 1] not in (",", "}"):
        raise ValueError("not a member, or not the whole of it")
    return sign, (name, value), after


def _after_blanks(text: str, place: int) -> int:
    """The first place from ``place`` on where something stands, or the end."""
    found = _BLANK.match(text, place)
    return found.end() if found else place
