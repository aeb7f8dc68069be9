"""What a release says of itself: its settings, what changed, and a few studies to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow.parquet as pq

import radrelease
from radrelease.adapters import native
from radrelease.adapters.card import licence_of
from radrelease.adapters.ner import identity_of
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import read_column
from radrelease.adapters.png import preview
from radrelease.adapters.versions import read_versions
from radrelease.committing import DoneShard, rows_of
from radrelease.config import Config
from radrelease.config.pictures import Images
from radrelease.records.release import ReleaseStudy, SectionName, Split, View
from radrelease.records.sealing import Commitment
from radrelease.stages.headers.ages import in_words
from radrelease.stages.release.about import About, GalleryStudy, PixelTextAbout
from radrelease.stages.release.changes import changes_of
from radrelease.stages.release.suppression import shown_count

__all__ = ["about_of", "gallery_of", "study_ids"]

_GALLERY = 8
_AT_ONCE = 16
"""Studies that are read at once."""
_PROJECTIONS = ((View.FRONTAL_PA, View.FRONTAL_AP), (View.LATERAL,), (View.OTHER, View.UNKNOWN))
"""Of each, the first picture of a study is shown."""


def about_of(config: Config, public: Sequence[DoneShard], sealed_test: Commitment | None = None) -> About:
    """What a reader of the release should know; ``public`` are the shards of its public splits."""
    return About(
        name=config.release.name,
        version=config.release.version,
        card=config.card,
        licence=licence_of(config.card),
        changes=changes_of(
            read_versions(config.release.work),
            config.release.version,
            study_ids(public),
            config.deidentification.smallest_cell,
        ),
        profile=config.deidentification.profile,
        software=f"radrelease {radrelease.__version__}",
        id_prefix=config.release.id_prefix,
        scale=config.images.scale,
        kernel=config.images.kernel,
        drawn_range=_drawn_range(config.images),
        date_shift_days=config.deidentification.date_shift_days,
        placeholder=config.deidentification.placeholder,
        sentences=config.deidentification.cut == "sentences",
        vocabulary_k=config.deidentification.vocabulary_k,
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
        sealed_test=sealed_test,
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
    shares = [image.masked for study in rows_of(shards) for image in study.images]
    return PixelTextAbout(
        policies=tuple(sorted(set(config.pixel_policies.values()))),
        search=config.pixel_text.search,
        tiles=config.pixel_text.tiles,
        markers=config.pixel_text.markers,
        reader=reader,
        pictures_read=sum(share is not None for share in shares),
        pictures_masked=shown_count(
            sum(bool(share) for share in shares), config.deidentification.smallest_cell
        ),
    )


def study_ids(shards: Sequence[DoneShard]) -> frozenset[str]:
    """The published UIDs of the public studies."""
    return frozenset(
        uid
        for shard in shards
        if shard.split.public and shard.studies
        for uid in read_column(shard.folder / "rows.parquet", "study_id")
    )


def gallery_of(shards: Sequence[DoneShard]) -> list[GalleryStudy]:
    """A few studies to look at, from the train split where it has any; those of two projections first."""
    shown = sorted(shards, key=lambda shard: shard.split is not Split.TRAIN)[:3]
    candidates = [(shard, study) for shard in shown for study in rows_of([shard])]
    candidates.sort(key=lambda row: not _has_two_projections(row[1]))
    first_of = {study.patient_id: (shard, study) for shard, study in reversed(candidates)}
    wanted = [row for row in candidates if first_of[row[1].patient_id] == row][:_GALLERY]
    return [
        study
        for shard in shown
        for study in _gallery_of(shard, {study.id: study for owner, study in wanted if owner is shard})
    ]


def _has_two_projections(study: ReleaseStudy) -> bool:
    views = {image.view for image in study.images}
    return View.LATERAL in views and bool(views & {View.FRONTAL_PA, View.FRONTAL_AP})


def _gallery_of(shard: DoneShard, studies: dict[str, ReleaseStudy]) -> Iterator[GalleryStudy]:
    if not studies:
        return
    with pq.ParquetFile(shard.folder / native.FILE) as file:
        for batch in file.iter_batches(batch_size=_AT_ONCE, columns=["id", "images"]):
            for index, study_id in enumerate(batch.column("id").to_pylist()):
                study = studies.get(study_id)
                if study is not None:
                    pictures = batch.column("images")[index].as_py()
                    yield _shown(study, [item["bytes"] for item in pictures])


def _shown(study: ReleaseStudy, pictures: Sequence[bytes]) -> GalleryStudy:
    """The study with its first frontal picture, then its first lateral one."""
    pairs = list(zip(study.images, pictures, strict=True))
    firsts = (
        next((pair for pair in pairs if pair[0].view in projection), None) for projection in _PROJECTIONS
    )
    shown = [pair for pair in firsts if pair is not None]
    return GalleryStudy(
        split=study.split.value,
        sex=study.sex,
        age=in_words(study.age) if study.age else None,
        description=study.description,
        sections=tuple(
            (name.value, text) for name in SectionName if (text := getattr(study, name.value.lower()))
        ),
        views=tuple(image.view.value for image, _ in shown),
        previews=tuple(preview(data) for _, data in shown),
        more=len(pairs) - len(shown),
    )
