"""Where inputs lie: folders and files here, or objects of a store. Nobody else asks which.

What is read is compared with what was catalogued by its size and by ``modified_ns``, so a file or an
object that has changed since is noticed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from radrelease.adapters import objects
from radrelease.adapters.files import retrying, sha256_of
from radrelease.locations import Place

__all__ = [
    "Opened",
    "ReportFile",
    "list_files",
    "local_name",
    "open_input",
    "raw_name",
    "report_files",
    "sha256_of_input",
]

_AT_ONCE = 1 << 18
"""Bytes in one request for what follows the start of an object."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to be read, its size and time when it was opened, and a way to ask for both again.

    Of an object, which is fetched as it was, ``modified_ns`` is :attr:`objects.Version.number`.
    """

    file: BinaryIO
    size: int
    modified_ns: int
    now: Callable[[], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file with one report or a table of them; ``location`` is how the private tables name it."""

    place: Place
    location: str

    @property
    def name(self) -> str:
        return self.location.rpartition("/")[2]

    def is_regular(self) -> bool:
        """Whether it is a file, and no link or device."""
        return not isinstance(self.place, Path) or (self.place.is_file() and not self.place.is_symlink())

    def read(self) -> bytes:
        """All its bytes; raises :class:`OSError`."""
        place = self.place
        return retrying(place.read_bytes) if isinstance(place, Path) else objects.read_object(place)

    def open(self) -> Path | BytesIO:
        """What a reader of Parquet takes."""
        return self.place if isinstance(self.place, Path) else BytesIO(self.read())


def report_files(reports: Place) -> Iterator[ReportFile]:
    """The file, or every file below the folder, those of a folder before its folders."""
    if isinstance(reports, Path):
        yield from _local_reports(reports)
    elif objects.exists(reports):
        yield ReportFile(reports, reports.rpartition("/")[2])
    else:
        paths = sorted((path for path, _ in objects.list_objects(reports)), key=_files_first)
        yield from (ReportFile(objects.within(reports, path), path) for path in paths)


@contextmanager
def open_input(root: Place, path: str, *, whole: bool = False) -> Iterator[Opened]:
    """The file at ``path`` as :func:`list_files` wrote it, where ``whole`` fetched at once.

    Raises :class:`OSError` for a file, and :class:`ObjectStoreFailed` for a store, that cannot be read.
    """
    if isinstance(root, Path):
        with open(local_name(root, path), "rb") as file:  # noqa: PTH123 - a Path takes longer than all of this
            yield Opened(file, *_version_of(file), lambda: _version_of(file))
        return
    found = objects.ObjectFile(root, raw_name(path).decode(), at_once=None if whole else objects.HEADER_BYTES)
    fetched = BytesIO(found.start) if whole else io.BufferedReader(found, _AT_ONCE)
    version = (found.version.size, found.version.number)
    yield Opened(cast("BinaryIO", fetched), *version, lambda: version)


def list_files(root: Place) -> Iterator[str]:
    """Every entry below ``root`` that is not a folder, in one order, as a path relative to it.

    Links are listed and not followed: what they lead to need not belong to the export. A folder
    that may not be listed stands for what is in it.
    """
    if isinstance(root, Path):
        yield from _list_folder(os.fsencode(root), b"")
    else:
        yield from (_as_text(path.encode()) for path, _ in objects.list_objects(root))


def local_name(root: Path, path: str) -> str:
    """Where the file of a folder of this machine is, for :mod:`os`."""
    name = path if "\\" not in path else os.fsdecode(raw_name(path))
    return f"{root}/{name}"


def raw_name(path: str) -> bytes:
    """The path that :func:`list_files` wrote as text; names need not be UTF-8."""
    return path.encode().decode("unicode_escape").encode("latin-1")


def sha256_of_input(root: Place, path: str) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal; raises :class:`OSError`."""
    if not isinstance(root, Path):
        return objects.sha256_of_object(root, raw_name(path).decode())
    return sha256_of(root / os.fsdecode(raw_name(path)))


def _version_of(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _local_reports(reports: Path) -> Iterator[ReportFile]:
    if not reports.is_dir():
        yield ReportFile(reports, reports.name)
        return
    for folder, folders, names in os.walk(reports):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            yield ReportFile(path, _printable(path.relative_to(reports).as_posix()))


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _files_first(path: str) -> list[tuple[bool, str]]:
    """A key by which paths are in the order in which a folder is walked."""
    *folders, name = path.split("/")
    return [*((True, folder) for folder in folders), (False, name)]


def _list_folder(root: bytes, folder: bytes) -> Iterator[str]:
    try:
        found = retrying(lambda: _entries(os.path.join(root, folder)))  # noqa: PTH118 - names are bytes
    except OSError:
        yield _as_text(folder)
        return
    for name, is_folder in found:
        path = os.path.join(folder, name)  # noqa: PTH118 - names are bytes
        if is_folder:
            yield from _list_folder(root, path)
        else:
            yield _as_text(path)


def _entries(folder: bytes) -> list[tuple[bytes, bool]]:
    """The names in the folder, in order, and which of them are folders."""
    with os.scandir(folder) as entries:
        return sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)


def _as_text(path: bytes) -> str:
    r"""The path as ASCII in which every other byte, and the backslash, is written ``\xNN``."""
    if path.isascii() and b"\\" not in path:
        return path.decode("ascii")
    return "".join(chr(byte) if byte < 0x80 and byte != 0x5C else f"\\x{byte:02x}" for byte in path)
