"""The vocabulary: every record that travels between the steps.

First the PHI side, which never leaves the work folder; then the public side. The two share no
class, so that a raw record cannot be handed to what writes a release. All are frozen, slotted
dataclasses; :mod:`radrelease.adapters.parquet` derives the Arrow schema of a table from them.
Published columns carry their name, DICOM tag and meaning in the field's metadata, from which the
data dictionary of the release is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from radrelease.identifiers import (
    AccessionId,
    Mrn,
    PatientId,
    RawAccession,
    RawUid,
    ReleaseUid,
)
from radrelease.rejections import Reason

# --------------------------------------------------------------------------------------- PHI side


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


# ------------------------------------------------------------------------------------ public side


class Split(StrEnum):
    """The four disjoint sets of patients."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"
    PRIVATE_TEST = "private_test"

    @property
    def public(self) -> bool:
        return self is not Split.PRIVATE_TEST


class SectionName(StrEnum):
    """The four parts of a report that are published."""

    INDICATION = "Indication"
    COMPARISON = "Comparison"
    FINDINGS = "Findings"
    IMPRESSION = "Impression"


class View(StrEnum):
    """The normalised projection of a chest radiograph."""

    FRONTAL_PA = "frontal PA"
    FRONTAL_AP = "frontal AP"
    LATERAL = "lateral"
    OTHER = "other"
    UNKNOWN = "unknown"


def column(name: str, meaning: str, *, tag: str = "", unit: str = "") -> Any:
    """A published column: its name in every table, its meaning, DICOM tag and unit."""
    return field(metadata={"column": name, "meaning": meaning, "tag": tag, "unit": unit})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseImage:
    """One published picture."""

    image_id: ReleaseUid = column("SOPInstanceUid", "Pseudonym of the instance", tag="(0008,0018)")
    series_id: ReleaseUid = column("SeriesInstanceUid", "Pseudonym of the series", tag="(0020,000E)")
    path: str = column("ImagePath", "Place of the PNG in the legacy archive, from metadata/")
    modality: str = column("ImageModality", "CR or DX", tag="(0008,0060)")
    body_part: str | None = column("ImageBodyPart", "Body part as the site wrote it", tag="(0018,0015)")
    view_position: str | None = column("ImageViewPosition", "View as the site wrote it", tag="(0018,5101)")
    view: View = column("View", "Normalised view")
    institution: str | None = column(
        "InstitutionName", "Pseudonym of the site, unless few patients share it", tag="(0008,0080)"
    )
    manufacturer: str | None = column("Manufacturer", "Maker of the device", tag="(0008,0070)")
    height: int = column("Height", "Rows of the published picture", unit="px")
    width: int = column("Width", "Columns of the published picture", unit="px")
    source_rows: int = column("Rows", "Rows of the original", tag="(0028,0010)", unit="px")
    source_columns: int = column("Columns", "Columns of the original", tag="(0028,0011)", unit="px")
    bits_stored: int = column("BitsStored", "Bits of the original", tag="(0028,0101)")
    photometric: str = column("PhotometricInterpretation", "Polarity of the original", tag="(0028,0004)")
    spacing_mm: float | None = column(
        "PixelSpacing", "Distance between published pixels on the detector", tag="(0018,1164)", unit="mm"
    )
    stretch: str = column(
        "Stretch",
        "What chose the drawn range: full (all values), percentiles, or of the file itself a LINEAR, "
        "LINEAR_EXACT or SIGMOID window or a VOI LUT",
    )
    low: float = column("StretchLow", "Original value drawn as 0 (65535 where inverted)")
    high: float = column("StretchHigh", "Original value drawn as 65535 (0 where inverted)")
    masked: float | None = column(
        "Masked",
        "Share of the original painted over because of burned-in text; empty where none was looked for",
    )
    black: float = column("BlackShare", "Share of the published pixels at 0")
    white: float = column("WhiteShare", "Share of the published pixels at 65535")
    contrast: float = column(
        "Contrast", "Share of the 16-bit range that the middle 98% of the published pixels take"
    )
    inverted: bool | None = column(
        "LooksInverted",
        "Whether bright and dark look exchanged, judged by the pixels alone; empty where it cannot be told",
    )
    flags: str | None = column(
        "QualityFlags",
        "What looks out of the ordinary: saturated; near constant; hot pixels; inverted",
    )
    sha256: str = column("PixelSha256", "SHA-256 of the pixels, big-endian uint16, row by row")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStudy:
    """One published study: a row of every per-study table."""

    id: str = column("id", "p<PatientID>_a<AccessionNumber>_s<StudyInstanceUid>")
    split: Split = column("Split", "train, valid, test or private_test")
    patient_id: PatientId = column("PatientID", "Pseudonym of the patient", tag="(0010,0020)")
    accession: AccessionId = column("AccessionNumber", "Pseudonym of the accession", tag="(0008,0050)")
    study_id: ReleaseUid = column("StudyInstanceUid", "Pseudonym of the study", tag="(0020,000D)")
    sex: str | None = column("PatientSex", "M, F or O", tag="(0010,0040)")
    age: str | None = column(
        "PatientAge",
        "DICOM AS; 090Y is 90 and over, and the highest age stands also for those beyond",
        tag="(0010,1010)",
    )
    ethnic_group: str | None = column("EthnicGroup", "As the site wrote it", tag="(0010,2160)")
    weight_kg: float | None = column(
        "PatientWeight",
        "Weight; the least and the greatest stand also for those beyond",
        tag="(0010,1030)",
        unit="kg",
    )
    study_date: date = column(
        "StudyDate", "Date, moved by one secret number of days per patient", tag="(0008,0020)"
    )
    description: str | None = column("StudyDescription", "Kind of examination", tag="(0008,1030)")
    indication: str | None = column("Indication", "Why the study was made")
    comparison: str | None = column("Comparison", "What it was compared with")
    findings: str | None = column("Findings", "What was seen")
    impression: str | None = column("Impression", "What it means")
    prior_id: str | None = column("PriorId", "id of the patient's previous study in the release")
    days_since_prior: int | None = column("DaysSincePrior", "Days since that study", unit="d")
    images: tuple[ReleaseImage, ...] = column("Images", "The study's pictures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the audit holds against a release. ``detail`` may quote PHI and stays private."""

    check: str
    where: str  # a path in the release and a place in the file; holds no PHI
    detail: str
