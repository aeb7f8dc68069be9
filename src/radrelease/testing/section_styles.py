"""The styles of reports and the hard cases on which the cutting is tuned and scored, by who wrote them.

    python -m radrelease.testing.section_styles HAND  # the first report of each style, and counts

A hand wrote its file without knowing the rules. What ``split.toml`` sets aside is only scored: nobody who
works on the rules reads it, and nothing here prints it.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

from radrelease.records.release import SectionName
from radrelease.testing.section_templates import (
    SectionDataError,
    SectionGold,
    Style,
    check_template,
    is_fit,
    print_report,
)

__all__ = [
    "HANDS",
    "HardCase",
    "SectionDataError",
    "SectionGold",
    "Style",
    "is_fit",
    "is_set_aside",
    "load_cases",
    "load_styles",
    "parse_cases",
    "parse_styles",
    "print_report",
]

HANDS = (
    *("academic", "community", "commonwealth", "overseas", "systems", "rural", "voices", "county"),
    *("regional", "international"),
)
"""Who wrote, in the order of writing; the last two after the rules were done."""

_LETTERS = {
    "I": SectionName.INDICATION,
    "C": SectionName.COMPARISON,
    "F": SectionName.FINDINGS,
    "M": SectionName.IMPRESSION,
}
_MARK = re.compile(r"<<([A-Z])\|(.*?)>>", re.DOTALL)
_BEGUN = re.compile(r"<<[A-Z]\|")
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEYS = {"style": {"name", "text", "absent", "newline"}, "case": {"name", "why", "text"}}

Kind = Literal["style", "case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HardCase:
    """One whole report that is hard to cut, why, and its truth."""

    hand: str
    name: str
    why: str
    gold: SectionGold


def load_styles(hand: str) -> tuple[Style, ...]:
    """The styles of one hand, in the order of its file; :class:`SectionDataError` where one is malformed."""
    return parse_styles(hand, _text_of(hand))


def load_cases(hand: str) -> tuple[HardCase, ...]:
    """The hard cases of one hand, in the order of its file."""
    return parse_cases(hand, _text_of(hand))


def is_set_aside(hand: str, kind: Kind, name: str) -> bool:
    """Whether a style or a case is only scored, by ``split.toml``."""
    split = _split()
    return hand in split["whole"] or name in split.get(hand, {}).get(f"{kind}s", ())


def parse_styles(hand: str, text: str) -> tuple[Style, ...]:
    """The styles in the text of a file."""
    return tuple(_style(hand, row) for row in _rows(hand, text, "style"))


def parse_cases(hand: str, text: str) -> tuple[HardCase, ...]:
    """The hard cases in the text of a file."""
    return tuple(_case(hand, row) for row in _rows(hand, text, "case"))


def _style(hand: str, row: Mapping[str, str]) -> Style:
    template = _body(row)
    check_template(f"{hand}, style {row['name']}", template)
    absent, newline = row.get("absent", "None."), row.get("newline", "\n")
    return Style(hand=hand, name=row["name"], template=template, absent=absent, newline=newline)


def _case(hand: str, row: Mapping[str, str]) -> HardCase:
    marked, where = _body(row), f"{hand}, case {row['name']}"
    if not row.get("why", "").strip():
        raise SectionDataError(f"{where}: it does not say why")
    marks: dict[SectionName, list[str]] = {name: [] for name in SectionName}
    for letter, words in _MARK.findall(marked):
        if letter not in _LETTERS:
            raise SectionDataError(f"{where}: there is no mark {letter!r}")
        if _BEGUN.search(words):
            raise SectionDataError(f"{where}: a mark stands in another")
        if not words.strip():
            raise SectionDataError(f"{where}: a mark holds no words")
        marks[_LETTERS[letter]].append(words.strip())
    text = _MARK.sub(r"\2", marked)
    if _BEGUN.search(text):
        raise SectionDataError(f"{where}: a mark does not end")
    sections = {name: "\n\n".join(words) or None for name, words in marks.items()}
    return HardCase(
        hand=hand, name=row["name"], why=row["why"], gold=SectionGold(text=text, sections=sections)
    )


def _body(row: Mapping[str, str]) -> str:
    return row["text"].removeprefix("\n").rstrip()


def _rows(hand: str, text: str, kind: Kind) -> list[dict[str, str]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SectionDataError(f"{hand}: it is not TOML: {error}") from None
    unknown = [key for key in document if key not in _KEYS]
    if unknown:
        raise SectionDataError(f"{hand}: there is no [[{unknown[0]}]], only [[style]] and [[case]]")
    rows: list[dict[str, str]] = document.get(kind, [])
    for number, row in enumerate(rows, 1):
        _check(f"{hand}, {kind} {row.get('name', f'number {number}')}", kind, row)
    names = [row["name"] for row in rows]
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise SectionDataError(f"{hand}: two of [[{kind}]] are named {twice[0]}")
    return rows


def _check(where: str, kind: Kind, row: Mapping[str, object]) -> None:
    for key, value in row.items():
        if key not in _KEYS[kind] or not isinstance(value, str):
            raise SectionDataError(f"{where}: {key} is no string that a {kind} has")
    for key in ("name", "text"):
        if not row.get(key):
            raise SectionDataError(f"{where}: it has no {key}")
    if not _KEBAB.fullmatch(str(row["name"])):
        raise SectionDataError(f"{where}: the name is not in kebab-case")


def _folder() -> Traversable:
    return resources.files("radrelease.testing").joinpath("data/sections")


def _text_of(hand: str) -> str:
    file = _folder().joinpath(f"{hand}.toml")
    if hand not in HANDS or not file.is_file():
        raise SectionDataError(f"there is no hand {hand} in the data of sections")
    return file.read_text(encoding="utf-8")


@cache
def _split() -> dict[str, Any]:
    file = _folder().joinpath("split.toml")
    if not file.is_file():
        raise SectionDataError("nothing is set aside yet; --split writes split.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


_EXAMPLE = {
    SectionName.INDICATION: "XXXX-year-old male, chest pain.",
    SectionName.COMPARISON: "Chest x-XXXX dated XXXX.",
    SectionName.FINDINGS: "The heart is normal in size. The lungs are clear. No pleural effusion.",
    SectionName.IMPRESSION: "No acute disease. Stable granuloma.",
}


def main() -> None:
    """Print the first report of each style of a hand, but of none that is set aside."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("hand", choices=HANDS)
    _show(options.parse_args().hand)


def _show(hand: str) -> None:
    styles, cases = load_styles(hand), load_cases(hand)
    for style in styles:
        if not is_set_aside(hand, "style", style.name):
            report = print_report(style, _EXAMPLE)
            print(f"=== {style.name}\n{report.text}\n---")
            for name, words in report.sections.items():
                print(f"{name.value}: {words!r}")
    print(f"=== {len(styles)} styles, {len(cases)} hard cases")


if __name__ == "__main__":
    main()
