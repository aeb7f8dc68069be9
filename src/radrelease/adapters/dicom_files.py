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
from typing import BinaryIO

import pydicom
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.filereader import read_partial
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ImplicitVRLittleEndian

from radrelease.adapters.files import retrying
from radrelease.adapters.header_elements import (
    ATTRIBUTE_TAGS,
    CODE_MEANING,
    DIRECTORY,
    IDENTITY_TAGS,
    KIND_BY_TAG,
    PERSON_NAME_TAGS,
    PIXEL_TAGS,
    SEQUENCE_TAGS,
    HeaderTexts,
    identifier,
)
from radrelease.adapters.limits import memory_of
from radrelease.adapters.places import Opened, local_name, open_input
from radrelease.adapters.plain_header import Unread, plain_header
from radrelease.errors import StorageFailed
from radrelease.identifiers import Mrn, RawAccession, RawUid
from radrelease.locations import Place
from radrelease.records.dicom_values import parse_date
from radrelease.records.private import Identifier, IdentifierKind, InputKind, Instance, Rejected
from radrelease.rejections import Reason

__all__ = ["quiet_pydicom", "read_header"]

STAGE = "catalog"

_KNOWN_VRS = frozenset(row[0][:2].encode() for row in DicomDictionary.values())
_FIRST_YEAR = 1895
"""Of radiography; three centuries on, dates can still be shifted by one."""

_STARTS = (1 << 14, 1 << 17, 1 << 20)
"""Bytes of a file that are read to reach its pixels, until pydicom is asked."""

_EXPECTED = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_TOP_TAGS = frozenset((*IDENTITY_TAGS.values(), *(tag for _, tag in ATTRIBUTE_TAGS)))


def read_header(source: str, root: Place, path: str, *, megabytes: int = 0) -> Instance | Rejected:
    """The instance in the file, or why it cannot be used; never an exception for what a file holds.

    ``megabytes`` are what pydicom may have, and 0 is no limit; beyond, :class:`MemoryError` is raised.
    """
    try:
        reason, detail, instance = retrying(lambda: _read(source, root, path, megabytes))
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


def _read(source: str, root: Place, path: str, megabytes: int) -> Outcome:
    if isinstance(root, Path):
        mode = os.lstat(local_name(root, path)).st_mode
        if stat.S_ISDIR(mode):
            return Reason.UNREADABLE_FILE, "a folder that may not be listed", None
        if not stat.S_ISREG(mode):
            return Reason.LINK_OR_DEVICE, "", None
    with open_input(root, path) as opened:
        if opened.size == 0:
            return Reason.EMPTY_FILE, "", None
        plain = _plain(opened)
        if plain is not None:
            return _judged(source, path, opened, plain)
        opened.file.seek(0)
        if not _looks_like_dicom(opened.file.read(140), opened.size):
            return Reason.NOT_DICOM, "", None
        opened.file.seek(0)
        said = _with_pydicom(opened.file, megabytes)
        return said if isinstance(said, tuple) else _judged(source, path, opened, said)


def _plain(opened: Opened) -> HeaderTexts | None:
    """What the header says, if it is a plain one."""
    start = b""
    for size in _STARTS:
        start += opened.file.read(size - len(start))
        said = plain_header(start)
        if said is not Unread.TOO_SHORT or len(start) < size:
            break
    return said if isinstance(said, HeaderTexts) else None


def _looks_like_dicom(start: bytes, size: int) -> bool:
    """Say whether the bytes begin a Part 10 file, or a bare data set as old archives write them."""
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8 or start[:2] not in (b"\x02\x00", b"\x08\x00") or start[3] != 0:
        return False
    return start[4:6] in _KNOWN_VRS or int.from_bytes(start[4:8], "little") <= min(size, 1 << 16)


def _with_pydicom(file: BinaryIO, megabytes: int = 0) -> HeaderTexts | Outcome:
    try:
        with memory_of(megabytes), quiet_pydicom():
            return _read_dicom(file)
    except (OSError, MemoryError, StorageFailed):
        raise
    except Exception as error:  # a parser meets anything in a broken file
        return Reason.UNREADABLE_FILE, type(error).__name__, None


