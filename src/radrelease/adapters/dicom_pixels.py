"""One DICOM file to its stored pixels.

Codecs are imagecodecs'; what pydicom does around its own codecs is done here: fragments joined,
high bits cleared, signs extended, sizes checked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, cast

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.multival import MultiValue
from pydicom.uid import UID, ImplicitVRLittleEndian

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.pixel_records import DecodedImage, ModalityLut, PixelProblem, VoiLut, VoiWindow
from radrelease.rejections import Reason

__all__ = ["decode", "decode_dataset", "read_dataset"]

_RLE = "1.2.840.10008.1.2.5"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_JPEG_FAMILY = "1.2.840.10008.1.2.4."
_JPEG_LS = frozenset({"80", "81"})
_JPEG_2000 = frozenset({"90", "91", "92", "93", "201", "202", "203"})
_JPEG_XL = frozenset({"110", "111", "112"})


class _Unfit(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.problem = PixelProblem(reason, detail)


def decode(path: Path) -> DecodedImage | PixelProblem:
    """The pixels of the file, or why they cannot be had; never an exception for what a file holds."""
    dataset = read_dataset(path)
    return dataset if isinstance(dataset, PixelProblem) else decode_dataset(dataset)


def read_dataset(path: Path) -> pydicom.Dataset | PixelProblem:
    """The whole file, its elements still undecoded, or why it cannot be had."""
    try:
        with quiet_pydicom():
            return pydicom.dcmread(path, force=True)
    except OSError:
        return PixelProblem(Reason.FILE_CHANGED)
    except Exception as error:  # a parser meets anything in a broken file
        return PixelProblem(Reason.UNREADABLE_FILE, type(error).__name__)


def decode_dataset(dataset: pydicom.Dataset) -> DecodedImage | PixelProblem:
    """The pixels of a file that :func:`read_dataset` read, or why they cannot be had."""
    try:
        with quiet_pydicom():
            return _decode(dataset)
    except _Unfit as unfit:
        return unfit.problem
    except Exception as error:  # so does a codec
        return PixelProblem(Reason.UNDECODABLE_PIXELS, type(error).__name__)


def _decode(dataset: pydicom.Dataset) -> DecodedImage:
    if "PixelData" not in dataset:
        floats = "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset
        raise _Unfit(Reason.UNSUPPORTED_PIXELS if floats else Reason.NO_PIXEL_DATA, "float" if floats else "")
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise _Unfit(Reason.MULTI_FRAME)
    photometric = str(dataset.get("PhotometricInterpretation", "MONOCHROME2")).strip().upper()
    if int(dataset.get("SamplesPerPixel") or 1) != 1 or not photometric.startswith("MONOCHROME"):
        raise _Unfit(Reason.COLOUR)
    stored = int(dataset.get("BitsStored") or dataset.BitsAllocated)
    pixels = _without_high_bits(_frame(dataset), stored, signed=bool(dataset.get("PixelRepresentation", 0)))
    return DecodedImage(
        pixels=pixels,
        photometric_interpretation=photometric,
        presentation_lut_shape=str(dataset.get("PresentationLUTShape", "")).strip().upper(),
        bits_stored=stored,
        slope=_number(dataset, "RescaleSlope", 1.0) or 1.0,
        intercept=_number(dataset, "RescaleIntercept", 0.0),
        modality_lut=_modality_lut(dataset),
        voi=_voi(dataset),
        padding=_padding(dataset),
        spacing_mm=_pair(dataset, "ImagerPixelSpacing") or _pair(dataset, "PixelSpacing"),
        aspect=_pair(dataset, "PixelAspectRatio") or (1.0, 1.0),
    )


def _frame(dataset: pydicom.Dataset) -> NDArray[np.integer]:
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    bits = int(dataset.BitsAllocated)
    if bits not in (8, 16) or rows < 1 or columns < 1:
        raise _Unfit(Reason.UNSUPPORTED_PIXELS, f"{bits} bits allocated, {rows} x {columns}")
    syntax = UID(str(dataset.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    if not syntax.is_compressed or syntax == "1.2.840.10008.1.2.1.99":
        return _native(dataset.PixelData, rows, columns, bits, big=syntax == _BIG_ENDIAN)
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1), b"")
    pixels = np.squeeze(_codec(str(syntax), rows, columns, bits)(frame))
    if pixels.shape != (rows, columns):
        wrong = Reason.COLOUR if pixels.ndim == 3 else Reason.UNDECODABLE_PIXELS
        raise _Unfit(wrong, f"decoded to {pixels.shape}")
    return pixels


def _native(data: bytes, rows: int, columns: int, bits: int, *, big: bool) -> NDArray[np.integer]:
    kind = np.dtype("u1") if bits == 8 else np.dtype(">u2" if big else "<u2")
    if len(data) < rows * columns * kind.itemsize:
        raise _Unfit(Reason.TRUNCATED_PIXELS, f"{len(data)} bytes for {rows} x {columns}")
    pixels = np.frombuffer(data, kind, rows * columns).reshape(rows, columns)
    return pixels.astype(kind.newbyteorder("="), copy=False)


def _codec(syntax: str, rows: int, columns: int, bits: int) -> Callable[[bytes], NDArray[np.integer]]:
    if syntax == _RLE:
        return lambda frame: _run_length(frame, rows, columns, bits)
    code = syntax.removeprefix(_JPEG_FAMILY)
    if code in _JPEG_LS:
        return _jpeg_ls
    if code in _JPEG_2000:
        return _jpeg_2000
    if code in _JPEG_XL:
        return _jpeg_xl
    if syntax.startswith(_JPEG_FAMILY) and code.isdigit() and int(code) < 80:
        return _jpeg
    raise _Unfit(Reason.UNDECODABLE_PIXELS, "transfer syntax of no still image")


def _run_length(frame: bytes, rows: int, columns: int, bits: int) -> NDArray[np.integer]:
    kind = np.dtype("u1" if bits == 8 else "<u2")
    flat = np.frombuffer(imagecodecs.dicomrle_decode(frame, dtype=kind), kind)
    if flat.size < rows * columns:
        raise _Unfit(Reason.TRUNCATED_PIXELS, f"{flat.size} pixels for {rows} x {columns}")
    return flat[: rows * columns].reshape(rows, columns)


def _jpeg(frame: bytes) -> NDArray[np.integer]:
    try:
        decoded: NDArray[np.integer] = imagecodecs.jpeg_decode(frame)
    except Exception:  # the lossless processes have a codec of their own
        decoded = imagecodecs.ljpeg_decode(frame)
    return decoded


def _jpeg_ls(frame: bytes) -> NDArray[np.integer]:
    decoded: NDArray[np.integer] = imagecodecs.jpegls_decode(frame)
    return decoded


def _jpeg_2000(frame: bytes) -> NDArray[np.integer]:
    decoded: NDArray[np.integer] = imagecodecs.jpeg2k_decode(frame)
    return decoded


def _jpeg_xl(frame: bytes) -> NDArray[np.integer]:
    decoded: NDArray[np.integer] = imagecodecs.jpegxl_decode(frame)
    return decoded


def _without_high_bits(pixels: NDArray[np.integer], stored: int, *, signed: bool) -> NDArray[np.integer]:
    """Bits above BitsStored can hide an overlay (PS3.5 section 8.1.1); signs are extended over them."""
    width = pixels.dtype.itemsize * 8
    unsigned = pixels.view(f"u{pixels.dtype.itemsize}")
    if stored < width:
        unsigned = unsigned & unsigned.dtype.type((1 << stored) - 1)
    if not signed:
        return unsigned
    sign = 1 << (stored - 1)
    return (unsigned.astype(np.int32) ^ sign) - sign


def _modality_lut(dataset: pydicom.Dataset) -> ModalityLut | None:
    sequence = dataset.get("ModalityLUTSequence")
    if not sequence:
        return None
    try:
        first, _bits, data = _lut(sequence[0])
    except (TypeError, ValueError, AttributeError) as error:
        raise _Unfit(Reason.UNSUPPORTED_PIXELS, "the Modality LUT cannot be read") from error
    return ModalityLut(first=first, data=data)


def _lut(item: pydicom.Dataset) -> tuple[int, int, NDArray[np.uint16]]:
    """First value mapped, bits, and entries of a LUT (PS3.3 C.11.1.1.1); raises ValueError for too few.

    The data are words, or words that hold two entries of 8 bits each.
    """
    count, first, bits = (int(value) for value in item.LUTDescriptor)
    count = count or 1 << 16
    data = item.LUTData
    order = "<" if item.original_encoding[1] is not False else ">"
    words = np.frombuffer(data, f"{order}u2") if isinstance(data, bytes) else np.asarray(data, np.uint16)
    if len(words) < count and bits == 8:
        words = words.astype("<u2").view(np.uint8)
    if len(words) < count:
        raise ValueError(f"{len(words)} entries")
    return first, bits, words[:count].astype(np.uint16)


def _voi(dataset: pydicom.Dataset) -> VoiWindow | VoiLut | None:
    """The first VOI LUT or else the first window; one that cannot be read is a window without width."""
    try:
        if dataset.get("VOILUTSequence"):
            return VoiLut(*_lut(dataset.VOILUTSequence[0]))
        if dataset.get("WindowWidth") in (None, ""):  # 0 is a width that cannot be used
            return None
        center, width = (_first(dataset[keyword].value) for keyword in ("WindowCenter", "WindowWidth"))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        return VoiWindow(0.0, 0.0, "LINEAR")
    function = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    if function not in {"LINEAR", "LINEAR_EXACT", "SIGMOID"}:
        return VoiWindow(0.0, 0.0, "LINEAR")
    return VoiWindow(center, width, cast("Literal['LINEAR', 'LINEAR_EXACT', 'SIGMOID']", function))


def _first(value: Any) -> float:
    return float(value[0] if isinstance(value, MultiValue) else value)


def _padding(dataset: pydicom.Dataset) -> tuple[int, int] | None:
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit", value)
    low, high = sorted((int(value), int(limit)))
    return low, high


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
