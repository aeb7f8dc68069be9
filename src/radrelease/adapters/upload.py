"""Brings a finished folder to an object store, so that half of it never looks like a release.

First a marker is set and the manifest of what was there is removed; the manifest comes last, and then the
marker goes. Every object is read back and compared. What was found to be right is noted in the work folder,
so a run after an interruption, or of a later version, sends only what is missing or new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from radrelease.adapters import objects
from radrelease.adapters.files import make_private, sha256_of
from radrelease.errors import ObjectStoreFailed
from radrelease.locations import ObjectUrl
from radrelease.progress import Progress
from radrelease.records.publication import MANIFEST, UNFINISHED

__all__ = ["MARK", "Journal", "Sent", "send_object", "upload_folder"]

MARK = b"An upload is under way, or was interrupted.\n"
"""What the file that marks an unfinished upload says."""

_AT_A_TIME = 8
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, and the ETag that the store gave it."""

    sha256: str
    e_tag: str


class Journal:
    """What is known to be in the store, one object a line."""

    def __init__(self, folder: Path, url: ObjectUrl) -> None:
        self._folder = folder
        self._path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.tsv"
        self._lock = Lock()

    def read(self) -> Mapping[str, Sent]:
        """What was noted; a last line that was cut short is not."""
        if not self._path.exists():
            return {}
        lines = self._path.read_text(encoding="utf-8").split("\n")[:-1]
        rows = [line.split("\t") for line in lines]
        return {name: Sent(digest, e_tag) for digest, e_tag, name in rows}

    def note(self, name: str, sent: Sent) -> None:
        """Say that the object has been read back."""
        make_private(self._folder)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(f"{sent.sha256}\t{sent.e_tag}\t{name}\n")


def upload_folder(folder: Path, url: ObjectUrl, notes: Path, progress: Progress) -> None:
    """Make what is below ``url`` equal to ``folder``; ``notes`` is a private folder for what is done.

    Raises :class:`ObjectStoreFailed` where the store fails for longer, and can then be called again.
    """
    journal = Journal(notes, url)
    digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in _files(folder)}
    noted, there = journal.read(), dict(objects.list_objects(url))
    done = {
        name
        for name, digest in digests.items()
        if name in there and noted.get(name) == Sent(digest, there[name].e_tag)
    }
    surplus = sorted(there.keys() - digests.keys())
    if len(done) == len(digests) and not surplus:
        return
    objects.put_bytes(url, UNFINISHED, MARK)
    objects.remove(url, [MANIFEST, *(name for name in surplus if name != UNFINISHED)])
    missing = sorted(digests.keys() - done - {MANIFEST})
    with progress.step(f"Uploading to {url}", len(missing) + 1) as step:

        def send(name: str) -> None:
            send_object(url, name, folder / name, digests[name], journal)
            step.advance()

        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for _ in pool.map(send, missing):
                pass
        send(MANIFEST)
    objects.remove(url, [UNFINISHED])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def send_object(url: ObjectUrl, name: str, source: Path | bytes, digest: str, journal: Journal) -> None:
    """Send what is to be at ``name``, read it back, compare, and note it."""
    for _ in range(_TRIES):
        e_tag = objects.put_file(url, name, source)
        if objects.sha256_of_object(url, name) == digest:
            journal.note(name, Sent(digest, e_tag))
            return
    raise ObjectStoreFailed("sending an object", "it comes back with another checksum")
