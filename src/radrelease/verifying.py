"""Verifying: whether a release, as it was received, is complete, unchanged and loadable.

Needs neither a configuration nor a key. Accepts a whole release, one layout of it as it is published, and one
laid out for PhysioNet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from radrelease.adapters.checksums import digests_of, files_below, read_sums
from radrelease.adapters.layout_manifest import parse_manifest, read_json
from radrelease.adapters.loading import load_layout, looks_cut_short
from radrelease.adapters.loading_checks import Loaded, unreadable
from radrelease.errors import ConfigError
from radrelease.progress import Progress, Silent
from radrelease.records.publication import (
    MANIFEST,
    SUMS,
    SUMS_OF_PHYSIONET,
    UNFINISHED,
    Fault,
    FaultKind,
    LayoutManifest,
    Verdict,
)
from radrelease.stages.release.verification import compare_files, ignored

__all__ = ["verify"]


def verify(folder: Path, progress: Progress | None = None, *, full: bool = False) -> Verdict:
    """Hold the folder against its own checksums and manifest, and open what is in it.

    A sample of the pictures is decoded; with ``full``, every one. Raises :class:`ConfigError` for a folder
    that is no release at all.
    """
    progress = progress or Silent()
    sums = next((name for name in (SUMS, SUMS_OF_PHYSIONET) if (folder / name).is_file()), None)
    if sums is None and not any((folder / name).is_file() for name in (MANIFEST, UNFINISHED)):
        raise ConfigError(str(folder), "is not a release", "Name the folder that holds manifest.json")
    names = [name for name in files_below(folder) if (folder / name).is_file() and not ignored(name)]
    faults = list(_compare(folder, sums, names, progress))
    layouts, head = _layouts(folder, faults)
    loaded = Loaded()
    with progress.step("Loading", None) as step:
        for place, manifest in layouts:
            prefix = "" if place == folder else f"{place.name}/"
            found = load_layout(place, manifest, loaded, step.advance, full=full)
            faults += (
                Fault(path=prefix + fault.path, kind=fault.kind, detail=fault.detail) for fault in found
            )
    return Verdict(
        name=head[0],
        version=head[1],
        layouts=tuple(manifest.layout for _, manifest in layouts),
        files=len(names),
        size=sum((folder / name).stat().st_size for name in names),
        pictures=loaded.pictures,
        faults=tuple(sorted(faults)),
    )


def _compare(folder: Path, sums: str | None, names: list[str], progress: Progress) -> Iterator[Fault]:
    if sums is None:
        yield Fault(path=SUMS, kind=FaultKind.MISSING)
        return
    try:
        listed = {name: digest for name, digest in read_sums(folder / sums).items() if not ignored(name)}
    except ValueError:
        yield Fault(path=sums, kind=FaultKind.CHANGED, detail="it is no list of checksums")
        return
    with progress.step("Comparing checksums", len(names)) as step:
        found = dict(digests_of(folder, names, step.advance))
    changed = [name for name in names if listed.get(name, found[name]) != found[name]]
    cut_short = frozenset(name for name in changed if looks_cut_short(folder / name))
    yield from compare_files(listed, found, cut_short)


def _layouts(folder: Path, faults: list[Fault]) -> tuple[list[tuple[Path, LayoutManifest]], tuple[str, str]]:
    """The layouts in the folder, by its manifest, with the release's name and version; adds what is wrong."""
    try:
        data = (folder / MANIFEST).read_bytes()
        document = read_json(data)
        head = str(document["name"]), str(document["version"])
        places = [folder / str(name) for name in document["layouts"]] if "layouts" in document else [folder]
    except (OSError, ValueError, KeyError, TypeError):
        faults.append(unreadable(MANIFEST, "what should be here is not known"))
        return [], ("a release", "")
    found = []
    for place in places:
        try:
            found.append((place, parse_manifest((place / MANIFEST).read_bytes())))
        except (OSError, ValueError):
            path = (place / MANIFEST).relative_to(folder).as_posix()
            faults.append(unreadable(path, "it is not the manifest of a layout"))
    return found, head
