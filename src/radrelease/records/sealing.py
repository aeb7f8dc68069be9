"""The vocabulary of a sealed test split: what is committed to, and what an opening of it leaves behind.

:class:`SealedStudy` is private: it holds a reference. :class:`Commitment` is public.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "ALGORITHM",
    "COMMITMENT",
    "INPUTS",
    "OPENINGS",
    "REFERENCES",
    "Commitment",
    "Opening",
    "Purpose",
    "SealedStudy",
]

ALGORITHM: Final = "RFC 6962 tree of SHA-256 over salted studies, version 1"
"""What a root is made by; another way of making it has another name."""

INPUTS, REFERENCES, COMMITMENT, OPENINGS = "inputs", "references.age", "commitment.json", "openings.jsonl"
"""What a sealed folder holds."""

Purpose = Literal["score", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedStudy:
    """One study of the private test split: everything that bears on a score, and a salt.

    The salt, 32 bytes in hexadecimal, keeps whoever knows the root from trying likely reports.
    """

    id: str
    patient_id: str
    findings: str | None
    impression: str | None
    context: str  # Indication and Comparison as a participant sees them
    site: str | None
    sex: str | None
    age: str | None  # DICOM AS
    views: tuple[str, ...]  # of its pictures
    pixel_sha256: tuple[str, ...]  # of its pictures
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What the public release says of the sealed split: nothing in it can be changed without the root."""

    algorithm: str
    root: str  # SHA-256 in hexadecimal
    studies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One entry of the log of openings. ``hash`` is over everything else, and ``prev`` is the one before."""

    n: int  # from 1
    time: str  # UTC, ISO 8601, to the second
    purpose: Purpose
    team: str  # who asked; of a verification, its owner: ""
    model: str
    submission_sha256: str  # "" of a verification
    commitment: str  # root of the split that was opened
    prev: str
    hash: str
