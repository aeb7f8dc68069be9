"""The pictures of a shard: where they lie, what they were drawn from, and how they are used again.

A new patient brings names that must be taken out of everybody's reports, so that all shards are made again;
what the picture of an unchanged file looks like does not hang on names
(docs/decisions/0023-earlier-pictures.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq

import radrelease
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.png import encoder_identity
from radrelease.adapters.rexgradient import archive_member, archived_picture
from radrelease.config import Config, Images
from radrelease.pixel_records import PictureFacts
from radrelease.records import Instance

__all__ = [
    "ARCHIVE",
    "PICTURES",
    "EarlierPictures",
    "PictureWriter",
    "ShardPicture",
    "keys_of",
    "open_earlier",
    "open_pictures",
    "picture_key",
]

ARCHIVE = "archive"
"""In a shard's folder: its pictures, each a member of the legacy archive."""

PICTURES = "pictures.parquet"
"""In a shard's folder: a row for each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPicture:
    """A picture of a shard, and where its frame lies in the archive, bytes."""

    image_path: str
    offset: int
    length: int
    key: str  # what it was drawn from; "" where it must not be used again
    facts: PictureFacts
    png_sha256: str


class PictureWriter:
    """Writes one shard's pictures, in order, and then their rows."""

    def __init__(self, archive: BinaryIO) -> None:
        self._archive = archive
        self.rows: list[ShardPicture] = []

    def write(self, path: str, key: str, facts: PictureFacts, png: bytes) -> None:
        """Add a picture under its ``ImagePath``."""
        frame = archive_member(path, png)
        row = ShardPicture(
            image_path=path,
            offset=self._archive.tell(),
            length=len(frame),
            key=key,
            facts=facts,
            png_sha256=hashlib.sha256(png).hexdigest(),
        )
        self._archive.write(frame)
        self.rows.append(row)


@contextmanager
def open_pictures(shard: Path) -> Iterator[PictureWriter]:
    """A writer of the pictures of the shard in that folder."""
    with (shard / ARCHIVE).open("wb") as archive:
        writer = PictureWriter(archive)
        yield writer
    write_records(shard / PICTURES, ShardPicture, writer.rows)


def picture_key(instance: Instance, config: Config) -> str:
    """What a picture's bytes depend on: the file, known by place, size and time, and how it is drawn.

    "" where more goes into it: text is looked for in the pixels, by names that may have become more, or DICOM
    files are asked for, which need the decoded pixels.
    """
    if "dicom" in config.release.layouts or config.pixel_policies[instance.source] != "off":
        return ""
    file = (instance.source, instance.path, instance.sop_uid, instance.size_bytes, instance.modified_ns)
    return hashlib.sha256(json.dumps((_drawing(config.images), *file)).encode()).hexdigest()


@lru_cache(maxsize=1)
def _drawing(images: Images) -> str:
    settings = images.model_dump(mode="json")
    return json.dumps((radrelease.__version__, encoder_identity(), settings), sort_keys=True)


def keys_of(shard: Path) -> list[str]:
    """The keys of a committed shard's pictures that may be used again."""
    if not (shard / PICTURES).is_file():
        return []  # of a software that kept none
    return [key for key in pq.read_table(shard / PICTURES, columns=["key"])["key"].to_pylist() if key]


class EarlierPictures:
    """The pictures of some committed shards, by key."""

    def __init__(self, shards: Iterable[Path]) -> None:
        self._rows = {
            row.key: (shard, row)
            for shard in shards
            for row in read_records(shard / PICTURES, ShardPicture)
            if row.key
        }

    def get(self, key: str) -> tuple[PictureFacts, bytes] | None:
        """What is said of the picture, and its PNG bytes; None where it is not there as it was."""
        if key not in self._rows:
            return None
        shard, row = self._rows[key]
        with (shard / ARCHIVE).open("rb") as archive:
            archive.seek(row.offset)
            png = archived_picture(archive.read(row.length))
        return (row.facts, png) if hashlib.sha256(png).hexdigest() == row.png_sha256 else None


@lru_cache(maxsize=2)
def open_earlier(shards: tuple[Path, ...]) -> EarlierPictures:
    """The pictures of ``shards``; asked for once per study, and read once per task."""
    return EarlierPictures(shards)
