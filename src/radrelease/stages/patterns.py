"""The patterns of ``scrub_rules.toml``, tried only where they may begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from radrelease.profiles.report_rules import PatternRule, load_pattern_table
from radrelease.records import Span
from radrelease.stages.reading import Reading

__all__ = ["find_patterns"]

_STATE = re.compile(r"[A-Z]{2},?\s{1,3}\d{5}")


def find_patterns(reading: Reading) -> Iterator[Span]:
    """The spans that a label or a shape gives away."""
    text = reading.text
    numbers = frozenset(reading.numbers)
    for index in reading.marks:
        for rule, place in _to_try(reading, index, numbers):
            found = rule.expression.match(text, place)
            if found is not None:
                yield _span(rule, found)
    for rule in load_pattern_table().signs:
        if rule.sign in text or rule.sign == "lines":
            yield from (_span(rule, found) for found in rule.expression.finditer(text))


def _to_try(reading: Reading, index: int, numbers: Set[int]) -> Iterator[tuple[PatternRule, int]]:
    """The rules that may begin at the word, and the places in the text where they are tried."""
    table, word, start = load_pattern_table(), reading.words[index], reading.starts[index]
    for label, rule in table.labels.get(word, ()):
        if reading.words[index : index + len(label)] == label:
            yield rule, reading.ends[index + len(label) - 1]
    rules = table.begins.get(word, ())
    if index in numbers:
        rules += table.digit[reading.after_digits(index)]
    elif len(word) == 2 and word.isalpha() and _STATE.match(reading.text, start):
        rules += table.state
    if not word.isalpha() and not word.isdigit():
        rules += table.mixed
    for rule in rules:
        yield rule, start


def _span(rule: PatternRule, found: re.Match[str]) -> Span:
    group = next((name for name in ("x", "y") if found.groupdict().get(name) is not None), 0)
    return Span(start=found.start(group), end=found.end(group), kind=rule.kind, rule=rule.name)
