"""The words by which the clauses of a sentence are told apart, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

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
    text = resources.files(__package__).joinpath("clauses.toml").read_text(encoding="utf-8")
    return ClauseRules(**{name: frozenset(words) for name, words in tomllib.loads(text).items()})
