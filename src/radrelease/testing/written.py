"""Whole reports with everything identifying marked, written by hands that did not know the rules.

The ``adversarial`` ones are meant to get names past the rules: wet reads, letters, copied messages,
dictation with its errors, of prisons, mines and nurseries, denser than reports are, with seven identifiers
in fifty words. The ``ordinary`` ones are what the systems of some eighty hospitals and practices export, with
no identifier in some reports and a few in most, by five hands. The half ``set_aside`` has never been read
by who makes rules: of the adversarial ones it was put aside by style before any of them was scored; of the
ordinary ones it is twelve styles of the first hand, drawn by lot before a word was written, and ten each of
the third and the fifth hand, which wrote while rules were made for twenty each of the second and the fourth.

A file of ``data/written`` is a style. Its first line is the order of numbers in its dates; a report begins
with ``##`` and what the export states of it, as ``P=ROE^JANE; M=123``; identifiers are marked
``{{NAME:Roe}}`` and wording that must stay ``{{KEEP:Swan-Ganz}}``. Of a mark, words of
``saying_nothing.txt`` at its ends do not count: titles, kinds of places and numbers, months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Literal

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.testing.gold import PlantedSpan
from radrelease.testing.reports import GoldReport, Half

__all__ = ["MANNERS", "Manner", "written_reports"]

Manner = Literal["ordinary", "adversarial"]

MANNERS: tuple[Manner, ...] = ("ordinary", "adversarial")

_DAY = date(2022, 3, 15)
_STATED = {
    "P": IdentifierKind.PATIENT_NAME,
    "S": IdentifierKind.STAFF_NAME,
    "I": IdentifierKind.INSTITUTION,
    "M": IdentifierKind.PATIENT_ID,
    "A": IdentifierKind.ACCESSION,
    "O": IdentifierKind.OTHER_ID,
    "B": IdentifierKind.BIRTH_DATE,
    "D": IdentifierKind.ADDRESS,
    "T": IdentifierKind.PHONE,
}
_KINDS = {
    "NAME": "person",
    "PLACE": "hospital",
    "ID": "otherid",
    "PHONE": "phone",
    "DATE": "date",
    "AGE": "age",
}
_MARK = re.compile(r"\{\{([A-Z]+):(.*?)\}\}", re.DOTALL)
_WORD = re.compile(r"\w+(?:[/&]\w+)*")


@cache
def _folder() -> Traversable:
    return resources.files("radrelease.testing").joinpath("data", "written")


@cache
def _saying_nothing() -> frozenset[str]:
    return frozenset(_folder().joinpath("saying_nothing.txt").read_text(encoding="utf-8").split())


def written_reports(manner: Manner, half: Half) -> Iterator[GoldReport]:
    """The reports of a half, in the order of their styles."""
    for path in sorted(_folder().joinpath(manner, half).iterdir(), key=lambda item: item.name):
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        for block in re.split(r"(?m)^##", rest)[1:]:
            stated, _, marked = block.partition("\n")
            yield _report(
                path.name.removesuffix(".txt"), first.removeprefix("# "), stated, marked.strip("\n")
            )


def _report(hand: str, order: str, stated: str, marked: str) -> GoldReport:
    parted = (pair.partition("=") for pair in stated.split(";"))
    pairs = [(key.strip(), value.strip()) for key, _, value in parted if value]
    pieces = _MARK.split(marked)  # text, kind and content of a mark, text, ...
    text = "".join(chain.from_iterable(zip(pieces[::3], [*pieces[2::3], ""], strict=True)))
    phi, traps, place = [], [], 0
    for before, kind, inside in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False):
        start = place + len(before)
        place = start + len(inside)
        if kind == "KEEP":
            traps.append((start, place))
        elif kind in _KINDS and (told := _telling(inside)):
            first, last = start + told[0], start + told[1]
            phi.append(
                PlantedSpan(start=first, end=last, kind=_KINDS[kind], text=text[first:last], known=False)
            )
    return GoldReport(
        hand=hand,
        text=text,
        identifiers=tuple(Identifier(_STATED[key], value) for key, value in pairs if key in _STATED),
        study_date=next((date.fromisoformat(value) for key, value in pairs if key == "date"), _DAY),
        phi=tuple(phi),
        traps=tuple(traps),
        order="dmy" if order == "dmy" else "mdy",
    )


def _telling(inside: str) -> tuple[int, int] | None:
    """From the first word that says something to the last; None where none does."""
    words = [word for word in _WORD.finditer(inside) if word[0].casefold() not in _saying_nothing()]
    return (words[0].start(), words[-1].end()) if words else None
