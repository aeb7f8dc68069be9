"""Elements of a DICOM header on their way through: as a file has them, and as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Element", "RawHeader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHeader:
    """The allow-listed elements of a file or of an item, by DICOM keyword. Private: nothing is checked yet.

    ``texts`` has each value as text, numbers written out; what is not printable ASCII is absent.
    ``items`` has the items of sequences, ``tables`` the uint16 values of LUT Data (0028,3006).
    """

    texts: Mapping[str, tuple[str, ...]]
    items: Mapping[str, tuple[RawHeader, ...]] = field(default_factory=dict)
    tables: Mapping[str, NDArray[np.uint16]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Element:
    """One element as it is written: its values as text, or bytes, or the items of a sequence."""

    keyword: str
    values: tuple[str, ...] = ()
    items: tuple[tuple[Element, ...], ...] = ()
    data: bytes = b""
