"""BLEU-2 of single reports, as the scorer of ReXrank computes it.

BLEU is of Papineni et al. 2002 (doi:10.3115/1073083.1073135). ReXrank takes CXR-Report-Metric: small letters,
a blank before every full stop, words between blanks (U+0020 alone), weights 1/2 and 1/2, one reference, and
fast-bleu, which puts 0.1 for no shared pair ("method 1" of Chen and Cherry 2014) and 0 for no shared word.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from radrelease.compiled import address, library

__all__ = ["bleu_2", "shared_bigrams"]

_NO_PAIR = 0.1


def bleu_2(references: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """BLEU-2 of each text against the reference of the same place, float64 from 0 to 1."""
    words, pairs, length, own = shared_bigrams(references, texts).T.astype(np.float64)
    precision = words / np.maximum(own, 1)
    of_pairs = np.where(pairs > 0, pairs, _NO_PAIR) / np.maximum(own - 1, 1)
    brevity = np.where(own > length, 1.0, np.exp(1 - length / np.maximum(own, 1)))
    return np.where(words > 0, brevity * np.sqrt(precision * of_pairs), 0.0)


def shared_bigrams(references: Sequence[str], texts: Sequence[str]) -> NDArray[np.int32]:
    """Per pair of texts: words shared, pairs of words shared, words of the reference, words of the text.

    int32 (texts, 4). A word or pair is shared as often as the one has it that has it less often.
    """
    if len(references) != len(texts):
        raise ValueError(f"{len(references)} references and {len(texts)} texts")
    compiled = library()
    if compiled is None:
        rows = [_shared(reference, text) for reference, text in zip(references, texts, strict=True)]
        return np.array(rows, dtype=np.int32).reshape(-1, 4)
    return _in_c(compiled, references, texts)


def _in_c(compiled: ctypes.CDLL, references: Sequence[str], texts: Sequence[str]) -> NDArray[np.int32]:
    first, first_ends = _joined(references)
    second, second_ends = _joined(texts)
    counts = np.empty((len(texts), 4), dtype=np.int32)
    failed = compiled.radrelease_shared_bigrams(
        first, address(first_ends), second, address(second_ends), ctypes.c_size_t(len(texts)), address(counts)
    )
    if failed:
        raise MemoryError
    return counts


def _joined(texts: Iterable[str]) -> tuple[bytes, NDArray[np.int64]]:
    """All texts in small letters and UTF-8, and where each ends."""
    encoded = [text.lower().encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(encoded), np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)))


def _shared(reference: str, text: str) -> tuple[int, int, int, int]:
    first, second = _words(reference), _words(text)
    words = (Counter(first) & Counter(second)).total()
    pairs = (Counter(pairwise(first)) & Counter(pairwise(second))).total()
    return words, pairs, len(first), len(second)


def _words(text: str) -> list[str]:
    return [word for word in text.lower().replace(".", " .").split(" ") if word]
