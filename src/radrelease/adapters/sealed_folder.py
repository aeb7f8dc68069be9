"""The folder of a sealed private test split.

inputs/           what a participant may see, laid out as a release of its own: pictures, tables, context
references.age    what nobody may see: reports, groups and salts, encrypted
commitment.json   the root of the tree over all of it, which the public release states too
manifest.json     name, version, for which key, how often a team may score
openings.jsonl    the log of openings, from the first on
SHA256SUMS        of everything but references.age, which is new with each sealing, and the log, which grows
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from radrelease.adapters.checksums import digests_of, files_below, sums_text, write_checksums
from radrelease.adapters.files import make_private
from radrelease.adapters.layout_manifest import parse_commitment, read_json, write_manifest
from radrelease.adapters.native import copy_without
from radrelease.errors import ConfigError, DamagedRelease
from radrelease.records.publication import MANIFEST, SUMS, LayoutManifest, SplitCount
from radrelease.records.release import SectionName, Split
from radrelease.records.sealing import COMMITMENT, INPUTS, OPENINGS, REFERENCES, Commitment

__all__ = [
    "UNLISTED",
    "SealedManifest",
    "clear_part",
    "read_commitment",
    "read_sealed_manifest",
    "write_inputs",
    "write_sealed",
]

REFERENCE_COLUMNS = frozenset({SectionName.FINDINGS.value, SectionName.IMPRESSION.value})
UNLISTED = frozenset({REFERENCES, OPENINGS, SUMS})
"""What SHA256SUMS does not list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedManifest:
    """``manifest.json`` of a sealed folder."""

    name: str
    version: str
    software: str
    split: str
    recipient: str
    openings_per_team: int | None


def clear_part(private: Path) -> Path:
    """What of a private test split can be read: all of it, or of a sealed one the inputs."""
    return private / INPUTS if (private / COMMITMENT).is_file() else private


def write_inputs(plain: Path, inputs: Path, manifest: SealedManifest) -> None:
    """Move the audited split at ``plain`` to ``inputs``, leaving the references behind."""
    layouts = [path.name for path in sorted(plain.iterdir()) if path.is_dir()]
    for name in (name for name in files_below(plain) if "/" in name and Path(name).name != SUMS):
        target = inputs / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".parquet":
            copy_without(plain / name, target, REFERENCE_COLUMNS)
        else:
            shutil.move(plain / name, target)
    for layout in layouts:
        write_manifest(inputs / layout, _manifest_of(inputs / layout, manifest))
    _write_json(inputs / MANIFEST, {"name": manifest.name, "version": manifest.version, "layouts": layouts})
    write_checksums(inputs)


def _manifest_of(folder: Path, manifest: SealedManifest) -> LayoutManifest:
    return LayoutManifest(
        name=manifest.name,
        version=manifest.version,
        layout=folder.name,
        software=manifest.software,
        splits={
            Split.PRIVATE_TEST.value: SplitCount(
                studies=_rows(folder / "studies"), images=_rows(folder / "images")
            )
        },
    )


def _rows(folder: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


def write_sealed(folder: Path, manifest: SealedManifest, commitment: Commitment) -> None:
    """Write what is beside the inputs and the references, and the checksums last."""
    make_private(folder)
    _write_json(folder / MANIFEST, asdict(manifest))
    _write_json(folder / COMMITMENT, asdict(commitment))
    digests = dict(digests_of(folder, [name for name in files_below(folder) if name not in UNLISTED]))
    (folder / SUMS).write_text(sums_text(digests), encoding="utf-8")


def read_sealed_manifest(folder: Path) -> SealedManifest:
    """The manifest; :class:`ConfigError` for a folder that is not sealed."""
    if not (folder / COMMITMENT).is_file():
        raise ConfigError(
            str(folder), "holds no sealed split", "Name the private_test of a build that sealed"
        )
    try:
        return SealedManifest(**read_json((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, TypeError):
        raise DamagedRelease(MANIFEST, "it is not the manifest of a sealed split") from None


def read_commitment(folder: Path) -> Commitment:
    """What the sealed folder is committed to."""
    try:
        return parse_commitment(read_json((folder / COMMITMENT).read_bytes()))
    except (OSError, ValueError):
        raise DamagedRelease(COMMITMENT, "it is no commitment") from None


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
