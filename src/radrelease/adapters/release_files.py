"""Reads a finished release again, every file of it, for the audit."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import struct
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from radrelease.adapters.dicom_audit import StatedFiles, read_dicom
from radrelease.adapters.files import sha256_of
from radrelease.adapters.native import PREVIEWS
from radrelease.adapters.png import decode_png, preview
from radrelease.exhibits import Exhibit
from radrelease.records import Finding, ReleaseImage, ReleaseStudy, SectionName

__all__ = ["read_ids", "read_release", "read_study_rows", "verify_checksums", "write_checksums"]

SUMS = "SHA256SUMS"
_FREE_TEXT = frozenset(name.value for name in SectionName)
_COLUMNS = frozenset(
    item.metadata["column"] for record in (ReleaseStudy, ReleaseImage) for item in fields(record)
) | {"images", PREVIEWS}
_UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException, tarfile.TarError, zstandard.ZstdError)
_NUMBER_COLUMNS = frozenset({"part", "offset", "length", "StudyDate"})
_TEXT_SUFFIXES = frozenset({".md", ".cff", ".html", ".svg", ".csv", ".json", ".txt", ".toml", ""})
_DATA_URI = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
_PATIENT = re.compile(r"\bp?([A-Z]{4}[A-Z0-9]{12})(?=_|/|\b)")


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS over every other file of ``folder``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def verify_checksums(folder: Path) -> Iterator[Finding]:
    """Findings for files that are missing, changed or not listed."""
    listed = {}
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    present = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name != SUMS
    }
    for name in sorted(listed.keys() ^ present.keys()):
        yield Finding(check="checksums", where=SUMS, detail=f"{name} is missing or not listed")
    for name in sorted(listed.keys() & present.keys()):
        if sha256_of(present[name]) != listed[name]:
            yield Finding(check="checksums", where=name, detail="the file has changed")


def read_release(folder: Path) -> Iterator[Exhibit | Finding]:
    """Every text of the release, and what is wrong with the form of a file."""
    for number, path in enumerate(sorted(folder.rglob("*"))):
        name = path.relative_to(folder).as_posix()
        yield Exhibit(".", f"name of entry {number}", name)
        if path.is_symlink() or path.name.startswith("."):
            yield Finding(check="link or hidden file", where=f"entry {number}", detail=name)
        if path.is_dir() or not path.is_file():
            continue
        yield from _guarded(_read_file(path, name), f"entry {number}", name)
    if (folder / "rexgradient").is_dir():
        yield from _guarded(_read_archive(folder / "rexgradient"), "rexgradient/deid_png", "")
    if (folder / "dicom").is_dir():
        yield from _guarded(_read_dicom_layout(folder / "dicom"), "dicom", "")


def _guarded(items: Iterator[Exhibit | Finding], where: str, name: str) -> Iterator[Exhibit | Finding]:
    """The items; a file that cannot be read to its end is a finding too."""
    try:
        yield from items
    except _UNREADABLE as error:
        yield Finding(check="file cannot be read", where=where, detail=f"{name} {type(error).__name__}")


def _read_file(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    if path.suffix == ".parquet":
        yield from _read_parquet(path, name)
    elif path.suffix == ".csv":
        yield from _read_csv(path, name)
    elif path.suffix == ".json" and "metadata" in path.name:
        yield from _read_json(path, name)
    elif path.suffix in _TEXT_SUFFIXES and path.name != SUMS:
        yield from _read_text(path, name)
    elif path.name != SUMS and not path.name.startswith("deid_png.part") and not _is_released_dicom(name):
        yield Finding(check="unexpected file", where="a file of no known kind", detail=name)


def _is_released_dicom(name: str) -> bool:
    return name.startswith("dicom/files/") and name.endswith(".dcm")


def _read_dicom_layout(folder: Path) -> Iterator[Exhibit | Finding]:
    """Every DICOM file against what the tables of the layout say of it; none may be missing."""
    stated = StatedFiles(folder)
    for number, path in enumerate(sorted((folder / "files").rglob("*.dcm")), start=1):
        name = path.relative_to(folder).as_posix()
        yield from read_dicom(path.read_bytes(), name, number, stated.take(name))
    for missing in stated.left():
        yield Finding(check="DICOM file is missing", where="dicom/files", detail=missing)


def read_study_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of all per-study tables of a release, whichever layout it has."""
    for layout in ("native", "dicom"):
        for path in sorted((folder / layout / "studies").glob("*.parquet")):
            with suppress(*_UNREADABLE):  # the reading of the whole file says so
                for batch in pq.ParquetFile(path).iter_batches():
                    yield from ({**row, "where": path.name} for row in batch.to_pylist())
        if (folder / layout).is_dir():
            return
    for path in sorted((folder / "rexgradient" / "metadata").glob("*_metadata.json")):
        for key, row in json.loads(path.read_text(encoding="utf-8")).items():
            day = row["StudyDate"]
            moved = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            split = path.name.removesuffix("_metadata.json")
            yield {**row, "id": key, "Split": split, "StudyDate": moved, "where": path.name}


