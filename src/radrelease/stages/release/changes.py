"""What differs from the version before: how many studies came and went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from radrelease.stages.release.suppression import shown_count

__all__ = ["Changes", "changes_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Studies added and removed since another version: numbers, or that they are small ones."""

    since: str
    added: str
    removed: str


def changes_of(
    versions: Mapping[str, frozenset[str]], version: str, studies: frozenset[str], k: int
) -> Changes | None:
    """The changes since the last of ``versions`` that is another than ``version``; None where none is.

    ``versions`` are those put in place, in their order, with their studies. A version that is made again is
    compared with the one before it, so the same input says the same.
    """
    before = [name for name in versions if name != version]
    if not before:
        return None
    had = versions[before[-1]]
    return Changes(
        since=before[-1], added=shown_count(len(studies - had), k), removed=shown_count(len(had - studies), k)
    )
