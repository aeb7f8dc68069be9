"""The form and the pixels of a released picture, for the audit."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from radrelease.adapters.png import decode_png, preview
from radrelease.exhibits import Exhibit
from radrelease.records import Finding

__all__ = ["check_form", "check_pixels", "check_preview"]


def check_form(data: bytes, name: str, place: str, *, depth: int) -> Iterator[Exhibit | Finding]:
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


def check_pixels(data: bytes, digest: str, name: str, place: str) -> Iterator[Finding]:
    """The picture must decode, to the pixels whose SHA-256 the table states."""
    try:
        found = hashlib.sha256(decode_png(data).astype(np.dtype(">u2")).tobytes()).hexdigest()
    except (OSError, ValueError, SyntaxError):
        found = ""
    if found != digest:
        yield Finding(check="pixels are not those of the table", where=f"{name}, {place}", detail="")


def check_preview(small: bytes, picture: bytes, name: str, place: str) -> Iterator[Finding]:
    """A preview is to the byte what its picture gives; what it is made of is the picture's to answer for."""
    if small != _preview_like(small, picture):
        yield Finding(check="preview is not of its picture", where=f"{name}, {place}", detail="")


def _preview_like(small: bytes, picture: bytes) -> bytes | None:
    """The preview of the picture, of the size of ``small``; none where either cannot be read."""
    sides = struct.unpack(">II", small[16:24]) if len(small) > 24 else (0,)
    with suppress(OSError, ValueError, SyntaxError):
        return preview(picture, max(sides)) if 0 < max(sides) <= 1024 else None
    return None
