"""Records that never leave the work folder: what an export holds, and what was taken out of it.

They share no class with :mod:`radrelease.records.release`, so that a raw record cannot be handed to what
writes a release. All are frozen, slotted dataclasses; :mod:`radrelease.adapters.parquet` derives the Arrow
schema of a table from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from radrelease.identifiers import (
    Mrn,
    RawAccession,
    RawUid,
)
from radrelease.rejections import Reason


class IdentifierKind(StrEnum):
    """What an identifier that the export itself states is."""

    PATIENT_NAME = "patient_name"
    STAFF_NAME = "staff_name"
    INSTITUTION = "institution"
    PATIENT_ID = "patient_id"
    ACCESSION = "accession"
    OTHER_ID = "other_id"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    PHONE = "phone"
    UID = "uid"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """One value that identifies, as the export writes it.

    Names are as in the header (``FAMILY^GIVEN^MIDDLE^PREFIX^SUFFIX``, PS3.5 section 6.2) or as in
    a report column; birth dates are ISO 8601.
    """

    kind: IdentifierKind
    value: str

    def __reduce__(self) -> tuple[type[Identifier], tuple[IdentifierKind, str]]:
        """For the way between processes: a third of the time that a dataclass takes by itself."""
        return Identifier, (self.kind, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One DICOM file of the export, its pixels unread.

    ``attributes`` holds what later steps may look at, by DICOM keyword, each value as text with
    the values of a multi-valued element joined by a backslash; absent elements are absent.
    ``identifiers`` is everything identifying found at any depth of the header.
    """

    source: str
    path: str  # relative to the source's DICOM folder, "/" between parts
    size_bytes: int
    modified_ns: int  # of an object of a store, a number of its ETag and its time
    transfer_syntax_uid: str
    patient_id: Mrn
    accession: RawAccession  # "" where the header has none
    study_uid: RawUid
    series_uid: RawUid
    sop_uid: RawUid
    study_date: date | None
    attributes: Mapping[str, str]
    identifiers: tuple[Identifier, ...]

    def __reduce__(self) -> tuple[Callable[..., Instance], tuple[Any, ...]]:
        """As that of :class:`Identifier`."""
        return _instance, _values_of(self)


_INSTANCE_FIELDS = tuple(item.name for item in fields(Instance))
_values_of = attrgetter(*_INSTANCE_FIELDS)


def _instance(*values: Any) -> Instance:
    return Instance(**dict(zip(_INSTANCE_FIELDS, values, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One report as the export has it: a row of a table or a file of a folder."""

    source: str
    location: str  # "reports.csv:17" or "sub/A1.txt"
    accession: RawAccession  # may name several accessions; "" where absent
    study_uid: RawUid  # "" where absent
    patient_id: Mrn  # "" where absent
    text: str
    status: ReportStatus
    timestamp: datetime | None
    identifiers: tuple[Identifier, ...]


class ReportStatus(StrEnum):
    """HL7 table 0085 (observation result status), as far as reports use it."""

    FINAL = "final"
    PRELIMINARY = "preliminary"
    ADDENDUM = "addendum"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study whose images and report belong together."""

    source: str
    patient_domain: str  # sources that share one identifier domain share their patients
    patient_id: Mrn
    accession: RawAccession
    study_uid: RawUid
    study_date: date
    instances: tuple[Instance, ...]
    report: str  # addenda appended, separated by a blank line
    report_locations: tuple[str, ...]
    identifiers: tuple[Identifier, ...]  # of its report rows; each instance carries its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient of one shard: all the studies, and all the export knows about the person."""

    domain: str
    patient_id: Mrn
    identifiers: tuple[Identifier, ...]
    studies: tuple[Study, ...]


class InputKind(StrEnum):
    """What a rejected row speaks of. Files and reports are inputs; studies are made of them."""

    FILE = "file"
    REPORT = "report"
    STUDY = "study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One input, or one study, that is not in the release, and why. Private: it names inputs."""

    stage: str
    kind: InputKind
    source: str
    subject: str  # a file's path, a report's location, or a study's raw UID
    reason: Reason
    study_uid: str  # the raw UID of the study it belongs to, "" where none is known
    detail: str  # may quote PHI, and so never leaves the work folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a text to be replaced: characters ``start`` to ``end``, end excluded.

    ``replacement`` is "" to let the placeholder of ``kind`` stand in; a moved date brings its own.
    """

    start: int
    end: int
    kind: str  # NAME, DATE, TIME, ID, PHONE, PLACE, INSTITUTION, EMAIL, URL, AGE, UNKNOWN, SENTENCE
    rule: str
    replacement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What was taken out of one report, for the private account. Keyed by raw identifiers."""

    study_uid: RawUid
    kind: str
    rule: str
    original: str
    replacement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelMask:
    """A box of a picture in which text was found that may identify, for the private account.

    In the release it was painted over; pictures that were rejected or wait for review have rows too.
    """

    study_uid: RawUid
    source: str
    path: str  # of the DICOM file
    left: int  # px of the original, ends excluded
    top: int
    right: int
    bottom: int
    kind: str  # NAME, DATE, ID, UNKNOWN, UNREADABLE
    rule: str
    text: str  # as it was read
