"""What keeps a file of a finished release from being read to its end: for the audit a finding as others."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

import pyarrow as pa
import zstandard

from radrelease.records.exhibits import Exhibit, Finding

__all__ = ["UNREADABLE", "guarded"]

UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException, tarfile.TarError, zstandard.ZstdError)
"""The errors of what reads files, where these are not what they should be."""


def guarded(items: Iterator[Exhibit | Finding], where: str, name: str) -> Iterator[Exhibit | Finding]:
    """The items; a file that cannot be read to its end is a finding too."""
    try:
        yield from items
    except UNREADABLE as error:
        yield Finding(check="file cannot be read", where=where, detail=f"{name} {type(error).__name__}")
