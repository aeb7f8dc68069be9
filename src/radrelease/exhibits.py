"""What the audit looks at: a release as its reader finds it on the disk, and nothing of its making.

``path`` and ``place`` of every record say where something stands without quoting it: file names,
keys and columns that a release should not have are given by their number, since they may hold PHI.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["Exhibit", "ExhibitKind", "ImageRow", "Listing", "Picture", "StudyRow"]


class ExhibitKind(StrEnum):
    """How much a match in it means."""

    REPORT = "report"  # Indication, Comparison, Findings or Impression
    TEXT = "text"
    NUMBER = "number"  # a number or date by its declared type: sizes match identifiers by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One piece of text of a release and where it stands.

    ``study_id`` is the published id of the study it speaks of, None where it speaks of none.
    ``objection`` says what is wrong with its being there at all, whatever it says; "" if nothing is.
    """

    path: str
    place: str
    text: str
    study_id: str | None = None
    kind: ExhibitKind = ExhibitKind.TEXT
    objection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One study as one table of the release has it. ``table`` names a table of all the splits."""

    table: str
    place: str
    split: str  # by the name of the file: train, valid, test or private_test
    id: str
    patient_id: str
    accession: str
    study_uid: str
    age: str  # "" where absent
    study_date: date | None
    images: int | None  # None where the table does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """One image as the per-image table of the release has it."""

    place: str
    study_id: str
    image_id: str
    image_path: str
    height: int  # px
    width: int  # px
    sha256: str  # of the pixels, big-endian uint16, row by row


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One PNG as it was decoded. ``layout`` is native or rexgradient; ``sha256`` is "" if it fails."""

    layout: str
    place: str
    image_path: str
    part: int | None  # of the legacy archive
    height: int
    width: int
    bit_depth: int
    colour_type: int  # 0 is grayscale (PNG specification, section 11.2.2)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One row of the index of the legacy archive."""

    place: str
    image_path: str
    part: int | None
