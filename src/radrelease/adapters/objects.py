"""Objects of an S3 store, through obstore: listed, read in ranges, read whole, and written.

Credentials, region and endpoint are those of the client's environment (``AWS_ACCESS_KEY_ID`` and the
like); nothing of them, and no name of an object, is in any message. The client asks again where the store
fails for a while. What fails for longer ends the run, as it says nothing about the object.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from radrelease.errors import MissingExtra, ObjectStoreFailed
from radrelease.locations import ObjectUrl

if TYPE_CHECKING:
    from obstore.store import S3Store

__all__ = [
    "HEADER_BYTES",
    "ObjectFile",
    "Version",
    "exists",
    "first_object",
    "list_objects",
    "put_bytes",
    "put_file",
    "read_object",
    "remove",
    "sha256_of_object",
    "within",
]

_RETRIES = 10
"""With growing pauses, for some minutes."""

HEADER_BYTES = 1 << 16
"""What one request brings of a header; more than most have, and little beside the pixels."""


@dataclass(frozen=True, slots=True)
class Version:
    """What changes when an object does."""

    size: int
    e_tag: str
    modified: str

    @property
    def number(self) -> int:
        """The ETag and the time of the last change as one number, in place of a file's time."""
        digest = hashlib.sha256(f"{self.e_tag}\n{self.modified}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 1


class ObjectFile(io.RawIOBase):
    """An object as a file: its first ``at_once`` bytes, or None for all, and later what more is read of it.

    Raises :class:`FileNotFoundError` where there is no object, also where it changes while it is read.
    """

    def __init__(self, root: ObjectUrl, path: str, at_once: int | None) -> None:
        self._store, self._path, self._place = _store(root), path, 0
        self.start = b""  # as much of it as was fetched at once
        try:
            found = _obstore().get(self._store, path, options={"range": (0, at_once)} if at_once else None)
            self.version = _version(found.meta)
            self.start = bytes(found.bytes())
        except FileNotFoundError:
            raise FileNotFoundError(2, "no such object") from None
        except _errors():  # an empty object has no range
            self.version = _head(self._store, path)
            if self.version.size:
                raise ObjectStoreFailed("reading an object") from None

    name = ""
    """pydicom keeps it; an object's own says more than anybody needs to know."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.version.size}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        end = min(self.version.size, self._place + len(view))
        if self._place < len(self.start):  # what is there already, and no request for more than was asked
            end = min(end, len(self.start))
        data = b"" if self._place >= end else self._bytes(self._place, end)
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _bytes(self, start: int, end: int) -> bytes:
        if end <= len(self.start):
            return self.start[start:end]
        options: Any = {"range": (start, end), "if_match": self.version.e_tag}
        with _failures("reading an object"):
            return bytes(_obstore().get(self._store, self._path, options=options).bytes())


def within(url: ObjectUrl, path: str) -> ObjectUrl:
    """The address of what is at ``path`` below ``url``."""
    return ObjectUrl(f"{url.rstrip('/')}/{path}")


def list_objects(root: ObjectUrl) -> Iterator[tuple[str, Version]]:
    """Every object below ``root`` by its path relative to it, in the order of the store.

    Markers of folders, empty objects that others lie "in", are left out.
    """
    before: tuple[str, Version] | None = None
    for path, version in _listed(root):
        if before is not None and not (before[1].size == 0 and path.startswith(before[0] + "/")):
            yield before
        before = (path, version)
    if before is not None:
        yield before


def read_object(url: ObjectUrl) -> bytes:
    """All of an object; raises :class:`FileNotFoundError` where there is none."""
    root, _, path = url.rpartition("/")
    store = _store(ObjectUrl(root))
    return bytes(_asked("reading an object", lambda: _obstore().get(store, path).bytes()))


def first_object(root: ObjectUrl) -> str | None:
    """The path of some object below ``root``, None where there is none; does not wait long for the store."""
    with _failures("listing objects"):
        for chunk in _obstore().list(_store(root, patient=False), chunk_size=10):
            for meta in chunk:
                return str(meta["path"])
    return None


def exists(url: ObjectUrl) -> bool:
    """Whether there is an object of exactly this address."""
    root, _, path = url.rpartition("/")
    try:
        _head(_store(ObjectUrl(root)), path)
    except FileNotFoundError:
        return False
    return True


def put_file(root: ObjectUrl, path: str, file: Path | bytes) -> str:
    """Send the file or bytes, in parts where it is large, each with its SHA-256, and give its ETag."""
    return str(_asked("sending an object", lambda: _obstore().put(_store(root), path, file))["e_tag"])


def put_bytes(root: ObjectUrl, path: str, data: bytes) -> None:
    """Write a small object."""
    _asked("sending an object", lambda: _obstore().put(_store(root), path, data))


def remove(root: ObjectUrl, paths: list[str]) -> None:
    """Remove the objects; those that are not there are no error."""
    for path in paths:
        try:
            _asked("removing an object", lambda path=path: _obstore().delete(_store(root), path))
        except FileNotFoundError:
            continue


def sha256_of_object(root: ObjectUrl, path: str) -> str:
    """The SHA-256 of what the store gives back, in hexadecimal; never held in memory whole."""
    digest = hashlib.sha256()
    with _failures("reading an object"):
        for chunk in _obstore().get(_store(root), path):
            digest.update(chunk)
    return digest.hexdigest()


def _listed(root: ObjectUrl) -> Iterator[tuple[str, Version]]:
    with _failures("listing objects"):
        for chunk in _obstore().list(_store(root)):
            for meta in chunk:
                yield meta["path"], _version(meta)


def _version(meta: Mapping[str, Any]) -> Version:
    return Version(meta["size"], meta["e_tag"] or "", meta["last_modified"].isoformat())


def _head(store: S3Store, path: str) -> Version:
    return _version(_asked("reading an object", lambda: _obstore().head(store, path)))


def _asked(doing: str, ask: Any) -> Any:
    with _failures(doing):
        return ask()


@contextmanager
def _failures(doing: str) -> Iterator[None]:
    """Errors of the store without their text, which names objects."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(2, "no such object") from None
    except _errors() as error:
        name = type(error).__name__.removesuffix("Error")
        if name == "Precondition":
            raise FileNotFoundError(2, "the object has changed") from None
        raise ObjectStoreFailed(doing, name) from None


def _errors() -> tuple[type[Exception], ...]:
    return (_obstore().exceptions.BaseError, PermissionError)


def _obstore() -> Any:
    try:
        import obstore  # noqa: PLC0415 - an extra
    except ImportError:
        mend = "Run: pip install 'radrelease[s3]'"
        raise MissingExtra("s3://", "object storage is not installed", mend) from None
    return obstore


@cache
def _store(root: ObjectUrl, *, patient: bool = True) -> S3Store:
    _obstore()
    from obstore.store import S3Store  # noqa: PLC0415 - an extra

    bucket, _, prefix = root.removeprefix("s3://").partition("/")
    patience: Any = {"max_retries": _RETRIES if patient else 2}
    return S3Store(bucket, prefix=prefix or None, checksum_algorithm="SHA256", retry_config=patience)
