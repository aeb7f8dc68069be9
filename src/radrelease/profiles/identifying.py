"""Which elements of a header identify, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile
from radrelease.records.private import IdentifierKind

__all__ = ["Identifying", "load_identifying"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifying:
    """``kinds`` and ``attributes`` by DICOM keyword; ``dummies`` are folded for caseless comparison."""

    kinds: Mapping[str, IdentifierKind]
    attributes: frozenset[str]
    dummies: frozenset[str]

    def is_dummy(self, value: str) -> bool:
        """Say whether ``value`` names nobody: a known filler, one sign over and over, or one letter."""
        folded = value.casefold()
        first = ""
        for sign in folded:
            if sign.isalnum():
                first = first or sign
                if sign != first:
                    return " ".join(folded.replace("^", " ").split()) in self.dummies
        return True


@cache
def load_identifying() -> Identifying:
    """The table in ``identifying.toml``."""
    document = read_profile("identifying.toml")
    return Identifying(
        kinds={
            keyword: IdentifierKind(kind)
            for kind, keywords in document["identifiers"].items()
            for keyword in keywords
        },
        attributes=frozenset(document["attributes"]["keywords"]),
        dummies=frozenset(value.casefold() for value in document["values"]["dummies"]),
    )
