"""Parts of the legacy archive that are as the release in place has them, and so are not joined again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import radrelease
from radrelease.adapters.files import link_or_copy, sha256_of
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.rexgradient import Frame, part_names

__all__ = ["contents_of", "keep_parts", "take_over_parts"]

_PARTS = "parts.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptPart:
    name: str
    content: str  # the digest of what it was joined of
    sha256: str


def contents_of(frames: Iterable[Frame], parts: int) -> dict[str, str]:
    """The digest of all that a part is joined of, by its name."""
    names = part_names(parts)
    digests = [hashlib.sha256(f"{radrelease.__version__}\n{name == names[-1]}\n".encode()) for name in names]
    for frame in frames:
        digests[frame.part].update(f"{frame.image_path}\n{frame.length}\n{frame.sha256}\n".encode())
    return {name: digest.hexdigest() for name, digest in zip(names, digests, strict=True)}


def take_over_parts(folder: Path, contents: Mapping[str, str], in_place: Path, work: Path) -> dict[str, str]:
    """Have those parts in ``folder`` that the layout ``in_place`` has of the same; their SHA-256, by name.

    One that has changed since it was made is left where it is.
    """
    path, taken = work / _PARTS, {}
    for row in read_records(path, _KeptPart) if path.is_file() else ():
        if contents.get(row.name) == row.content and (in_place / row.name).is_file():
            link_or_copy(in_place / row.name, folder / row.name)
            if sha256_of(folder / row.name) == row.sha256:
                taken[row.name] = row.sha256
            else:
                (folder / row.name).unlink()
    return taken


def keep_parts(digests: Mapping[str, str], contents: Mapping[str, str], work: Path) -> None:
    """Note what the parts of a release were joined of, for the next version."""
    rows = (_KeptPart(name=name, content=contents[name], sha256=digests[name]) for name in contents)
    write_records(work / _PARTS, _KeptPart, rows)
