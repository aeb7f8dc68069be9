"""Reports of many hands with everything identifying marked: what the scrubber is measured with.

The wording and the lists of names and places are in two halves. Rules are tuned on ``tuned`` and
quoted on ``set_aside``, which was written by other hands, filled from other lists, and put aside
before there was a rule.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.scrub.dates import DateOrder
from radrelease.testing.gold import PlantedSpan
from radrelease.testing.people import Person, Staff
from radrelease.testing.spellings import Spelled, spell_date, spell_name, spell_number

__all__ = ["HANDS", "GoldReport", "Half", "make_reports", "templates"]

Half = Literal["tuned", "set_aside"]

HANDS: Mapping[Half, tuple[str, ...]] = {
    "tuned": (
        "terse", "banner", "verbose", "capitals", "structured", "british", "emergency", "dictated",
        "community", "narrative", "veteran", "diagnostic_centre", "imported", "occupational",
        "veterans_affairs", "nighthawk", "industrial", "shouting",
    ),
    "set_aside": (
        "tertiary", "intensive", "commonwealth", "paediatric", "registrar", "template_filler", "canadian",
        "armed_forces", "works", "uppercase", "clinic_notes",
    ),
}  # fmt: skip
"""Who wrote the templates of each half; a hand is a file of ``data/reports``."""

_SLOT = re.compile(r"\{(\w+)\}|<<(.*?)>>", re.DOTALL)
_EXPORT_KNOWS = frozenset(
    {"patient", "family", "given", "nickname", "initials", "mrn", "accession", "birth", "studydate", "staff"}
    | {"staff_family", "institution"}
)
_DAYS = frozenset({"birth", "studydate", "date"})
_HARMLESS = frozenset({"age", "time", "sex"})
_PLACES = ("head", "indication", "comparison", "findings", "impression", "close")
_HOLIDAYS = (
    "Thanksgiving",
    "Christmas",
    "New Year's Day",
    "Easter Sunday",
    "Labor Day",
    "Boxing Day",
    "July 4th",
)
_AGES = ("91", "93", "95", "97", "99", "101", "ninety-two", "ninety six", "94")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldReport:
    """A raw report, what the export states about it, and the truth about its text."""

    hand: str
    text: str
    identifiers: tuple[Identifier, ...]
    study_date: date
    phi: tuple[PlantedSpan, ...]
    traps: tuple[tuple[int, int], ...]  # characters that must survive
    order: DateOrder = "mdy"  # of numbers in its dates


@cache
def _data(name: str) -> Mapping[str, Any]:
    path = resources.files("radrelease.testing").joinpath("data", "reports", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def templates(hand: str) -> tuple[str, ...]:
    """All templates of one hand."""
    return tuple(row["text"] for row in _data(hand)["template"])


def make_reports(half: Half, count: int, *, seed: int = 1) -> Iterator[GoldReport]:
    """``count`` reports, every template of the half in turn. The same arguments give the same reports."""
    lists = {**_data(f"people_{half}"), **_data(f"places_{half}")}
    queues = {hand: _Queue(hand) for hand in HANDS[half]}
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        hand = HANDS[half][number % len(HANDS[half])]
        yield _make(hand, queues[hand], _Filler(rng, lists))


class _Queue:
    """The templates of a hand by place, each used before any is used again."""

    def __init__(self, hand: str) -> None:
        rows = _data(hand)["template"]
        self._by_place = {place: [row["text"] for row in rows if row["place"] == place] for place in _PLACES}
        self._next = dict.fromkeys(_PLACES, 0)

    def take(self, place: str) -> str | None:
        """The next template of the place; None where the hand has none."""
        rows, index = self._by_place[place], self._next[place]
        self._next[place] = index + 1
        return rows[index % len(rows)].strip("\n") if rows else None


def _make(hand: str, queue: _Queue, filler: _Filler) -> GoldReport:
    style, rng = _data(hand), filler.rng
    pieces = []
    for place in _PLACES:
        if place in {"head", "comparison"} and rng.random() < 0.4:
            continue
        texts = [queue.take(place) for _ in range(2 if place == "findings" else 1)]
        body = " ".join(text for text in texts if text)
        headings = style.get(place, [""])
        if body:
            pieces.append(headings[int(rng.integers(len(headings)))] + body)
    text, phi, traps = _fill("\n\n".join(pieces), filler)
    if style["caps"]:
        text = "".join(sign.upper() if len(sign.upper()) == 1 else sign for sign in text)
        phi = [_respelled(span, text) for span in phi]
    if style["wrap"]:
        text, phi = _wrapped(text, phi, style["wrap"])
    return GoldReport(
        hand=hand,
        text=text,
        identifiers=filler.identifiers(),
        study_date=filler.day,
        phi=tuple(phi),
        traps=tuple(traps),
    )


def _fill(template: str, filler: _Filler) -> tuple[str, list[PlantedSpan], list[tuple[int, int]]]:
    text, read = "", 0
    phi: list[PlantedSpan] = []
    traps: list[tuple[int, int]] = []
    for found in _SLOT.finditer(template):
        text += template[read : found.start()]
        read = found.end()
        slot, trap = found[1], found[2]
        if trap is not None:
            traps.append((len(text), len(text) + len(trap)))
            text += trap
            continue
        value = filler.fill(slot)
        if slot not in _HARMLESS:
            known, day = slot in _EXPORT_KNOWS, filler.named_day if slot in _DAYS else ""
            span = PlantedSpan(
                start=len(text), end=len(text) + len(value), kind=slot, text=value, known=known, day=day
            )
            phi.append(span)
        text += value
    return text + template[read:], phi, traps


def _respelled(span: PlantedSpan, text: str) -> PlantedSpan:
    return replace(span, text=text[span.start : span.end])


def _wrapped(text: str, phi: list[PlantedSpan], width: int) -> tuple[str, list[PlantedSpan]]:
    """Lines broken at blanks only, so that every character keeps its place."""
    signs = list(text)
    start, blank = 0, -1
    for place, sign in enumerate(text):
        if sign == "\n":
            start, blank = place + 1, -1
        elif sign == " ":
            blank = place
        if place - start >= width and blank >= start:
            signs[blank] = "\n"
            start, blank = blank + 1, -1
    wrapped = "".join(signs)
    return wrapped, [_respelled(span, wrapped) for span in phi]


class _Filler:
    """One patient and one study, and what a writer would put into each slot."""

    def __init__(self, rng: np.random.Generator, lists: Mapping[str, Sequence[str]]) -> None:
        self.rng, self._lists, self.named_day = rng, lists, ""
        self.day = date(2012, 1, 1) + timedelta(days=int(rng.integers(4300)))
        self.person = Person(
            system="", family=self._pick("families"), given=self._pick("given"), middle=self._pick("given"),
            suffix="", sex="F", birth=self.day - timedelta(days=int(rng.integers(400, 36000))),
            mrn=self._digits(8) if rng.random() < 0.6 else f"{self._letters(2)}{self._digits(6)}",
            street="", town="", phone="",
        )  # fmt: skip
        self.accession = f"{self._letters(int(rng.integers(3)))}{self._digits(8)}"
        self.staff = [Staff(self._pick("families"), self._pick("given")) for _ in range(3)]
        self.institution = self._pick("institutions")
        self._slots = self._makers()

    def identifiers(self) -> tuple[Identifier, ...]:
        """What the headers of this study state."""
        person, kinds = self.person, IdentifierKind
        return (
            Identifier(kinds.PATIENT_NAME, person.header),
            Identifier(kinds.PATIENT_ID, person.mrn),
            Identifier(kinds.ACCESSION, self.accession),
            Identifier(kinds.BIRTH_DATE, person.birth.isoformat()),
            Identifier(kinds.INSTITUTION, self.institution),
            *(Identifier(kinds.STAFF_NAME, one.header) for one in self.staff),
        )

    def fill(self, slot: str) -> str:
        """A value for the slot."""
        return self._slots[slot]()

    def _makers(self) -> Mapping[str, Callable[[], str]]:
        rng, person = self.rng, self.person
        pick, digits, letters = self._pick, self._digits, self._letters
        named = Spelled(person.family, person.given, person.middle)
        return {
            "patient": lambda: spell_name(rng, named, "whole"),
            "family": lambda: spell_name(rng, named, "family"),
            "given": lambda: spell_name(rng, named, "given"),
            "nickname": lambda: spell_name(rng, named, "nickname"),
            "initials": lambda: spell_name(rng, named, "initials"),
            "mrn": lambda: spell_number(rng, person.mrn),
            "accession": lambda: spell_number(rng, self.accession),
            "birth": lambda: self._spelled(person.birth),
            "studydate": lambda: self._spelled(self.day),
            "staff": lambda: self._staff().full,
            "staff_family": lambda: self._staff().family,
            "institution": lambda: self.institution,
            "person": lambda: f"{pick('given')} {pick('families')}",
            "person_family": lambda: pick("families"),
            "person_given": lambda: pick("given"),
            "hospital": lambda: pick("hospitals"),
            "employer": lambda: pick("employers"),
            "city": lambda: pick("cities"),
            "county": lambda: pick("counties"),
            "street": lambda: pick("streets"),
            "zip": lambda: digits(5) if rng.random() < 0.8 else f"{digits(5)}-{digits(4)}",
            "date": lambda: self._spelled(self._earlier()),
            "daymonth": lambda: self._part("{d.month}/{d.day}", "{d:%B} {d.day}", "{d.day} {d:%b}"),
            "monthyear": lambda: self._part("{d:%B} {d.year}", "{d:%b} {d.year}", "{d.month}/{d.year}"),
            "holiday": lambda: _HOLIDAYS[int(rng.integers(len(_HOLIDAYS)))],
            "phone": self._phone,
            "fax": self._phone,
            "email": lambda: f"{pick('given')}.{pick('families')}@example.org".lower().replace(" ", "-"),
            "url": lambda: f"https://pacs.example.org/v?id={digits(7)}",
            "ip": lambda: ".".join(str(int(rng.integers(1, 255))) for _ in range(4)),
            "ssn": lambda: f"{digits(3)}-{digits(2)}-{digits(4)}",
            "plan": lambda: f"{letters(3)}{digits(9)}",
            "account": lambda: digits(int(rng.integers(7, 12))),
            "licence": lambda: f"{letters(1)}{digits(7)}",
            "plate": lambda: (
                f"{letters(3)} {digits(4)}" if rng.random() < 0.5 else f"{digits(1)}{letters(3)}{digits(3)}"
            ),
            "serial": lambda: f"{letters(2)}-{digits(5)}" if rng.random() < 0.5 else f"SN{digits(6)}",
            "otherid": lambda: f"{letters(2)}{digits(2)}-{digits(5)}" if rng.random() < 0.5 else digits(9),
            "room": lambda: f"{digits(3)}{letters(1)}" if rng.random() < 0.3 else digits(3),
            "pager": lambda: digits(4) if rng.random() < 0.5 else digits(5),
            "age90": lambda: _AGES[int(rng.integers(len(_AGES)))],
            "age": lambda: str(int(rng.integers(18, 89))),
            "time": lambda: f"{int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}",
            "sex": lambda: ("woman", "man", "female", "male")[int(rng.integers(4))],
        }  # fmt: skip

    def _pick(self, name: str) -> str:
        values = self._lists[name]
        return values[int(self.rng.integers(len(values)))]

    def _staff(self) -> Staff:
        return self.staff[int(self.rng.integers(len(self.staff)))]

    def _earlier(self) -> date:
        return self.day - timedelta(days=int(self.rng.integers(1, 2500)))

    def _spelled(self, day: date) -> str:
        self.named_day = day.isoformat()
        return spell_date(self.rng, day)

    def _part(self, *forms: str) -> str:
        return forms[int(self.rng.integers(len(forms)))].format(d=self._earlier())

    def _digits(self, count: int) -> str:
        first = str(int(self.rng.integers(1, 10)))
        return first + "".join(str(digit) for digit in self.rng.integers(0, 10, count - 1))

    def _letters(self, count: int) -> str:
        return "".join("ABCDEFGHJKLMNPRSTUVWXYZ"[index] for index in self.rng.integers(0, 23, count))

    def _phone(self) -> str:
        one, two, three = self._digits(3), self._digits(3), self._digits(4)
        forms = (f"({one}) {two}-{three}", f"{one}-{two}-{three}", f"{one}.{two}.{three}", f"{two}-{three}",
                 f"{one} {two} {three}", f"0{one} {two} {three}")  # fmt: skip
        return forms[int(self.rng.integers(len(forms)))]
