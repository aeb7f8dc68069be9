"""The files of an export, and what their headers say.

A file is known by its content, never by its name. Headers are read up to the pixels; every element
that identifies is gathered at any depth, those in private sequences included.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pydicom
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.filereader import read_partial
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ImplicitVRLittleEndian

from radrelease.adapters.files import retrying
from radrelease.adapters.places import Opened, open_input, raw_name
from radrelease.dicom_values import parse_date
from radrelease.errors import StorageFailed
from radrelease.identifiers import Mrn, RawAccession, RawUid
from radrelease.locations import Place
from radrelease.profiles.identifying import load_identifying
from radrelease.records import Identifier, IdentifierKind, InputKind, Instance, Rejected
from radrelease.rejections import Reason

__all__ = ["quiet_pydicom", "read_header"]

STAGE = "catalog"

_PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
_KNOWN_VRS = frozenset(row[0][:2].encode() for row in DicomDictionary.values())
_PERSON_NAME_TAGS = frozenset(tag for tag, row in DicomDictionary.items() if row[0] == "PN")
_SEQUENCE_TAGS = frozenset(tag for tag, row in DicomDictionary.items() if row[0] == "SQ")
_CODE_MEANING = 0x00080104
_FIRST_YEAR = 1895
"""Of radiography; three centuries on, dates can still be shifted by one."""


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise LookupError(f"identifying.toml names {keyword}, which PS3.6 does not")
    return tag


_IDENTIFYING = load_identifying()
_KIND_BY_TAG = {_tag(keyword): kind for keyword, kind in _IDENTIFYING.kinds.items()}
_ATTRIBUTE_TAGS = tuple((keyword, _tag(keyword)) for keyword in sorted(_IDENTIFYING.attributes))


def read_header(source: str, root: Place, path: str) -> Instance | Rejected:
    """The instance in the file, or why it cannot be used; never an exception for what a file holds."""
    try:
        reason, detail, instance = retrying(lambda: _read(source, root, path))
    except OSError as error:
        reason, detail, instance = Reason.UNREADABLE_FILE, error.strerror or "", None
    if instance is not None:
        return instance
    return Rejected(
        stage=STAGE,
        kind=InputKind.FILE,
        source=source,
        subject=path,
        reason=reason,
        study_uid="",
        detail=detail,
    )


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom's warnings and log lines to ourselves: they quote values of the header."""
    logger = pydicom.config.logger
    was_disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = was_disabled


Outcome = tuple[Reason, str, Instance | None]


def _read(source: str, root: Place, path: str) -> Outcome:
    if isinstance(root, Path):
        mode = (root / os.fsdecode(raw_name(path))).lstat().st_mode
        if stat.S_ISDIR(mode):
            return Reason.UNREADABLE_FILE, "a folder that may not be listed", None
        if not stat.S_ISREG(mode):
            return Reason.LINK_OR_DEVICE, "", None
    with open_input(root, path) as opened:
        if opened.size == 0:
            return Reason.EMPTY_FILE, "", None
        if not _looks_like_dicom(opened.file.read(140), opened.size):
            return Reason.NOT_DICOM, "", None
        opened.file.seek(0)
        try:
            with quiet_pydicom():
                return _read_dicom(source, opened, path)
        except (OSError, MemoryError, StorageFailed):
            raise
        except Exception as error:  # a parser meets anything in a broken file
            return Reason.UNREADABLE_FILE, type(error).__name__, None


def _looks_like_dicom(start: bytes, size: int) -> bool:
    """Say whether the bytes begin a Part 10 file, or a bare data set as old archives write them."""
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8 or start[:2] not in (b"\x02\x00", b"\x08\x00") or start[3] != 0:
        return False
    return start[4:6] in _KNOWN_VRS or int.from_bytes(start[4:8], "little") <= min(size, 1 << 16)


