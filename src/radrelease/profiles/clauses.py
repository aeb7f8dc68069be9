"""The words by which the clauses of a sentence are told apart, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["ClauseRules", "load_clause_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRules:
    """Folded words; ``clauses.toml`` says what each list is for."""

    joining: frozenset[str]
    after_clauses: frozenset[str]
    begin_clauses: frozenset[str]
    negations: frozenset[str]


@cache
def load_clause_rules() -> ClauseRules:
    """The rules in ``clauses.toml``."""
    return ClauseRules(**{name: frozenset(words) for name, words in read_profile("clauses.toml").items()})
