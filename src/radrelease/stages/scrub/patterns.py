"""The patterns of ``scrub_rules.toml``, tried only where they may begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from radrelease.profiles.pattern_rules import PatternRule, load_pattern_table
from radrelease.records.private import Span
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import goes_on_with_report
from radrelease.stages.text.tokens import words_of

__all__ = ["find_patterns"]

_EVERYWHERE = ("lines",)
_EXTENSION = re.compile(
    r"(?i),?\s?(?:x\s?#?\d{2,6}|(?:ext|extn|extension|opt|option|press)[.:#]?\s?\d{1,6})(?![\w/]|\.\d)"
)
"""What is to be dialled after a telephone number: "x12", "opt 2"; "x2" tells how often it was called."""

_STATE = re.compile(r"[A-Z]{2},?\s{1,3}\d{5}")


def find_patterns(reading: Reading) -> Iterator[Span]:
    """The spans that a label or a shape gives away."""
    table, words = load_pattern_table(), reading.words
    labels, begins, numbers = table.labels, table.begins, frozenset(reading.numbers)
    for index in reading.marks:
        word = words[index]
        if word in labels:
            yield from _labelled(reading, index)
        rules = begins.get(word, ())
        if not word.isalpha():
            rules += _numeric(reading, index, is_plain=index not in numbers)
        elif len(word) == 2 and _STATE.match(reading.text, reading.starts[index]):
            rules += table.state
        for rule in rules:
            found = rule.expression.match(reading.text, reading.starts[index])
            if found is not None:
                span = _span(rule, found)
                yield _without_report(span, found) if reading.is_caseless(index) else span
    text = reading.text.lower()  # "STONE AT HOPE DOT ORG" has the sign too
    for rule in table.signs:
        if rule.sign == _EVERYWHERE or any(sign in text for sign in rule.sign):
            yield from (_span(rule, found) for found in rule.expression.finditer(reading.text))


def _numeric(reading: Reading, index: int, *, is_plain: bool) -> tuple[PatternRule, ...]:
    """The rules that may begin at a word with digits."""
    table, word = load_pattern_table(), reading.words[index]
    by_sign = table.digit[reading.after_digits(index)] if word[0].isdigit() and not is_plain else ()
    return by_sign if word.isdigit() else by_sign + table.mixed


def _labelled(reading: Reading, index: int) -> Iterator[Span]:
    """Values right after the labels that begin with the word."""
    for label, rule in load_pattern_table().labels[reading.words[index]]:
        last = index + len(label)
        if len(label) == 1 or reading.words[index:last] == label:
            found = rule.expression.match(reading.text, reading.ends[last - 1])
            if found is not None:
                yield _span(rule, found)


def _without_report(span: Span, found: re.Match[str]) -> Span:
    """An address without what follows its comma, where that is no town: "12 MILL RD, CHEST PAIN"."""
    comma = found.string.rfind(",", span.start, span.end)
    if span.kind != "PLACE" or comma < 0:
        return span
    tail = words_of(found.string[comma : span.end])
    return replace(span, end=comma) if goes_on_with_report(tail) else span


def _span(rule: PatternRule, found: re.Match[str]) -> Span:
    group = next((name for name in ("x", "y", "z") if found.groupdict().get(name) is not None), 0)
    start, end = found.span(group)
    if found.string[start - 1 : start] == "(" and found.string.find(")", start, end) >= 0:
        start -= 1  # "(555) 123-4567" begins before its first digit
    paragraph = found.string.find("\n\n", start, end)  # a blank may be a line break, and no more
    if paragraph < 0 and rule.kind == "PHONE" and (more := _EXTENSION.match(found.string, end)):
        end = more.end()
    return Span(start=start, end=end if paragraph < 0 else paragraph, kind=rule.kind, rule=rule.name)
