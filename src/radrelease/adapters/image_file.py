"""A DICOM file, read once: its header up to the pixels, and the pixels where they lie in the file.

Uncompressed pixels are read once and never copied. Mapping the file would save a millisecond of a large
radiograph, and end the process where a file is cut short, or a disk fails, while it is looked at.
A deflated data set (PS3.5 annex A.5) is inflated once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

import imagecodecs
import numpy as np
import pydicom
from pydicom.filereader import _read_file_meta_info, read_dataset, read_partial, read_preamble
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.adapters.files import retrying
from radrelease.records.pixels import PixelProblem
from radrelease.rejections import Reason

__all__ = ["ImageFile", "image_file_in", "read_image_file"]

_DEFLATED = str(DeflatedExplicitVRLittleEndian)
_LONG_FORM = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_FIRST_INFLATED = 1 << 17
_AFTER_THE_PIXELS = 4096
_UNDEFINED = 0xFFFFFFFF
_MOST_INFLATED = 1 << 28
"""More than the largest radiograph; a broken length must not ask for more memory than there is."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageFile:
    """``header`` has all elements before the pixels, still undecoded; ``value`` starts with those of ``tag``.

    ``tag`` is (7FE0,0008), (7FE0,0009) or (7FE0,0010), or None where the file has none of them.
    ``length`` is what the element states, bytes, None for undefined, where ``value`` goes on to the end.
    """

    header: pydicom.Dataset
    tag: int | None
    value: memoryview
    length: int | None
    is_big_endian: bool

    @property
    def transfer_syntax(self) -> str:
        """(0002,0010); without it, the encoding that the data set was found to have."""
        meta = getattr(self.header, "file_meta", None) or {}
        return str(meta.get("TransferSyntaxUID", "") or ImplicitVRLittleEndian)


@dataclass(slots=True)
class _Stop:
    """Where the pixels start, found while pydicom reads."""

    tag: int | None = None
    length: int = 0
    head: int = 8

    def __call__(self, tag: int, vr: str | None, length: int) -> bool:
        if not 0x7FE00008 <= tag <= 0x7FE00010:
            return tag > 0x7FE00010
        self.tag, self.length, self.head = int(tag), length, 12 if vr in _LONG_FORM else 8
        return True


def read_image_file(path: Path) -> ImageFile | PixelProblem:
    """The file, or why it cannot be had; never an exception for what a file holds."""
    try:
        return retrying(lambda: _open_and_read(path))
    except FileNotFoundError:
        return PixelProblem(Reason.FILE_CHANGED)
    except OSError as error:
        return PixelProblem(Reason.UNREADABLE_FILE, error.strerror or "")


def image_file_in(file: BinaryIO) -> ImageFile | PixelProblem:
    """The open file, as :func:`read_image_file` reads it; raises :class:`OSError` where storage fails."""
    try:
        with quiet_pydicom():
            start = file.read(4096)
            file.seek(0)
            return _read_deflated(file) if _DEFLATED.encode() in start else _read(file)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a parser meets anything in a broken file
        return PixelProblem(Reason.UNREADABLE_FILE, type(error).__name__)


def _open_and_read(path: Path) -> ImageFile | PixelProblem:
    with path.open("rb") as file:
        return image_file_in(file)


def _read(file: BinaryIO) -> ImageFile:
    stop = _Stop()
    dataset = read_partial(file, stop, force=True)
    implicit, little = dataset.original_encoding
    file.seek(8 if implicit else stop.head, SEEK_CUR)
    start, end = file.tell(), file.seek(0, SEEK_END)
    file.seek(start)
    value = file.read(max(0, min(stop.length, end - start)))
    return _image_file(dataset, stop, memoryview(value), is_big_endian=little is False)


def _image_file(
    dataset: pydicom.Dataset, stop: _Stop, value: memoryview, *, is_big_endian: bool
) -> ImageFile:
    length = None if stop.length == _UNDEFINED else stop.length
    return ImageFile(dataset, stop.tag, value, length, is_big_endian)


def _read_deflated(file: BinaryIO) -> ImageFile:
    """The header from a first piece, which says how much there is to inflate in all."""
    read_preamble(file, force=True)
    meta = _read_file_meta_info(file)
    if meta.get("TransferSyntaxUID") != _DEFLATED:
        file.seek(0)
        return _read(file)
    packed = file.read()
    dataset, stop, start = _inflated_header(packed)
    dataset.file_meta = meta
    value = _inflated(packed, start, stop.length)[start:]
    return _image_file(dataset, stop, value, is_big_endian=False)


def _inflated_header(packed: bytes) -> tuple[pydicom.Dataset, _Stop, int]:
    """The elements before the pixels, and where the value of those starts in the inflated data set."""
    size = _FIRST_INFLATED
    while True:
        piece = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size)
        stop, stream = _Stop(), BytesIO(piece)
        try:
            dataset = read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=stop)
        except Exception:  # an element goes on beyond the piece, or cannot be read at all
            if len(piece) < size or size > _MOST_INFLATED:
                raise
        else:
            if stop.tag is not None or len(piece) < size or size > _MOST_INFLATED:
                return dataset, stop, stream.tell() + stop.head
        size *= 8


def _inflated(packed: bytes, start: int, length: int) -> memoryview:
    """As much as the pixels need: by libdeflate, which wants room for all of it, or by zlib."""
    if start + length > _MOST_INFLATED:
        return memoryview(zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, _MOST_INFLATED))
    room = np.empty(start + length + _AFTER_THE_PIXELS, np.uint8)
    try:
        return memoryview(imagecodecs.deflate_decode(packed, raw=True, out=room.data))
    except Exception:  # more follows the pixels than there was room for, or the stream is broken
        whole = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, start + length)
        return memoryview(whole)
