"""SHA256SUMS of a release and of each of its layouts, in the form that ``sha256sum -c`` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from radrelease.adapters.files import sha256_of
from radrelease.records.exhibits import Finding
from radrelease.records.publication import MANIFEST, SUMS

__all__ = [
    "checksum_lists",
    "digests_of",
    "files_below",
    "present_digests",
    "read_sums",
    "sums_text",
    "verify_checksums",
    "write_checksums",
]

_AT_A_TIME = 4
"""Hashing leaves other threads run, and a disk is faster than one of them."""


def files_below(folder: Path) -> list[str]:
    """The paths of all files below the folder, links among them, relative to it and in order."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def digests_of(
    folder: Path, names: list[str], done: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, str]]:
    """Each name with the SHA-256 of its file; ``done`` is called after each."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for name, digest in zip(names, pool.map(lambda name: sha256_of(folder / name), names), strict=True):
            done()
            yield name, digest


def sums_text(digests: Mapping[str, str]) -> str:
    """The content of SHA256SUMS."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))


def read_sums(path: Path) -> dict[str, str]:
    """Digest by name; raises :class:`ValueError` for a line of another form."""
    listed = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or not name:
            raise ValueError("a line is no checksum")
        listed[name] = digest
    return listed


def write_checksums(folder: Path, known: Mapping[str, str] | None = None) -> None:
    """Write SHA256SUMS of every layout in ``folder``, over its own files, then over all of ``folder``.

    ``known`` are digests of files that need not be read again.
    """
    digests = dict(known or {})
    done = checksum_lists(folder) | digests.keys()
    digests |= digests_of(folder, [name for name in _no_links(folder) if name not in done])
    for layout in _layouts(folder):
        place = f"{layout}/{SUMS}"
        (folder / place).write_text(sums_text(_within(digests, layout)), encoding="utf-8")
        digests[place] = sha256_of(folder / place)
    (folder / SUMS).write_text(sums_text(digests), encoding="utf-8")


def checksum_lists(folder: Path) -> frozenset[str]:
    """The paths of SHA256SUMS of a release and of its layouts; a file of that name elsewhere is none."""
    return frozenset({SUMS, *(f"{layout}/{SUMS}" for layout in _layouts(folder))})


def present_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a release but its list of them, which is read for it."""
    return dict(digests_of(folder, [name for name in _no_links(folder) if name != SUMS]))


def verify_checksums(folder: Path, present: Mapping[str, str]) -> Iterator[Finding]:
    """Findings for files that are missing, changed or not listed, and for lists that say anything else.

    ``present`` is what :func:`present_digests` gave.
    """
    try:
        listed = read_sums(folder / SUMS)
    except (OSError, ValueError) as error:
        yield Finding(check="checksums", where=SUMS, detail=type(error).__name__)
        return
    found = list(_differences(listed, present))
    yield from found or _check_texts(folder, present)


def _differences(listed: Mapping[str, str], present: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(listed.keys() ^ present.keys()):
        yield Finding(check="checksums", where=SUMS, detail=f"{name} is missing or not listed")
    for name in sorted(listed.keys() & present.keys()):
        if present[name] != listed[name]:
            yield Finding(check="checksums", where=name, detail="the file has changed")


def _check_texts(folder: Path, present: Mapping[str, str]) -> Iterator[Finding]:
    """Each list must be, to the letter, what the files give: it is read by nobody else."""
    expected = {SUMS: dict(present)} | {
        f"{layout}/{SUMS}": _within(present, layout) for layout in _layouts(folder)
    }
    for name, digests in expected.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != sums_text(digests).encode():
            yield Finding(check="checksums", where=name, detail="the list is not that of the files")


def _no_links(folder: Path) -> list[str]:
    """The files that checksums are of; a link is a finding of its own, wherever it leads."""
    return [name for name in files_below(folder) if not (folder / name).is_symlink()]


def _layouts(folder: Path) -> list[str]:
    """The folders that are published each by itself."""
    return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))


def _within(digests: Mapping[str, str], layout: str) -> dict[str, str]:
    start = f"{layout}/"
    return {
        name.removeprefix(start): digest
        for name, digest in digests.items()
        if name.startswith(start) and name != f"{start}{SUMS}"
    }
