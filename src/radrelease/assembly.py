"""Committed shards to release folders: both layouts, cards, report, manifest, checksums."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import radrelease
from radrelease.adapters import dicom_layout, native, rexgradient
from radrelease.adapters.card import render_report, write_card
from radrelease.adapters.files import make_private
from radrelease.adapters.ner import identity_of
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import read_records
from radrelease.adapters.png import preview
from radrelease.adapters.release_files import write_checksums
from radrelease.adapters.shard_pictures import ARCHIVE, PICTURES, ShardPicture
from radrelease.config import Config, Images
from radrelease.progress import Progress
from radrelease.records import ReleaseStudy, SectionName, Split
from radrelease.rounds import DoneShard
from radrelease.stages.about import About, GalleryStudy, PixelTextAbout
from radrelease.stages.tables import Description, Flow, describe

__all__ = ["Assembled", "assemble"]

_GALLERY = 8
_GALLERY_PICTURES = 4


class Assembled:
    """Where the staged folders are; ``private`` is None where no private test split was asked for."""

    def __init__(self, public: Path, private: Path | None, description: Description) -> None:
        self.public = public
        self.private = private
        self.description = description


def assemble(
    shards: Sequence[DoneShard], config: Config, flow: Flow, staging: Path, progress: Progress
) -> Assembled:
    """Write the release, and the private test split apart from it, below ``staging``."""
    shutil.rmtree(staging, ignore_errors=True)
    make_private(staging)
    public = [shard for shard in shards if shard.split.public and shard.studies]
    private = [shard for shard in shards if not shard.split.public and shard.studies]
    about = _about(config, public)
    description = describe(_rows(public))
    folder = staging / "release"
    folder.mkdir()
    with progress.step("Writing the release", len(public) + len(private)) as step:
        if "native" in about.layouts:
            _write_native(folder / "native", public)
            write_card(folder / "native", "native", description, flow, about)
        if "rexgradient" in about.layouts:
            _write_rexgradient(folder / "rexgradient", public, about.parts)
            write_card(folder / "rexgradient", "rexgradient", description, flow, about)
        if "dicom" in about.layouts:
            _write_dicom(folder / "dicom", public)
            write_card(folder / "dicom", "dicom", description, flow, about)
        report = render_report(description, flow, about, list(_gallery(public)))
        (folder / "report.html").write_text(report, encoding="utf-8")
        _write_manifest(folder, config, description, flow, about)
        write_checksums(folder)
        step.advance(len(public))
        sealed = _write_private(staging / "private_test", private, about)
        step.advance(len(private))
    return Assembled(folder, sealed, description)


def _about(config: Config, public: Sequence[DoneShard]) -> About:
    return About(
        name=config.release.name,
        version=config.release.version,
        software=f"radrelease {radrelease.__version__}",
        id_prefix=config.release.id_prefix,
        scale=config.images.scale,
        kernel=config.images.kernel,
        drawn_range=_drawn_range(config.images),
        date_shift_days=config.deidentification.date_shift_days,
        placeholder=config.deidentification.placeholder,
        smallest_cell=config.deidentification.smallest_cell,
        institutions=config.deidentification.institutions == "pseudonym",
        layouts=config.release.layouts,
        parts=config.release.parts,
        dicom_pixels=config.dicom.pixels,
        dicom_syntax=config.dicom.transfer_syntax,
        sources=len({source.domain for source in config.source}),
        model=identity_of(config.deidentification.ner_model),
        labeller=_labeller(config),
        labels_all=config.reports.sectioner == "llm",
        pixel_text=_pixel_text(config, public),
    )


def _labeller(config: Config) -> str | None:
    """The language model's name; of one that is named by its place on a disk, the last part."""
    if not config.reports.asks_model or config.llm is None:
        return None
    name = config.llm.model
    return name.replace("\\", "/").rpartition("/")[2] if name[:1] in "/.~" or "\\" in name else name


