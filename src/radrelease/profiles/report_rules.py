"""The vocabularies by which reports are scrubbed and cut, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from radrelease.profiles.data_files import read_profile, read_text

__all__ = [
    "AFTER_DIGITS",
    "MONTHS",
    "NameRules",
    "PatternRule",
    "PatternTable",
    "Roles",
    "load_misheard_terms",
    "load_name_rules",
    "load_pattern_table",
    "load_patterns",
    "load_protected_terms",
    "load_roles",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """One pattern; ``examples`` are found by it and ``traps`` are not.

    A label's expression is matched after one of its ``words``; a shape's at the words it begins with,
    or, where it has a ``sign``, wherever it is found in a text that holds one of the signs.
    """

    name: str
    kind: str
    expression: re.Pattern[str]
    words: tuple[Words, ...]
    begins: tuple[str, ...]
    sign: tuple[str, ...]
    following: str
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTable:
    """The patterns by where they are tried.

    ``labels`` are keyed by the first word of the label and ``begins`` by a word, each with the whole
    label and the rule; ``digit`` are tried at words of digits, by the sign that follows the digits
    (:data:`AFTER_DIGITS`), and ``mixed`` at words of letters and digits.
    """

    labels: Mapping[str, tuple[tuple[Words, PatternRule], ...]]
    begins: Mapping[str, tuple[PatternRule, ...]]
    digit: Mapping[str, tuple[PatternRule, ...]]
    mixed: tuple[PatternRule, ...]
    state: tuple[PatternRule, ...]
    signs: tuple[PatternRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The words around names of people and of places of care; all folded."""

    titles: frozenset[str]
    cues: frozenset[tuple[str, ...]]
    colon_cues: frozenset[tuple[str, ...]]
    small_cues: frozenset[tuple[str, ...]]
    credentials: frozenset[str]
    comma_credentials: frozenset[str]
    suffixes: frozenset[str]
    short_surnames: frozenset[str]
    particles: frozenset[str]
    stops: frozenset[str]
    stops_of_names: frozenset[str]
    institution_heads: frozenset[tuple[str, ...]]
    plain_heads: frozenset[str]
    institution_generic: frozenset[str]
    of_nobody: frozenset[str]
    strong_place_cues: frozenset[tuple[str, ...]]
    small_place_cues: frozenset[tuple[str, ...]]
    weak_place_cues: frozenset[str]
    place_connectors: frozenset[str]
    place_endings: frozenset[str]
    place_nouns: frozenset[str]
    of_places: frozenset[str]
    begin_places: frozenset[str]
    owned: frozenset[str]
    kinds_of_places: frozenset[str]
    begin_capital_places: frozenset[str]
    states: frozenset[str]
    not_places: frozenset[str]
    before_places: frozenset[str]
    before_people: frozenset[str]
    not_initials: frozenset[str]
    before_views: frozenset[str]
    also_given: frozenset[str]
    before_initials: frozenset[str]
    of_somebody: frozenset[str]
    after_orders: frozenset[str]
    after_people: frozenset[str]
    function_words: frozenset[str]
    term_heads: frozenset[str]
    heading_words: frozenset[str]
    numbered: frozenset[str]
    grades: frozenset[str]
    before_terms: frozenset[tuple[str, ...]]
    of_somewhere: frozenset[str]
    operations: frozenset[str]
    before_operations: frozenset[tuple[str, ...]]
    devices: frozenset[str]
    before_devices: frozenset[tuple[str, ...]]
    after_devices: frozenset[tuple[str, ...]]
    measures: frozenset[str]
    large_measures: frozenset[str]
    guidelines: frozenset[str]
    editions: frozenset[str]
    procedure_codes: frozenset[str]


Words = tuple[str, ...]

MONTHS = frozenset(
    {"jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june", "jul", "july"}
    | {"aug", "august", "sep", "sept", "september", "oct", "october", "nov", "november", "dec", "december"}
)
"""The words, folded, that may be the month of a date."""

AFTER_DIGITS = " -./):,'a^"
"""What may follow digits: signs, a letter ("a"), and anything else ("^")."""

