"""Encapsulated Pixel Data to the stream of its one frame (PS3.5 annex A.4), copied if in fragments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from radrelease.adapters.codestreams import Frame, Unfit
from radrelease.rejections import Reason

__all__ = ["frame_of"]

_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


def frame_of(value: memoryview) -> Frame:
    """All fragments of a single frame, joined; raises :class:`Unfit` where there is not just one frame.

    ``value`` starts with the item of the Basic Offset Table and may go on after the delimiter.
    """
    items = _items(value)
    table = next(items, None)
    if table is None:
        raise Unfit(Reason.PIXELS_DISAGREE, "no items in compressed pixel data")
    if len(table) > 4:
        raise Unfit(Reason.MULTI_FRAME, "an offset table of several frames")
    fragments = [item for item in items if len(item)]
    if not fragments:
        raise Unfit(Reason.TRUNCATED_PIXELS, "no fragment")
    if any(_starts_anew(*pair) for pair in pairwise(fragments)):
        raise Unfit(Reason.MULTI_FRAME, "a stream in each fragment")
    return fragments[0] if len(fragments) == 1 else b"".join(fragments)


def _items(value: memoryview) -> Iterator[memoryview]:
    place = 0
    while place + 8 <= len(value):
        tag, length = value[place : place + 4], int.from_bytes(value[place + 4 : place + 8], "little")
        if tag == _DELIMITER:
            return
        if tag != _ITEM:
            raise Unfit(Reason.PIXELS_DISAGREE, "no items in compressed pixel data")
        if place + 8 + length > len(value):
            raise Unfit(Reason.TRUNCATED_PIXELS, "a fragment goes on beyond the file")
        yield value[place + 8 : place + 8 + length]
        place += 8 + length


def _starts_anew(before: memoryview, after: memoryview) -> bool:
    """Whether one fragment ends a JPEG or JPEG 2000 stream and the next one begins another."""
    ends = bytes(before[-16:]).rstrip(b"\0").endswith(b"\xff\xd9")
    return ends and bytes(after[:3]) in (b"\xff\xd8\xff", b"\xff\x4f\xff")
