"""Free text of a header: it passes the report scrubber whole, or it does not leave."""

from __future__ import annotations

from collections.abc import Set
from datetime import date

from radrelease.stages.knowledge.known_terms import KnownTerms
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.scrub.sentence_cuts import Cut

__all__ = ["objection_to_text"]

_ANY_DAY = date(2000, 1, 1)
"""Dates are not moved here: that there is one is reason enough to drop the text."""


def objection_to_text(text: str, *, patient: KnownTerms, export: KnownTerms, allowed: Set[str]) -> str:
    """The rule by which the scrubber would remove something from the text, "" if it removes nothing.

    ``allowed`` are the words outside the lexicon that may be published, folded.
    """
    rules = DateRules(shift_days=1, study_date=_ANY_DAY, order="mdy", never=patient.birth_dates)
    spans = scrub(text, patient=patient, export=export, dates=rules, given_back=allowed, cut=Cut.ALONE)
    return spans[0].rule if spans else ""
