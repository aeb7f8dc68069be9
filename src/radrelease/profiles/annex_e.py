"""Table E.1-1 of PS3.15, and whether what a profile does agrees with it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_text

__all__ = ["AnnexERow", "in_words", "is_permitted", "load_annex_e", "row_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexERow:
    """One attribute of the table: what the Basic Profile and each option do with it.

    ``tag`` is eight hexadecimal digits, or a pattern: 50xxxxxx, 60xx and four digits, PRIVATE.
    ``options`` has only the options that say something, by the names of the table's columns.
    """

    tag: str
    name: str
    basic: str
    options: Mapping[str, str]


@cache
def load_annex_e(name: str) -> Mapping[str, AnnexERow]:
    """The table in the file ``name``, by tag."""
    text = read_text(name)
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["tag"]: AnnexERow(
            tag=row["tag"],
            name=row["name"],
            basic=row["basic"],
            options={
                key: value for key, value in row.items() if value and key not in {"tag", "name", "basic"}
            },
        )
        for row in rows
    }


def row_of(tag: int, table: Mapping[str, AnnexERow]) -> AnnexERow | None:
    """The row that speaks of the tag, patterns included; None where the table does not name it."""
    digits = f"{tag:08X}"
    if (tag >> 16) & 1:
        return table.get("PRIVATE")
    patterns = (digits, f"{digits[:2]}xxxxxx", f"{digits[:2]}xx{digits[4:]}")
    return next((table[pattern] for pattern in patterns if pattern in table), None)


def is_permitted(action: str, row: AnnexERow | None, options: Iterable[str]) -> bool:
    """Whether a profile with these ``options`` may do ``action`` (a code of table E.1-1a).

    An attribute that the table does not name may be kept. A dummy may stand where the value may be
    empty, cleaning where it may be kept, and whatever is allowed, to remove it is too.
    """
    if row is None or action == "X":
        return True
    allowed = set(row.basic.rstrip("*").split("/"))
    allowed |= {row.options[option] for option in options if option in row.options}
    allowed |= {"D"} if "Z" in allowed else set()
    allowed |= {"C"} if "K" in allowed else set()
    return action in allowed


def in_words(row: AnnexERow | None, options: Iterable[str]) -> str:
    """What the table does with an attribute, for a reader: the Basic Profile and the options followed."""
    if row is None:
        return "not named"
    followed = [
        f"{option.replace('_', ' ')}: {row.options[option]}" for option in options if option in row.options
    ]
    return "; ".join([row.basic, *followed])
