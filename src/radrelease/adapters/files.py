"""Files and folders written so that a crash leaves the old or the new, never half of one."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from radrelease.errors import ConfigError

__all__ = [
    "entries_below",
    "is_held",
    "lease",
    "link_or_copy",
    "make_private",
    "read_lines",
    "replace_folder",
    "retrying",
    "run_folder",
    "sha256_of",
    "sync_tree",
    "write_lines",
    "write_private",
]

_PASSING = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY})
"""What network storage answers while it is away for a moment."""

_WAITS_S = (0.1, 0.5, 2.0)

_RUNS, _HELD = "runs", "held"

Result = TypeVar("Result")


def entries_below(folder: Path) -> Iterator[Path]:
    """All that is below the folder, one by one in the order of paths; links are not followed."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from entries_below(path)


def make_private(folder: Path) -> Path:
    """Make the folder, for its owner alone (mode 0700)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` whole or not at all, for its owner alone (mode 0600)."""
    partial = path.with_name(path.name + ".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write the lines, private, whole or not at all."""
    write_private(path, "".join(f"{line}\n" for line in lines).encode())


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text file, without remarks ("#") and empty ones."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
    return [line for line in lines if line]


def retrying(read: Callable[[], Result]) -> Result:
    """What ``read`` gives; where storage fails in a way that may pass, it is asked four times in all."""
    for wait_s in _WAITS_S:
        try:
            return read()
        except OSError as error:
            if error.errno not in _PASSING:
                raise
            time.sleep(wait_s)
    return read()


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal."""

    def digest() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return retrying(digest)


def link_or_copy(source: Path, target: Path) -> None:
    """One more name for a file that nobody writes to any more; a copy where that cannot be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def sync_tree(folder: Path) -> None:
    """Bring every file below ``folder``, and the folder's own entries, to the disk."""
    for path in (folder, *folder.rglob("*")):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace_folder(new: Path, place: Path) -> None:
    """Put the folder ``new`` at ``place``; what was there goes once the new one stands.

    Across file systems the copy is made beside ``place`` under a name of its own first. What an
    interrupted call took away from ``place`` stays beside it until then.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    arriving = place.with_name(f".{place.name}.arriving")
    leaving = place.with_name(f".{place.name}.leaving")
    shutil.rmtree(arriving, ignore_errors=True)
    try:
        shutil.move(new, arriving)
        sync_tree(arriving)
    except OSError:  # the disk is full, as a rule: what is there of the copy only fills it
        shutil.rmtree(arriving, ignore_errors=True)
        raise
    if place.exists():
        shutil.rmtree(leaving, ignore_errors=True)
        place.rename(leaving)
    arriving.rename(place)
    shutil.rmtree(leaving, ignore_errors=True)


@contextmanager
def lease(work: Path) -> Iterator[str]:
    """Hold the work folder for this process, and give the run's token; a second run on it is refused.

    The locks are the kernel's, so they end with the process, however the process ends. What workers have
    not handed over lies in a folder named by the token (:func:`run_folder`): those of a run that was killed
    may live on for a while, and then write beside this run and not into it.
    """
    with (work / "lease").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mend = "Wait for it, or name another work folder"
            raise ConfigError("[release] work", "another run holds this work folder", mend) from None
        token = uuid.uuid4().hex
        file.truncate(0)
        file.write(token)
        file.flush()
        shutil.rmtree(work / _RUNS, ignore_errors=True)
        make_private(work / _RUNS)
        held = make_private(work / _RUNS / token) / _HELD
        try:
            with held.open("w") as mark:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield token
        finally:
            shutil.rmtree(work / _RUNS, ignore_errors=True)


def run_folder(work: Path) -> Path:
    """The folder of the run that holds the lease: for what is not committed yet."""
    return work / _RUNS / (work / "lease").read_text(encoding="ascii")


def is_held(folder: Path) -> bool:
    """Whether the run whose folder this is still goes on. For other processes than its own to ask."""
    try:
        with (folder / _HELD).open() as mark:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False  # a later run has taken it away
    except OSError:
        return True  # the lock is held, or storage is away for a moment
    return False
