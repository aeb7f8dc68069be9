"""The truth about a synthetic export, as records and as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Gold", "GoldRejection", "GoldStudy", "PlantedSpan", "load_gold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedSpan:
    """Something identifying in a raw report: characters ``start`` to ``end``."""

    start: int
    end: int
    kind: str
    text: str
    known: bool = True  # whether the export states it
    day: str = ""  # the day it names, ISO 8601, where it names a whole date


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldStudy:
    """One study that belongs in the release. Sections are as in the raw report."""

    source: str
    site: str
    patient_name: str
    mrn: str
    accession: str
    study_uid: str
    study_date: str
    sop_uids: tuple[str, ...]
    report: str
    sections: Mapping[str, str | None]
    phi: tuple[PlantedSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldRejection:
    """One input that must be turned away, and why."""

    source: str
    kind: str  # file or report
    subject: str
    reason: str


@dataclass(slots=True)
class Gold:
    """The whole truth; ``identifiers`` are pairs of a kind and a planted value."""

    studies: list[GoldStudy] = field(default_factory=list)
    rejections: list[GoldRejection] = field(default_factory=list)
    identifiers: list[tuple[str, str]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write ``studies.jsonl``, ``rejected.jsonl`` and ``identifiers.jsonl`` into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "studies.jsonl", (asdict(study) for study in self.studies))
        _write(folder / "rejected.jsonl", (asdict(row) for row in self.rejections))
        _write(
            folder / "identifiers.jsonl", ({"kind": kind, "value": value} for kind, value in self.identifiers)
        )


def load_gold(folder: Path) -> Gold:
    """What :meth:`Gold.write` wrote."""
    return Gold(
        studies=[
            GoldStudy(
                **{
                    **row,
                    "sop_uids": tuple(row["sop_uids"]),
                    "phi": tuple(PlantedSpan(**span) for span in row["phi"]),
                }
            )
            for row in _read(folder / "studies.jsonl")
        ],
        rejections=[GoldRejection(**row) for row in _read(folder / "rejected.jsonl")],
        identifiers=[(row["kind"], row["value"]) for row in _read(folder / "identifiers.jsonl")],
    )


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
