"""Publishing: an audited layout to the hub, a folder or an object store.

Nothing can be published but an :class:`AuditedLayout`, and only :func:`audited_layout` makes one: of a public
layout folder whose every byte is the one that the build's audit has passed. The vault is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from radrelease.adapters.checksums import digests_of, files_below, read_sums
from radrelease.adapters.hub import HubRepository
from radrelease.adapters.layout_manifest import read_manifest
from radrelease.adapters.publication_places import FolderPlace, ObjectPlace
from radrelease.adapters.receipt import current_receipt, read_receipt
from radrelease.adapters.release_files import read_ids
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.locations import ObjectUrl, as_place
from radrelease.progress import Progress, Silent
from radrelease.publication_records import (
    MANIFEST,
    SUMS,
    Act,
    LayoutManifest,
    LocalFile,
    Operation,
    Receipt,
    Remote,
)
from radrelease.records import Split
from radrelease.stages.publication import (
    as_physionet,
    batches,
    belongs_to_another,
    same_files,
    steps_of_files,
    steps_of_repository,
)

__all__ = ["AuditedLayout", "Publication", "Style", "audited_layout", "plan_publication", "publish"]

Style = Literal["release", "physionet"]

_SEAL = object()
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_TAG = re.compile(r"[A-Za-z0-9](?:[\w+-]|\.(?!\.|$|lock$))*")
_AGAIN = "Run `radrelease build` again"


class AuditedLayout:
    """One layout of a release that has passed the audit, and the only thing that can be published."""

    def __init__(
        self, files: Sequence[LocalFile], manifest: LayoutManifest, *, gated: bool, seal: object
    ) -> None:
        if seal is not _SEAL:
            raise TypeError("only audited_layout() makes one")
        self.files = tuple(files)
        self.manifest = manifest
        self.gated = gated


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


def audited_layout(config: Config, layout: str, progress: Progress | None = None) -> AuditedLayout:
    """The layout, if it is to the byte what the build's audit has passed; else a :class:`ConfigError`."""
    release = config.release
    folder = release.public_folder / layout
    if layout not in release.layouts or not (folder / MANIFEST).is_file():
        made = ", ".join(release.layouts)
        raise ConfigError("publish --layout", f"no layout {layout} was built", f"There is {made}")
    _check_receipt(config)
    _check_no_link(release.public_folder, folder)
    manifest = read_manifest(folder)
    _check_splits(folder, manifest, config)
    files = list(_checked_files(release.public_folder, layout, progress or Silent()))
    return AuditedLayout(files, manifest, gated=_is_gated(folder / "README.md"), seal=_SEAL)


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
    files = [file for operation in operations for file in operation.files]
    if act is Act.READ_BACK and isinstance(place, HubRepository):
        place.read_back(files, advance)
        return
    match act:
        case Act.MARK:
            place.mark()
        case Act.REMOVE:
            place.remove([operation.subject for operation in operations])
        case Act.UPLOAD:
            place.upload(files)
        case Act.FINISH:
            place.finish(files[0])
        case _ if isinstance(place, HubRepository):
            _set_up(place, act, files)
    advance(len(files) or len(operations))


def _set_up(hub: HubRepository, act: Act, files: Sequence[LocalFile]) -> None:
    match act:
        case Act.CREATE:
            hub.create()
        case Act.GATE:
            hub.gate()
        case Act.TAG:
            hub.tag(files)
        case Act.SHOW:
            hub.show()


class Advance(Protocol):
    """Says that so many more are done."""

    def __call__(self, count: int = 1) -> None: ...


def _check_receipt(config: Config) -> None:
    release = config.release
    receipt = read_receipt(release.work)
    if receipt is None:
        raise ConfigError("publish", "this release has no receipt of a passed audit", _AGAIN)
    now: Receipt = current_receipt(release.public_folder, release.work)
    if receipt.sums_sha256 != now.sums_sha256:
        raise ConfigError("publish", "the release is not the one that was audited", _AGAIN)
    if receipt.withdrawn_sha256 != now.withdrawn_sha256:
        mend = "Raise [release] version and run `radrelease build`"
        raise ConfigError("publish", "patients were withdrawn since this release was built", mend)
    if receipt.software != now.software:
        problem = f"the audit was that of {receipt.software}"
        raise ConfigError("publish", problem, "Run `radrelease audit` with this version")


def _check_no_link(release: Path, folder: Path) -> None:
    if any(path.is_symlink() for path in (release, folder, *folder.rglob("*"))):
        raise ConfigError("publish", "the release holds a link", _AGAIN)


def _check_splits(folder: Path, manifest: LayoutManifest, config: Config) -> None:
    """No study of the private test split, by the manifest and by the ids of both."""
    public = {split.value for split in Split if split.public}
    private = config.release.private_folder
    hidden = frozenset().union(*read_ids(private).values()) if private.is_dir() else frozenset()
    ids = read_ids(folder.parent)
    shown = frozenset().union(*(found for name, found in ids.items() if name.startswith(f"{folder.name}/")))
    if not manifest.splits.keys() <= public or shown & hidden:
        raise ConfigError("publish", "the layout holds studies of the private test split", _AGAIN)


def _checked_files(release: Path, layout: str, progress: Progress) -> Iterator[LocalFile]:
    """The layout's files, each as SHA256SUMS of the release states it, and no other."""
    start = f"{layout}/"
    sums = {
        name.removeprefix(start): digest
        for name, digest in read_sums(release / SUMS).items()
        if name.startswith(start)
    }
    names = files_below(release / layout)
    if set(names) != set(sums):
        raise ConfigError("publish", "files were added to the release or taken away", _AGAIN)
    with progress.step("Comparing the release with what was audited", len(names)) as step:
        for name, digest in digests_of(release / layout, names, step.advance):
            if digest != sums[name]:
                raise ConfigError("publish", f"{start}{name} is not as it was audited", _AGAIN)
            path = release / layout / name
            yield LocalFile(path=name, size=path.stat().st_size, sha256=digest, source=path)


def _is_gated(card: Path) -> bool:
    """Whether the card asks those who want the data for anything."""
    head = card.read_text(encoding="utf-8").split("\n---", 1)[0]
    return re.search(r"^extra_gated_", head, re.MULTILINE) is not None


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
