"""The patterns by which reports are scrubbed, as data: what a label or a shape gives away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from radrelease.profiles.data_files import read_profile
from radrelease.profiles.pattern_pieces import assembler

__all__ = ["AFTER_DIGITS", "PatternRule", "PatternTable", "load_pattern_table", "load_patterns"]

AFTER_DIGITS = " -./):,'a^"
"""What may follow digits: signs, a letter ("a"), and anything else ("^")."""

_CLASSES = frozenset({"digit", "mixed", "state"})
_AFTER_LABEL = r"(?i)[\s*_]{0,3}(?:(?:no|num|nr|number|ids?|is|was)\b\.?)?[\s.:#=*_\[-]{0,4}"

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """One pattern; ``examples`` are found by it and ``traps`` are not.

    A label's expression is matched after one of its ``words``; a shape's at the words it begins with,
    or, where it has a ``sign``, wherever it is found in a text that holds one of the signs.
    """

    name: str
    kind: str
    expression: re.Pattern[str]
    words: tuple[Phrase, ...]
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

    labels: Mapping[str, tuple[tuple[Phrase, PatternRule], ...]]
    begins: Mapping[str, tuple[PatternRule, ...]]
    digit: Mapping[str, tuple[PatternRule, ...]]
    mixed: tuple[PatternRule, ...]
    state: tuple[PatternRule, ...]
    signs: tuple[PatternRule, ...]


@cache
def load_patterns() -> tuple[PatternRule, ...]:
    """The patterns of ``scrub_rules.toml``, in its order."""
    document = read_profile("scrub_rules.toml")
    assemble = assembler(document["pieces"])
    shapes = [_pattern(row, assemble(row["expression"])) for row in document["shape"]]
    labels = [_pattern(row, f"{_AFTER_LABEL}(?P<x>{assemble(row['value'])})") for row in document["label"]]
    return (*shapes, *labels)


@cache
def load_pattern_table() -> PatternTable:
    """The patterns by where they are tried."""
    labels: dict[str, list[tuple[Phrase, PatternRule]]] = {}
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
