"""Names told by what somebody is, before or after: "gp Winterbottom", "registered by Rose, clerk 4"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.eponyms import is_term_here
from radrelease.stages.scrub.reading import Reading

__all__ = ["CLOSES", "called_after_role", "called_before_role"]

CLOSES = re.compile(r"\s*(?:[.,;:)\n]|$)")
"""What stands behind a name that ends its clause."""

_WEARERS = frozenset({"patient", "pt", "name", "baby", "infant"})
_BEFORE_NAMED = frozenset({"by", "with", "to", "told", "asked", "informed", "notified", "from", "per", "via"})
_LONGEST_BEFORE_ROLE = 2


def called_after_role(reading: Reading, index: int, protected: frozenset[int]) -> Iterator[Span]:
    """Who is called as terms are, after what somebody is: "gp Winterbottom", "SURGEON MAC MILLER."."""
    first, last, lexicon = index + 1, index + 2, load_lexicon()
    if last >= len(reading.words) or first in protected or reading.gap(first) != " ":
        return
    if reading.words[index] not in load_name_rules().before_people or reading.words[index] in _WEARERS:
        return
    if not reading.is_caseless(first):
        is_name = reading.words[first] in lexicon.surnames and reading.written(first).istitle()
        last = first if is_name and not is_term_here(reading, first) else last + 1
    elif reading.words[first] in load_nicknames() and reading.gap(last) == " ":
        is_name = reading.words[last] in lexicon.ambiguous or reading.words[last] in lexicon.names
        last = last if is_name and CLOSES.match(reading.text, reading.ends[last]) else last + 1
    else:
        return
    if last <= index + 2 and (last == first or reading.is_caseless(first)):
        yield Span(
            start=reading.starts[first],
            end=reading.ends[last],
            kind="NAME",
            rule="name after a role",
        )


def called_before_role(reading: Reading, role: int, protected: frozenset[int]) -> Iterator[Span]:
    """The name between "by" or the like and what somebody is: "registered by Rose, clerk 4"."""
    if not role or reading.gap(role) not in {", ", ","}:
        return
    first = role
    while first > 1 and role - first < _LONGEST_BEFORE_ROLE and reading.words[first - 1] not in _BEFORE_NAMED:
        first -= 1
        if first - 1 in protected or not _may_be_called(reading, first):
            return
        if first < role - 1 and reading.gap(first + 1) != " ":
            return
    if first < role and reading.words[first - 1] in _BEFORE_NAMED and reading.gap(first) == " ":
        start, end = reading.starts[first], reading.ends[role - 1]
        yield Span(start=start, end=end, kind="NAME", rule="name before a role")


def _may_be_called(reading: Reading, index: int) -> bool:
    """Whether somebody may be called so, and no department is: "by Rose", and not "by Radiology"."""
    word, lexicon, rules = reading.words[index], load_lexicon(), load_name_rules()
    if not word.isalpha() or not reading.is_capitalised(index) or word in rules.before_people:
        return False
    if word in load_nicknames() or word in lexicon.ambiguous:
        return True
    is_plain = word in lexicon.clinical or word in rules.function_words or word in rules.of_places
    return not is_plain and not (reading.is_caseless(index) and word in lexicon.english)