_CLASSES = frozenset({"digit", "mixed", "state"})
_AFTER_LABEL = r"(?i)[\s*_]{0,3}(?:(?:no|num|nr|number|ids?|is|was)\b\.?)?[\s.:#=*_-]{0,4}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """First words of titles, cues and so on, folded; ``every`` holds all of them and the months."""

    titles: frozenset[str]
    cues: frozenset[str]
    heads: frozenset[str]
    place_cues: frozenset[str]
    credentials: frozenset[str]
    labels: frozenset[str]
    begins: frozenset[str]
    every: frozenset[str]


@cache
def load_patterns() -> tuple[PatternRule, ...]:
    """The patterns of ``scrub_rules.toml``, in its order."""
    document = read_profile("scrub_rules.toml")
    shapes = [_pattern(row, row["expression"]) for row in document["shape"]]
    labels = [_pattern(row, rf"{_AFTER_LABEL}(?P<x>{row['value']})") for row in document["label"]]
    return (*shapes, *labels)


@cache
def load_pattern_table() -> PatternTable:
    """The patterns by where they are tried."""
    labels: dict[str, list[tuple[Words, PatternRule]]] = {}
    begins: dict[str, list[PatternRule]] = {}
    for rule in load_patterns():
        for words in rule.words:
            labels.setdefault(words[0], []).append((words, rule))
        for word in rule.begins:
            begins.setdefault(word, []).append(rule)
    return PatternTable(
        labels={word: tuple(rows) for word, rows in labels.items()},
        begins={word: tuple(rows) for word, rows in begins.items() if word not in _CLASSES},
        digit={
            sign: tuple(rule for rule in begins["digit"] if {sign, "*"} & set(rule.following))
            for sign in AFTER_DIGITS
        },
        mixed=tuple(begins["mixed"]),
        state=tuple(begins["state"]),
        signs=tuple(rule for rule in load_patterns() if rule.sign),
    )


def _pattern(row: Mapping[str, Any], expression: str) -> PatternRule:
    return PatternRule(
        name=row["name"],
        kind=row["kind"],
        expression=re.compile(expression.replace(" ", r"\s")),  # a line may be broken at any blank
        words=tuple(tuple(re.findall(r"\w+", phrase)) for phrase in row.get("words", ())),
        begins=tuple(row.get("begins", ())),
        sign=tuple(row.get("sign", "").split()),
        following=row.get("next", ""),
        examples=tuple(row["examples"]),
        traps=tuple(row["traps"]),
    )


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
    """The name rules of ``scrub_rules.toml``."""
    document = read_profile("scrub_rules.toml")
    names, places = document["names"], document["institutions"]

    def rows(phrases: list[str]) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(re.findall(r"\w+", phrase)) for phrase in phrases)

    return NameRules(
        titles=frozenset(names["titles"]),
        cues=rows(names["cues"]),
        colon_cues=rows(names["colon_cues"]),
        small_cues=rows(names["small_cues"]),
        credentials=frozenset(names["credentials"]),
        comma_credentials=frozenset(names["comma_credentials"]),
        suffixes=frozenset(names["suffixes"]),
        short_surnames=frozenset(names["short_surnames"]),
        particles=frozenset(names["particles"]),
        stops=frozenset(names["stops"]),
        stops_of_names=frozenset(names["stops"]) - frozenset(document["places"]["nouns"]) - {"no"},
        institution_heads=rows(places["heads"]),
        plain_heads=frozenset(places["plain_heads"]),
        institution_generic=frozenset(places["generic"]),
        of_nobody=frozenset(places["of_nobody"]),
        strong_place_cues=rows(document["places"]["strong"]),
        small_place_cues=rows(document["places"]["small"]),
        weak_place_cues=frozenset(document["places"]["weak"]),
        place_connectors=frozenset(document["places"]["connectors"]),
        place_nouns=frozenset(document["places"]["nouns"]),
        of_places=frozenset(document["places"]["of_places"]),
        begin_places=frozenset(document["places"]["begin_places"]),
        owned=frozenset(document["places"]["owned"]),
        kinds_of_places=frozenset(document["places"]["kinds_of_places"]),
        begin_capital_places=frozenset(document["places"]["begin_capital_places"]),
        states=frozenset(document["places"]["states"]),
        place_endings=frozenset(document["places"]["endings"]),
        not_places=frozenset(document["places"]["not_places"]),
        before_places=frozenset(document["places"]["before_places"]),
        not_initials=frozenset(names["not_initials"]),
        before_views=frozenset(names["before_views"]),
        also_given=frozenset(names["also_given"]),
        before_initials=frozenset(names["marks_of_people"] + names["before_initials"]),
        of_somebody=frozenset(names["marks_of_people"] + names["of_somebody"]),
        after_orders=frozenset(names["after_orders"]),
        before_people=frozenset(names["before_people"]),
        after_people=frozenset(names["after_people"]),
        function_words=frozenset(names["function_words"]),
        term_heads=frozenset(names["term_heads"]),
        heading_words=frozenset(names["heading_words"]),
        numbered=frozenset(names["numbered"]),
        grades=frozenset(names["grades"]),
        before_terms=rows(names["before_terms"]),
        of_somewhere=frozenset(names["of_somewhere"]),
        operations=frozenset(names["operations"]),
        before_operations=rows(names["before_operations"]),
        devices=frozenset(names["devices"]),
        before_devices=rows(names["before_devices"]),
        after_devices=rows(names["after_devices"]),
        measures=frozenset(document["numbers"]["measures"]),
        large_measures=frozenset(document["numbers"]["large"]),
        guidelines=frozenset(document["numbers"]["guidelines"]),
        editions=frozenset(document["numbers"]["editions"]),
        procedure_codes=frozenset(document["numbers"]["codes"]),
    )


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
