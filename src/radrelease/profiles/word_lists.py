"""The lists of words by which reports are scrubbed and cut, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from radrelease.profiles.data_files import read_profile, read_text
from radrelease.profiles.pattern_rules import load_pattern_table

__all__ = [
    "MONTHS",
    "NameRules",
    "Roles",
    "load_misheard_terms",
    "load_name_rules",
    "load_protected_terms",
    "load_roles",
]

MONTHS = frozenset(
    {"jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june", "jul", "july"}
    | {"aug", "august", "sep", "sept", "september", "oct", "october", "nov", "november", "dec", "december"}
)
"""The words, folded, that may be the month of a date."""

Words = frozenset[str]
Phrases = frozenset[tuple[str, ...]]

_TABLES = ("names", "institutions", "places", "numbers")
_FIELDS = {
    "heads": "institution_heads",
    "generic": "institution_generic",
    "strong": "strong_place_cues",
    "small": "small_place_cues",
    "weak": "weak_place_cues",
    "endings": "place_endings",
    "nouns": "place_nouns",
    "connectors": "place_connectors",
    "codes": "procedure_codes",
    "large": "large_measures",
}
"""The fields of lists whose names say too little without that of their table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The lists of ``scrub_words.toml``, which says what each is for; all folded but ``states``.

    A list that is not there, or is there and has no field here, is refused (:func:`load_name_rules`).
    """

    titles: Words
    cues: Phrases
    small_cues: Phrases
    colon_cues: Phrases
    credentials: Words
    comma_credentials: Words
    suffixes: Words
    short_surnames: Words
    short_given: Words
    particles: Words
    stops: Words
    stops_of_names: Words
    not_initials: Words
    before_initials: Words
    of_somebody: Words
    before_views: Words
    after_orders: Words
    also_given: Words
    before_people: Words
    after_people: Words
    function_words: Words
    numbered: Words
    heading_words: Words
    term_heads: Words
    before_terms: Phrases
    of_somewhere: Words
    operations: Words
    before_operations: Phrases
    devices: Words
    before_devices: Phrases
    after_devices: Phrases
    grades: Words

    institution_heads: Phrases
    plain_heads: Words
    institution_generic: Words
    of_nobody: Words
    whole_names: Phrases

    strong_place_cues: Phrases
    small_place_cues: Phrases
    weak_place_cues: Words
    place_endings: Words
    of_places: Words
    begin_places: Words
    owned: Words
    kinds_of_places: Words
    begin_capital_places: Words
    states: Words
    place_nouns: Words
    place_connectors: Words
    not_places: Words
    before_places: Words
    numbered_places: Words
    maybe_numbered_places: Words
    lettered_places: Words

    procedure_codes: Words
    measures: Words
    large_measures: Words
    guidelines: Words
    editions: Words
    short_labels: Words
    code_labels: Words
    numbered_labels: Words
    counted: Words
    coded_terms: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """First words of titles, cues and so on, folded; ``every`` holds all of them and the months."""

    titles: Words
    cues: Words
    heads: Words
    place_cues: Words
    credentials: Words
    labels: Words
    begins: Words
    every: Words


@cache
def load_roles() -> Roles:
    """What words tell a rule that it has something to do."""
    names, table = load_name_rules(), load_pattern_table()
    cues = frozenset(cue[0] for cue in names.cues)
    heads = frozenset(head[0] for head in names.institution_heads)
    place_cues = frozenset(cue[0] for cue in names.strong_place_cues)
    credentials = names.credentials | names.comma_credentials | {"m"}
    return Roles(
        titles=names.titles,
        cues=cues,
        heads=heads,
        place_cues=place_cues,
        credentials=credentials,
        labels=frozenset(table.labels),
        begins=frozenset(table.begins),
        every=names.titles
        | cues
        | heads
        | place_cues
        | credentials
        | frozenset(table.labels)
        | frozenset(table.begins)
        | frozenset(state.lower() for state in names.states)
        | MONTHS,
    )


@cache
def load_name_rules() -> NameRules:
    """The lists of ``scrub_words.toml``, each read as the type of its field says."""
    document, types = read_profile("scrub_words.toml"), get_type_hints(NameRules)
    lists: dict[str, list[str]] = {
        _FIELDS.get(name, name): row for table in _TABLES for name, row in document[table].items()
    }
    of_people = lists.pop("marks_of_people")
    lists["before_initials"] = of_people + lists["before_initials"]
    lists["of_somebody"] = of_people + lists["of_somebody"]
    lists["stops_of_names"] = sorted({*lists["stops"]} - {*lists["place_nouns"], "no"})
    return NameRules(**{name: _READERS[types[name]](row) for name, row in lists.items()})


def _phrases(rows: Iterable[str]) -> Phrases:
    return frozenset(tuple(re.findall(r"\w+", row)) for row in rows)


_READERS: Mapping[Any, Callable[[Iterable[str]], Any]] = {Words: frozenset, Phrases: _phrases}


@cache
def load_protected_terms() -> frozenset[str]:
    """The terms of ``protected_terms.txt``, as written."""
    return _terms("protected_terms.txt")


@cache
def load_misheard_terms() -> frozenset[str]:
    """The terms of ``misheard_terms.txt``, as written."""
    return _terms("misheard_terms.txt")


def _terms(name: str) -> frozenset[str]:
    lines = (line.strip() for line in read_text(name).splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
