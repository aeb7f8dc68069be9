"""``manifest.json`` of one layout, and of the release around it, written and read strictly."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radrelease.records.publication import MANIFEST, LayoutManifest, SplitCount
from radrelease.records.sealing import Commitment

__all__ = ["parse_commitment", "parse_manifest", "read_json", "read_manifest", "write_manifest"]


def write_manifest(folder: Path, manifest: LayoutManifest) -> None:
    """Write the layout's manifest; equal manifests give equal bytes."""
    document = asdict(manifest)
    if manifest.sealed_test is None:
        del document["sealed_test"]
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> LayoutManifest:
    """The layout's manifest; raises :class:`OSError` or :class:`ValueError`."""
    return parse_manifest((folder / MANIFEST).read_bytes())


def parse_manifest(data: bytes) -> LayoutManifest:
    """A manifest from its bytes; raises :class:`ValueError` where it is not that of a layout."""
    document = read_json(data)
    try:
        return LayoutManifest(
            name=str(document["name"]),
            version=str(document["version"]),
            layout=str(document["layout"]),
            software=str(document["software"]),
            splits={
                name: SplitCount(studies=int(split["studies"]), images=int(split["images"]))
                for name, split in document["splits"].items()
            },
            sealed_test=parse_commitment(document["sealed_test"]) if document.get("sealed_test") else None,
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not the manifest of a layout") from None


def parse_commitment(document: Any) -> Commitment:
    """A commitment from JSON; raises :class:`ValueError` where it is none."""
    try:
        return Commitment(
            algorithm=str(document["algorithm"]), root=str(document["root"]), studies=int(document["studies"])
        )
    except (KeyError, TypeError):
        raise ValueError("no commitment") from None


def read_json(data: bytes) -> Any:
    """JSON as RFC 8259 has it: no NaN, no key twice; raises :class:`ValueError`."""
    return json.loads(data.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_each_once)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found
