"""One compressed frame to its samples, by transfer syntax: the fastest exact decoder in a wheel.

What the stream says of itself is compared with the header before it is decoded (PS3.5 section 8.2):
where they disagree and the meaning of the samples is not certain there is no picture.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.codestreams import Codestream, Frame, Unfit, as_bytes, read_jpeg, read_jpeg_2000
from radrelease.rejections import Reason
from radrelease.stages.pictures.stored_values import Cells

__all__ = ["Samples", "codec_of"]

_JPEG_LOSSLESS, _JPEG_LS, _JPEG_2000 = 0xC3, 0xF7, 0x4F
_PROCESSES = {
    "50": {0xC0, 0xC1},
    "51": {0xC0, 0xC1},
    "57": {_JPEG_LOSSLESS},
    "70": {_JPEG_LOSSLESS},
    "80": {_JPEG_LS},
    "81": {_JPEG_LS},
    **{code: {_JPEG_2000} for code in ("90", "91", "201", "202", "203")},
}
"""What streams there may be by the end of the UID of a transfer syntax (PS3.5 section 10)."""

_MUST_BE_LOSSLESS = frozenset({"57", "70", "80", "90", "201", "202"})
_LEAST_FILLER, _FILLER_SHARE = 8, 16
"""Rows, and one in so many, that must be the same before they are taken for filler."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """``values`` is 2-D, of 8 or 16 bits, signed where the stream says so."""

    values: NDArray[np.integer]
    is_lossless: bool


Codec = Callable[[Frame, Cells], Samples]


def codec_of(transfer_syntax: str) -> Codec | None:
    """The decoder of a transfer syntax for encapsulated still images (PS3.5 annex A.4); None for no such."""
    if transfer_syntax == "1.2.840.10008.1.2.5":
        return _run_length
    code = transfer_syntax.removeprefix("1.2.840.10008.1.2.4.")
    if code not in _PROCESSES:
        return None
    return lambda frame, cells: _decoded(code, frame, cells)


def _decoded(code: str, frame: Frame, cells: Cells) -> Samples:
    stream = (read_jpeg_2000 if _PROCESSES[code] == {_JPEG_2000} else read_jpeg)(frame)
    _agree(stream, code, cells)
    values = _DECODERS[stream.process](stream.data)
    if values.shape[:2] != (cells.rows, cells.columns) or values.size != cells.rows * cells.columns:
        raise Unfit(Reason.UNDECODABLE_PIXELS, "another size than the stream says")
    values = values.reshape(cells.rows, cells.columns)
    if _DECODERS[stream.process] is _jpeg and _ends_in_filler(values):
        raise Unfit(Reason.TRUNCATED_PIXELS, "the last rows are a decoder's filler")
    if stream.process == _JPEG_LOSSLESS and stream.precision < values.dtype.itemsize * 8:
        values = _modulo(values, stream.precision)
    _check_sign(values, stream, cells)
    return Samples(values, stream.is_lossless)


def _agree(stream: Codestream, code: str, cells: Cells) -> None:
    """Raise for what the stream and the header say differently (PS3.5 sections 8.2.1, 8.2.3, 8.2.4)."""
    if stream.process not in _PROCESSES[code]:
        raise Unfit(Reason.PIXELS_DISAGREE, "another process than the transfer syntax says")
    if code in _MUST_BE_LOSSLESS and not stream.is_lossless:
        raise Unfit(Reason.PIXELS_DISAGREE, "a lossy stream in a lossless transfer syntax")
    if (stream.rows, stream.columns) != (cells.rows, cells.columns):
        raise Unfit(Reason.PIXELS_DISAGREE, "Rows or Columns")
    if stream.samples != 1:
        raise Unfit(Reason.PIXELS_DISAGREE, "SamplesPerPixel")
    if not cells.stored <= stream.precision <= 16:
        raise Unfit(Reason.PIXELS_DISAGREE, f"precision {stream.precision} for BitsStored {cells.stored}")


def _check_sign(values: NDArray[np.integer], stream: Codestream, cells: Cells) -> None:
    """A sign that stream and header see differently does not matter where no value has its bit set.

    JPEG and JPEG-LS know no signs: lossless, they carry two's complement in BitsStored bits.
    """
    if stream.signed == cells.signed or (stream.process != _JPEG_2000 and stream.is_lossless):
        return
    if int(values.min()) < 0 or int(values.max()) >> (cells.stored - 1):
        raise Unfit(Reason.PIXELS_DISAGREE, "PixelRepresentation")


def _modulo(values: NDArray[np.integer], precision: int) -> NDArray[np.integer]:
    """Differences add up modulo 65536, and of the sum the precision counts (ISO/IEC 10918-1 H.1.2.1)."""
    if int(values.max()) >> precision == 0:
        return values
    return values & values.dtype.type((1 << precision) - 1)


def _ends_in_filler(values: NDArray[np.integer]) -> bool:
    """Whether many rows at the bottom are the same: what libjpeg makes up, in silence, if a scan ends early.

    Black or white borders are no filler, so the row must hold something between.
    """
    last = values[-1]
    count = next((number for number, row in enumerate(values[::-1]) if (row != last).any()), len(values))
    if count < max(_LEAST_FILLER, len(values) // _FILLER_SHARE) or count == len(values):
        return False
    return bool(((last > values.min()) & (last < values.max())).any())


def _jpeg(frame: Frame) -> NDArray[np.integer]:
    """libjpeg-turbo: baseline, extended and, at any precision of 2 to 16 bits, lossless."""
    decoded: NDArray[np.integer] = imagecodecs.jpeg8_decode(as_bytes(frame))
    return decoded


def _jpeg_ls(frame: Frame) -> NDArray[np.integer]:
    decoded: NDArray[np.integer] = imagecodecs.jpegls_decode(as_bytes(frame))
    return decoded


def _jpeg_2000(frame: Frame) -> NDArray[np.integer]:
    """OpenJPEG, for HTJ2K too: OpenJPH takes half the time there, and crashes and hangs on broken streams."""
    decoded: NDArray[np.integer] = imagecodecs.jpeg2k_decode(as_bytes(frame), numthreads=1)
    return decoded


def _run_length(frame: Frame, cells: Cells) -> Samples:
    """A segment for each byte of a pixel, the most significant first (PS3.5 annex G)."""
    kind = np.dtype("u1" if cells.allocated == 8 else "<u2")
    if len(frame) < 64:
        raise Unfit(Reason.TRUNCATED_PIXELS, "shorter than the header of an RLE frame")
    count, *offsets = struct.unpack_from("<16L", frame)
    if count != kind.itemsize:
        raise Unfit(Reason.PIXELS_DISAGREE, f"{count} segments for {cells.allocated} bits allocated")
    offsets = [*offsets[:count], len(frame)]
    if offsets[0] != 64 or any(start >= end for start, end in pairwise(offsets)):  # this ends imagecodecs
        raise Unfit(Reason.UNDECODABLE_PIXELS, "segments out of order")
    try:
        flat = np.frombuffer(imagecodecs.dicomrle_decode(as_bytes(frame), dtype=kind), kind)
    except MemoryError:
        raise
    except Exception:  # segments with more padding than they need
        flat = _padded_runs(frame, offsets, cells, kind)
    size = cells.rows * cells.columns
    if not size <= flat.size <= size + 1:
        wrong = Reason.TRUNCATED_PIXELS if flat.size < size else Reason.PIXELS_DISAGREE
        raise Unfit(wrong, f"{flat.size} pixels for {cells.rows} x {cells.columns}")
    values = flat[:size].reshape(cells.rows, cells.columns)
    return Samples(values.astype(kind.newbyteorder("="), copy=False), is_lossless=True)


def _padded_runs(
    frame: Frame, offsets: list[int], cells: Cells, kind: np.dtype[np.integer]
) -> NDArray[np.integer]:
    """The segments one by one; a few zeros more than the picture has are padding taken for runs."""
    size, most = cells.rows * cells.columns, min(cells.rows, cells.columns)
    planes = np.empty((size, kind.itemsize), np.uint8)
    for index in range(kind.itemsize):
        segment = bytes(frame[offsets[index] : offsets[index + 1]])
        plane = np.frombuffer(imagecodecs.packbits_decode(segment), np.uint8)
        if plane.size < size:
            raise Unfit(Reason.TRUNCATED_PIXELS, f"{plane.size} pixels for {cells.rows} x {cells.columns}")
        if plane.size >= size + most or plane[size:].any():
            raise Unfit(Reason.PIXELS_DISAGREE, "Rows or Columns")
        planes[:, kind.itemsize - 1 - index] = plane[:size]
    return planes.reshape(-1).view(kind)


_DECODERS: dict[int, Callable[[Frame], NDArray[np.integer]]] = {
    0xC0: _jpeg,
    0xC1: _jpeg,
    _JPEG_LOSSLESS: _jpeg,
    _JPEG_LS: _jpeg_ls,
    _JPEG_2000: _jpeg_2000,
}
