"""The only thing that can be published, and the only way to it.

An :class:`AuditedLayout` is made by :func:`audited_layout` alone: of a public layout folder whose every byte
is the one that the build's audit has passed. The vault is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import InitVar, dataclass
from pathlib import Path

from radrelease.adapters.checksums import digests_of, files_below, read_sums
from radrelease.adapters.layout_manifest import read_manifest
from radrelease.adapters.receipt import current_receipt, read_receipt
from radrelease.adapters.release_files import read_ids
from radrelease.adapters.sealed_folder import clear_part
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.progress import Progress, Silent
from radrelease.records.publication import MANIFEST, SUMS, LayoutManifest, LocalFile, Receipt
from radrelease.records.release import Split

__all__ = ["AuditedLayout", "audited_layout"]

_SEAL = object()
_AGAIN = "Run `radrelease build` again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedLayout:
    """One layout of a release that has passed the audit, and the only thing that can be published."""

    files: tuple[LocalFile, ...]
    manifest: LayoutManifest
    gated: bool  # whether the card asks readers for anything
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        """Refuse to be made by anybody else."""
        if seal is not _SEAL:
            raise TypeError("only audited_layout() makes one")


def audited_layout(config: Config, layout: str, progress: Progress | None = None) -> AuditedLayout:
    """The layout, if it is to the byte what the build's audit has passed; else a :class:`ConfigError`."""
    release = config.release
    folder = release.public_folder / layout
    if layout not in release.layouts or not (folder / MANIFEST).is_file():
        made = ", ".join(release.layouts)
        raise ConfigError("publish --layout", f"no layout {layout} was built", f"There is {made}")
    _check_receipt(config)
    _check_no_link(release.public_folder, folder)
    files = tuple(_checked_files(release.public_folder, layout, progress or Silent()))
    manifest = read_manifest(folder)
    _check_splits(folder, manifest, config)
    return AuditedLayout(files=files, manifest=manifest, gated=_is_gated(folder / "README.md"), seal=_SEAL)


def _check_receipt(config: Config) -> None:
    release = config.release
    receipt = read_receipt(release.work)
    if receipt is None or not (release.public_folder / SUMS).is_file():
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
    hidden = frozenset().union(*read_ids(clear_part(private)).values()) if private.is_dir() else frozenset()
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
