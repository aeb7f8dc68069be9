"""Reads the DICOM files of a release again, for the audit: every element at any depth, and the pixels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom.datadict import keyword_for_tag

from radrelease.adapters.dicom_encoding import TRANSFER_SYNTAXES
from radrelease.adapters.dicom_strict import Malformed, ReadElement, read_strictly
from radrelease.adapters.dicom_writer import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION
from radrelease.adapters.parquet import read_rows
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.stages.audit.dicom import Judged, judge, missing_statements

__all__ = ["StatedFiles", "check_dicom_pixels", "read_dicom"]

_BINARY = {"US": "<u2", "SS": "<i2", "FL": "<f4", "FD": "<f8", "UL": "<u4"}
_META = (0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013)
_DIRECT = {
    "SOPInstanceUID": "SOPInstanceUid", "SeriesInstanceUID": "SeriesInstanceUid", "PatientID": "PatientID",
    "StudyInstanceUID": "StudyInstanceUid", "PatientName": "PatientID", "AccessionNumber": "AccessionNumber",
    "InstitutionName": "InstitutionName", "PatientSex": "PatientSex", "PatientAge": "PatientAge",
    "EthnicGroup": "EthnicGroup", "Modality": "ImageModality", "Manufacturer": "Manufacturer",
    "StudyDescription": "StudyDescription", "BodyPartExamined": "ImageBodyPart",
    "ViewPosition": "ImageViewPosition",
}  # fmt: skip


class StatedFiles:
    """What the tables of the layout say of each file, by its path below the layout's folder.

    All of it is held, as JSON, since files are read in another order than tables.
    """

    def __init__(self, folder: Path) -> None:
        self._rows: dict[str, str] = {}
        for path in sorted((folder / "studies").glob("*.parquet")):
            for row in read_rows(path):
                for index, image_id in enumerate(row["SOPInstanceUid"]):
                    place = (
                        path.stem,
                        row["PatientID"],
                        row["StudyInstanceUid"],
                        row["SeriesInstanceUid"][index],
                    )
                    self._rows[f"files/{'/'.join(place)}/{image_id}.dcm"] = json.dumps(_stated(row, index))

    def take(self, path: str) -> dict[str, str] | None:
        """What is said of the file, once."""
        stated = self._rows.pop(path, None)
        return None if stated is None else dict(json.loads(stated))

    def left(self) -> Iterator[str]:
        """The files that were not taken."""
        yield from sorted(self._rows)


def _stated(row: Mapping[str, object], index: int) -> dict[str, str]:
    stated = {}
    for keyword, column in _DIRECT.items():
        cell = row[column]
        value = cell[index] if isinstance(cell, list) else cell
        if value is not None:
            stated[keyword] = str(value)
    stated["StudyDate"] = f"{row['StudyDate']:%Y%m%d}"
    weight = row["PatientWeight"]
    if isinstance(weight, float):
        stated["PatientWeight"] = f"{weight:g}"
    return stated


def read_dicom(
    data: bytes, name: str, number: int, stated: Mapping[str, str] | None
) -> Iterator[Exhibit | Finding]:
    """Every text of the file, and what is wrong with it; ``number`` names the file where its name may not."""
    where = f"DICOM file {number}"
    if stated is None:
        yield Finding(check="DICOM file in no table", where=where, detail=name)
    elements = []
    try:
        for element in read_strictly(data):
            elements.append(element)
            yield from _texts(element, where, (stated or {}).get("PatientID", ""))
    except Malformed as error:
        yield Finding(check="form of a DICOM file", where=where, detail=f"{name} {error}")
        yield Exhibit(name, where, data[: 1 << 16].decode("latin-1"))
        return
    yield from _check_meta(elements, where, name)
    yield from _check_elements(elements, stated or {}, where, name)
    yield from check_dicom_pixels(elements, where, name)


@cache
def _constants() -> frozenset[str]:
    """Texts that the profile itself spells out; to search them for anybody would be in vain."""
    profile = load_dicom_profile()
    said = {value for rule in profile.rules for value in rule.values} | set(profile.codes.values())
    return frozenset(said | {method.meaning for method in profile.methods} | {""})


def _texts(element: ReadElement, where: str, patient_id: str) -> Iterator[Exhibit]:
    if element.vr not in _BINARY and element.tag != 0x7FE00010 and element.vr not in ("DS", "IS", "SQ"):
        place = f"({element.tag >> 16:04X},{element.tag & 0xFFFF:04X})"
        text = element.value.decode("latin-1").rstrip(" \0")
        if text not in _constants():
            yield Exhibit(where, place, text, patient_id)


def _check_meta(elements: list[ReadElement], where: str, name: str) -> Iterator[Finding]:
    meta = {element.tag: element.value.rstrip(b"\0 ") for element in elements if element.tag < 0x00030000}
    top = {element.tag: element.value.rstrip(b"\0 ") for element in elements if not element.inside}
    right = (
        tuple(meta) == _META
        and meta[0x00020001] == b"\0\1".rstrip(b"\0 ")
        and meta[0x00020002] == top.get(0x00080016)
        and meta[0x00020003] == top.get(0x00080018)
        and meta[0x00020010].decode("latin-1") in TRANSFER_SYNTAXES.values()
        and meta[0x00020012].decode("latin-1") == IMPLEMENTATION_CLASS_UID
        and meta[0x00020013].decode("latin-1") == IMPLEMENTATION_VERSION
    )
    if not right:
        yield Finding(check="file meta information", where=where, detail=name)


def _check_elements(
    elements: list[ReadElement], stated: Mapping[str, str], where: str, name: str
) -> Iterator[Finding]:
    profile = load_dicom_profile()
    siblings: dict[str, tuple[str, ...]] = {}
    rows = [element for element in elements if element.tag > 0x0002FFFF]
    if missing_statements({_keyword(element.tag) for element in rows if not element.inside}, profile):
        yield Finding(check="DICOM file does not state its de-identification", where=where, detail=name)
    for index, element in enumerate(rows):
        place = _keyword(element.inside[-1]) if element.inside else ""
        if element.inside and (
            index == 0 or rows[index - 1].tag >= element.tag or rows[index - 1].vr == "SQ"
        ):
            siblings = _siblings(rows[index:])
        judged = _judged(element, place)
        if len(element.inside) > 1 or not judge(judged, profile, stated, siblings):
            tag = f"({element.tag >> 16:04X},{element.tag & 0xFFFF:04X})"
            yield Finding(check="element that no rule lets through", where=f"{where}, {tag}", detail=name)


def _siblings(rows: list[ReadElement]) -> dict[str, tuple[str, ...]]:
    """The texts of the item that begins with the first row."""
    found: dict[str, tuple[str, ...]] = {}
    last = 0
    for element in rows:
        if element.inside != rows[0].inside or element.tag <= last:
            break
        last = element.tag
        found[_keyword(element.tag)] = _values(element)
    return found


def _judged(element: ReadElement, place: str) -> Judged:
    if element.vr in ("OB", "OW"):
        is_table = element.tag == 0x00283006
        table = np.frombuffer(element.value, "<u2").tolist() if is_table else ()
        return Judged(place, _keyword(element.tag), element.vr, (), table)
    return Judged(place, _keyword(element.tag), element.vr, _values(element))


def _values(element: ReadElement) -> tuple[str, ...]:
    if element.vr in _BINARY:
        return tuple(str(number) for number in np.frombuffer(element.value, _BINARY[element.vr]).tolist())
    text = element.value.decode("latin-1").rstrip("\0" if element.vr == "UI" else " ")
    return tuple(text.split("\\")) if text else ()


@cache
def _keyword(tag: int) -> str:
    return keyword_for_tag(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def check_dicom_pixels(elements: list[ReadElement], where: str, name: str) -> Iterator[Finding]:
    """Pixel Data must be as long as it should be, and no bit above Bits Stored be set."""
    top = {_keyword(element.tag): element for element in elements if not element.inside}
    try:
        rows, columns, allocated, stored = (
            int(_values(top[keyword])[0]) for keyword in ("Rows", "Columns", "BitsAllocated", "BitsStored")
        )
        syntax = _values(top["TransferSyntaxUID"])[0]
        pixels = _decode(top["PixelData"].value, syntax, rows * columns, allocated)
        fits = pixels.size == rows * columns and stored <= allocated
        signed = _values(top["PixelRepresentation"]) == ("1",)
        clear = signed or stored == allocated or not (pixels >> stored).any()
    except (KeyError, ValueError, IndexError, RuntimeError):
        fits = clear = False
    if not (fits and clear):
        yield Finding(check="pixels of a DICOM file", where=where, detail=name)


def _decode(value: bytes, syntax: str, count: int, allocated: int) -> np.ndarray:
    kind = "<u2" if allocated == 16 else "u1"
    if syntax == TRANSFER_SYNTAXES["explicit"]:
        size = count * allocated // 8
        if len(value) != size + size % 2 or value[size:].strip(b"\0"):
            raise ValueError("length")
        return np.frombuffer(value[:size], kind)
    frame = _only_fragment(value)
    if syntax == TRANSFER_SYNTAXES["rle"]:
        return np.frombuffer(imagecodecs.dicomrle_decode(frame, dtype=kind), kind)
    if frame.rstrip(b"\0")[-2:] != b"\xff\xd9":
        raise ValueError("bytes after the codestream")
    codec = imagecodecs.jpegls_decode if syntax == TRANSFER_SYNTAXES["jpeg_ls"] else imagecodecs.jpeg2k_decode
    return np.asarray(codec(frame)).reshape(-1)


def _only_fragment(value: bytes) -> bytes:
    length = int.from_bytes(value[12:16], "little")
    table, end = value[:12], value[16 + length :]
    if table != b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" or end != b"\xfe\xff\xdd\xe0\0\0\0\0":
        raise ValueError("fragments")
    return value[16 : 16 + length]
