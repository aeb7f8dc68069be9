"""Reads the legacy archive of a finished release again, member by member, for the audit."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import zstandard

from radrelease.adapters.json_members import read_members
from radrelease.adapters.parquet import read_column
from radrelease.adapters.release_pictures import SeenPictures, check_form, check_pixels
from radrelease.records.exhibits import Exhibit, Finding

__all__ = ["PATIENT", "read_archive"]

PATIENT = re.compile(r"\bp?([A-Z]{4}[A-Z0-9]{12})(?=_|/|\b)")
"""The published PatientID at the start of an id or a path."""


_AT_ONCE = 1 << 20
"""Bytes that are taken out of the archive at a time; a picture has about so many."""


def read_archive(folder: Path, digests: Mapping[str, str], seen: SeenPictures) -> Iterator[Exhibit | Finding]:
    """The members of the joined parts, and each part's own beginning.

    ``digests`` are the SHA-256 of the files of the release. The pictures of a part that has passed before are
    not looked into, where the tables state the same of them.
    """
    parts = sorted(folder.glob("deid_png.part*"))
    keys = [digests.get(f"{folder.name}/{part.name}", "") for part in parts]
    passed = [seen.passed(key) for key in keys]
    stated = [hashlib.sha256() for _ in parts]
    yield from _read_members(folder, parts, keys, passed, stated, seen)
    if any(before not in (None, now.digest()) for before, now in zip(passed, stated, strict=True)):
        stated = [hashlib.sha256() for _ in parts]
        yield from _read_members(folder, parts, keys, [None] * len(parts), stated, seen)
    for key, now in zip(keys, stated, strict=True):
        seen.done(key, now.digest())


def _read_members(
    folder: Path,
    parts: Sequence[Path],
    keys: Sequence[str],
    passed: Sequence[bytes | None],
    stated: Sequence[hashlib._Hash],
    seen: SeenPictures,
) -> Iterator[Exhibit | Finding]:
    """Every member; ``stated`` takes up what the tables state of the pictures of each part."""
    name = "rexgradient/deid_png"
    listed = {_key_of(path): digest for path, digest in _listed_pictures(folder)}
    with _Joined(parts) as joined, tarfile.open(fileobj=joined, mode="r|", bufsize=_AT_ONCE) as archive:
        for number, member in enumerate(archive, start=1):
            found = PATIENT.search(member.name)
            text = " ".join(
                (member.name, member.uname, member.gname, member.linkname, *member.pax_headers.values())
            )
            yield Exhibit(name, f"member {number}", text, found[1] if found else "")
            if member.mtime or member.uid or member.gid:
                yield Finding(
                    check="archive header", where=f"{name}, member {number}", detail="time or owner"
                )
            digest = listed.pop(_key_of(f"../{member.name}"), None)
            part = joined.part_at(member.offset)
            stated[part].update(f"{member.name}\0{digest}\0".encode("utf-8", "surrogatepass"))
            if digest is None:
                yield Finding(
                    check="picture in no table", where=f"{name}, member {number}", detail=member.name
                )
            if passed[part] is None:
                seen.look_into(keys[part])
                file = archive.extractfile(member)
                data = file.read() if file else b""
                yield from check_form(data, name, f"member {number}", depth=16)
                if digest:
                    yield from check_pixels(data, digest, name, f"member {number}", seen)
    missing = {path for path, _ in _listed_pictures(folder) if _key_of(path) in listed} if listed else ()
    for path in sorted(missing):
        yield Finding(check="picture not in the archive", where=name, detail=path)


def _listed_pictures(folder: Path) -> Iterator[tuple[str, str]]:
    """Every ImagePath with the digest of its pixels, as the native layout beside this one states it.

    A path comes once for each table that has it; what the last of them states counts, "" being nothing.
    """
    for path in sorted((folder / "metadata").glob("*.json")):
        for _, row in read_members(path):
            paths = row["ImagePath"]
            yield from zip(paths, row.get("PixelSha256", [""] * len(paths)), strict=True)
    for path in sorted((folder.parent / "native" / "images").glob("*.parquet")):
        yield from zip(read_column(path, "ImagePath"), read_column(path, "PixelSha256"), strict=True)


def _key_of(path: str) -> bytes:
    """128 bits that stand for the path, which is long."""
    return hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Joined(io.RawIOBase):
    """The decompressed bytes of the parts in a row."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._parts = iter(parts)
        self._open: tuple[BinaryIO, BinaryIO] | None = None
        self._starts: list[int] = []
        self._length = 0

    def part_at(self, offset: int) -> int:
        """The number of the part in which the byte at ``offset`` is, of those that have been read."""
        return bisect_right(self._starts, offset) - 1

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
                self._starts.append(self._length)
            data = self._open[0].read(size)
            if data:
                self._length += len(data)
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
