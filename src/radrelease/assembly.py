"""Committed shards to release folders: both layouts, cards, report, manifest, checksums."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from radrelease.adapters import dicom_layout, native, rexgradient
from radrelease.adapters.card import write_card
from radrelease.adapters.checksums import digests_of, write_checksums
from radrelease.adapters.files import make_private
from radrelease.adapters.kept_parts import contents_of, keep_parts, take_over_parts
from radrelease.adapters.layout_manifest import write_manifest
from radrelease.adapters.parquet import read_batches
from radrelease.adapters.report_page import render_report
from radrelease.adapters.shard_files import hand_out
from radrelease.adapters.shard_patients import COUNTED, METADATA, ROWS
from radrelease.adapters.shard_pictures import ARCHIVE, PICTURES
from radrelease.committing import DoneShard, records_in
from radrelease.config import Config
from radrelease.describing import about_of, gallery_of
from radrelease.progress import Progress
from radrelease.records.publication import LayoutManifest, SplitCount
from radrelease.records.release import Split
from radrelease.records.sealing import Commitment
from radrelease.stages.release.about import About
from radrelease.stages.release.flow import Flow
from radrelease.stages.release.tables import CountedStudy, Description, describe

__all__ = ["Assembled", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """Where the staged folders are; ``private`` is None where no private test split was asked for."""

    public: Path
    private: Path | None
    description: Description


def assemble(
    shards: Sequence[DoneShard],
    config: Config,
    flow: Flow,
    sealed_test: Commitment | None,
    part_of: Mapping[str, int],
    staging: Path,
    progress: Progress,
) -> Assembled:
    """Write the release, and the private test split apart from it, below ``staging``.

    ``sealed_test`` is what the release states of that split if it is to be sealed, and ``part_of`` the part
    of the legacy archive for each published PatientID.
    """
    shutil.rmtree(staging, ignore_errors=True)
    make_private(staging)
    public = [shard for shard in shards if shard.split.public and shard.studies]
    private = [shard for shard in shards if not shard.split.public and shard.studies]
    about = about_of(config, public, sealed_test)
    counted = records_in(public, COUNTED, CountedStudy)
    description = describe(counted, config.deidentification.smallest_cell)
    folder = staging / "release"
    folder.mkdir()
    known: dict[str, Mapping[str, str]] = {}
    with progress.step("Writing the release", len(public) + len(private)) as step:
        if "native" in about.layouts:
            known["native"] = _write_native(folder / "native", public)
        if "rexgradient" in about.layouts:
            known["rexgradient"] = _write_rexgradient(folder / "rexgradient", public, part_of, config)
        if "dicom" in about.layouts:
            _write_dicom(folder / "dicom", public)
        digests: dict[str, str] = {}
        for layout in about.layouts:
            stated = write_card(folder / layout, layout, description, flow, about, known.get(layout, {}))
            digests |= {f"{layout}/{name}": digest for name, digest in stated.items()}
            write_manifest(folder / layout, _manifest_of(layout, description, about))
        report = render_report(description, flow, about, gallery_of(public))
        (folder / "report.html").write_text(report, encoding="utf-8")
        _write_manifest(folder, config, description, flow, about)
        write_checksums(folder, digests)
        step.advance(len(public))
        apart = _write_private(staging / "private_test", private, about)
        step.advance(len(private))
    return Assembled(public=folder, private=apart, description=description)


def _manifest_of(layout: str, description: Description, about: About) -> LayoutManifest:
    return LayoutManifest(
        name=about.name,
        version=about.version,
        layout=layout,
        software=about.software,
        splits={
            size.split: SplitCount(studies=size.studies, images=size.images) for size in description.sizes
        },
        sealed_test=about.sealed_test,
    )


def _write_native(folder: Path, shards: Sequence[DoneShard]) -> dict[str, str]:
    """Write the layout; the digests of its files that are known, by their names."""
    known = {}
    (folder / "data").mkdir(parents=True)
    for split in Split:
        own = [shard for shard in shards if shard.split is split]
        for shard in own:
            name = f"data/{native.file_split(split)}-{shard.number:05d}.parquet"
            if digest := hand_out(shard.folder, native.FILE, folder / name):
                known[name] = digest
        if own:
            native.write_tables(folder, split, _rows_in(own))
    return known


def _rows_in(shards: Sequence[DoneShard]) -> Iterator[pa.RecordBatch]:
    """The records of the published studies, as they lie in the shards."""
    return chain.from_iterable(read_batches(shard.folder / ROWS) for shard in shards)


def _write_dicom(folder: Path, shards: Sequence[DoneShard]) -> None:
    dicom_layout.join_files(folder, (shard.folder / "dicom" for shard in shards))
    for split in Split:
        own = [shard for shard in shards if shard.split is split]
        if own:
            native.write_tables(folder, split, _rows_in(own))


def _frames(shard: DoneShard, part_of: Mapping[str, int]) -> Iterator[rexgradient.Frame]:
    for batch in read_batches(shard.folder / PICTURES, ["image_path", "length", "sha256"]):
        for path, length, digest in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            part = part_of[rexgradient.patient_of(path)]
            yield rexgradient.Frame(path, part, length, digest)


def _write_rexgradient(
    folder: Path, shards: Sequence[DoneShard], part_of: Mapping[str, int], config: Config
) -> dict[str, str]:
    """Write the layout; the digests of its parts, by their names."""
    folder.mkdir()
    parts, work = config.release.parts, config.release.work
    contents = contents_of((frame for shard in shards for frame in _frames(shard, part_of)), parts)
    digests = take_over_parts(folder, contents, config.release.public_folder / folder.name, work)
    stretches = ((shard.folder / ARCHIVE, _frames(shard, part_of)) for shard in shards)
    rows = rexgradient.write_parts(folder, stretches, parts, digests.keys())
    rexgradient.index_rows(folder / "deid_png_index.csv", rows)
    digests |= digests_of(folder, [name for name in contents if name not in digests])
    keep_parts(digests, contents, work)
    for split in Split:
        if split.public:
            own = [shard for shard in shards if shard.split is split]
            rexgradient.join_metadata(folder / METADATA, split, [shard.folder / METADATA for shard in own])
    return digests


def _write_private(folder: Path, shards: Sequence[DoneShard], about: About) -> Path | None:
    if not shards:
        return None
    make_private(folder)
    known = _write_native(folder / "native", shards)
    if "dicom" in about.layouts:
        _write_dicom(folder / "dicom", shards)
    studies = sum(shard.studies for shard in shards)
    manifest = {"name": about.name, "version": about.version, "studies": studies}
    reader = about.pixel_text.reader if about.pixel_text else None
    more = {
        "split": Split.PRIVATE_TEST.value,
        "ner_model": _model_row(about),
        "ocr": asdict(reader) if reader else None,
    }
    _write_json(folder / "manifest.json", manifest | more)
    write_checksums(folder, {f"native/{name}": digest for name, digest in known.items()})
    return folder


def _write_manifest(folder: Path, config: Config, description: Description, flow: Flow, about: About) -> None:
    release = config.release
    manifest = {
        "name": release.name,
        "version": release.version,
        "software": about.software,
        "ner_model": _model_row(about),
        "language_model": about.labeller,
        "pixel_text": asdict(about.pixel_text) if about.pixel_text else None,
        "layouts": release.layouts,
        "sealed_test": asdict(about.sealed_test) if about.sealed_test else None,
        "settings": {
            "deidentification": config.deidentification.model_dump(
                mode="json", exclude={"reviewed_words", "ner_model"}
            ),
            "eligibility": config.eligibility.model_dump(mode="json"),
            "images": config.images.model_dump(mode="json"),
            **({"dicom": config.dicom.model_dump(mode="json")} if "dicom" in release.layouts else {}),
            "reports": config.reports.model_dump(mode="json"),
            "split": {"surplus": config.split.surplus},
        },
        "cohort": asdict(description),
        "flow": asdict(flow),
    }
    _write_json(folder / "manifest.json", manifest)


def _model_row(about: About) -> dict[str, str] | None:
    return asdict(about.model) if about.model else None


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
