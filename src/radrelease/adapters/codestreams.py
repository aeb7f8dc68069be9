"""What a compressed frame says of itself: size, samples, precision, sign, and whether it lost anything.

The header must say the same (PS3.5 section 8.2); :mod:`radrelease.adapters.codecs` compares. Only
markers are read here, so this costs microseconds and is done before anything is decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import cast

from radrelease.records.pixels import PixelProblem
from radrelease.rejections import Reason

__all__ = ["Codestream", "Frame", "Unfit", "as_bytes", "read_jpeg", "read_jpeg_2000"]

Frame = bytes | memoryview

_START, _END = b"\xff\xd8", b"\xff\xd9"  # J2K ends with the same marker as JPEG
_STAND_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS, _JPEG_LS, _SCAN, _END_CODE = 0xC3, 0xF7, 0xDA, 0xD9
_CODESTREAM_BOX = b"jp2c"
_MOST_TILES = 65_535


def as_bytes(frame: Frame) -> bytes:
    """The frame for imagecodecs, which takes whatever lies in memory, though its types name bytes alone."""
    return cast("bytes", frame)


class Unfit(Exception):
    """Pixels that cannot be had, and why."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.problem = PixelProblem(reason, detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codestream:
    """``process`` is the number of the JPEG frame header (192 is SOF0, 247 JPEG-LS) or 79 for JPEG 2000."""

    data: Frame
    process: int
    rows: int
    columns: int
    samples: int
    precision: int
    signed: bool
    is_lossless: bool


def read_jpeg(frame: Frame) -> Codestream:
    """A JPEG or JPEG-LS stream (ISO/IEC 10918-1 annex B, 14495-1 annex C); raises :class:`Unfit`."""
    if frame[:2] != _START:
        raise _other("no JPEG stream")
    place, found = 2, None
    while True:
        code, place, length = _segment(frame, place)
        if code in _FRAME_HEADERS or code == _JPEG_LS:
            found = code, struct.unpack_from(">BHHB", frame, place)
        elif code == _SCAN:
            break
        place += length
    if found is None:
        raise Unfit(Reason.UNDECODABLE_PIXELS, "a scan before its frame")
    code, (precision, rows, columns, samples) = found
    near, _, transform = frame[place + length - 3 : place + length]
    loses = near if code == _JPEG_LS else code != _LOSSLESS or transform & 15
    return Codestream(
        data=_whole(frame),
        process=code,
        rows=rows,
        columns=columns,
        samples=samples,
        precision=precision,
        signed=False,
        is_lossless=not loses,
    )


def read_jpeg_2000(frame: Frame) -> Codestream:
    """A JPEG 2000 or HTJ2K codestream (ISO/IEC 15444-1 annex A), out of its boxes; raises :class:`Unfit`."""
    data = _out_of_boxes(frame)
    if data[:4] != b"\xff\x4f\xff\x51":
        raise _other("no JPEG 2000 codestream")
    right, bottom, left, top, wide, high = struct.unpack_from(">6L", data, 8)
    samples, sign, across, down = struct.unpack_from(">HBBB", data, 40)
    if (
        not wide
        or not high
        or -(-right // wide) * -(-bottom // high) > _MOST_TILES
        or (across, down) != (1, 1)
    ):
        raise Unfit(Reason.UNDECODABLE_PIXELS, "tiles or subsampling that no picture has")
    reversible, tiles = _coding_style(data)
    _check_tiles(data, tiles)
    return Codestream(
        data=data,
        process=0x4F,
        rows=bottom - top,
        columns=right - left,
        samples=samples,
        precision=(sign & 0x7F) + 1,
        signed=sign >= 0x80,
        is_lossless=reversible,
    )


def _segment(frame: Frame, place: int) -> tuple[int, int, int]:
    """The next marker segment: its code, where its content starts, and the length of that."""
    while True:
        if place + 4 > len(frame):
            raise Unfit(Reason.TRUNCATED_PIXELS, "the stream ends in its header")
        fill, code = frame[place], frame[place + 1]
        if fill != 0xFF or code == _END_CODE:
            raise Unfit(Reason.UNDECODABLE_PIXELS, "no marker where one must be")
        if code == 0xFF:
            place += 1
        elif code in _STAND_ALONE:
            place += 2
        else:
            length = int.from_bytes(frame[place + 2 : place + 4], "big") - 2
            if length < 0 or place + 4 + length > len(frame):
                raise Unfit(Reason.TRUNCATED_PIXELS, "the stream ends in its header")
            return code, place + 4, length


def _whole(frame: Frame) -> Frame:
    """The stream up to its end marker: what follows is padding (PS3.5 annex A.4), or another picture."""
    tail = bytes(frame[-64:])
    if tail.rstrip(b"\0").endswith(_END):
        return frame
    stream = bytes(frame)
    end = stream.rfind(_END)
    if end < 0:
        raise Unfit(Reason.TRUNCATED_PIXELS, "the stream has no end")
    if _START in stream[end + 2 :]:
        raise _other("a second stream follows the first")
    return frame


def _out_of_boxes(frame: Frame) -> Frame:
    """A JP2 file, which PS3.5 section 8.2.4 rules out and some write, without its boxes."""
    if frame[4:8] != b"jP  ":
        return frame
    place = 0
    while place + 8 <= len(frame):
        length = int.from_bytes(frame[place : place + 4], "big")
        if frame[place + 4 : place + 8] == _CODESTREAM_BOX:
            return frame[place + 8 :]
        place += max(length, 8)
    raise _other("no JPEG 2000 codestream")


def _coding_style(data: Frame) -> tuple[bool, int]:
    """Whether the main header asks for the reversible transform, and where its tiles start."""
    place, reversible = 2, None
    while True:
        code, content, length = _segment(data, place)
        if code == 0x90:
            break
        if code == 0x52 and length >= 10:
            reversible = data[content + 9] == 1
        place = content + length
    if reversible is None:
        raise Unfit(Reason.UNDECODABLE_PIXELS, "no coding style")
    return reversible, place


def _check_tiles(data: Frame, place: int) -> None:
    """Follow the lengths of the tile-parts to the end; decoders draw what a cut stream still holds."""
    while data[place : place + 2] == b"\xff\x90":
        (length,) = struct.unpack_from(">L", data, place + 6)
        if length == 0:  # the last one reaches as far as the codestream
            return _check_end(data)
        if length < 14:
            raise Unfit(Reason.UNDECODABLE_PIXELS, "a tile of no length")
        place += length
        if place > len(data):
            raise Unfit(Reason.TRUNCATED_PIXELS, "a tile goes on beyond the stream")
    if data[place : place + 2] != _END:
        raise Unfit(Reason.TRUNCATED_PIXELS, "the codestream has no end")
    return None


def _check_end(data: Frame) -> None:
    if not bytes(data[-64:]).rstrip(b"\0").endswith(_END):
        raise Unfit(Reason.TRUNCATED_PIXELS, "the codestream has no end")


def _other(detail: str) -> Unfit:
    return Unfit(Reason.PIXELS_DISAGREE, detail)
