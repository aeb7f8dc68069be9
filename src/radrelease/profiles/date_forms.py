"""The forms of dates in reports, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from radrelease.profiles.data_files import read_profile
from radrelease.profiles.pattern_pieces import assembler
from radrelease.profiles.pattern_rules import AFTER_DIGITS

__all__ = ["MONTH_FIRST", "DateForm", "DateForms", "load_date_forms"]

MONTH_FIRST = "m"
"""Stands, where a date begins with the name of a month, for the sign that follows its first digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateForm:
    """One form; ``examples`` hold a date in it and ``traps`` do not. ``rule`` is "" for a whole date."""

    name: str
    rule: str
    expression: re.Pattern[str]
    begins: frozenset[str]
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateForms:
    """The forms by the sign after the digits that a date begins with (or :data:`MONTH_FIRST`), in order."""

    whole: Mapping[str, tuple[DateForm, ...]]
    parts: Mapping[str, tuple[DateForm, ...]]


@cache
def load_date_forms() -> DateForms:
    """The forms of ``date_forms.toml``."""
    document = read_profile("date_forms.toml")
    assemble = assembler(document["pieces"])
    return DateForms(
        whole=_by_sign([_form(row, assemble) for row in document["whole"]]),
        parts=_by_sign([_form(row, assemble) for row in document["part"]]),
    )


def _form(row: Mapping[str, Any], assemble: Callable[[str], str]) -> DateForm:
    signs = MONTH_FIRST if row.get("begins") == "month" else row["next"]
    return DateForm(
        name=row["name"],
        rule=row.get("rule", ""),
        expression=re.compile(assemble(row["expression"])),
        begins=frozenset(AFTER_DIGITS if "*" in signs else signs),
        examples=tuple(row["examples"]),
        traps=tuple(row["traps"]),
    )


def _by_sign(forms: list[DateForm]) -> dict[str, tuple[DateForm, ...]]:
    return {
        sign: tuple(form for form in forms if sign in form.begins) for sign in (*AFTER_DIGITS, MONTH_FIRST)
    }
