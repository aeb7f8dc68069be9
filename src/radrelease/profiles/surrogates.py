"""The words that stand in for names, places and numbers, as data."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["Pools", "load_pools"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Words to draw from, as they are written; the fields are the lists of ``surrogates.toml``.

    ``street_words`` are folded: an original that ends with one of them gets one of ``streets``.
    """

    families: tuple[str, ...]
    given: tuple[str, ...]
    towns: tuple[str, ...]
    institutions: tuple[str, ...]
    codes: tuple[str, ...]
    endings: tuple[str, ...]
    streets: tuple[str, ...]
    street_words: frozenset[str]
    domain: str

    @property
    def words(self) -> frozenset[str]:
        """The folded words that may stand in a release because they are stand-ins, and only then."""
        drawn = (*self.families, *self.given, *self.towns, *self.institutions, *self.codes)
        return frozenset(word.lower() for word in (*drawn, *self.domain.split(".")))

    def only(self, words: Set[str]) -> Pools:
        """The same, of the words that could identify only the given ones, folded."""

        def kept(pool: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(word for word in pool if word.lower() in words)

        return replace(
            self,
            families=kept(self.families),
            given=kept(self.given),
            towns=kept(self.towns),
            institutions=kept(self.institutions),
            codes=kept(self.codes),
        )


@cache
def load_pools() -> Pools:
    """The pools of ``surrogates.toml``."""
    document = read_profile("surrogates.toml")
    return Pools(
        families=tuple(document["people"]["families"]),
        given=tuple(document["people"]["given"]),
        towns=tuple(document["places"]["towns"]),
        institutions=tuple(document["institutions"]["names"]),
        codes=tuple(document["numbers"]["codes"]),
        endings=tuple(document["institutions"]["endings"]),
        streets=tuple(document["places"]["streets"]),
        street_words=frozenset(document["places"]["street_words"]),
        domain=document["web"]["domain"],
    )
