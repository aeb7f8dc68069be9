"""Where a patient lives in a release: a shard of a split, and a part of the legacy archive.

Who has a home keeps it from version to version, so that files change only where somebody in them does. All
others, and those whose split is another now, go in the order of their ranks to shards behind the old ones.
A shard that everybody has left leaves a gap in the numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from radrelease.records.release import Split

__all__ = ["Borders", "Home", "Resident", "Standing", "draw_borders", "give_homes", "shards_of"]

Key = tuple[str, str]

_FULL = 1.5
"""Of the mean, what a part holds at most before new patients go to another."""

_ORDER = {split: place for place, split in enumerate(Split)}


@dataclass(frozen=True, slots=True)
class Home:
    """The number of a shard within its split, and of a part of the archive, which was cut into ``parts``."""

    split: Split
    shard: int
    part: int | None = None  # None of a split that is in no archive
    parts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a release has given to each patient."""

    splits: Mapping[Key, Split] = field(default_factory=dict)
    homes: Mapping[Key, Home] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resident:
    """A patient of a split, by rank: a keyed place in the order of all."""

    key: Key
    rank: int
    split: Split
    studies: int
    images: int


@dataclass(frozen=True, slots=True)
class Borders:
    """The number of the first shard that a version adds to a split, and the ranks at which others begin."""

    first: int
    ranks: tuple[int, ...]

    def shard_of(self, rank: int) -> int:
        """The number of the added shard for that rank."""
        return self.first + bisect_right(self.ranks, rank)


def draw_borders(
    residents: Iterable[Resident], kept: Mapping[Key, Home], largest: int
) -> Mapping[Split, Borders]:
    """Cut all who have no home into shards of at most ``largest`` studies, unless one patient has more."""
    last = dict.fromkeys(Split, -1)
    for home in kept.values():
        last[home.split] = max(last[home.split], home.shard)
    coming: dict[Split, list[Resident]] = {split: [] for split in Split}
    for one in residents:
        if not _stays(one, kept):
            coming[one.split].append(one)
    return {split: Borders(last[split] + 1, tuple(_cut(own, largest))) for split, own in coming.items()}


def _stays(one: Resident, kept: Mapping[Key, Home]) -> bool:
    return one.key in kept and kept[one.key].split is one.split


def _cut(residents: list[Resident], largest: int) -> Iterator[int]:
    held = 0
    for one in sorted(residents, key=lambda row: row.rank):
        if held and held + one.studies > largest:
            yield one.rank
            held = 0
        held += one.studies


def give_homes(
    residents: Sequence[Resident], kept: Mapping[Key, Home], borders: Mapping[Split, Borders], parts: int
) -> dict[Key, Home]:
    """The home of each resident, in the order of the release: by split, shard and rank."""
    homes = {
        one.key: kept[one.key]
        if _stays(one, kept)
        else Home(one.split, borders[one.split].shard_of(one.rank))
        for one in residents
    }
    ordered = sorted(residents, key=lambda one: (_ORDER[one.split], homes[one.key].shard, one.rank, one.key))
    part_of = _parts([one for one in ordered if one.split.public], homes, parts)
    shared: dict[Home, Home] = {}  # by a million patients

    def home_of(one: Resident) -> Home:
        part = part_of.get(one.key)
        home = Home(one.split, homes[one.key].shard, part, None if part is None else parts)
        return shared.setdefault(home, home)

    return {one.key: home_of(one) for one in ordered}


def shards_of(homes: Mapping[Key, Home]) -> list[tuple[Split, int, list[Key]]]:
    """Each shard with its patients, of homes in the order of the release."""
    return [
        (*shard, list(keys))
        for shard, keys in groupby(homes, key=lambda key: (homes[key].split, homes[key].shard))
    ]


def _parts(ordered: Sequence[Resident], homes: Mapping[Key, Home], parts: int) -> dict[Key, int]:
    """The part of each patient's pictures.

    The first version cuts all pictures evenly. Later ones leave everybody in place, and new patients go to
    the last part that has room for them, so that one part changes.
    """
    total = sum(one.images for one in ordered)
    found = {
        one.key: part
        for one in ordered
        if homes[one.key].parts == parts and (part := homes[one.key].part) is not None
    }
    if not found:
        before = 0
        for one in ordered:
            found[one.key] = min(parts - 1, before * parts // max(1, total))
            before += one.images
        return found
    held: Counter[int] = Counter()
    for one in ordered:
        held[found.get(one.key, parts)] += one.images
    for one in ordered:
        if one.key not in found:
            room = [part for part in range(parts) if held[part] + one.images <= _FULL * total / parts]
            part = room[-1] if room else min(range(parts), key=lambda part: held[part])
            found[one.key] = part
            held[part] += one.images
    return found
