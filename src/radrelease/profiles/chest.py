"""The vocabulary of chest radiography, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile
from radrelease.records.release import View

__all__ = ["ChestVocabulary", "Phrases", "load_chest_vocabulary"]

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Phrases:
    """A set of phrases, each a row of whole words without case."""

    phrases: frozenset[str]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> Phrases:
        """The set of ``phrases``, however they are spaced and written."""
        return cls(frozenset(_spaced(phrase) for phrase in phrases))

    def equal(self, text: str) -> bool:
        """Say whether the whole text is one of the phrases."""
        return _spaced(text) in self.phrases

    def within(self, text: str) -> bool:
        """Say whether one of the phrases stands in the text."""
        padded = f" {_spaced(text)} "
        return any(f" {phrase} " in padded for phrase in self.phrases)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChestVocabulary:
    """What sites write; the fields are the tables of ``chest.toml``."""

    body_parts: Phrases
    silent_body_parts: Phrases
    descriptions: Phrases
    other_descriptions: Phrases
    not_human: Phrases
    human_species: Phrases
    views: Mapping[View, Phrases]


@cache
def load_chest_vocabulary() -> ChestVocabulary:
    """The vocabulary in ``chest.toml``."""
    document = read_profile("chest.toml")
    return ChestVocabulary(
        body_parts=Phrases.of(document["body_part"]["eligible"]),
        silent_body_parts=Phrases.of(document["body_part"]["silent"]),
        descriptions=Phrases.of(document["description"]["eligible"]),
        other_descriptions=Phrases.of(document["description"]["other"]),
        not_human=Phrases.of(document["not_human"]["words"]),
        human_species=Phrases.of(document["not_human"]["human_species"]),
        views={View(name): Phrases.of(phrases) for name, phrases in document["view"].items()},
    )


def _spaced(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