def _drawn_range(images: Images) -> str:
    low, high = images.percentiles
    full = (
        "the full range" if (low, high) == (0, 100) else f"what is between percentiles {low:g} and {high:g}"
    )
    if images.window == "full":
        return full
    return f"what the VOI LUT or window of the file shows, and without one {full}"


def _pixel_text(config: Config, shards: Sequence[DoneShard]) -> PixelTextAbout | None:
    reader = ocr_identity(config)
    if reader is None:
        return None
    shares = [image.masked for study in _rows(shards) for image in study.images]
    return PixelTextAbout(
        policies=tuple(sorted(set(config.pixel_policies.values()))),
        search=config.pixel_text.search,
        tiles=config.pixel_text.tiles,
        markers=config.pixel_text.markers,
        reader=reader,
        pictures_read=sum(share is not None for share in shares),
        pictures_masked=sum(bool(share) for share in shares),
    )


def _rows(shards: Sequence[DoneShard]) -> Iterator[ReleaseStudy]:
    for shard in shards:
        yield from read_records(shard.folder / "rows.parquet", ReleaseStudy)


def _write_native(folder: Path, shards: Sequence[DoneShard]) -> None:
    (folder / "data").mkdir(parents=True)
    for split in Split:
        own = [shard for shard in shards if shard.split is split]
        for number, shard in enumerate(own):
            name = f"{native.file_split(split)}-{number:05d}.parquet"
            shutil.copyfile(shard.folder / "native.parquet", folder / "data" / name)
        if own:
            native.write_tables(folder, split, _rows(own))


def _write_dicom(folder: Path, shards: Sequence[DoneShard]) -> None:
    dicom_layout.join_files(folder, (shard.folder / "dicom" for shard in shards))
    for split in Split:
        own = [shard for shard in shards if shard.split is split]
        if own:
            native.write_tables(folder, split, _rows(own))


def _write_rexgradient(folder: Path, shards: Sequence[DoneShard], parts: int) -> None:
    folder.mkdir()
    places = rexgradient.write_parts(folder, [shard.folder / ARCHIVE for shard in shards], parts)
    rexgradient.index_rows(
        folder / "deid_png_index.csv",
        (
            (row.image_path, part, offset + row.offset, row.length)
            for shard, (part, offset) in zip(shards, places, strict=True)
            for row in read_records(shard.folder / PICTURES, ShardPicture)
        ),
    )
    for split in Split:
        if split.public:
            own = [shard for shard in shards if shard.split is split]
            rexgradient.write_metadata(folder / "metadata", split, _rows(own))


def _write_private(folder: Path, shards: Sequence[DoneShard], about: About) -> Path | None:
    if not shards:
        return None
    make_private(folder)
    _write_native(folder / "native", shards)
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
    write_checksums(folder)
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


def _gallery(shards: Sequence[DoneShard]) -> Iterator[GalleryStudy]:
    """A few studies to look at, from the train split where it has any; those with two pictures first."""
    shown = sorted(shards, key=lambda shard: shard.split is not Split.TRAIN)[:3]
    candidates = [(shard, study) for shard in shown for study in _rows([shard])]
    candidates.sort(key=lambda row: len(row[1].images) < 2)
    wanted = candidates[:_GALLERY]
    for shard in shown:
        names = {study.id: study for owner, study in wanted if owner is shard}
        if names:
            yield from _gallery_of(shard, names)


def _gallery_of(shard: DoneShard, studies: dict[str, ReleaseStudy]) -> Iterator[GalleryStudy]:
    table = pq.read_table(shard.folder / "native.parquet", columns=["id", "images"])
    for row in table.to_pylist():
        study = studies.get(row["id"])
        if study is not None:
            yield GalleryStudy(
                id=study.id,
                split=study.split.value,
                sex=study.sex,
                age=study.age,
                description=study.description,
                sections=tuple(
                    (name.value, text) for name in SectionName if (text := getattr(study, name.value.lower()))
                ),
                views=tuple(image.view.value for image in study.images[:_GALLERY_PICTURES]),
                previews=tuple(preview(item["bytes"]) for item in row["images"][:_GALLERY_PICTURES]),
            )
