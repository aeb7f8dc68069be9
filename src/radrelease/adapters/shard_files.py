"""All files of a shard: their checksums, and how they are used again as they are."""

from __future__ import annotations

from pathlib import Path

from radrelease.adapters.checksums import files_below, read_sums, sums_text
from radrelease.adapters.files import link_or_copy, sha256_of

__all__ = ["hand_out", "is_untouched", "take_over_files", "write_sums"]

_SUMS = "SHA256SUMS"
"""In a shard's folder: the checksums of all other files of it."""


def write_sums(shard: Path) -> None:
    """Note the checksums of the finished shard in that folder."""
    (shard / _SUMS).write_text(sums_text(_digests(shard)), encoding="ascii")


def is_untouched(shard: Path) -> bool:
    """Whether no file of the shard in that folder has been written to since its checksums were noted.

    By the times of files alone, in which it is unlike :func:`take_over_files`.
    """
    if not (shard / _SUMS).is_file():
        return shard.is_dir()
    noted_at = (shard / _SUMS).stat().st_mtime_ns
    return all((shard / name).stat().st_mtime_ns <= noted_at for name in files_below(shard))


def take_over_files(earlier: Path, shard: Path) -> bool:
    """Have the files of a committed shard in the folder ``shard`` too, if each is as it was made."""
    noted = _noted(earlier)
    if not noted or noted != _digests(earlier):
        return False
    for name in (*sorted(noted), _SUMS):
        (shard / name).parent.mkdir(exist_ok=True)
        link_or_copy(earlier / name, shard / name)
    return True


def hand_out(shard: Path, name: str, target: Path) -> str | None:
    """Have a file of a committed shard at ``target`` too; its SHA-256, None where that was not noted."""
    link_or_copy(shard / name, target)
    return _noted(shard).get(name)


def _noted(shard: Path) -> dict[str, str]:
    try:
        return read_sums(shard / _SUMS)
    except (OSError, ValueError):
        return {}  # of a software that noted none, or damaged


def _digests(shard: Path) -> dict[str, str]:
    return {name: sha256_of(shard / name) for name in files_below(shard) if name != _SUMS}
