"""The allow-listed elements of a data set as text, quickly: the others are not even decoded."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataelem import DataElement, RawDataElement

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.profiles.dicom_profile import DicomRule, load_dicom_profile
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.pixels import PixelProblem
from radrelease.rejections import Reason

__all__ = ["is_lossy", "raw_header"]

_PRINTABLE = re.compile(rb"[\x20-\x7e]*")
_NUMBERS = {"US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "FL": "f4", "FD": "f8"}
_TEXTS = frozenset({"AS", "CS", "DA", "DS", "IS", "LO", "SH", "UI"})
_LOSSY = frozenset(f"1.2.840.10008.1.2.4.{code}" for code in (50, 51))


def raw_header(dataset: pydicom.Dataset) -> RawHeader | PixelProblem:
    """What the file says in elements that the profile ``dicom`` names; read before anything is decoded."""
    try:
        with quiet_pydicom():
            return _read(dataset, "", signed=dataset.get("PixelRepresentation", 0) == 1)
    except MemoryError:
        raise
    except Exception as error:  # a parser meets anything in a broken file
        return PixelProblem(Reason.UNREADABLE_FILE, type(error).__name__)


def is_lossy(dataset: pydicom.Dataset) -> bool:
    """Whether the file's own transfer syntax loses: JPEG baseline and extended."""
    return str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", "")) in _LOSSY


@cache
def _rules(place: str) -> tuple[DicomRule, ...]:
    """The rules that look at the original, inside the sequence ``place`` or at the top."""
    rules = load_dicom_profile().by_place
    return tuple(
        rule
        for (inside, _), rule in rules.items()
        if inside == place and rule.rule not in {"constant", "empty", "pixels", "released"}
    ) + ((rules["", "RescaleSlope"], rules["", "RescaleIntercept"]) if not place else ())


def _read(dataset: pydicom.Dataset, place: str, *, signed: bool) -> RawHeader:
    texts: dict[str, tuple[str, ...]] = {}
    items: dict[str, tuple[RawHeader, ...]] = {}
    tables: dict[str, NDArray[np.uint16]] = {}
    for rule in _rules(place):
        if rule.tag not in dataset:
            continue
        if rule.vr == "SQ":
            items[rule.keyword] = _items(dataset, rule, signed=signed)
        elif rule.keyword == "LUTData":
            tables[rule.keyword] = _table(dataset.get_item(rule.tag))
        else:
            values = _texts(dataset.get_item(rule.tag), rule, signed=signed)
            if any(values):
                texts[rule.keyword] = values
    return RawHeader(texts=texts, items=items, tables=tables)


def _items(dataset: pydicom.Dataset, rule: DicomRule, *, signed: bool) -> tuple[RawHeader, ...]:
    value = dataset[rule.tag].value
    if not isinstance(value, pydicom.Sequence):
        return ()
    return tuple(_read(item, rule.keyword, signed=signed) for item in value)


def _texts(element: DataElement | RawDataElement, rule: DicomRule, *, signed: bool) -> tuple[str, ...]:
    """The values as text; none for what is not printable ASCII or of a kind that the element cannot have."""
    if isinstance(element, DataElement):
        value = element.value
        listed = value if isinstance(value, list | tuple | pydicom.multival.MultiValue) else (value,)
        return tuple("" if item is None else str(item).strip(" \0") for item in listed)
    data = element.value or b""
    vr = element.VR if element.VR not in (None, "UN") else rule.vr
    if vr in _TEXTS:
        data = data.rstrip(b"\0 ")
        if not _PRINTABLE.fullmatch(data):
            return ()
        return tuple(part.strip(" ") for part in data.decode("ascii").split("\\"))
    return _numbers(data, vr, signed=signed, little=element.is_little_endian)


def _numbers(data: bytes, vr: str, *, signed: bool, little: bool) -> tuple[str, ...]:
    kind = _NUMBERS.get({"US or SS": "SS" if signed else "US"}.get(vr, vr))
    if kind is None or len(data) % int(kind[1]):
        return ()
    numbers = np.frombuffer(data, ("<" if little else ">") + kind)
    return tuple(str(number) for number in numbers.tolist())


def _table(element: DataElement | RawDataElement) -> NDArray[np.uint16]:
    value = element.value
    if isinstance(value, bytes):
        little = not isinstance(element, RawDataElement) or element.is_little_endian
        return np.frombuffer(value[: len(value) // 2 * 2], "<u2" if little else ">u2").astype(np.uint16)
    return np.asarray(value if value is not None else [], np.int64).astype(np.uint16).reshape(-1)
