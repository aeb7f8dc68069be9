"""What publishing and verifying speak of: files of one layout, what a destination holds, and operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from radrelease.records.sealing import Commitment

__all__ = [
    "MANIFEST",
    "SUMS",
    "SUMS_OF_PHYSIONET",
    "UNFINISHED",
    "Act",
    "Fault",
    "FaultKind",
    "LayoutManifest",
    "LocalFile",
    "Operation",
    "Receipt",
    "Remote",
    "RemoteFile",
    "SplitCount",
    "Verdict",
]

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SUMS_OF_PHYSIONET = "SHA256SUMS.txt"

UNFINISHED = "UPLOAD_IS_NOT_FINISHED"
"""The file that is beside a release for as long as it is not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCount:
    """How much of a layout is in one split."""

    studies: int
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutManifest:
    """``manifest.json`` of one layout: what whoever has this folder alone can hold it against."""

    name: str
    version: str
    layout: str
    software: str
    splits: Mapping[str, SplitCount]
    sealed_test: Commitment | None = None  # of the split that is kept back, if it is sealed

    @property
    def studies(self) -> int:
        return sum(split.studies for split in self.splits.values())

    @property
    def images(self) -> int:
        return sum(split.images for split in self.splits.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That a release has passed the audit: by which software, and who had been withdrawn until then."""

    sums_sha256: str  # of the release's SHA256SUMS, and so of every byte of it
    software: str
    withdrawn_sha256: str  # of the list of withdrawn patients; a digest, as the list is PHI


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file to be published: its path at the destination, and its bytes or where they lie."""

    path: str
    size: int  # bytes
    sha256: str
    source: Path | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file of a destination; ``sha256`` is None where nobody knows it."""

    path: str
    size: int  # bytes
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """What a destination holds. Folders and object stores have no settings and no tags."""

    files: tuple[RemoteFile, ...] = ()
    exists: bool = True
    public: bool = False
    gated: str = ""  # "auto", "manual", or "" where everybody may read
    layout: str = ""  # by the manifest that is there
    tagged: tuple[RemoteFile, ...] | None = None  # the files under the version's tag


class Act(StrEnum):
    """What an operation does."""

    CREATE = "create the repository, private"
    GATE = "let in only whom the owner accepts"
    MARK = "mark as unfinished"
    REMOVE = "remove"
    KEEP = "keep, the same"
    UPLOAD = "upload"
    READ_BACK = "read back and compare"
    FINISH = "upload, and take the mark away"
    TAG = "tag"
    SHOW = "make visible to everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of a publication; ``size`` in bytes is what it moves."""

    act: Act
    subject: str
    size: int = 0
    files: tuple[LocalFile, ...] = ()


class FaultKind(StrEnum):
    """What can be wrong with a release that somebody has received."""

    MISSING = "missing"
    TRUNCATED = "truncated"
    CHANGED = "changed"
    EXTRA = "not part of the release"
    UNREADABLE = "cannot be loaded"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """Something wrong with a file of a release."""

    path: str
    kind: FaultKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to whether a release is complete, unchanged and loadable."""

    name: str
    version: str
    layouts: tuple[str, ...]
    files: int
    size: int  # bytes
    pictures: int  # that were decoded
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        """Whether every file is there whole, and none that does not belong."""
        kinds = {FaultKind.MISSING, FaultKind.TRUNCATED, FaultKind.EXTRA}
        return not any(fault.kind in kinds for fault in self.faults)

    @property
    def unchanged(self) -> bool:
        return not any(fault.kind in {FaultKind.CHANGED, FaultKind.TRUNCATED} for fault in self.faults)

    @property
    def loadable(self) -> bool:
        return not any(fault.kind is FaultKind.UNREADABLE for fault in self.faults)
