"""Which studies each version that was put in place held. Private: it tells who was taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from radrelease.adapters.parquet import read_records, write_records

__all__ = ["add_version", "read_versions"]

VERSIONS = "versions.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    version: str
    study_id: str


def read_versions(work: Path) -> Mapping[str, frozenset[str]]:
    """The published study UIDs of every version, in the order in which these were first put in place."""
    held: dict[str, set[str]] = defaultdict(set)
    if (work / VERSIONS).is_file():
        for row in read_records(work / VERSIONS, _Held):
            held[row.version].add(row.study_id)
    return {version: frozenset(studies) for version, studies in held.items()}


def add_version(work: Path, version: str, studies: frozenset[str]) -> None:
    """Note what a version holds; one that is made again keeps its place in the order."""
    versions = {**read_versions(work), version: studies}
    write_records(
        work / VERSIONS,
        _Held,
        (_Held(version=name, study_id=study) for name, held in versions.items() for study in sorted(held)),
    )