def _read_dicom(source: str, opened: Opened, path: str) -> Outcome:
    stopped_at: list[int] = []

    def at_pixels(tag: int, _vr: str | None, _length: int) -> bool:
        if tag in _PIXEL_TAGS:
            stopped_at.append(tag)
        return tag >= 0x7FE00008

    dataset = read_partial(opened.file, at_pixels, force=True)
    if not len(dataset):
        return Reason.UNREADABLE_FILE, "no element", None
    meta = dataset.file_meta
    sop_class = str(meta.get("MediaStorageSOPClassUID", "") or dataset.get("SOPClassUID", ""))
    if sop_class == _MEDIA_STORAGE_DIRECTORY or "DirectoryRecordSequence" in dataset:
        return Reason.DICOMDIR, "", None
    instance = _instance(source, path, opened, dataset, str(meta.get("TransferSyntaxUID", "")))
    missing = [
        name
        for name, value in (
            ("PatientID", instance.patient_id),
            ("StudyInstanceUID", instance.study_uid),
            ("SeriesInstanceUID", instance.series_uid),
            ("SOPInstanceUID", instance.sop_uid),
        )
        if not value
    ]
    if missing:
        return Reason.MISSING_IDENTIFIER, ", ".join(missing), None
    if not stopped_at:
        return Reason.NO_PIXEL_DATA, "", None
    if instance.study_date is None:
        return Reason.MISSING_STUDY_DATE, "", None
    return Reason.NOT_DICOM, "", instance


def _instance(
    source: str, path: str, opened: Opened, dataset: pydicom.Dataset, transfer_syntax: str
) -> Instance:
    def text(keyword: str) -> str:
        return _text_of(dataset[keyword]).strip() if keyword in dataset else ""

    return Instance(
        source=source,
        path=path,
        size_bytes=opened.size,
        modified_ns=opened.modified_ns,
        transfer_syntax_uid=transfer_syntax or str(ImplicitVRLittleEndian),
        patient_id=Mrn(text("PatientID")),
        accession=RawAccession(text("AccessionNumber")),
        study_uid=RawUid(text("StudyInstanceUID")),
        series_uid=RawUid(text("SeriesInstanceUID")),
        sop_uid=RawUid(text("SOPInstanceUID")),
        study_date=_study_date(text("StudyDate")),
        attributes=_attributes(dataset),
        identifiers=tuple(sorted(set(_identifiers(dataset)))),
    )


def _study_date(value: str) -> date | None:
    """The date, if a radiograph can be of that day; 99991231 and the like stand for none."""
    day = parse_date(value)
    return day if day is not None and _FIRST_YEAR <= day.year < _FIRST_YEAR + 300 else None


def _attributes(dataset: pydicom.Dataset) -> dict[str, str]:
    found = {}
    for keyword, tag in _ATTRIBUTE_TAGS:
        if tag in dataset:
            value = _text_of(dataset[tag]).strip()
            if value:
                found[keyword] = value
    return found


def _identifiers(dataset: pydicom.Dataset) -> Iterator[Identifier]:
    for tag in dataset.keys():  # noqa: SIM118 - iterating the data set itself decodes every element
        vr = dataset.get_item(tag).VR
        if tag in _SEQUENCE_TAGS or vr == "SQ":
            yield from _nested(dataset[tag])
            continue
        kind = _KIND_BY_TAG.get(tag)
        if kind is None:
            if tag not in _PERSON_NAME_TAGS and vr != "PN":
                continue
            kind = IdentifierKind.STAFF_NAME
        for value in _text_of(dataset[tag]).split("\\"):
            identifier = _identifier(kind, value)
            if identifier is not None:
                yield identifier


def _nested(element: DataElement) -> Iterator[Identifier]:
    if isinstance(element.value, DicomSequence):
        for item in element.value:
            yield from _identifiers(item)


def _identifier(kind: IdentifierKind, value: str) -> Identifier | None:
    value = value.strip()
    if kind is IdentifierKind.BIRTH_DATE:
        born = parse_date(value)
        return None if born is None else Identifier(kind, born.isoformat())
    return None if _IDENTIFYING.is_dummy(value) else Identifier(kind, value)


def _text_of(element: DataElement) -> str:
    """The element's value as one text; of a code sequence, the first item's code meaning."""
    value = element.value
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, DicomSequence):
        return str(value[0].get(_CODE_MEANING).value) if value and _CODE_MEANING in value[0] else ""
    if isinstance(value, str) or not isinstance(value, list | pydicom.multival.MultiValue):
        return str(value).replace("\0", "")
    return "\\".join(str(item) for item in value)
