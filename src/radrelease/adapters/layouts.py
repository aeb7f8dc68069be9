"""The layouts of a finished release, read study by study and picture by picture.

What a layout gives: ``len``, the row of one study by its index, rows of some columns in order, and
the PNG bytes of one picture. Rows are by published column names, per-image columns as lists. Nothing
is held but what finds a row; a layout can be pickled, and used after a fork.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from radrelease.adapters.legacy_archive import LegacyArchive
from radrelease.adapters.native import file_split
from radrelease.adapters.parquet_rows import ParquetRows
from radrelease.errors import ConfigError, DamagedRelease
from radrelease.records.release import Split

__all__ = ["ImageKey", "Layout", "find_layout"]

_PICTURES = ("id", "images.list.element.bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageKey:
    """One picture of a release."""

    index: int  # of the study in the release
    id: str  # of the study
    number: int  # of the picture in the study
    image_id: str


class Layout(Protocol):
    """What can be read of a layout."""

    path: Path

    def __len__(self) -> int: ...

    def row(self, index: int) -> Mapping[str, Any]:
        """The row of one study."""

    def rows(self, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The rows of all studies, at least these columns of them."""

    def png(self, key: ImageKey) -> bytes:
        """The bytes of a picture's file. Raises :class:`DamagedRelease`."""


def find_layout(path: Path) -> Layout:
    """The layout at ``path``, or the first one below it. Raises :class:`ConfigError` where there is none."""
    for folder in (path, path / "native", path / "rexgradient"):
        if any((folder / "studies").glob("*.parquet")) and (folder / "data").is_dir():
            return NativeLayout(folder)
        if any((folder / "metadata").glob("*_metadata_view_position.json")):
            return LegacyLayout(folder)
    raise ConfigError(
        str(path),
        "no release is here",
        "Name the folder of a release, or of its layout native or rexgradient (files of the layout dicom are"
        " read with pydicom)",
    )


class NativeLayout:
    """Parquet: rows from the small table of studies, pictures from the large ones beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        splits = [file_split(split) for split in Split]
        self._studies = ParquetRows([*_existing(path / "studies", splits, ".parquet")], ahead=16)
        self._data = ParquetRows([*_existing(path / "data", splits, "-*.parquet")])

    def __len__(self) -> int:
        return len(self._studies)

    def row(self, index: int) -> Mapping[str, Any]:
        """The row of one study."""
        return self._studies.row(index)

    def rows(self, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The rows of all studies."""
        return self._studies.rows(columns)

    def png(self, key: ImageKey) -> bytes:
        """The bytes of a picture's file."""
        try:
            row = self._data.row(key.index, _PICTURES)
        except (IndexError, OSError, pa.ArrowException) as error:
            raise DamagedRelease("data", "a file is missing or cannot be read") from error
        if row["id"] != key.id:
            raise DamagedRelease("data", "its studies are not those of the table beside it")
        data: bytes = row["images"][key.number]["bytes"]
        return data


class LegacyLayout:
    """The layout of ReXGradient-160K: a line of JSON per study, and the archive through its index."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = LegacyArchive(path)
        self._lines: list[tuple[Path, str, int, int]] | None = None

    def __len__(self) -> int:
        return len(self._places())

    def row(self, index: int) -> Mapping[str, Any]:
        """The row of one study."""
        path, split, start, end = self._places()[index]
        with path.open("rb") as file:
            file.seek(start)
            return _parsed(file.read(end - start), split)

    def rows(self, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:  # noqa: ARG002 - lines are whole
        """The rows of all studies."""
        for path, split in self._files():
            with path.open("rb") as file:
                yield from (_parsed(line, split) for line in file if line.startswith(b'"'))

    def png(self, key: ImageKey) -> bytes:
        """The bytes of a picture's file."""
        return self._archive.png(key.image_id)

    def _files(self) -> Iterator[tuple[Path, str]]:
        for split in Split:
            for path in _existing(self.path / "metadata", [split.value], "_metadata_view_position.json"):
                yield path, split.value

    def _places(self) -> list[tuple[Path, str, int, int]]:
        """File, split, first and last byte of every study's line."""
        if self._lines is None:
            self._lines = []
            for path, split in self._files():
                with path.open("rb") as file:
                    place = 0
                    for line in file:
                        if line.startswith(b'"'):
                            self._lines.append((path, split, place, place + len(line)))
                        place += len(line)
        return self._lines


def _existing(folder: Path, names: Sequence[str], ending: str) -> Iterator[Path]:
    for name in names:
        yield from sorted(folder.glob(name + ending))


def _parsed(line: bytes, split: str) -> Mapping[str, Any]:
    """The study of one line: ``"<id>": {...},``."""
    try:
        ((key, row),) = json.loads(b"{" + line.strip().removesuffix(b",") + b"}").items()
    except ValueError as error:
        raise DamagedRelease("metadata", "a line of JSON cannot be read") from error
    return {**row, "id": key, "Split": split}
