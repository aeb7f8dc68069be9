"""Records that are published: a study, its pictures, and the words for splits, sections and views.

Published columns carry their name, DICOM tag and meaning in the field's metadata, from which the data
dictionary of the release is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from radrelease.identifiers import (
    AccessionId,
    PatientId,
    ReleaseUid,
)


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
