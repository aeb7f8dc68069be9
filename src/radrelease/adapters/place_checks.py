"""Refuses inputs that are not there and outputs that cannot be written, before any work is done."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from radrelease.adapters import objects
from radrelease.config import Config
from radrelease.config.sources import Source
from radrelease.errors import ConfigError, ObjectStoreFailed
from radrelease.locations import ObjectUrl, Place
from radrelease.records.publication import MANIFEST, UNFINISHED

__all__ = ["check_places"]

_PROBE = ".radrelease-probe"


def check_places(config: Config) -> None:
    """Raise :class:`ConfigError` unless every input is there and every output can be written."""
    for source in config.source:
        _check_input(source)
    words = config.deidentification.reviewed_words
    if words is not None and not os.access(words, os.R_OK):
        raise ConfigError(
            "[deidentification] reviewed_words", f"{words} cannot be read", "Name a text file of words"
        )
    release = config.release
    _check_name("[release] work", release.work)
    _check_apart(config)
    _check_writable("[release] work", release.work)
    for name, place in (("output", release.output), ("private_output", release.private_place)):
        where = f"[release] {name}"
        if isinstance(place, Path):
            _check_name(where, place)
            _check_writable(where, place.parent)  # it is put in place by renaming
            _check_replaceable(where, place)
        else:
            _check_store(where, place)


def _check_input(source: Source) -> None:
    where = f"[[source]] {source.name}"
    for name, place in (("dicom", source.dicom), ("reports", source.reports)):
        if isinstance(place, Path):
            _check_name(f"{where} {name}", place)
        else:
            _check_objects(f"{where} {name}", place)
    if isinstance(source.dicom, Path) and not source.dicom.is_dir():
        raise ConfigError(
            f"{where} dicom", f"{source.dicom} is not a folder", "Name the folder of DICOM files"
        )
    if isinstance(source.reports, Path) and not source.reports.exists():
        raise ConfigError(
            f"{where} reports", f"{source.reports} does not exist", "Name the file or folder of reports"
        )
    for place in (source.dicom, source.reports):
        if isinstance(place, Path) and not os.access(place, os.R_OK):
            raise ConfigError(where, "its files may not be read", "Give this user the right to read them")


def _check_name(where: str, path: Path) -> None:
    """Whether the system can look for the path: a name may be longer than it takes."""
    try:
        path.exists()
    except OSError as error:
        problem = f"the system cannot look for it ({error.strerror})"
        raise ConfigError(where, problem, "Name another place") from None


def _check_objects(where: str, url: ObjectUrl) -> None:
    if _first(where, url) is None and not objects.exists(url):
        raise ConfigError(where, f"{url} holds no object", "Name a bucket and prefix that do")


def _check_store(where: str, url: ObjectUrl) -> None:
    """An output in a store must be empty or ours, and let us write."""
    if _first(where, url) not in {None, _PROBE}:
        names = (MANIFEST, UNFINISHED)
        if not any(objects.exists(objects.within(url, name)) for name in names):
            problem = f"{url} holds something that is not a release"
            raise ConfigError(where, problem, "Name an empty or new prefix")
    try:
        objects.put_bytes(url, _PROBE, b"may write\n")
        objects.remove(url, [_PROBE])
    except ObjectStoreFailed as error:
        mend = "Give the right to write and to delete there"
        raise ConfigError(where, f"{url} cannot be written to ({error.kind})", mend) from None


def _first(where: str, url: ObjectUrl) -> str | None:
    try:
        return objects.first_object(url)
    except ObjectStoreFailed as error:
        mend = "Check the address, the endpoint and the credentials in the environment"
        raise ConfigError(where, f"{url} cannot be listed ({error.kind})", mend) from None


def _check_apart(config: Config) -> None:
    """No output may lie within an input or within another output: what is in it would be published."""
    release = config.release
    outputs: dict[str, Place] = {
        "output": release.output,
        "private_output": release.private_place,
        "work": release.work,
    }
    inputs: dict[str, Place] = {
        f"[[source]] {source.name} {name}": folder
        for source in config.source
        for name, folder in (("dicom", source.dicom), ("reports", source.reports))
    }
    for name, folder in outputs.items():
        others = {f"[release] {key}": path for key, path in outputs.items() if key != name} | inputs
        for other, path in others.items():
            if _lies_within(folder, path) or (other in inputs and _lies_within(path, folder)):
                raise ConfigError(
                    f"[release] {name}", f"{folder} lies within {other}", "Name a folder of its own"
                )


def _lies_within(inner: Place, outer: Place) -> bool:
    if isinstance(inner, Path) and isinstance(outer, Path):
        return inner.resolve().is_relative_to(outer.resolve())
    if isinstance(inner, Path) or isinstance(outer, Path):
        return False
    return f"{inner}/".startswith(f"{outer}/")


def _check_writable(where: str, folder: Path) -> None:
    place = folder
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise ConfigError(where, f"{place} is a file", "Name a folder")
    try:
        Path(tempfile.mkdtemp(dir=place, prefix=".radrelease")).rmdir()  # rights alone do not tell
    except OSError:
        mend = "Name another folder, or give the right to write"
        raise ConfigError(where, f"{place} cannot be written to", mend) from None


def _check_replaceable(where: str, folder: Path) -> None:
    """A folder that is not one of our releases is never replaced, and a mount point cannot be."""
    if folder.is_mount():
        raise ConfigError(where, f"{folder} is a mount point", "Name a folder within it")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "manifest.json").is_file():
        raise ConfigError(
            where, f"{folder} holds something that is not a release", "Name an empty or new folder"
        )
