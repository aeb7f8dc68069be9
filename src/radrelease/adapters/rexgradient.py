"""The layout of ReXGradient-160K: metadata tables and one compressed tar of pictures, cut into parts.

Every picture is a zstd frame that holds its tar member, and every part holds whole frames: a part can
be read alone, the parts in a row are one tar, and the index says where each picture lies.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import zstandard

from radrelease.records.release import ReleaseImage, ReleaseStudy, Split

__all__ = [
    "CSV_COLUMNS",
    "INDEX_COLUMNS",
    "Frame",
    "archive_member",
    "archived_picture",
    "index_rows",
    "join_metadata",
    "part_names",
    "patient_of",
    "picture_in_own",
    "write_metadata",
    "write_parts",
]


class Frame(NamedTuple):
    """A picture's frame of a stretch: the part that it goes to, its length, and what tells its bytes."""

    image_path: str
    part: int
    length: int
    sha256: str


CSV_COLUMNS = (
    "id",
    "AccessionNumber",
    "StudyInstanceUid",
    "PatientSex",
    "PatientAge",
    "StudyDate",
    "StudyDescription",
    "Indication",
    "Comparison",
    "Findings",
    "Impression",
)
"""Columns of the CSV, as ReXGradient-160K has them."""

INDEX_COLUMNS: Mapping[str, type] = {"ImagePath": str, "part": int, "offset": int, "length": int}
"""Columns of the index, with their types."""


def patient_of(image_path: str) -> str:
    """The published PatientID in an ``ImagePath``."""
    return image_path.split("/")[2]


def archive_member(path: str, data: bytes) -> bytes:
    """The zstd frame of one tar member. Times, owners and rights are constant."""
    info = tarfile.TarInfo(path.removeprefix("../"))
    info.size = len(data)
    info.mode = 0o644
    padding = b"\0" * (-len(data) % tarfile.BLOCKSIZE)
    member = info.tobuf(tarfile.GNU_FORMAT) + data + padding
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(member)


def archived_picture(frame: bytes) -> bytes:
    """The picture in a frame that :func:`archive_member` made; "" where it cannot be read."""
    try:
        member = zstandard.ZstdDecompressor().decompress(frame)
        with tarfile.open(fileobj=io.BytesIO(member)) as archive:
            file = archive.extractfile(archive.getmembers()[0])
            return file.read() if file else b""
    except (zstandard.ZstdError, tarfile.TarError, IndexError):
        return b""


def picture_in_own(frame: bytes, length: int) -> bytes:
    """The picture of ``length`` bytes in a frame known to be one of :func:`archive_member`."""
    member = zstandard.ZstdDecompressor().decompress(frame)
    start = len(member) - length - -length % tarfile.BLOCKSIZE
    return member[start : start + length]


def part_names(parts: int) -> list[str]:
    """The names of the files that an archive of so many parts is cut into."""
    return [f"deid_png.part{part:0{max(2, len(str(parts - 1)))}d}" for part in range(parts)]


def write_parts(
    folder: Path, stretches: Iterable[tuple[Path, Iterable[Frame]]], parts: int, done: Set[str] = frozenset()
) -> Iterator[tuple[str, int, int, int]]:
    """Join the shards' stretches to ``parts`` files, each frame behind those that its part has already.

    The frames fill their stretch in order. Gives image path, part, offset and length of every frame. A part
    without any holds an empty one; parts that are ``done`` are there already.
    """
    paths = [folder / name for name in part_names(parts)]
    ends = [0] * parts
    for path, frames in stretches:
        with path.open("rb") as stretch:
            for part, own in groupby(frames, lambda frame: frame.part):
                rows = list(own)
                length = sum(frame.length for frame in rows)
                if paths[part].name in done:
                    stretch.seek(length, os.SEEK_CUR)
                else:
                    _append(paths[part], stretch, rows)
                for frame in rows:
                    yield frame.image_path, part, ends[part], frame.length
                    ends[part] += frame.length
    compressor = zstandard.ZstdCompressor(write_checksum=True)
    for path, end in zip(paths, ends, strict=True):
        if path.name not in done:
            with path.open("ab") as file:
                file.write(b"" if end else compressor.compress(b""))
                file.write(compressor.compress(b"\0" * 1024) if path is paths[-1] else b"")


def _append(path: Path, stretch: BinaryIO, frames: Iterable[Frame]) -> None:
    with path.open("ab") as file:
        for frame in frames:
            file.write(stretch.read(frame.length))


