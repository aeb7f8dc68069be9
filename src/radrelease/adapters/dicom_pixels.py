"""One DICOM file to its stored pixels.

Codecs are those of :mod:`radrelease.adapters.codecs`; what is checked around them, and why, is in
docs/decisions/0014-decoding.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from radrelease.adapters.codecs import Samples, codec_of
from radrelease.adapters.codestreams import Unfit
from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.adapters.dicom_tables import modality_lut, voi
from radrelease.adapters.encapsulation import frame_of
from radrelease.adapters.image_file import ImageFile, read_image_file
from radrelease.adapters.second_decoder import check_again
from radrelease.records.pixels import DecodedImage, PixelProblem
from radrelease.rejections import Reason
from radrelease.stages.pictures.stored_values import Cells, stored_values

__all__ = ["decode", "decode_image"]

_PIXEL_DATA = 0x7FE00010
_NATIVE = frozenset(
    map(
        str,
        (
            ImplicitVRLittleEndian,
            ExplicitVRLittleEndian,
            ExplicitVRBigEndian,
            DeflatedExplicitVRLittleEndian,
        ),
    )
)
_MOST_PIXELS = 100_000_000
"""Ten times a large radiograph; a broken header must not ask for more memory than there is."""


def decode(path: Path) -> DecodedImage | PixelProblem:
    """The pixels of the file, or why they cannot be had; never an exception for what a file holds."""
    file = read_image_file(path)
    return file if isinstance(file, PixelProblem) else decode_image(file)


def decode_image(file: ImageFile, *, second_decoder: bool = False) -> DecodedImage | PixelProblem:
    """The pixels of a file that was read, or why they cannot be had.

    With ``second_decoder`` compressed pixels are decoded by another library too, and must be the same.
    """
    try:
        with quiet_pydicom():
            return _decode(file, second_decoder=second_decoder)
    except Unfit as unfit:
        return unfit.problem
    except MemoryError:
        raise
    except Exception as error:  # a parser and a codec meet anything in a broken file
        return PixelProblem(Reason.UNDECODABLE_PIXELS, type(error).__name__)


def _decode(file: ImageFile, *, second_decoder: bool) -> DecodedImage:
    dataset = file.header
    _check_form(file)
    cells = _cells(dataset)
    if file.transfer_syntax in _NATIVE:
        samples = Samples(_native(file, cells), is_lossless=True)
    else:
        samples = _encapsulated(file, cells, second_decoder=second_decoder)
    pixels = stored_values(samples.values, cells, lossy=samples.is_lossless is False)
    if isinstance(pixels, PixelProblem):
        raise Unfit(pixels.reason, pixels.detail)
    return DecodedImage(
        pixels=pixels,
        photometric_interpretation=_code(dataset, "PhotometricInterpretation") or "MONOCHROME2",
        presentation_lut_shape=_code(dataset, "PresentationLUTShape"),
        bits_stored=cells.stored,
        slope=_number(dataset, "RescaleSlope", 1.0) or 1.0,
        intercept=_number(dataset, "RescaleIntercept", 0.0),
        modality_lut=modality_lut(dataset),
        voi=voi(dataset),
        padding=_padding(dataset),
        spacing_mm=_pair(dataset, "ImagerPixelSpacing") or _pair(dataset, "PixelSpacing"),
        aspect=_pair(dataset, "PixelAspectRatio") or (1.0, 1.0),
    )


def _check_form(file: ImageFile) -> None:
    """Raise for what is no single frame of integers in shades of gray."""
    dataset = file.header
    if file.tag is None:
        raise Unfit(Reason.NO_PIXEL_DATA)
    if file.tag != _PIXEL_DATA:
        raise Unfit(Reason.UNSUPPORTED_PIXELS, "float")
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise Unfit(Reason.MULTI_FRAME)
    photometric = _code(dataset, "PhotometricInterpretation") or "MONOCHROME2"
    if int(dataset.get("SamplesPerPixel") or 1) != 1 or photometric not in {"MONOCHROME1", "MONOCHROME2"}:
        raise Unfit(Reason.COLOUR)


def _cells(dataset: pydicom.Dataset) -> Cells:
    """The Image Pixel module (PS3.3 C.7.6.3.1); BitsStored and HighBit have but one sensible default."""
    rows, columns, allocated = (int(dataset[name].value) for name in ("Rows", "Columns", "BitsAllocated"))
    if allocated not in (8, 16) or rows < 1 or columns < 1 or rows * columns > _MOST_PIXELS:
        raise Unfit(Reason.UNSUPPORTED_PIXELS, f"{allocated} bits allocated, {rows} x {columns}")
    stored = _whole(dataset, "BitsStored", allocated)
    high = _whole(dataset, "HighBit", stored - 1)
    if not 1 <= stored <= allocated or not stored - 1 <= high < allocated:
        raise Unfit(Reason.PIXELS_DISAGREE, f"BitsAllocated {allocated}, BitsStored {stored}, HighBit {high}")
    return Cells(
        rows=rows,
        columns=columns,
        allocated=allocated,
        stored=stored,
        high=high,
        signed=_whole(dataset, "PixelRepresentation", 0) == 1,
        overlay_bits=_overlay_bits(dataset),
    )


def _overlay_bits(dataset: pydicom.Dataset) -> frozenset[int]:
    """Where overlays without data of their own lie in the cells (PS3.3 C.9.2, as it was until 2004)."""
    groups = range(0x6000, 0x6020, 2)
    return frozenset(
        int(dataset[group << 16 | 0x0102].value)
        for group in groups
        if group << 16 | 0x0102 in dataset and group << 16 | 0x3000 not in dataset
    )


def _native(file: ImageFile, cells: Cells) -> NDArray[np.integer]:
    """Uncompressed samples where they lie in the file, copied only if they are big endian."""
    kind = np.dtype("u1") if cells.allocated == 8 else np.dtype(">u2" if file.is_big_endian else "<u2")
    needed = cells.rows * cells.columns * kind.itemsize
    if file.length is None:
        raise Unfit(Reason.PIXELS_DISAGREE, "compressed pixels in an uncompressed transfer syntax")
    if min(file.length, len(file.value)) < needed:
        raise Unfit(Reason.TRUNCATED_PIXELS, f"{min(file.length, len(file.value))} bytes of {needed}")
    if file.length - needed >= max(2, min(cells.rows, cells.columns) * kind.itemsize):
        raise Unfit(Reason.PIXELS_DISAGREE, f"{file.length} bytes for {cells.rows} x {cells.columns}")
    flat = np.frombuffer(file.value, kind, cells.rows * cells.columns)
    return np.require(flat.astype(kind.newbyteorder("="), copy=False), requirements="A").reshape(
        cells.rows, cells.columns
    )


def _encapsulated(file: ImageFile, cells: Cells, *, second_decoder: bool) -> Samples:
    codec = codec_of(file.transfer_syntax)
    if codec is None:
        raise Unfit(Reason.UNDECODABLE_PIXELS, "transfer syntax of no still image")
    frame = frame_of(file.value if file.length is None else file.value[: file.length])
    samples = codec(frame, cells)
    if second_decoder:
        check_again(file.transfer_syntax, frame, samples.values, cells)
    return samples


def _padding(dataset: pydicom.Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit", value)
    low, high = sorted((int(value), int(limit)))
    return low, high


def _code(dataset: pydicom.Dataset, keyword: str) -> str:
    return str(dataset.get(keyword) or "").strip().upper()


def _whole(dataset: pydicom.Dataset, keyword: str, default: int) -> int:
    value = dataset.get(keyword)
    return default if value is None or value == "" else int(value)


def _number(dataset: pydicom.Dataset, keyword: str, default: float) -> float:
    value = dataset.get(keyword)
    return default if value is None or value == "" else float(value)


def _pair(dataset: pydicom.Dataset, keyword: str) -> tuple[float, float] | None:
    value = dataset.get(keyword)
    try:
        first, second = (float(number) for number in value)
    except (TypeError, ValueError):
        return None
    return (first, second) if first > 0 and second > 0 else None
