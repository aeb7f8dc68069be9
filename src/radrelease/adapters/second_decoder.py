"""A second opinion on compressed pixels: GDCM, which has decoders of its own for JPEG and RLE.

Of CharLS and OpenJPEG it has its own copies, of other versions than imagecodecs. Needs the extra
``second-decoder``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.codestreams import Frame, Unfit, read_jpeg, read_jpeg_2000
from radrelease.config import Config
from radrelease.errors import MissingExtra
from radrelease.rejections import Reason
from radrelease.stages.pictures.stored_values import Cells

__all__ = ["SETTING", "check_again", "check_second_decoder"]

SETTING = "[images] second_decoder"

_FAMILY = "1.2.840.10008.1.2.4."


def check_second_decoder(config: Config) -> None:
    """Raise :class:`ConfigError` where a second decoder is asked for and none is installed."""
    if config.images.second_decoder and find_spec("gdcm") is None:
        problem = "GDCM is not installed, so no second decoder can be asked"
        raise MissingExtra(SETTING, problem, "Install it: pip install 'radrelease[second-decoder]'")


def check_again(transfer_syntax: str, frame: Frame, values: NDArray[np.integer], cells: Cells) -> None:
    """Raise :class:`Unfit` unless GDCM makes ``values``, 2-D, of the frame too."""
    try:
        again = _by_gdcm(transfer_syntax, frame, cells)
    except MemoryError:
        raise
    except Exception as error:  # a codec meets anything in a broken stream
        raise Unfit(Reason.DECODERS_DISAGREE, type(error).__name__) from error
    if not np.array_equal(again, values.view(f"u{values.dtype.itemsize}").ravel()):
        raise Unfit(Reason.DECODERS_DISAGREE)


def _by_gdcm(transfer_syntax: str, frame: Frame, cells: Cells) -> NDArray[np.integer]:
    """The bits of all samples in one row."""
    gdcm = import_module("gdcm")
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
    if not transfer_syntax.startswith(_FAMILY):
        return cells.allocated, False
    stream = (read_jpeg if int(transfer_syntax.removeprefix(_FAMILY)) < 90 else read_jpeg_2000)(frame)
    return stream.precision, stream.signed
