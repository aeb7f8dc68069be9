"""``openings.jsonl`` of a sealed folder, an entry a line, on the disk before anything is opened."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from radrelease.errors import DamagedLog
from radrelease.records.sealing import OPENINGS, Opening
from radrelease.stages.sealed.commitment import canonical_json
from radrelease.stages.sealed.openings import chain_holds

__all__ = ["append_opening", "hold_log", "openings_of", "read_log"]


@contextmanager
def hold_log(folder: Path) -> Iterator[BinaryIO]:
    """The folder's log, for this process alone; made where there is none.

    A build puts a new folder in the place of the old one and takes the log along, so whoever has waited
    looks whether what it holds is still the log that lies there.
    """
    path = folder / OPENINGS
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                yield file
                return


def read_log(data: bytes) -> Sequence[Opening]:
    """Every entry of a log; raises :class:`DamagedLog` where the chain does not hold.

    A last line without an end is of a program that was killed while it wrote, and has opened nothing.
    """
    try:
        log = [_entry(line) for line in data.split(b"\n")[:-1]]
    except (ValueError, TypeError):
        raise DamagedLog from None
    if not chain_holds(log):
        raise DamagedLog
    return log


def openings_of(sealed: Path) -> Sequence[Opening]:
    """The log of a sealed folder as it is now; empty where nothing was ever opened."""
    log = sealed / OPENINGS
    return read_log(log.read_bytes()) if log.is_file() else ()


def append_opening(file: BinaryIO, opening: Opening) -> None:
    """Add the entry after the last whole one, and return when it is on the disk."""
    file.seek(0)
    file.truncate(file.read().rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)
    file.write(canonical_json(asdict(opening)) + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _entry(line: bytes) -> Opening:
    """The entry; raises :class:`ValueError` for a line that says it in other bytes than ours."""
    entry = Opening(**json.loads(line))
    if canonical_json(asdict(entry)) != line:
        raise ValueError("not canonical")
    return entry
