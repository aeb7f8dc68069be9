"""A second opinion on compressed pixels, from a library that shares no code with the first: GDCM.

GDCM has decoders of its own for JPEG and RLE, and its own copies of CharLS and OpenJPEG. It does not
know HTJ2K, which OpenJPH decodes. Needs the extra ``second-decoder``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.codestreams import Frame, Unfit, as_bytes, read_jpeg, read_jpeg_2000
from radrelease.config import Config
from radrelease.errors import MissingExtra
from radrelease.rejections import Reason
from radrelease.stages.stored_values import Cells

__all__ = ["SETTING", "check_again", "check_second_decoder"]

SETTING = "[images] second_decoder"

_JPEG_FAMILY = "1.2.840.10008.1.2.4."
_HIGH_THROUGHPUT = frozenset({"201", "202", "203"})
_JPEG_2000 = frozenset({"90", "91"})


def check_second_decoder(config: Config) -> None:
    """Raise :class:`ConfigError` where a second decoder is asked for and none is installed."""
    if config.images.second_decoder and find_spec("gdcm") is None:
        problem = "GDCM is not installed, so no second decoder can be asked"
        raise MissingExtra(SETTING, problem, "Install it: pip install 'radrelease[second-decoder]'")


def check_again(transfer_syntax: str, frame: Frame, values: NDArray[np.integer], cells: Cells) -> None:
    """Raise :class:`Unfit` unless the frame decodes to ``values``, 2-D, once more."""
    code = transfer_syntax.removeprefix(_JPEG_FAMILY)
    try:
        again = _open_jph(frame) if code in _HIGH_THROUGHPUT else _gdcm_values(transfer_syntax, frame, cells)
    except Exception as error:  # a codec meets anything in a broken stream
        raise Unfit(Reason.DECODERS_DISAGREE, type(error).__name__) from error
    width = values.dtype.itemsize
    if again.size != values.size or not np.array_equal(
        again.reshape(values.shape).view(f"u{width}"), values.view(f"u{width}")
    ):
        raise Unfit(Reason.DECODERS_DISAGREE)


def _open_jph(frame: Frame) -> NDArray[np.integer]:
    """OpenJPH, only on streams that OpenJPEG has decoded: on broken ones it crashes and hangs.

    The wrapper drops an error that comes up while rows are copied, and gives the rest of the array as
    the memory was before. Python tells of what was dropped, so that is listened to.
    """
    with _dropped_errors() as dropped:
        decoded: NDArray[np.integer] = imagecodecs.htj2k_decode(as_bytes(frame))
    if dropped:
        raise ValueError("OpenJPH failed")
    return decoded


@contextmanager
def _dropped_errors() -> Iterator[list[object]]:
    """What Python would print as ignored while the block runs; nothing is printed."""
    dropped: list[object] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda error: dropped.append(error.exc_type)
    try:
        yield dropped
    finally:
        sys.unraisablehook = before


@cache
def _gdcm() -> Any:
    return import_module("gdcm")


def _gdcm_values(transfer_syntax: str, frame: Frame, cells: Cells) -> NDArray[np.integer]:
    gdcm = _gdcm()
    bits, signed = _precision(transfer_syntax, frame, cells)
    width = 1 if bits <= 8 else 2
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(bytes(frame))
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((cells.columns, cells.rows, 1))
    image.SetDataElement(element)
    gray = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gray))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(transfer_syntax)))
    image.SetPixelFormat(gdcm.PixelFormat(1, 8 * width, bits, bits - 1, int(signed)))
    data = image.GetBuffer().encode("utf-8", "surrogateescape")  # the wrapper makes a text of them
    return np.frombuffer(data, f"u{width}")


def _precision(transfer_syntax: str, frame: Frame, cells: Cells) -> tuple[int, bool]:
    """What GDCM is to be told: the precision of the stream, not that of the header."""
    code = transfer_syntax.removeprefix(_JPEG_FAMILY)
    if code == transfer_syntax:
        return cells.allocated, False
    stream = (read_jpeg_2000 if code in _JPEG_2000 else read_jpeg)(frame)
    return stream.precision, stream.signed
