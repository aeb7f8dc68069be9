"""Publishing: an audited layout to the hub, a folder or an object store.

A plan is a list of operations, and publishing carries out that list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from radrelease.adapters.hub import HubRepository
from radrelease.adapters.publication_places import FolderPlace, ObjectPlace
from radrelease.audited import AuditedLayout
from radrelease.config import Config
from radrelease.errors import BrokenPromise, ConfigError
from radrelease.locations import ObjectUrl, as_place
from radrelease.progress import Progress, Silent
from radrelease.records.publication import (
    Act,
    LayoutManifest,
    LocalFile,
    Operation,
    Remote,
)
from radrelease.stages.release.publication import (
    as_physionet,
    batches,
    belongs_to_another,
    same_files,
    steps_of_files,
    steps_of_repository,
)

__all__ = ["Publication", "Style", "plan_publication", "publish"]

Style = Literal["release", "physionet"]

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_TAG = re.compile(r"[A-Za-z0-9](?:[\w+-]|\.(?!\.|$|lock$))*")


class Place(Protocol):
    """Somewhere to publish to."""

    def look(self) -> Remote:
        """What is there; writes nothing."""

    def mark(self) -> None:
        """Say that what is there is not whole."""

    def remove(self, paths: Sequence[str]) -> None:
        """Remove the files."""

    def upload(self, files: Sequence[LocalFile]) -> None:
        """Add or replace the files."""

    def finish(self, manifest: LocalFile) -> None:
        """Add the manifest and take the mark away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is to be done where: :func:`publish` does exactly these operations, in their order."""

    place: Place
    operations: tuple[Operation, ...]

    @property
    def to_do(self) -> tuple[Operation, ...]:
        """The operations that change something."""
        return tuple(operation for operation in self.operations if operation.act is not Act.KEEP)


def plan_publication(
    audited: AuditedLayout,
    destination: str,
    config: Config,
    *,
    style: Style = "release",
    visible: bool = False,
    read_back: bool = True,
) -> Publication:
    """The operations that bring the layout to ``destination``; reads there, and writes nothing anywhere.

    ``destination`` is ``organisation/name`` on the hub, ``file:///folder`` or ``s3://bucket/prefix``.
    """
    manifest = audited.manifest
    where = f"publish {destination}"
    on_hub = _REPOSITORY.fullmatch(destination) is not None
    if on_hub and style == "physionet":
        raise ConfigError(
            where, "the hub has a form of its own", "Give file:///... or s3://... for PhysioNet"
        )
    if visible and not on_hub:
        raise ConfigError(where, "only the hub has visibility", "Leave --visible out")
    if on_hub and not _TAG.fullmatch(manifest.version):
        raise ConfigError("[release] version", "cannot be a tag", "Use letters, digits, dots and dashes")
    files = as_physionet(audited.files, manifest.layout) if style == "physionet" else list(audited.files)
    place: Place = (
        HubRepository(destination, manifest.version) if on_hub else _place(where, destination, config)
    )
    remote = place.look()
    _check_destination(where, remote, manifest, files)
    if not on_hub:
        return Publication(place=place, operations=steps_of_files(files, remote))
    return Publication(
        place=place,
        operations=steps_of_repository(
            files,
            remote,
            name=destination,
            version=manifest.version,
            gated=audited.gated,
            visible=visible,
            read_back=read_back,
        ),
    )


def publish(publication: Publication, progress: Progress | None = None) -> None:
    """Do what was planned. After an interruption, plan and publish again: what is there is kept.

    Raises :class:`~radrelease.errors.StorageFailed` where the place fails, or gives back other bytes.
    """
    progress = progress or Silent()
    every = list(batches(publication.operations))
    for act in dict.fromkeys(act for act, _ in every):
        rows = [operations for found, operations in every if found is act]
        total = sum(len(operation.files) or 1 for row in rows for operation in row)
        with progress.step(act.value.capitalize(), total) as step:
            for row in rows:
                _do(publication.place, act, row, step.advance)


def _do(place: Place, act: Act, operations: Sequence[Operation], advance: Advance) -> None:
    """Carry out operations of one act."""
    files = [file for operation in operations for file in operation.files]
    match act, place:
        case Act.MARK, _:
            place.mark()
        case Act.REMOVE, _:
            place.remove([operation.subject for operation in operations])
        case Act.UPLOAD, _:
            place.upload(files)
        case Act.FINISH, _:
            place.finish(files[0])
        case Act.CREATE, HubRepository():
            place.create()
        case Act.GATE, HubRepository():
            place.gate()
        case Act.READ_BACK, HubRepository():
            place.read_back(files, advance)
            return  # it has said how far it is
        case Act.TAG, HubRepository():
            place.tag(files)
        case Act.SHOW, HubRepository():
            place.show()
        case _:
            raise BrokenPromise(f"this place cannot {act}")
    advance(len(files) or len(operations))


class Advance(Protocol):
    """Says that so many more are done."""

    def __call__(self, count: int = 1) -> None: ...


def _place(where: str, destination: str, config: Config) -> Place:
    release = config.release
    if destination.startswith("file://"):
        address = urlsplit(destination)
        folder = Path(unquote(address.path))
        if address.netloc not in {"", "localhost"} or folder == Path("/") or not folder.is_absolute():
            raise ConfigError(where, "is no folder", "Write file:///folder/of/its/own")
        for own in (release.public_folder, release.private_folder, release.work):
            here, there = folder.resolve(), own.resolve()
            if here.is_relative_to(there) or there.is_relative_to(here):
                raise ConfigError(where, f"{folder} is, holds or lies in {own}", "Name a folder of its own")
        return FolderPlace(folder)
    try:
        place = as_place(destination)
    except ValueError:
        place = Path()
    if isinstance(place, Path):
        mend = "Write organisation/name for the hub, file:///folder or s3://bucket/prefix"
        raise ConfigError(where, "is no place to publish to", mend)
    return ObjectPlace(_apart(where, place, config), release.work / "uploads")


def _apart(where: str, url: ObjectUrl, config: Config) -> ObjectUrl:
    for own in (config.release.output, config.release.private_place):
        if not isinstance(own, Path) and (f"{url}/".startswith(f"{own}/") or f"{own}/".startswith(f"{url}/")):
            raise ConfigError(where, f"is, holds or lies in {own}", "Name a prefix of its own")
    return url


def _check_destination(
    where: str, remote: Remote, manifest: LayoutManifest, files: Sequence[LocalFile]
) -> None:
    if belongs_to_another(remote):
        raise ConfigError(where, "holds something that is not a release", "Name an empty or new place")
    if remote.layout and remote.layout != manifest.layout:
        problem = f"holds the layout {remote.layout}, not {manifest.layout}"
        raise ConfigError(where, problem, "Give each layout a place of its own")
    if remote.tagged is not None and not same_files(files, remote.tagged):
        problem = f"version {manifest.version} is there already, with other content"
        raise ConfigError(where, problem, "Raise [release] version and build again")