def _read_dicom(file: BinaryIO) -> HeaderTexts | Outcome:
    stopped_at: list[int] = []

    def at_pixels(tag: int, _vr: str | None, _length: int) -> bool:
        if tag in PIXEL_TAGS:
            stopped_at.append(tag)
        return tag >= 0x7FE00008

    dataset = read_partial(file, at_pixels, force=True)
    if not len(dataset):
        return Reason.UNREADABLE_FILE, "no element", None
    meta = dataset.file_meta
    sop_class = str(meta.get("MediaStorageSOPClassUID", "") or dataset.get("SOPClassUID", ""))
    if sop_class == DIRECTORY or "DirectoryRecordSequence" in dataset:
        return Reason.DICOMDIR, "", None
    texts = {tag: _text_of(dataset[tag]).strip() for tag in _TOP_TAGS if tag in dataset}
    said = HeaderTexts(
        str(meta.get("TransferSyntaxUID", "")), texts, tuple(sorted(set(_identifiers(dataset))))
    )
    missing = _missing(said)
    if missing or stopped_at:
        return said
    return Reason.NO_PIXEL_DATA, "", None


def _judged(source: str, path: str, opened: Opened, said: HeaderTexts) -> Outcome:
    """The instance, if it says what it must."""
    missing = _missing(said)
    if missing:
        return Reason.MISSING_IDENTIFIER, missing, None
    text = said.texts.get
    day = _study_date(text(IDENTITY_TAGS["StudyDate"], ""))
    if day is None:
        return Reason.MISSING_STUDY_DATE, "", None
    instance = Instance(
        source=source,
        path=path,
        size_bytes=opened.size,
        modified_ns=opened.modified_ns,
        transfer_syntax_uid=said.transfer_syntax_uid or str(ImplicitVRLittleEndian),
        patient_id=Mrn(text(IDENTITY_TAGS["PatientID"], "")),
        accession=RawAccession(text(IDENTITY_TAGS["AccessionNumber"], "")),
        study_uid=RawUid(text(IDENTITY_TAGS["StudyInstanceUID"], "")),
        series_uid=RawUid(text(IDENTITY_TAGS["SeriesInstanceUID"], "")),
        sop_uid=RawUid(text(IDENTITY_TAGS["SOPInstanceUID"], "")),
        study_date=day,
        attributes={keyword: value for keyword, tag in ATTRIBUTE_TAGS if (value := text(tag))},
        identifiers=said.identifiers,
    )
    return Reason.NOT_DICOM, "", instance


def _missing(said: HeaderTexts) -> str:
    return ", ".join(keyword for keyword in _EXPECTED if not said.texts.get(IDENTITY_TAGS[keyword]))


def _study_date(value: str) -> date | None:
    """The date, if a radiograph can be of that day; 99991231 and the like stand for none."""
    day = parse_date(value)
    return day if day is not None and _FIRST_YEAR <= day.year < _FIRST_YEAR + 300 else None


def _identifiers(dataset: pydicom.Dataset) -> Iterator[Identifier]:
    for tag in dataset.keys():  # noqa: SIM118 - iterating the data set itself decodes every element
        vr = dataset.get_item(tag).VR
        if tag in SEQUENCE_TAGS or vr == "SQ":
            yield from _nested(dataset[tag])
            continue
        kind = KIND_BY_TAG.get(tag)
        if kind is None:
            if tag not in PERSON_NAME_TAGS and vr != "PN":
                continue
            kind = IdentifierKind.STAFF_NAME
        for value in _text_of(dataset[tag]).split("\\"):
            found = identifier(kind, value)
            if found is not None:
                yield found


def _nested(element: DataElement) -> Iterator[Identifier]:
    if isinstance(element.value, DicomSequence):
        for item in element.value:
            yield from _identifiers(item)


def _text_of(element: DataElement) -> str:
    """The element's value as one text; of a code sequence, the first item's code meaning."""
    value = element.value
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, DicomSequence):
        return str(value[0].get(CODE_MEANING).value) if value and CODE_MEANING in value[0] else ""
    if isinstance(value, str) or not isinstance(value, list | pydicom.multival.MultiValue):
        return str(value).replace("\0", "")
    return "\\".join(str(item) for item in value)
