"""Readings that stand side by side: markers that were cut, and letters that belong to a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from radrelease.records.pixels import Box, TextReading
from radrelease.stages.pictures.pixel_text import GLYPH, MARKER, Verdict, is_marker

__all__ = ["settle_rows"]

_WORD_GAP = 1.5
"""Gap between two words of one text, in heights of the smaller."""

_BLANK = 1.3
"""A blank with what a box leaves free at its ends, in heights of the text."""

_LIKE = 1.8
_IN_A_ROW = "markers in a row"
_MOST_WORDS = 4


def settle_rows(
    readings: Sequence[TextReading], verdicts: Sequence[Verdict], groups: Collection[str]
) -> tuple[Verdict, ...]:
    """The verdicts, with each row read as a whole too.

    "120" beside "kVp" is a marker; one sign beside a name is part of it, even if it could be a side.
    """
    settled = list(verdicts)
    for row in _rows(readings):
        for first in range(len(row)):
            for last in range(first + 2, min(len(row), first + _MOST_WORDS) + 1):
                part = row[first:last]
                words = [readings[index].text for index in part]
                if any(is_marker(glue.join(words), frozenset(groups)) for glue in (" ", "")):
                    _allow(part, settled)
    for index, reading in enumerate(readings):
        if _is_short(reading, settled[index]):
            beside = [
                verdicts[other]
                for other, item in enumerate(readings)
                if other != index and verdicts[other].identifies and _is_beside(reading.box, item.box)
            ]
            if beside and settled[index].rule != _IN_A_ROW:
                settled[index] = replace(beside[0], rule=f"beside {beside[0].rule}")
    return tuple(settled)


def _allow(part: Sequence[int], settled: list[Verdict]) -> None:
    """Call the readings markers, but for what the export knows."""
    if not any(settled[index].rule.startswith("known") for index in part):
        for index in part:
            settled[index] = Verdict(MARKER, _IN_A_ROW)


def _is_short(reading: TextReading, verdict: Verdict) -> bool:
    """One sign, or a marker of two: alone it says nothing, beside a name it may be a part of it."""
    signs = [sign for sign in reading.text if sign.isalnum()]
    return verdict.kind == GLYPH or (verdict.kind == MARKER and len(signs) <= 2)


def _is_beside(short: Box, text: Box) -> bool:
    """Whether the box stands on the line of the text, lying or standing, a blank away from it."""
    high = min(short.bottom, text.bottom) - max(short.top, text.top)
    wide = min(short.right, text.right) - max(short.left, text.left)
    if text.width >= text.height:
        return high >= 0.5 * short.height and -wide <= _BLANK * text.height
    return wide >= 0.5 * short.width and -high <= _BLANK * text.width


def _rows(readings: Sequence[TextReading]) -> list[list[int]]:
    """Places of the readings that follow one another on one line, from left to right."""
    rows: list[list[int]] = []
    order = sorted(range(len(readings)), key=lambda index: readings[index].box.left)
    for index in (index for index in order if readings[index].text):
        box = readings[index].box
        row = next((row for row in rows if _follows(readings[row[-1]].box, box)), None)
        if row is None:
            rows.append([index])
        else:
            row.append(index)
    return rows


def _follows(one: Box, other: Box) -> bool:
    small, large = sorted((one.height, other.height))
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return large <= _LIKE * small and shared >= 0.5 * small and other.left - one.right <= _WORD_GAP * small
