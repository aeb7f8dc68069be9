"""Patients to splits: exact numbers of studies wherever whole patients allow it.

Patients stand in an order drawn from the key. Each split takes patients from the front until it is
full, passing over one that would overfill it; if that misses the quota while another choice would
meet it, the last ones taken are chosen again. So the outcome depends on the key and on the cohort,
not on the order of the input, and taking a few studies out of the cohort moves few patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.config import SplitQuotas
from radrelease.records.release import Split

__all__ = ["Assignment", "Candidate", "assign", "studies_wanted"]


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One patient: ``rank`` is the keyed place in the order, ``studies`` how many may be released."""

    rank: int
    domain: str
    patient_id: str
    studies: int

    @property
    def key(self) -> tuple[str, str]:
        """Return what identifies the patient in the export."""
        return self.domain, self.patient_id


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where each patient goes; a patient who is not in ``splits`` is surplus."""

    splits: Mapping[tuple[str, str], Split]
    wanted: Mapping[Split, int]
    reached: Mapping[Split, int]


def studies_wanted(quotas: SplitQuotas, total: int) -> dict[Split, int]:
    """The number of studies each split asks for, of a cohort of ``total`` studies."""
    wanted = {
        Split.PRIVATE_TEST: _count(quotas.private_test, total),
        Split.TEST: _count(quotas.test, total),
        Split.VALID: _count(quotas.valid, total),
    }
    rest = max(0, total - sum(wanted.values()))
    return wanted | {Split.TRAIN: rest if quotas.train == "rest" else _count(quotas.train, total)}


def assign(
    candidates: Sequence[Candidate],
    wanted: Mapping[Split, int],
    kept: Mapping[tuple[str, str], Split] | None = None,
) -> Assignment:
    """Give every patient a split, in the order private test, test, valid, train.

    ``kept`` are splits of an earlier version, which stay as they are; the others fill what they leave.
    A patient without any releasable study counts nothing and goes to the train split, so that the
    rejected studies stay accounted for in a place of their own.
    """
    before = kept or {}
    left = sorted(one for one in candidates if one.studies and one.key not in before)
    splits = {one.key: before.get(one.key, Split.TRAIN) for one in candidates if not one.studies}
    staying = [one for one in candidates if one.studies and one.key in before]
    splits |= {one.key: before[one.key] for one in staying}
    reached = {}
    for split, quota in wanted.items():
        held = sum(one.studies for one in staying if before[one.key] is split)
        taken = _fill(left, max(0, quota - held))
        reached[split] = held + sum(candidate.studies for candidate in taken)
        splits |= {candidate.key: split for candidate in taken}
        left = [candidate for candidate in left if candidate.key not in splits]
    return Assignment(splits=splits, wanted=dict(wanted), reached=reached)


def _count(quota: int | float | str, total: int) -> int:
    return round(quota * total) if isinstance(quota, float) else int(quota)


def _fill(candidates: Sequence[Candidate], quota: int) -> list[Candidate]:
    """Take patients in order up to ``quota`` studies, exactly where that can be had."""
    taken, passed, room = [], [], quota
    for candidate in candidates:
        if candidate.studies <= room:
            taken.append(candidate)
            room -= candidate.studies
        else:
            passed.append(candidate)
    if not room or not passed:
        return taken
    for kept in _fewer(len(taken)):
        again = taken[kept:]
        target = room + sum(candidate.studies for candidate in again)
        exact = _exact(sorted(again + passed), target)
        if exact is not None:
            return sorted(taken[:kept] + exact)
    return taken


def _fewer(length: int) -> Iterator[int]:
    """How many of the taken patients to keep: all but 8, all but 16, ... none."""
    again = 8
    while again < length:
        yield length - again
        again *= 2
    yield 0


def _exact(pool: Sequence[Candidate], target: int) -> list[Candidate] | None:
    """The first patients in order whose studies add up to ``target``, or None (subset sum).

    Bit ``n`` of ``reach[i]`` says that ``n`` studies can be had from the patients from ``i`` on.
    """
    pool = _enough_of_each_size(pool, target)
    mask = (1 << (target + 1)) - 1
    reach = [1]
    for candidate in reversed(pool):
        reach.append((reach[-1] | reach[-1] << candidate.studies) & mask)
    reach.reverse()
    if not reach[0] >> target & 1:
        return None
    chosen = []
    for place, candidate in enumerate(pool):
        if candidate.studies <= target and reach[place + 1] >> (target - candidate.studies) & 1:
            chosen.append(candidate)
            target -= candidate.studies
    return chosen


def _enough_of_each_size(pool: Sequence[Candidate], target: int) -> list[Candidate]:
    """The pool without patients that cannot be needed: no more of a size than fit the target."""
    seen: dict[int, int] = {}
    enough = []
    for candidate in pool:
        seen[candidate.studies] = seen.get(candidate.studies, 0) + 1
        if seen[candidate.studies] * candidate.studies <= target:
            enough.append(candidate)
    return enough
