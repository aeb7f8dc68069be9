"""What may stay burned into a picture, as data: words and patterns by group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["MarkerGroup", "load_markers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerGroup:
    """One group of markers.

    ``words`` are upper case, several words in a row as one with single blanks; ``patterns`` match upper
    case. The ``examples`` are markers and the ``traps`` are not, with all groups allowed.
    """

    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@cache
def load_markers() -> Mapping[str, MarkerGroup]:
    """The groups of ``markers.toml`` by name, in its order."""
    return {
        name: MarkerGroup(
            words=frozenset(group.get("words", ())),
            patterns=tuple(re.compile(pattern) for pattern in group.get("patterns", ())),
            examples=tuple(group["examples"]),
            traps=tuple(group["traps"]),
        )
        for name, group in read_profile("markers.toml").items()
    }
