"""Long texts cut into overlapping stretches, for models that read so many tokens at once and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

__all__ = ["cut_windows"]

_SENTENCE = re.compile(r"[.!?:]\s+|\n\s*")
_BLANK = re.compile(r"\s+")


def cut_windows(text: str, tokens: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield the characters of each window: it holds at most ``size`` of the ``tokens``, and all hold all.

    A window ends before a sentence or line where one begins in its second half, else between words. The
    next one begins up to a quarter of a window earlier, so that a name at a border is whole in one of them.
    """
    starts = [end - len(text[start:end].lstrip()) for start, end in tokens]
    sentences, words = ({found.end() for found in sign.finditer(text)} for sign in (_SENTENCE, _BLANK))
    first = 0
    while first < len(tokens):
        last = first + size
        if last < len(tokens):
            last = _border(starts, range(last, first + size // 2, -1), sentences, words)
        last = min(last, len(tokens))
        yield starts[first], tokens[last - 1][1]
        if last == len(tokens):
            return
        first = _border(starts, range(max(first + 1, last - size // 4), last + 1), sentences, words)


def _border(starts: Sequence[int], places: range, sentences: Set[int], words: Set[int]) -> int:
    """The first of the places before whose token a sentence begins; else a word; else the first."""
    for borders in (sentences, words):
        for place in places:
            if starts[place] in borders:
                return place
    return places[0]
