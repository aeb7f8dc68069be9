"""Which findings a report affirms, by rules, and how far two reports agree on them.

An own measure under its own name, built like the rule-based labeler of CheXpert (Irvin et al. 2019, section
3; NegEx, Chapman et al. 2001), and comparable with neither CheXpert's nor CheXbert's. A finding counts as
mentioned where it is affirmed or held possible. How well the rules read is measured by
``benchmarks/bench_findings.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from radrelease.profiles.findings import load_finding_rules

__all__ = ["NO_FINDING", "Mention", "finding_names", "findings_of", "label_matrix", "mentions"]

NO_FINDING = "No Finding"
"""No other finding is mentioned than devices."""

_DEVICES = "Support Devices"
_SENTENCE = re.compile(r"[;:?!]|\.(?=\s|$)|\n\s*\n")


class Mention(StrEnum):
    """What a report says of a finding that it mentions."""

    PRESENT = "present"
    POSSIBLE = "possible"
    ABSENT = "absent"


_STRENGTH = {Mention.PRESENT: 2, Mention.POSSIBLE: 1, Mention.ABSENT: 0}


def finding_names() -> tuple[str, ...]:
    """The fourteen labels, in the order of all arrays here."""
    return (NO_FINDING, *(rule.name for rule in load_finding_rules().findings))


def mentions(text: str) -> dict[str, Mention]:
    """The findings that ``text`` mentions; of two mentions of one the more affirming counts."""
    found: dict[str, Mention] = {}
    for sentence in _SENTENCE.split(text.lower()):
        for name, mention in _in_sentence(" ".join(sentence.split())):
            if name not in found or _STRENGTH[mention] > _STRENGTH[found[name]]:
                found[name] = mention
    return found


def findings_of(text: str) -> frozenset[str]:
    """The labels of a report: what is present or possible, or :data:`NO_FINDING`; of an empty one, none."""
    found = {name for name, mention in mentions(text).items() if mention is not Mention.ABSENT}
    if text.strip() and not found - {_DEVICES}:
        found.add(NO_FINDING)
    return frozenset(found)


@lru_cache(maxsize=1 << 16)
def _in_sentence(sentence: str) -> tuple[tuple[str, Mention], ...]:
    return tuple(
        (rule.name, _judge(sentence, found.start(), found.end()))
        for rule in load_finding_rules().findings
        for found in rule.expression.finditer(sentence)
    )


def _judge(sentence: str, start: int, end: int) -> Mention:
    """What is said of the words from ``start`` to ``end``, by the cues of their clause."""
    rules = load_finding_rules()
    begins = max((found.end() for found in rules.clause.finditer(sentence, 0, start)), default=0)
    ends = next((found.start() for found in rules.clause.finditer(sentence, end)), len(sentence))
    before = rules.no_cue.sub(" ", sentence[begins:end])
    after = rules.no_cue.sub(" ", sentence[end:ends])
    if rules.absent_before.search(before) or rules.absent_after.search(after):
        return Mention.ABSENT
    if rules.possible_before.search(before) or rules.possible_after.search(after):
        return Mention.POSSIBLE
    return Mention.PRESENT


def label_matrix(texts: Iterable[str]) -> NDArray[np.bool_]:
    """The labels of each text: bool (texts, 14)."""
    names = finding_names()
    rows = [[name in found for name in names] for found in map(findings_of, texts)]
    return np.array(rows, dtype=np.bool_).reshape(-1, len(names))