def index_rows(path: Path, rows: Iterable[tuple[str, int, int, int]]) -> None:
    """Write the index: image path, part, offset and length of its frame."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(INDEX_COLUMNS)
        writer.writerows(rows)


def write_metadata(folder: Path, split: Split, studies: Iterable[ReleaseStudy]) -> None:
    """Write the CSV and both JSON files of some studies of one split.

    The CSV and the first JSON file have what code for ReXGradient-160K knows; the one named after the
    views has every column, so that this layout lacks nothing that another has. A line is a study.
    """
    folder.mkdir(parents=True, exist_ok=True)
    in_csv, in_full, in_views = (folder / name for name in _metadata_names(split))
    with (
        in_csv.open("w", encoding="utf-8", newline="") as table,
        in_full.open("w", encoding="utf-8") as full,
        in_views.open("w", encoding="utf-8") as views,
    ):
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        separator = "{\n"
        for study in studies:
            row = _json_row(study)
            writer.writerow([study.id, *(_csv_text(row[name]) for name in CSV_COLUMNS[1:])])
            _write_item(full, separator, study.id, row)
            _write_item(views, separator, study.id, _whole_row(study) | row)
            separator = ",\n"
        for file in (full, views):
            file.write("{}\n" if separator == "{\n" else "\n}\n")


def join_metadata(folder: Path, split: Split, pieces: Sequence[Path]) -> None:
    """Write what :func:`write_metadata` would of all the studies that it wrote to the folders ``pieces``.

    Each of these holds one study at least.
    """
    write_metadata(folder, split, ())
    in_csv, *in_json = _metadata_names(split)
    if not pieces:
        return
    with (folder / in_csv).open("ab") as joined:
        for piece in pieces:
            joined.write((piece / in_csv).read_bytes().partition(b"\n")[2])
    for name in in_json:
        with (folder / name).open("wb") as joined:
            separator = b"{\n"
            for piece in pieces:
                joined.write(
                    separator + (piece / name).read_bytes().removeprefix(b"{\n").removesuffix(b"\n}\n")
                )
                separator = b",\n"
            joined.write(b"\n}\n")


def _metadata_names(split: Split) -> tuple[str, str, str]:
    """The CSV, the JSON file with its columns and more, and the one with all columns."""
    stem = f"{split.value}_metadata"
    return f"{stem}.csv", f"{stem}.json", f"{stem}_view_position.json"


def _whole_row(study: ReleaseStudy) -> dict[str, Any]:
    """Every published column but those whose place tells them; per image as lists."""
    own = {
        name: getattr(study, field)
        for field, name in _columns(ReleaseStudy)
        if name not in ("id", "Split", "StudyDate")
    }
    return own | {
        name: [getattr(image, field) for image in study.images] for field, name in _columns(ReleaseImage)
    }


@cache
def _columns(record: type) -> tuple[tuple[str, str], ...]:
    fields = dataclasses.fields(record)
    return tuple((field.name, field.metadata["column"]) for field in fields if field.name != "images")


def _write_item(file: io.TextIOBase, separator: str, key: str, row: Mapping[str, Any]) -> None:
    file.write(f"{separator}{json.dumps(key)}: {json.dumps(row, ensure_ascii=False, allow_nan=False)}")


def _csv_text(value: object) -> str:
    return "" if value is None else str(value)


def _json_row(study: ReleaseStudy) -> dict[str, Any]:
    images = study.images
    return {
        "PatientID": study.patient_id,
        "AccessionNumber": study.accession,
        "StudyInstanceUid": study.study_id,
        "PatientSex": study.sex,
        "PatientAge": study.age,
        "EthnicGroup": study.ethnic_group,
        "PatientWeight": study.weight_kg,
        "StudyDate": f"{study.study_date:%Y%m%d}",
        "StudyDescription": study.description,
        "InstitutionName": [image.institution for image in images],
        "Manufacturer": [image.manufacturer for image in images],
        "Indication": study.indication,
        "Comparison": study.comparison,
        "Findings": study.findings,
        "Impression": study.impression,
        "SeriesInstanceUid": [image.series_id for image in images],
        "SOPInstanceUid": [image.image_id for image in images],
        "ImagePath": [image.path for image in images],
        "ImageViewPosition": [image.view_position for image in images],
        "ImageModality": [image.modality for image in images],
        "ImageBodyPart": [image.body_part for image in images],
        "ImageShape": [[image.height, image.width] for image in images],
        "Rows": [image.source_rows for image in images],
        "Columns": [image.source_columns for image in images],
        "BitsStored": [image.bits_stored for image in images],
        "PhotometricInterpretation": [image.photometric for image in images],
    }
