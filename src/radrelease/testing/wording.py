"""Reports: wording with what identifies marked in it, under a site's headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from radrelease.testing.gold import PlantedSpan
from radrelease.testing.people import Person, Site, Staff, read_data, staff

__all__ = ["Report", "write_report"]

_MARKED = re.compile("\ue000([A-Z]+)\ue001(.*?)\ue002", re.DOTALL)
_SEXES = {"F": "woman", "M": "man", "O": "person"}
_CHILDREN = {"F": "girl", "M": "boy", "O": "child"}
_ABSENT = {"comparison": 6, "indication": 11}  # every so many reports lack the section


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A raw report with its truth."""

    text: str
    sections: Mapping[str, str | None]
    phi: tuple[PlantedSpan, ...]
    radiologist: Staff


def write_report(
    rng: np.random.Generator,
    number: int,
    person: Person,
    site: Site,
    accession: str,
    day: date,
    prior: date | None,
) -> Report:
    """The report of one study. The same few words make many reports; the order of draws is fixed."""
    data, people = read_data("wording"), staff()
    radiologist = people[int(rng.integers(len(people)))]
    fills = _fills(rng, person, site, accession, day, prior)
    style = data["styles"][site.style]
    parts: dict[str, str | None] = {}
    for name in ("indication", "comparison", "findings", "impression"):
        choices = data[name]
        words = choices[int(rng.integers(len(choices)))]["text"].format(**fills)
        absent = number % _ABSENT[name] == 1 if name in _ABSENT else False
        parts[name] = None if absent else words
    body = _join(
        site.style, [style[name].format(words) for name, words in parts.items() if words is not None]
    )
    name = _mark("NAME", f"{person.given} {person.family}")
    head = (
        f"{name}  MRN {_mark('ID', person.mrn)}  DOB {_mark('DATE', f'{person.birth:%m/%d/%Y}')}\n"
        if number % 3 == 0
        else ""
    )
    signer, signed = _mark("NAME", radiologist.full), _mark("DATE", _written(day, 0))
    tail = f"\n\nElectronically signed by: {signer}, MD on {signed} at 15:42\n"
    text, phi = _unmark(head + "EXAM: XR CHEST\n" + body + tail)
    return Report(
        text=text,
        sections={
            key.capitalize(): None if words is None else _unmark(words)[0] for key, words in parts.items()
        },
        phi=phi,
        radiologist=radiologist,
    )


def _fills(
    rng: np.random.Generator, person: Person, site: Site, accession: str, day: date, prior: date | None
) -> dict[str, str]:
    people = staff()
    one, other = (people[int(rng.integers(len(people)))] for _ in range(2))
    form = int(rng.integers(6))
    forms = (
        f"{person.given} {person.family}",
        f"{person.family}, {person.given}".upper(),
        f"{person.given.split()[0]} {person.family}".lower(),
    )
    years = (day - person.birth).days // 365
    return {
        "patient": _mark("NAME", forms[form % 3]),
        "family": _mark("NAME", person.family),
        "possessive": _mark("NAME", person.family) + "'s",
        "mrn": _mark("ID", person.mrn),
        "phone": _mark("PHONE", person.phone),
        "staff": _mark("NAME", one.family if form % 2 else one.full),
        "nurse": _mark("NAME", other.full),
        "room": _mark("PLACE", str(100 + 7 * form)),
        "institution": _mark("INSTITUTION", site.institution),
        "prior": _mark("DATE", _written(prior or date(day.year - 1, 3, 7), form)),
        "partial": _mark("DATE", f"{(prior or day):%B %Y}"),
        "prior_accession": _mark("ID", accession[:-1] + "0"),
        "study_date": _mark("DATE", _written(day, form)),
        "time": "14:32",
        "age": (_mark("AGE", str(years)) if years > 89 else str(years)) + "-year-old"
        if years > 1
        else "Infant",
        "sex": _SEXES[person.sex] if years > 15 else _CHILDREN[person.sex],
    }


def _written(day: date, form: int) -> str:
    """The date in one of the forms in which dates are written."""
    forms = (
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day:%y}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day:%Y-%m-%d}",
        f"{day.day} {day:%b} {day.year}",
        f"{day:%b} {day.day}, {day.year}".upper(),
    )
    return forms[form % len(forms)]


def _join(style: str, parts: list[str]) -> str:
    return (" " if style == "inline" else "\n" if style == "reason" else "\n\n").join(parts)


def _mark(kind: str, value: str) -> str:
    return f"\ue000{kind}\ue001{value}\ue002"


def _unmark(text: str) -> tuple[str, tuple[PlantedSpan, ...]]:
    """The text without marks, and where the marked stretches are in it."""
    plain, spans, read, length = [], [], 0, 0
    for found in _MARKED.finditer(text):
        between = text[read : found.start()]
        plain += [between, found[2]]
        start = length + len(between)
        length = start + len(found[2])
        spans.append(PlantedSpan(start=start, end=length, kind=found[1], text=found[2]))
        read = found.end()
    return "".join((*plain, text[read:])), tuple(spans)
