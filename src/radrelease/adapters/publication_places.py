"""A folder, and a prefix of an object store, as places to publish to.

Both take a file, read it back and compare before the next step; neither knows visibility or tags.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from radrelease.adapters import objects
from radrelease.adapters.checksums import digests_of, files_below
from radrelease.adapters.files import sha256_of
from radrelease.adapters.layout_manifest import parse_manifest
from radrelease.adapters.upload import MARK, Journal, Sent, send_object
from radrelease.errors import StorageFailed
from radrelease.locations import ObjectUrl
from radrelease.records.publication import MANIFEST, UNFINISHED, LocalFile, Remote, RemoteFile

__all__ = ["FolderPlace", "ObjectPlace"]

_AT_A_TIME = 8
_PARTIAL = ".partial"


class FolderPlace:
    """A folder of this machine, or of what is mounted on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look(self) -> Remote:
        """What the folder holds; writes nothing."""
        names = files_below(self._folder) if self._folder.is_dir() else []
        real = [name for name in names if not (self._folder / name).is_symlink()]
        digests = dict(digests_of(self._folder, real))
        files = tuple(
            RemoteFile(path=name, size=(self._folder / name).lstat().st_size, sha256=digests.get(name))
            for name in names
        )
        manifest = (self._folder / MANIFEST).read_bytes() if MANIFEST in digests else b""
        return Remote(files=files, layout=_layout(manifest))

    def mark(self) -> None:
        """Say that what is there is not whole."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / UNFINISHED).write_bytes(MARK)

    def remove(self, paths: Sequence[str]) -> None:
        """Remove the files, and folders that are empty then."""
        for path in paths:
            place = self._folder / path
            place.unlink(missing_ok=True)
            while place.parent != self._folder and not any(place.parent.iterdir()):
                place = place.parent
                place.rmdir()

    def upload(self, files: Sequence[LocalFile]) -> None:
        """Copy the files, each whole or not at all."""
        for file in files:
            self._copy(file)

    def finish(self, manifest: LocalFile) -> None:
        """Copy the manifest and take the mark away."""
        self._copy(manifest)
        (self._folder / UNFINISHED).unlink(missing_ok=True)

    def _copy(self, file: LocalFile) -> None:
        place = self._folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(place.name + _PARTIAL)
        with partial.open("wb") as target:
            if isinstance(file.source, bytes):
                target.write(file.source)
            else:
                with file.source.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        if sha256_of(partial) != file.sha256:
            raise StorageFailed(f"{file.path} was not written as it was audited. Run the same command again")
        partial.replace(place)


class ObjectPlace:
    """All below a prefix of an object store; ``notes`` is a private folder for what is known to be there."""

    def __init__(self, url: ObjectUrl, notes: Path) -> None:
        self._url = url
        self._journal = Journal(notes, url)

    def look(self) -> Remote:
        """What the store holds; the checksum is known of what was sent from this work folder."""
        noted = self._journal.read()
        files = tuple(
            RemoteFile(path=name, size=version.size, sha256=_noted(noted.get(name), version.e_tag))
            for name, version in objects.list_objects(self._url)
        )
        has_manifest = any(file.path == MANIFEST for file in files)
        manifest = objects.read_object(objects.within(self._url, MANIFEST)) if has_manifest else b""
        return Remote(files=files, layout=_layout(manifest))

    def mark(self) -> None:
        """Say that what is there is not whole."""
        objects.put_bytes(self._url, UNFINISHED, MARK)

    def remove(self, paths: Sequence[str]) -> None:
        """Remove the objects."""
        objects.remove(self._url, list(paths))

    def upload(self, files: Sequence[LocalFile]) -> None:
        """Send the files, each read back."""
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for _ in pool.map(self._send, files):
                pass

    def finish(self, manifest: LocalFile) -> None:
        """Send the manifest and take the mark away."""
        self._send(manifest)
        objects.remove(self._url, [UNFINISHED])

    def _send(self, file: LocalFile) -> None:
        send_object(self._url, file.path, file.source, file.sha256, self._journal)


def _noted(sent: Sent | None, e_tag: str) -> str | None:
    return sent.sha256 if sent is not None and sent.e_tag == e_tag else None


def _layout(manifest: bytes) -> str:
    try:
        return parse_manifest(manifest).layout
    except ValueError:
        return ""
