"""The form and the pixels of a released picture, for the audit."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.png import decode_png, encode_preview
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.stages.knowledge.compact import DigestMap
from radrelease.stages.pictures.gray_levels import pixel_bytes

__all__ = ["Held", "SeenPictures", "check_form", "check_pixels", "check_preview"]

_LARGEST_PREVIEW = 1024
_SEEN = "passed_pictures.parquet"
_PICTURE, _HOLDS, _NUMBER = 34, 32, 4
"""Bytes of what a picture or preview is known by, of what it holds, and of the number of its file."""


def check_form(data: bytes, name: str, place: str, *, depth: int) -> Iterator[Exhibit | Finding]:
    """The picture must be gray, of ``depth`` bits, and have no chunk but those that draw it."""
    for kind, content in _png_chunks(data):
        if kind == b"IHDR":
            if content[8] != depth or content[9] not in (0, 3):
                yield Finding(
                    check="form of a picture", where=f"{name}, {place}", detail=str(bytes(content[8:10]))
                )
        elif kind not in (b"IDAT", b"IEND", b"PLTE"):
            yield Exhibit(name, f"{place}, chunk", str(content, "latin-1"))
            yield Finding(check="chunk in a picture", where=f"{name}, {place}", detail=kind.decode("latin-1"))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of each chunk, and what else there is; contents are not copied."""
    view = memoryview(data)
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        yield b"not PNG", view[:64]
        return
    place = 8
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            break
        yield data[place + 4 : place + 8], view[place + 8 : end]
        if zlib.crc32(view[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            yield b"bad checksum", view[:0]
        place = end + 4
    if place != len(data):
        yield b"trailing bytes", view[place:]


Held = tuple[bytes, bytes]
"""A picture or preview by what it is known by, and what it holds; see ``_Seen``."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture of a file, or a file: ``picture`` is empty, and ``holds`` what was stated of them."""

    file: bytes  # SHA-256 of the file in which it was found
    picture: bytes  # SHA-256 of its PNG bytes, then of a preview of it the longest side, 2 bytes
    holds: bytes  # SHA-256 of its pixels, or of the preview that it gives


class SeenPictures:
    """What pictures have been found to hold, so that one is decoded once, whichever layouts hold it.

    ``work`` is where an earlier audit has left what it found. A picture is known by its bytes, so that it
    need not be asked where they come from; one that cannot be decoded is not known. So is a file of which all
    pictures have passed: they are not looked into again.
    """

    def __init__(self, work: Path | None = None) -> None:
        self.work = work
        self._place = work / _SEEN if work else None
        self._passed: dict[bytes, bytes] = {}
        self._done: dict[bytes, bytes] = {}
        self._files: dict[bytes, int] = {}  # a number for each file that pictures were found in
        self._held = DigestMap(_PICTURE, _HOLDS + _NUMBER)
        self._file = b""
        self._found: list[Held] | None = None  # in that file, where somebody asks
        self._last: tuple[bytes, NDArray[np.uint16]] | None = None
        self._keyed: tuple[bytes, bytes] | None = None
        for row in read_records(self._place, _Seen) if self._place and self._place.is_file() else ():
            if row.picture:
                self._note(row.file, row.picture.ljust(_PICTURE, b"\0"), row.holds)
            else:
                self._passed[row.file] = row.holds

    def passed(self, file: str) -> bytes | None:
        """What was stated of the pictures of the file with that SHA-256 when they passed, or None."""
        return self._passed.get(bytes.fromhex(file)) if file else None

    def look_into(self, file: str, *, collect: bool = False) -> None:
        """From here on, pictures that are asked for are in the file with that SHA-256."""
        self._file, self._found = bytes.fromhex(file), [] if collect else None

    def found(self) -> tuple[Held, ...]:
        """What the pictures hold that were asked for since :meth:`look_into`, if that was to be collected."""
        return tuple(self._found or ())

    def take_over(self, file: str, held: Iterable[Held]) -> None:
        """Another process has gone through the file, and this is what it :meth:`found`."""
        self.look_into(file)
        for picture, holds in held:
            self._note(self._file, picture, holds)
        self.done(file)

    def done(self, file: str, stated: bytes = b"") -> None:
        """The file was gone through; ``stated`` is a digest of what is said elsewhere of its pictures."""
        if file:
            self._done[bytes.fromhex(file)] = stated

    def keep(self) -> None:
        """Leave what an audit that passed has found, or taken from an earlier one, for the next version's."""
        if self._place is None:
            return
        names = dict(zip(self._files.values(), self._files, strict=True))
        files = (_Seen(file, b"", stated) for file, stated in self._done.items())
        pictures = (
            _Seen(file, picture, row[:_HOLDS])
            for picture, row in self._held.items()
            if (file := names[int.from_bytes(row[_HOLDS:])]) in self._done
        )
        write_records(self._place, _Seen, chain(files, pictures))

    def pixels_in(self, png: bytes) -> bytes:
        """The SHA-256 of the pixels, big-endian uint16, row by row; none where they cannot be decoded."""
        key = self._key_of(png)
        return self._known(key + bytes(2), lambda: pixel_bytes(self._decoded(key, png)))

    def preview_in(self, png: bytes, side: int) -> bytes:
        """The SHA-256 of the preview with that longest side; none where the picture cannot be decoded."""
        key = self._key_of(png)
        return self._known(key + side.to_bytes(2), lambda: encode_preview(self._decoded(key, png), side))

    def _key_of(self, png: bytes) -> bytes:
        """Its SHA-256; of one picture, asked for several times in a row."""
        if self._keyed is None or self._keyed[0] is not png:
            self._keyed = png, hashlib.sha256(png).digest()
        return self._keyed[1]

    def _known(self, picture: bytes, make: Callable[[], bytes]) -> bytes:
        row = self._held.get(picture)
        try:
            holds = row[:_HOLDS] if row else hashlib.sha256(make()).digest()
        except (OSError, ValueError, SyntaxError):
            return b""
        self._note(self._file, picture, holds)
        if self._found is not None:
            self._found.append((picture, holds))
        return holds

    def _note(self, file: bytes, picture: bytes, holds: bytes) -> None:
        """Note what a picture holds, and the file where it was found last."""
        number = self._files.setdefault(file, len(self._files))
        self._held[picture] = holds + number.to_bytes(_NUMBER)

    def _decoded(self, key: bytes, png: bytes) -> NDArray[np.uint16]:
        if self._last is None or self._last[0] != key:
            self._last = key, decode_png(png)
        return self._last[1]


def check_pixels(data: bytes, digest: str, name: str, place: str, seen: SeenPictures) -> Iterator[Finding]:
    """The picture must decode, to the pixels whose SHA-256 the table states."""
    if seen.pixels_in(data).hex() != digest:
        yield Finding(check="pixels are not those of the table", where=f"{name}, {place}", detail="")


def check_preview(
    small: bytes, picture: bytes, name: str, place: str, seen: SeenPictures
) -> Iterator[Finding]:
    """A preview is to the byte what its picture gives; what it is made of is the picture's to answer for."""
    side = max(struct.unpack(">II", small[16:24])) if len(small) > 24 else 0
    made = seen.preview_in(picture, side) if 0 < side <= _LARGEST_PREVIEW else b""
    if hashlib.sha256(small).digest() != made:
        yield Finding(check="preview is not of its picture", where=f"{name}, {place}", detail="")