def read_ids(folder: Path) -> dict[str, frozenset[str]]:
    """The studies that each kind of table of a release holds, by the kind."""
    found: dict[str, set[str]] = {}
    with suppress(*_UNREADABLE):
        for path in sorted(
            (*(folder / "native").glob("*/*.parquet"), *(folder / "dicom").glob("*/*.parquet"))
        ):
            ids = pq.read_table(path, columns=["id"])["id"].to_pylist()
            found.setdefault(path.parent.relative_to(folder).as_posix(), set()).update(ids)
        for path in sorted((folder / "rexgradient" / "metadata").glob("*_metadata.json")):
            rows = json.loads(path.read_text(encoding="utf-8"))
            found.setdefault("rexgradient/metadata", set()).update(rows)
    return {name: frozenset(ids) for name, ids in found.items()}


def _read_text(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    text = path.read_text(encoding="utf-8")
    for picture in _DATA_URI.findall(text):
        yield from _png_form(base64.b64decode(picture), name, "embedded picture", depth=8)
    for number, line in enumerate(_DATA_URI.sub("", text).splitlines(), start=1):
        yield Exhibit(name, f"line {number}", line)


def _read_csv(path: Path, name: str) -> Iterator[Exhibit]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            yield from _cells(name, number, row)


def _read_json(path: Path, name: str) -> Iterator[Exhibit]:
    for number, (key, row) in enumerate(json.loads(path.read_text(encoding="utf-8")).items(), start=1):
        yield from _cells(name, number, {"id": key, **row})


def _read_parquet(path: Path, name: str) -> Iterator[Exhibit | Finding]:
    with pq.ParquetFile(path) as file:
        yield from _schema(file.schema_arrow, name)
        yield Exhibit(name, "file metadata", file.metadata.created_by or "")
        number = 0
        for batch in file.iter_batches(batch_size=64):
            for row in batch.to_pylist():
                number += 1
                pictures, previews = row.pop("images", None), row.pop(PREVIEWS, None)
                yield from _cells(name, number, row)
                if pictures is not None:
                    yield from _pictures_of(row, pictures, name, f"row {number}, picture")
                if previews is not None:
                    yield from _previews_of(row, pictures, previews, name, f"row {number}, preview")


def _pictures_of(
    row: dict[str, Any], pictures: list[Any], name: str, place: str
) -> Iterator[Exhibit | Finding]:
    for picture, digest in zip(pictures, row["PixelSha256"], strict=True):
        yield Exhibit(name, place, picture["path"], row["PatientID"])
        yield from _png_form(picture["bytes"], name, place, depth=16)
        yield from _png_pixels(picture["bytes"], digest, name, place)


def _previews_of(
    row: dict[str, Any], pictures: list[Any], previews: list[Any], name: str, place: str
) -> Iterator[Exhibit | Finding]:
    """A preview is to the byte what its picture gives; what it is made of is the picture's to answer for."""
    for small, picture in zip(previews, pictures, strict=True):
        yield Exhibit(name, place, small["path"], row["PatientID"])
        yield from _png_form(small["bytes"], name, place, depth=8)
        if small["bytes"] != _preview_like(small["bytes"], picture["bytes"]):
            yield Finding(check="preview is not of its picture", where=f"{name}, {place}", detail="")


def _preview_like(small: bytes, picture: bytes) -> bytes | None:
    """The preview of the picture, of the size of ``small``; none where either cannot be read."""
    sides = struct.unpack(">II", small[16:24]) if len(small) > 24 else (0,)
    with suppress(OSError, ValueError, SyntaxError):
        return preview(picture, max(sides)) if 0 < max(sides) <= 1024 else None
    return None


def _schema(schema: pa.Schema, name: str) -> Iterator[Exhibit | Finding]:
    """The notes of a table and of its columns, and the columns that no table of a release has."""
    of_columns = ((f"column {number}", field.metadata) for number, field in enumerate(schema))
    for place, notes in (("file metadata", schema.metadata), *of_columns):
        for key, value in (notes or {}).items():
            yield Exhibit(name, place, f"{key.decode(errors='replace')} {value.decode(errors='replace')}")
    for number, column in enumerate(schema.names):
        if column not in _COLUMNS:
            yield Finding(check="unexpected column", where=f"{name}, column {number}", detail=column)


def _cells(name: str, number: int, row: dict[str, Any]) -> Iterator[Exhibit]:
    """The row's texts. Its own pseudonyms tell whose row it is."""
    found = _PATIENT.search(str(row.get("PatientID") or row.get("id") or row.get("ImagePath") or ""))
    patient_id = found[1] if found else ""
    for column, value in row.items():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str) and item and not _is_own_number(column, item):
                place = f"row {number}, column {column}" if column else f"row {number}"
                yield Exhibit(name, place, item, patient_id, free_text=column in _FREE_TEXT)


