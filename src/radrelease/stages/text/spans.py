"""Stretches of a text that are to be replaced, and the replacing of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from radrelease.config import SURROGATES, TYPED
from radrelease.records.private import Span

__all__ = ["OF_TIME", "ScrubbedText", "apply_spans", "merge_spans", "replacement_of"]

_WITH_TYPES = frozenset({TYPED, SURROGATES})

OF_TIME = frozenset({"DATE", "TIME", "AGE"})
"""Kinds that tell of no person or place."""

_NAMES = frozenset({"NAME", "UNKNOWN"})
_BETWEEN_NAMES = re.compile(r"[\s,.'’\-]{0,3}(?:[^\W\d_]\.?[\s,]{1,2})?")


@dataclass(frozen=True, slots=True)
class ScrubbedText:
    """The text after replacement; ``anchors`` pairs places in it with places in the source."""

    text: str
    anchors: tuple[tuple[int, int], ...]

    def source_offset(self, place: int) -> int:
        """Where in the source the character at ``place`` comes from; of a placeholder, its start."""
        index = bisect_right(self.anchors, (place, 1 << 60)) - 1
        here, there = self.anchors[index]
        kept = index % 2 == 0
        return there + (place - here if kept else 0)


def merge_spans(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order and apart. Overlapping ones become one, of the kind of the earlier layer.

    ``spans`` come in the order of the layers. A date within more does not name the whole. Names with nothing
    but blanks, commas or an initial between them are one name.
    """
    layered = sorted(enumerate(spans), key=lambda pair: (pair[1].start, -pair[1].end, pair[0]))
    merged: list[tuple[int, Span]] = []
    for layer, span in layered:
        if span.start >= span.end:
            continue
        last = merged[-1][1] if merged else None
        if last is not None and (span.start < last.end or _one_name(text, last, span)):
            merged[-1] = _hull(merged[-1], (layer, span))
        else:
            merged.append((layer, span))
    return tuple(span for _, span in merged)


def apply_spans(text: str, spans: Sequence[Span], *, placeholder: str) -> ScrubbedText:
    """Replace each of the merged ``spans``; every other character stays as and where it was."""
    pieces: list[str] = []
    anchors: list[tuple[int, int]] = [(0, 0)]
    place, read = 0, 0
    for span in spans:
        kept, new = text[read : span.start], replacement_of(span, placeholder)
        pieces += [kept, new]
        place += len(kept)
        anchors.append((place, span.start))
        place += len(new)
        read = span.end
        anchors.append((place, read))
    pieces.append(text[read:])
    return ScrubbedText("".join(pieces), tuple(anchors))


def replacement_of(span: Span, placeholder: str) -> str:
    """What stands in for the span: its own replacement (a moved date, a stand-in), or the placeholder."""
    if span.replacement:
        return span.replacement
    return f"[{span.kind}]" if placeholder in _WITH_TYPES else placeholder


def _one_name(text: str, first: Span, second: Span) -> bool:
    if first.kind not in _NAMES or second.kind not in _NAMES or second.start - first.end > 6:
        return False
    if text[first.end] == "." and len(re.split(r"\W", text[first.start : first.end])[-1]) > 2:
        return False  # a full stop, and not that of an initial or title
    return _BETWEEN_NAMES.fullmatch(text, first.end, second.start) is not None


def _hull(first: tuple[int, Span], second: tuple[int, Span]) -> tuple[int, Span]:
    (layer, kept), (_, other) = sorted((first, second), key=lambda pair: pair[0])
    start, end = min(kept.start, other.start), max(kept.end, other.end)
    same = kept.start == start and kept.end == end
    if kept.kind in OF_TIME and not same:  # a date within more is not what the whole is
        kept = other
    return layer, replace(kept, start=start, end=end, replacement=kept.replacement if same else "")
