"""Lookup tables and windows of a header: Modality LUT and VOI LUT modules (PS3.3 C.11.1, C.11.2)."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.multival import MultiValue

from radrelease.adapters.codestreams import Unfit
from radrelease.records.pixels import ModalityLut, VoiLut, VoiWindow
from radrelease.rejections import Reason

__all__ = ["modality_lut", "voi"]


def modality_lut(dataset: pydicom.Dataset) -> ModalityLut | None:
    """The Modality LUT Sequence (0028,3000), None where there is none; raises :class:`Unfit`."""
    sequence = dataset.get("ModalityLUTSequence")
    if not sequence:
        return None
    try:
        first, _bits, data = _lut(sequence[0])
    except (TypeError, ValueError, AttributeError) as error:
        raise Unfit(Reason.UNSUPPORTED_PIXELS, "the Modality LUT cannot be read") from error
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


def voi(dataset: pydicom.Dataset) -> VoiWindow | VoiLut | None:
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
