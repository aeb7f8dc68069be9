"""The patterns of ``scrub_rules.toml``, tried only where they may begin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.report_rules import PatternRule, load_pattern_table
from radrelease.records import Span
from radrelease.stages.reading import Reading

__all__ = ["find_patterns"]

_STATE = re.compile(r"[A-Z]{2},?\s{1,3}\d{5}")


def find_patterns(reading: Reading) -> Iterator[Span]:
    """The spans that a label or a shape gives away."""
    table, text, words = load_pattern_table(), reading.text, reading.words
    for index in reading.marks:
        word, start = words[index], reading.starts[index]
        for label, rule in table.labels.get(word, ()):
            if words[index : index + len(label)] == label:
                yield from _match(rule, text, reading.ends[index + len(label) - 1])
        for rule in table.begins.get(word, ()):
            yield from _match(rule, text, start)
        if word[0].isdigit():
            for rule in table.digit:
                yield from _match(rule, text, start)
        elif len(word) == 2 and _STATE.match(text, start):
            for rule in table.state:
                yield from _match(rule, text, start)
        if not word.isalpha() and not word.isdigit():
            for rule in table.mixed:
                yield from _match(rule, text, start)
    for rule in table.signs:
        if rule.sign in text or rule.sign == "lines":
            for found in rule.expression.finditer(text):
                yield _span(rule, found)


def _match(rule: PatternRule, text: str, place: int) -> Iterator[Span]:
    found = rule.expression.match(text, place)
    if found is not None:
        yield _span(rule, found)


def _span(rule: PatternRule, found: re.Match[str]) -> Span:
    group = next((name for name in ("x", "y") if found.groupdict().get(name) is not None), 0)
    return Span(start=found.start(group), end=found.end(group), kind=rule.kind, rule=rule.name)
