"""ROUGE-L of single reports: how long a sequence of words two texts share.

Lin 2004, section 3.1 (aclanthology.org/W04-1013), with equal weights for recall and precision: the F-measure
``rougeL`` of the package rouge-score without its stemmer, whose words these are too (runs of a-z and 0-9).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

__all__ = ["rouge_l"]

_BETWEEN = re.compile(r"[^a-z0-9]+")


def rouge_l(references: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """ROUGE-L of each text against the reference of the same place, float64 from 0 to 1."""
    scores = [_f_measure(first, second) for first, second in zip(references, texts, strict=True)]
    return np.array(scores, dtype=np.float64)


def _f_measure(reference: str, text: str) -> float:
    first, second = _words(reference), _words(text)
    shared = LCSseq.similarity(first, second)
    return 2 * shared / (len(first) + len(second)) if shared else 0.0


def _words(text: str) -> list[str]:
    return _BETWEEN.sub(" ", text.lower()).split()
