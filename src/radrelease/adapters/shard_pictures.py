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

import radrelease
from radrelease.adapters.parquet import read_column, read_records, write_records
from radrelease.adapters.png import encoder_identity, preview_identity
from radrelease.adapters.rexgradient import picture_in_own
from radrelease.config import Config
from radrelease.config.pictures import Images
from radrelease.records.pixels import PictureFacts
from radrelease.records.private import Instance

__all__ = [
    "ARCHIVE",
    "PICTURES",
    "PREVIEWS",
    "EarlierPictures",
    "KeptPicture",
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


PREVIEWS = "previews"
"""In a shard's folder: the previews of these pictures, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPicture:
    """A picture of a shard, and where its frame lies in the archive and its preview among these, bytes."""

    image_path: str
    offset: int
    length: int
    preview_offset: int
    preview_length: int
    png_length: int
    key: str  # what it was drawn from; "" where it must not be used again
    facts: PictureFacts
    sha256: str  # of the frame and the preview


@dataclass(frozen=True, slots=True, eq=False)
class KeptPicture:
    """A picture as a shard has it: its ``ImagePath``, its frame of the legacy archive, and what is in it."""

    path: str
    facts: PictureFacts
    png: bytes
    preview: bytes
    frame: bytes


class PictureWriter:
    """Writes one shard's pictures, in order, and then their rows."""

    def __init__(self, archive: BinaryIO, previews: BinaryIO) -> None:
        self._archive, self._previews = archive, previews
        self.rows: list[ShardPicture] = []

    def write(self, key: str, picture: KeptPicture) -> None:
        """Add a picture that was drawn of what ``key`` stands for."""
        row = ShardPicture(
            image_path=picture.path,
            offset=self._archive.tell(),
            length=len(picture.frame),
            preview_offset=self._previews.tell(),
            preview_length=len(picture.preview),
            png_length=len(picture.png),
            key=key,
            facts=picture.facts,
            sha256=_digest(picture.frame, picture.preview),
        )
        self._archive.write(picture.frame)
        self._previews.write(picture.preview)
        self.rows.append(row)


def _digest(frame: bytes, preview: bytes) -> str:
    digest = hashlib.sha256(frame)
    digest.update(preview)
    return digest.hexdigest()


@contextmanager
def open_pictures(shard: Path) -> Iterator[PictureWriter]:
    """A writer of the pictures of the shard in that folder."""
    with (shard / ARCHIVE).open("wb") as archive, (shard / PREVIEWS).open("wb") as previews:
        writer = PictureWriter(archive, previews)
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
    made_by = (radrelease.__version__, encoder_identity(), preview_identity())
    return json.dumps((*made_by, settings), sort_keys=True)


def keys_of(shard: Path) -> list[str]:
    """The keys of a committed shard's pictures that may be used again."""
    if not (shard / PICTURES).is_file():
        return []  # of a software that kept none
    return [key for key in read_column(shard / PICTURES, "key") if key]


class EarlierPictures:
    """The pictures of one committed shard, by key."""

    def __init__(self, shard: Path) -> None:
        self._shard = shard
        self._by_path = {row.image_path: row for row in read_records(shard / PICTURES, ShardPicture)}
        self._by_key = {row.key: row for row in self._by_path.values() if row.key}

    def get(self, key: str) -> KeptPicture | None:
        """The picture that was drawn of what ``key`` stands for; None where it is not there as it was."""
        row = self._by_key.get(key)
        return None if row is None else self._read(row)

    def at(self, path: str) -> tuple[str, KeptPicture] | None:
        """The picture of that ``ImagePath``, after its key; None where it is not there as it was."""
        row = self._by_path.get(path)
        picture = None if row is None else self._read(row)
        return None if row is None or picture is None else (row.key, picture)

    def has(self, key: str, picture: KeptPicture) -> bool:
        """Whether it has that very picture, drawn of what ``key`` stands for."""
        row = self._by_path.get(picture.path)
        digest = _digest(picture.frame, picture.preview)
        return row is not None and (row.key, row.facts, row.sha256) == (key, picture.facts, digest)

    def size_of(self, paths: Iterable[str]) -> int:
        """The bytes of the frames of these pictures."""
        return sum(self._by_path[path].length for path in paths if path in self._by_path)

    def _read(self, row: ShardPicture) -> KeptPicture | None:
        frame = _stretch(self._shard / ARCHIVE, row.offset, row.length)
        small = _stretch(self._shard / PREVIEWS, row.preview_offset, row.preview_length)
        if _digest(frame, small) != row.sha256:
            return None
        png = picture_in_own(frame, row.png_length)
        return KeptPicture(row.image_path, row.facts, png, small, frame)


def _stretch(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


@lru_cache(maxsize=4)  # more than a shard of this version takes from, as a rule
def open_earlier(shard: Path) -> EarlierPictures:
    """The pictures of the shard, read once for all studies that are looked for in it."""
    return EarlierPictures(shard)
