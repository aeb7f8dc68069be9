"""Names within one typing slip of each other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

__all__ = ["SHORTEST_MISSPELT", "Slips", "is_slip_of", "slip_keys"]

SHORTEST_MISSPELT = 5
"""Shorter names are within one slip of too many words."""


@lru_cache(maxsize=1 << 12)  # the same unknown words come again and again
def slip_keys(word: str) -> tuple[str, ...]:
    """The word, and what is left of it without any one letter: words within one slip share a key."""
    if len(word) < SHORTEST_MISSPELT - 1:
        return ()
    return (word, *[word[:index] + word[index + 1 :] for index in range(len(word))])


def is_slip_of(word: str, name: str) -> bool:
    """Whether one letter wrong, missing, too many, or two exchanged make ``name`` of ``word``."""
    if len(name) < SHORTEST_MISSPELT:
        return False
    return OSA.distance(word, name, score_cutoff=1) <= 1


class Slips:
    """Names, to be found again by words that may be one of them misspelt."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, set[str]] = {}
        for name in names:
            for key in slip_keys(name) if len(name) >= SHORTEST_MISSPELT else ():
                self._names.setdefault(key, set()).add(name)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._names)

    def hold(self, word: str) -> bool:
        """Whether the word is within one slip of a name."""
        keys = slip_keys(word)
        if self._names.keys().isdisjoint(keys):
            return False
        names = {name for key in keys for name in self._names.get(key, ())}
        return any(is_slip_of(word, name) for name in names)
