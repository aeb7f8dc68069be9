"""What all checks of a received layout share: faults, splits, and the pictures."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import zstandard

from radrelease.adapters.dicom_strict import Malformed
from radrelease.adapters.png import decode_png
from radrelease.records.publication import Fault, FaultKind
from radrelease.records.release import Split
from radrelease.stages.pictures.gray_levels import pixel_sha256

__all__ = ["Loaded", "attempt", "check_picture", "guarded", "split_of", "unreadable"]

_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, SyntaxError, Malformed, pa.ArrowException, tarfile.TarError,
    zstandard.ZstdError,
)  # fmt: skip

Result = TypeVar("Result")


@dataclass(slots=True)
class Loaded:
    """How many pictures have been decoded."""

    pictures: int = 0


def unreadable(path: str, detail: str) -> Fault:
    """A fault of a file that is there and does not give what it should."""
    return Fault(path=path, kind=FaultKind.UNREADABLE, detail=detail)


def attempt(path: str, read: Callable[[], Result]) -> tuple[Result | None, tuple[Fault, ...]]:
    """What ``read`` gives, or None and the fault that it cannot."""
    try:
        return read(), ()
    except _UNREADABLE as error:
        return None, (unreadable(path, type(error).__name__),)


def guarded(path: str, faults: Iterator[Fault]) -> Iterator[Fault]:
    """The faults; what cannot be read to its end is one too."""
    try:
        yield from faults
    except _UNREADABLE as error:
        yield unreadable(path, type(error).__name__)


def split_of(path: Path) -> str:
    """The split that a file's name begins with, "" if with none; the hub knows valid as validation."""
    return next((split.value for split in Split if path.name.startswith(split.value)), "")


def check_picture(
    data: bytes, name: str, picture: str, loaded: Loaded, digest: str | None = None
) -> Iterator[Fault]:
    """The picture must decode, and to the pixels that ``digest`` is of."""
    try:
        pixels = decode_png(data)
    except _UNREADABLE:
        yield unreadable(name, f"picture {picture}")
        return
    loaded.pictures += 1
    if digest is not None and pixel_sha256(pixels) != digest:
        yield unreadable(name, f"picture {picture} has other pixels")
