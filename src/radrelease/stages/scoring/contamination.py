"""Signs of what a model should not have seen: copies of training reports, planted strings, the context.

A copy is a text that shares about 80% of all the runs of five words that either has (Jaccard). Training
reports are read once and not kept: MinHash (Broder 1997) with 64 permutations in 16 bands of four finds
candidates, and the share of equal minima decides. Time grows with the number of texts, and not with the
number of pairs.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["copies_among", "echoes", "holds_canary", "signatures"]

RUN = 5
"""Words of a run. A shorter text is one run."""

ALIKE = 0.8
_PERMUTATIONS = 64
_BANDS = 16
_BATCH = 2048
_FEWEST_WORDS = 4
"""A context of fewer words ("chest pain") may stand in any report."""

_WORD = re.compile(r"[a-z0-9]+")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PERMUTING = np.arange(1, _PERMUTATIONS + 1, dtype=np.uint64) * np.uint64(0xD1B54A32D192ED02) + np.uint64(1)

Hashes = NDArray[np.uint64]


def copies_among(texts: Sequence[str], training: Iterable[str]) -> tuple[int, NDArray[np.bool_]]:
    """How many ``training`` reports there are, and which of ``texts`` copy one: bool (texts,).

    ``training`` is read once, in batches; texts without a word copy nothing.
    """
    own, place = np.unique(signatures(texts), axis=0, return_inverse=True)
    copied = np.zeros(len(own), dtype=np.bool_)
    count = 0
    for batch in _batches(training):
        count += len(batch)
        left = np.flatnonzero(~copied)
        theirs = np.unique(signatures([text for text in batch if _words(text)]), axis=0)
        copied[left[_alike(own[left], theirs)]] = True
    worded = np.array([bool(_words(text)) for text in texts], dtype=np.bool_)
    return count, copied[place.reshape(-1)] & worded


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    reading = iter(texts)
    while batch := list(itertools.islice(reading, _BATCH)):
        yield batch


def signatures(texts: Sequence[str]) -> Hashes:
    """The least hash of the runs of each text under each permutation: uint64 (texts, 64)."""
    words = [_words(text) or [""] for text in texts]
    sizes = np.array([max(RUN, len(row)) for row in words], dtype=np.int64)
    padded = itertools.chain.from_iterable([*row, *[""] * (RUN - len(row))] for row in words)
    hashes = np.fromiter(map(_hash, padded), np.uint64, int(sizes.sum()))
    runs, starts = _runs_of(hashes, sizes)
    minima = [np.minimum.reduceat(runs * factor, starts) for factor in _PERMUTING] if len(texts) else []
    return np.array(minima, dtype=np.uint64).reshape(_PERMUTATIONS, -1).T.copy()


def _runs_of(hashes: Hashes, sizes: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
    """A hash of every run within a text, and where the runs of each text begin."""
    length = max(0, len(hashes) - RUN + 1)
    runs = np.zeros(length, dtype=np.uint64)
    for place in range(RUN):
        runs = (runs ^ hashes[place : place + length]) * _MULTIPLIER
        runs ^= runs >> np.uint64(31)
    first = np.cumsum(sizes) - sizes
    counts = sizes - RUN + 1
    starts = np.cumsum(counts) - counts
    within = np.arange(int(counts.sum())) - np.repeat(starts, counts) + np.repeat(first, counts)
    return runs[within], starts


def _alike(own: Hashes, theirs: Hashes) -> NDArray[np.int64]:
    """The rows of ``own`` that share at least :data:`ALIKE` of the minima with a row of ``theirs``."""
    found: set[int] = set()
    rows = _PERMUTATIONS // _BANDS
    for band in range(_BANDS):
        columns = slice(band * rows, (band + 1) * rows)
        mine, others = _candidates(_folded(own[:, columns]), _folded(theirs[:, columns]))
        for at in range(0, len(mine), _BATCH * 8):
            some, other = mine[at : at + _BATCH * 8], others[at : at + _BATCH * 8]
            equal = (own[some] == theirs[other]).mean(axis=1) >= ALIKE
            found.update(some[equal].tolist())
    return np.array(sorted(found), dtype=np.int64)


def _folded(columns: Hashes) -> Hashes:
    key = np.zeros(len(columns), dtype=np.uint64)
    for column in columns.T:
        key = (key ^ column) * _MULTIPLIER
    return key


def _candidates(own: Hashes, theirs: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of rows whose keys are equal."""
    order = np.argsort(theirs, kind="stable")
    ordered = theirs[order]
    first, end = np.searchsorted(ordered, own, "left"), np.searchsorted(ordered, own, "right")
    counts = end - first
    mine = np.repeat(np.arange(len(own)), counts)
    place = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return mine, order[place]


def echoes(prediction: str, context: str) -> bool:
    """Whether a prediction is nothing but the context of its study, give or take a fifth of it."""
    if len(_words(context)) < _FEWEST_WORDS:
        return False
    first, second = _run_set(prediction), _run_set(context)
    return len(first & second) >= ALIKE * len(first | second)


def holds_canary(prediction: str, canaries: Iterable[str]) -> bool:
    """Whether a prediction holds one of the strings, whatever its case and blanks."""
    packed = _packed(prediction)
    return any(_packed(canary) in packed for canary in canaries)


def _packed(text: str) -> str:
    return "".join(text.casefold().split())


def _run_set(text: str) -> set[tuple[str, ...]]:
    words = _words(text)
    return {tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
