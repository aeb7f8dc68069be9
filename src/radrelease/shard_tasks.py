"""What is to be done for a shard, named by the digest of all that its bytes depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import radrelease
from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.files import run_folder, sha256_of
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import write_records
from radrelease.adapters.png import encoder_identity, preview_identity
from radrelease.adapters.shard_pictures import picture_key
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.making import ShardTask
from radrelease.planning import Plan
from radrelease.records.entities import ModelIdentity
from radrelease.records.private import Patient, Study
from radrelease.records.release import Split
from radrelease.scrubbing import Scrubber
from radrelease.shard import FORM
from radrelease.stages.headers.rare_values import RareValues
from radrelease.stages.labels.labels import Labels

__all__ = ["Common", "common_of", "shard_task"]


def shard_task(
    split: Split,
    number: int,
    plan: Plan,
    rare: Mapping[Key, RareValues],
    labels: Labels,
    common: Common,
    scrubber: Scrubber,
) -> ShardTask:
    """The task of a shard, of the patients with the rare values that they show."""
    work = scrubber.config.release.work
    shards = work / "shards"
    arriving = work / "plan" / "arriving.parquet"
    patients = [plan.patients[key] for key in rare]
    write_records(arriving, Patient, patients)
    studies = [study for patient in patients for study in patient.studies]
    own = labels.within(study.study_uid for study in studies)
    shown = (values.fingerprint() for values in rare.values())
    digest = _digest(
        sha256_of(arriving),
        *shown,
        own.fingerprint(),
        split.value,
        common.knowledge,
        common.words,
        *common.settings,
    )
    source = work / "plan" / f"{digest}.parquet"
    arriving.replace(source)
    return ShardTask(
        digest=digest,
        settings="" if scrubber.config.reports.asks_model else _digest(split.value, *common.settings),
        split=split,
        number=number,
        source=source,
        scrubber=scrubber,
        labels=own,
        rare=rare,
        earlier=()
        if (shards / digest).is_dir()  # it will not be worked on
        else tuple(shards / name for name in _shards_with_pictures(studies, plan.store, scrubber.config)),
        target=run_folder(work),
        reader=ocr_identity(scrubber.config),
        poison={},
        studies=len(studies),
    )


def _shards_with_pictures(studies: Sequence[Study], store: CohortStore, config: Config) -> list[str]:
    """The committed shards that have any picture of these studies."""
    keys = (picture_key(instance, config) for study in studies for instance in study.instances)
    return store.shards_with(filter(None, keys))


class Common(NamedTuple):
    """What the bytes of every shard depend on; ``settings`` but for what is known of the patients."""

    knowledge: str
    words: str
    settings: tuple[str, ...]


def common_of(scrubber: Scrubber) -> Common:
    """What is the same for all shards of a build."""
    settings = _settings(scrubber.config, scrubber.model, ocr_identity(scrubber.config))
    return Common(
        knowledge=scrubber.knowledge,
        words=sha256_of(scrubber.words),
        settings=(
            FORM,
            sha256_of(scrubber.stand_ins),
            json.dumps(settings, sort_keys=True),
            radrelease.__version__,
            scrubber.secret.derive("fingerprint"),
        ),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _settings(
    config: Config, model: ModelIdentity | None, reader: ModelIdentity | None
) -> Mapping[str, object]:
    """The settings that a shard's bytes depend on; a model counts for what it is, and not for its place."""
    return {
        "deidentification": config.deidentification.model_dump(
            mode="json", exclude={"reviewed_words", "ner_model", "smallest_cell"}
        ),
        "ner_model": asdict(model) if model else None,
        "eligibility": config.eligibility.model_dump(mode="json"),
        "images": config.images.model_dump(mode="json"),
        "png": encoder_identity(),
        "previews": preview_identity() if config.images.preview else None,
        "dicom": config.dicom.model_dump(mode="json") if "dicom" in config.release.layouts else None,
        "pixel_text": config.pixel_text.model_dump(mode="json") if reader else None,
        "pixel_policies": config.pixel_policies,
        "ocr": asdict(reader) if reader else None,
        "reports": config.reports.model_dump(mode="json"),
        "id_prefix": config.release.id_prefix,
        "orders": {source.name: source.date_order for source in config.source},
        "headers": {source.name: source.section_headers.model_dump() for source in config.source},
    }
