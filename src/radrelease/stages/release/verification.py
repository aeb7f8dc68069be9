"""What a receiver's files say against what a release states of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from radrelease.records.publication import (
    MANIFEST,
    SUMS,
    SUMS_OF_PHYSIONET,
    UNFINISHED,
    Fault,
    FaultKind,
    LayoutManifest,
    SplitCount,
)

__all__ = ["compare_counts", "compare_files", "ignored"]

_OF_TOOLS = (".git/", ".cache/")
"""What programs that fetch a repository leave beside the files."""


def ignored(path: str) -> bool:
    """Whether a file comes of how a release was fetched or lists it, and is no part of it."""
    return path in {".gitattributes", SUMS, SUMS_OF_PHYSIONET} or path.startswith(_OF_TOOLS)


def compare_files(
    listed: Mapping[str, str], found: Mapping[str, str], cut_short: Set[str]
) -> Iterator[Fault]:
    """Every file that is missing, changed or not listed, by SHA-256; ``cut_short`` are files without end."""
    for path in sorted(listed.keys() - found.keys()):
        yield Fault(path=path, kind=FaultKind.MISSING)
    for path in sorted(found.keys() - listed.keys()):
        detail = "the upload was not finished" if path == UNFINISHED else ""
        yield Fault(path=path, kind=FaultKind.EXTRA, detail=detail)
    for path in sorted(listed.keys() & found.keys()):
        if listed[path] != found[path]:
            yield Fault(path=path, kind=FaultKind.TRUNCATED if path in cut_short else FaultKind.CHANGED)


def compare_counts(manifest: LayoutManifest, kind: str, counted: Mapping[str, SplitCount]) -> Iterator[Fault]:
    """Where one kind of table holds another number of studies or pictures than the manifest states."""
    for split in sorted({*manifest.splits, *counted}):
        none = SplitCount(studies=0, images=0)
        stated, found = manifest.splits.get(split, none), counted.get(split, none)
        if stated != found:
            detail = (
                f"{split} holds {found.studies} studies with {found.images} pictures;"
                f" {MANIFEST} says {stated.studies} with {stated.images}"
            )
            yield Fault(path=kind, kind=FaultKind.UNREADABLE, detail=detail)