def _is_own_number(column: str, value: str) -> bool:
    """Whether the value is a number of ours by its column; among so many, some equal somebody's number."""
    return column in _NUMBER_COLUMNS and value.isascii() and value.isdigit() and len(value) <= 14


def _read_archive(folder: Path) -> Iterator[Exhibit | Finding]:
    """The members of the joined parts, and each part's own beginning."""
    parts = sorted(folder.glob("deid_png.part*"))
    name = "rexgradient/deid_png"
    listed = _listed_pictures(folder)
    with _Joined(parts) as joined, tarfile.open(fileobj=joined, mode="r|") as archive:
        for number, member in enumerate(archive, start=1):
            found = _PATIENT.search(member.name)
            text = " ".join(
                (member.name, member.uname, member.gname, member.linkname, *member.pax_headers.values())
            )
            yield Exhibit(name, f"member {number}", text, found[1] if found else "")
            if member.mtime or member.uid or member.gid:
                yield Finding(
                    check="archive header", where=f"{name}, member {number}", detail="time or owner"
                )
            file = archive.extractfile(member)
            data = file.read() if file else b""
            yield from _png_form(data, name, f"member {number}", depth=16)
            digest = listed.pop(f"../{member.name}", None)
            if digest is None:
                yield Finding(
                    check="picture in no table", where=f"{name}, member {number}", detail=member.name
                )
            elif digest:
                yield from _png_pixels(data, digest, name, f"member {number}")
    for missing in sorted(listed):
        yield Finding(check="picture not in the archive", where=name, detail=missing)


def _listed_pictures(folder: Path) -> dict[str, str]:
    """ImagePath to the digest of its pixels, as the native layout states it where it is beside this one."""
    listed: dict[str, str] = {}
    for path in sorted((folder / "metadata").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")).values():
            paths = row["ImagePath"]
            listed |= dict(zip(paths, row.get("PixelSha256", [""] * len(paths)), strict=True))
    for path in sorted((folder.parent / "native" / "images").glob("*.parquet")):
        table = pq.read_table(path, columns=["ImagePath", "PixelSha256"])
        listed |= dict(zip(table["ImagePath"].to_pylist(), table["PixelSha256"].to_pylist(), strict=True))
    return listed


class _Joined(io.RawIOBase):
    """The decompressed bytes of the parts in a row."""

    def __init__(self, parts: list[Path]) -> None:
        self._parts = iter(parts)
        self._open: tuple[BinaryIO, BinaryIO] | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; none at the end of the last part."""
        while True:
            if self._open is None:
                part = next(self._parts, None)
                if part is None:
                    return b""
                file = part.open("rb")
                reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
                self._open = (reader, file)
            data = self._open[0].read(size)
            if data:
                return data
            self._close_part()

    def close(self) -> None:
        """Close the part that is open."""
        self._close_part()
        super().close()

    def _close_part(self) -> None:
        for stream in self._open or ():
            stream.close()
        self._open = None


def _png_form(data: bytes, name: str, place: str, *, depth: int) -> Iterator[Exhibit | Finding]:
    """The picture must be gray, of ``depth`` bits, and have no chunk but those that draw it."""
    for kind, content in _png_chunks(data):
        if kind == b"IHDR":
            if content[8] != depth or content[9] not in (0, 3):
                yield Finding(check="form of a picture", where=f"{name}, {place}", detail=str(content[8:10]))
        elif kind not in (b"IDAT", b"IEND", b"PLTE"):
            yield Exhibit(name, f"{place}, chunk", content.decode("latin-1"))
            yield Finding(check="chunk in a picture", where=f"{name}, {place}", detail=kind.decode("latin-1"))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        yield b"not PNG", data[:64]
        return
    place = 8
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        if place + 12 + length > len(data):
            break
        kind, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        yield kind, content
        if zlib.crc32(kind + content) != check:
            yield b"bad checksum", b""
        place += 12 + length
    if place != len(data):
        yield b"trailing bytes", data[place:]


def _png_pixels(data: bytes, digest: str, name: str, place: str) -> Iterator[Finding]:
    try:
        found = hashlib.sha256(decode_png(data).astype(np.dtype(">u2")).tobytes()).hexdigest()
    except (OSError, ValueError, SyntaxError):
        found = ""
    if found != digest:
        yield Finding(check="pixels are not those of the table", where=f"{name}, {place}", detail="")
