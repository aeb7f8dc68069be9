"""What the stand-ins of one patient are drawn from, and with what: pools of words, and the key."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from radrelease.errors import ConfigError
from radrelease.identifiers import PatientId, Secret
from radrelease.profiles.lexicon import load_nicknames
from radrelease.profiles.surrogates import Pools
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.text.person_names import people_of
from radrelease.stages.text.tokens import words_of

__all__ = ["LEAST", "Drawing", "given_words", "usable_pools"]

LEAST: Mapping[str, int] = {"families": 100, "given": 100, "towns": 50, "institutions": 30}
"""How many words of a pool must be left, so that two people of one report seldom share a stand-in."""

_NAMES = frozenset({IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME})
_NO_WORDS = frozenset({IdentifierKind.UID, IdentifierKind.BIRTH_DATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that decides the stand-ins of one patient.

    ``given`` are the folded words known as given names; ``known_numbers`` hold, folded and without
    separators, numbers that nothing may be given.
    """

    secret: Secret
    patient: PatientId
    pools: Pools
    given: frozenset[str]
    known_numbers: tuple[Container[str], ...] = ()

    def number(self, *parts: str) -> int:
        """A keyed number of the patient and ``parts``."""
        return self.secret.number("surrogate", self.patient, *parts)

    def pick(self, pool: str, key: str, choices: Sequence[str], avoid: Set[str]) -> str:
        """The keyed choice, or the next that has no word of ``avoid``; "" where there is none."""
        first = self.number(pool, key) % len(choices) if choices else 0
        ordered = (choices[(first + step) % len(choices)] for step in range(len(choices)))
        return next((choice for choice in ordered if avoid.isdisjoint(words_of(choice))), "")


def usable_pools(pools: Pools, known: Iterable[Identifier]) -> Pools:
    """The pools without every word that the export knows of anybody; :class:`ConfigError` if few are left."""
    words = set(pools.words)
    for item in known:
        if item.kind not in _NO_WORDS:
            words.difference_update(_known_words(item.value))
    usable = pools.only(frozenset(words))
    for name, least in LEAST.items():
        left, all_of_it = len(getattr(usable, name)), len(getattr(pools, name))
        if left < least:
            raise ConfigError(
                "[deidentification] placeholder",
                f"the export itself knows so many words of the pool of {name} that {left} of {all_of_it}"
                f" are left to stand in for others, and {least} are needed",
                'Use placeholder = "typed"',
            )
    return usable


def _known_words(value: str) -> Iterator[str]:
    """The words of the value, and its parts written as one: "van Kamp" is also "vankamp"."""
    yield from words_of(value)
    yield from ("".join(words_of(part)) for part in re.split(r"[\^,=]", value))


def given_words(identifiers: Iterable[Identifier]) -> frozenset[str]:
    """The words that are given names of the people a patient's own records name, and no family names."""
    family: set[str] = set()
    given: set[str] = set()
    for item in identifiers:
        for last, first in people_of(item.value) if item.kind in _NAMES else ():
            family.update(last)
            given.update(first)
            given.update(short for name in first for short in load_nicknames().get(name, ()))
    return frozenset(given - family)
