"""A finished release in parts, for several processes to read again: what there is, and what each says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from radrelease.adapters.checksums import checksum_lists
from radrelease.adapters.dicom_audit import StatedFiles, read_dicom
from radrelease.adapters.files import entries_below
from radrelease.adapters.release_archive import read_archive
from radrelease.adapters.release_faults import guarded
from radrelease.adapters.release_files import has_pictures, read_file, read_pictures
from radrelease.adapters.release_pictures import SeenPictures
from radrelease.adapters.workers import in_batches
from radrelease.records.exhibits import Exhibit, Finding

__all__ = ["DicomFiles", "Part", "PictureTable", "PlainFile", "ReleaseParts", "Said", "read_part"]

_DICOM_AT_ONCE = 32
_SAID_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file of the release without pictures."""

    path: Path
    name: str  # below the folder of the release
    title: str  # what it is called in a finding, as its name may be a leak


@dataclass(frozen=True, slots=True)
class PictureTable:
    """A table with pictures."""

    path: Path
    name: str
    title: str
    digest: str  # SHA-256 of the table, "" where that is not known
    passed: bool  # an earlier audit has looked into all of its pictures


@dataclass(frozen=True, slots=True)
class DicomFiles:
    """DICOM files of a layout: path below it, number, and what its tables state of each."""

    folder: Path
    files: tuple[tuple[str, int, Mapping[str, str] | None], ...]
    missing: tuple[str, ...]  # files that the tables state and that are not there
    title: str = "dicom/files"


@dataclass(frozen=True, slots=True)
class Said:
    """What was read already: names, and the members of the archive, which is one stream."""

    items: tuple[Exhibit | Finding, ...]
    title: str = "names and the archive"


Part = PlainFile | PictureTable | DicomFiles | Said


class ReleaseParts:
    """The parts of the release in ``folder``.

    ``digests`` are the SHA-256 of its files. ``seen`` tells which tables have passed before, and spares the
    pictures of the archive that are known by the time it is read.
    """

    def __init__(self, folder: Path, digests: Mapping[str, str], seen: SeenPictures) -> None:
        self._folder = folder
        self._digests = digests
        self._seen = seen

    def with_pictures(self) -> Iterator[PictureTable | DicomFiles]:
        """The tables with pictures, which hold all that is said of studies, and the DICOM files."""
        for number, name in self._picture_tables.items():
            digest = self._digests.get(name, "")
            passed = self._seen.passed(digest) is not None
            yield PictureTable(self._folder / name, name, f"entry {number}", digest, passed)
        if (self._folder / "dicom").is_dir():
            yield from _dicom_parts(self._folder / "dicom")

    def others(self) -> Iterator[PlainFile | Said]:
        """All else."""
        lists = checksum_lists(self._folder)  # to the letter what the files give: that is a check of its own
        for number, path in enumerate(entries_below(self._folder)):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and name not in lists and number not in self._picture_tables:
                yield PlainFile(path, name, f"entry {number}")
        yield from map(Said, in_batches(self._said(), _SAID_AT_ONCE))

    @cached_property
    def _picture_tables(self) -> Mapping[int, str]:
        """Their paths by their number among the entries."""
        return {
            number: path.relative_to(self._folder).as_posix()
            for number, path in enumerate(entries_below(self._folder))
            if path.suffix == ".parquet" and has_pictures(path)
        }

    def _said(self) -> Iterator[Exhibit | Finding]:
        for number, path in enumerate(entries_below(self._folder)):
            name = path.relative_to(self._folder).as_posix()
            yield Exhibit(".", f"name of entry {number}", name)
            if path.is_symlink() or path.name.startswith("."):
                yield Finding(check="link or hidden file", where=f"entry {number}", detail=name)
        if (archive := self._folder / "rexgradient").is_dir():
            yield from guarded(read_archive(archive, self._digests, self._seen), "rexgradient/deid_png", "")


def _dicom_parts(folder: Path) -> Iterator[DicomFiles]:
    """Every DICOM file with what the tables of the layout say of it; none may be missing."""
    stated = StatedFiles(folder)
    paths = (path for path in entries_below(folder / "files") if path.name.endswith(".dcm"))
    named = ((path.relative_to(folder).as_posix(), number) for number, path in enumerate(paths, start=1))
    files = ((name, number, stated.take(name)) for name, number in named)
    for some in in_batches(files, _DICOM_AT_ONCE):
        yield DicomFiles(folder, some, ())
    yield DicomFiles(folder, (), tuple(stated.left()))


def read_part(part: Part, seen: SeenPictures) -> Iterator[Exhibit | Finding]:
    """What the part says, and what is wrong with its form; ``seen`` notes what its pictures hold."""
    if isinstance(part, Said):
        return iter(part.items)
    if isinstance(part, DicomFiles):
        return guarded(_read_dicom_files(part), part.title, "")
    items = _read_table(part, seen) if isinstance(part, PictureTable) else read_file(part.path, part.name)
    return guarded(items, part.title, part.name)


def _read_table(table: PictureTable, seen: SeenPictures) -> Iterator[Exhibit | Finding]:
    seen.look_into(table.digest, collect=True)
    return read_pictures(table.path, table.name, None if table.passed else seen)


def _read_dicom_files(part: DicomFiles) -> Iterator[Exhibit | Finding]:
    for name, number, stated in part.files:
        yield from read_dicom((part.folder / name).read_bytes(), name, number, stated)
    for name in part.missing:
        yield Finding(check="DICOM file is missing", where=part.title, detail=name)
