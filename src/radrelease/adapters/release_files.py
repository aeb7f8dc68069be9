"""Reads the files of a finished release again, for the audit."""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from radrelease.adapters.json_members import read_members
from radrelease.adapters.native import PREVIEWS, column_types
from radrelease.adapters.parquet import read_column, read_rows
from radrelease.adapters.release_archive import PATIENT
from radrelease.adapters.release_faults import UNREADABLE
from radrelease.adapters.release_pictures import SeenPictures, check_form, check_pixels, check_preview
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.records.release import SectionName

__all__ = ["has_pictures", "read_file", "read_ids", "read_pictures", "read_study_rows"]

_FREE_TEXT = frozenset(name.value for name in SectionName)
_AT_ONCE, _WITH_PICTURES = 512, 4
"""Rows of a table that are read at once, without pictures and with them."""
_NUMBER_COLUMNS = frozenset({"part", "offset", "length", "StudyDate"})
_TEXT_SUFFIXES = frozenset({".md", ".cff", ".html", ".svg", ".csv", ".json", ".txt", ".toml", ""})
_DATA_URI = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


def read_file(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    """Every text of a file without pictures, and what is wrong with its form."""
    if path.suffix == ".parquet":
        yield from _read_parquet(path, name)
    elif path.suffix == ".csv":
        yield from _read_csv(path, name)
    elif path.suffix == ".json" and "metadata" in path.name:
        yield from _read_json(path, name)
    elif path.suffix in _TEXT_SUFFIXES:
        yield from _read_text(path, name)
    elif not path.name.startswith("deid_png.part") and not _is_released_dicom(name):
        yield Finding(check="unexpected file", where="a file of no known kind", detail=name)


def _is_released_dicom(name: str) -> bool:
    return name.startswith("dicom/files/") and name.endswith(".dcm")


def read_study_rows(folder: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of all per-study tables of a release, whichever layout it has, with ``columns`` at least."""
    for layout in ("native", "dicom"):
        for path in sorted((folder / layout / "studies").glob("*.parquet")):
            with suppress(*UNREADABLE):  # the reading of the whole file says so
                yield from ({**row, "where": path.name} for row in read_rows(path, columns))
        if (folder / layout).is_dir():
            return
    for path in sorted((folder / "rexgradient" / "metadata").glob("*_metadata.json")):
        for key, row in read_members(path):
            day = row["StudyDate"]
            moved = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            split = path.name.removesuffix("_metadata.json")
            yield {**row, "id": key, "Split": split, "StudyDate": moved, "where": path.name}


def read_ids(folder: Path) -> dict[str, frozenset[str]]:
    """The studies that each kind of table of a release holds, by the kind."""
    found: dict[str, set[str]] = {}
    once: dict[str, str] = {}  # each id is held once, however many tables have it

    def note(kind: str, ids: Iterable[str]) -> None:
        found.setdefault(kind, set()).update(once.setdefault(each, each) for each in ids)

    with suppress(*UNREADABLE):
        for path in sorted(
            (*(folder / "native").glob("*/*.parquet"), *(folder / "dicom").glob("*/*.parquet"))
        ):
            note(path.parent.relative_to(folder).as_posix(), read_column(path, "id"))
        for path in sorted((folder / "rexgradient" / "metadata").glob("*_metadata.json")):
            note("rexgradient/metadata", (key for key, _ in read_members(path)))
    return {name: frozenset(ids) for name, ids in found.items()}


def _read_text(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    text = path.read_text(encoding="utf-8")
    for picture in _DATA_URI.findall(text):
        yield from check_form(base64.b64decode(picture), name, "embedded picture", depth=8)
    for number, line in enumerate(_DATA_URI.sub("", text).splitlines(), start=1):
        yield Exhibit(name, f"line {number}", line)


def _read_csv(path: Path, name: str) -> Iterator[Exhibit]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            yield from _cells(name, number, row)


def _read_json(path: Path, name: str) -> Iterator[Exhibit]:
    for number, (key, row) in enumerate(read_members(path), start=1):
        yield from _cells(name, number, {"id": key, **row})


def _read_parquet(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    with pq.ParquetFile(path) as file:
        yield from _notes_of(file, name)
        for number, row in _rows_of(file, _AT_ONCE):
            yield from _cells(name, number, row)


def has_pictures(path: Path) -> bool:
    """Whether the table has pictures; one that cannot be read is told of where it is read."""
    try:
        return "images" in pq.read_schema(path).names
    except UNREADABLE:
        return False


def read_pictures(path: Path, name: str, seen: SeenPictures | None) -> Iterator[Exhibit | Finding]:
    """Every text of a table with pictures, and what is wrong with them; without ``seen`` they have passed."""
    with pq.ParquetFile(path) as file:
        yield from _notes_of(file, name)
        paths = [file.schema.column(place).path for place in range(len(file.schema))]
        columns = [path for path in paths if seen or not path.endswith(".bytes")]
        for number, row in _rows_of(file, _WITH_PICTURES if seen else _AT_ONCE, columns):
            pictures, previews = row.pop("images"), row.pop(PREVIEWS, None)
            yield from _cells(name, number, row)
            beside = [None] * len(pictures) if previews is None else previews
            for picture, small, stated in zip(pictures, beside, row["PixelSha256"], strict=True):
                yield Exhibit(name, f"row {number}, picture", picture["path"], row["PatientID"])
                if small is not None:
                    yield Exhibit(name, f"row {number}, preview", small["path"], row["PatientID"])
                if seen:
                    yield from _check_picture(picture["bytes"], stated, small, name, f"row {number}", seen)


def _check_picture(
    picture: bytes, stated: str, preview: Mapping[str, Any] | None, name: str, place: str, seen: SeenPictures
) -> Iterator[Exhibit | Finding]:
    """What is wrong with a picture of a row and, where there is one, with its preview."""
    yield from check_form(picture, name, f"{place}, picture", depth=16)
    yield from check_pixels(picture, stated, name, f"{place}, picture", seen)
    if preview is not None:
        yield from check_form(preview["bytes"], name, f"{place}, preview", depth=8)
        yield from check_preview(preview["bytes"], picture, name, f"{place}, preview", seen)


def _rows_of(
    file: pq.ParquetFile, at_once: int, columns: Sequence[str] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows with their numbers, so many of them read at once."""
    batches = file.iter_batches(batch_size=at_once, columns=columns)
    return enumerate((row for batch in batches for row in batch.to_pylist()), start=1)


def _notes_of(file: pq.ParquetFile, name: str) -> Iterator[Exhibit | Finding]:
    """The notes of a table and of its columns, and the columns that no table of a release has.

    A column of another type may hold what nothing reads: a further field beside each picture.
    """
    schema = file.schema_arrow
    yield Exhibit(name, "file metadata", file.metadata.created_by or "")
    of_columns = ((f"column {number}", field.metadata) for number, field in enumerate(schema))
    for place, notes in (("file metadata", schema.metadata), *of_columns):
        for key, value in (notes or {}).items():
            yield Exhibit(name, place, f"{key.decode(errors='replace')} {value.decode(errors='replace')}")
    known = column_types()
    for number, field in enumerate(schema):
        if field.type not in known.get(field.name, ()):
            yield Finding(check="unexpected column", where=f"{name}, column {number}", detail=field.name)


def _cells(name: str, number: int, row: dict[str, Any]) -> Iterator[Exhibit]:
    """The row's texts. Its own pseudonyms tell whose row it is."""
    found = PATIENT.search(str(row.get("PatientID") or row.get("id") or row.get("ImagePath") or ""))
    patient_id = found[1] if found else ""
    for column, value in row.items():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str) and item and not _is_own_number(column, item):
                place = f"row {number}, column {column}" if column else f"row {number}"
                yield Exhibit(name, place, item, patient_id, free_text=column in _FREE_TEXT)


def _is_own_number(column: str, value: str) -> bool:
    """Whether the value is a number of ours by its column; among so many, some equal somebody's number."""
    return column in _NUMBER_COLUMNS and value.isascii() and value.isdigit() and len(value) <= 14
