"""Whether a report is English prose: only then do the rules know what its words mean."""

from __future__ import annotations

from radrelease.profiles.lexicon import load_lexicon
from radrelease.rejections import Reason
from radrelease.stages.text.tokens import words_of

__all__ = ["judge_prose"]

_FEWEST_WORDS = 8
"""Of a shorter report nothing can be said; it passes."""

_ENGLISH = 0.55
"""Least share of words that the lexicon holds.

Of 4,000 synthetic reports full of names and abbreviations the least has 0.67; six other languages have 0.46
and less.
"""

_PROSE = 0.5
"""Least share of words among words and numbers."""


def judge_prose(report: str) -> Reason | None:
    """Why the report cannot be read, or None."""
    found = words_of(report)
    words = [word for word in found if word.isalpha()]
    if len(found) < _FEWEST_WORDS:
        return None
    if len(words) < _PROSE * len(found) or sum(map(len, words)) < 0.4 * len("".join(report.split())):
        return Reason.REPORT_NOT_PROSE
    lexicon = load_lexicon()
    known = sum(
        word in lexicon.clinical or word in lexicon.english or word in lexicon.ambiguous for word in words
    )
    return Reason.REPORT_NOT_ENGLISH if known < _ENGLISH * len(words) else None
