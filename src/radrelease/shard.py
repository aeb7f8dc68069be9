"""One shard: whole patients of one split, from raw studies to their part of the release.

Everything hard about a release is local to a patient, so this is the unit of work, of parallelism
and of resumption. A shard writes into a folder of its own; the driver commits it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp

from radrelease.adapters import dicom_layout, native, rexgradient
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.shard_patients import (
    COUNTED,
    METADATA,
    QUALITY,
    REMAINS,
    Outcome,
    PatientWriter,
    open_earlier_patients,
    open_patients,
    patient_key,
)
from radrelease.adapters.shard_pictures import open_pictures
from radrelease.making import Made, ShardTask, make_patient
from radrelease.records import (
    Patient,
    PixelMask,
    Rejected,
)
from radrelease.scrubbing import crosswalk_for, knowledge_for
from radrelease.stages.export_knowledge import Watched
from radrelease.stages.flagged_pictures import PictureQuality, qualities
from radrelease.stages.residual_risk import Remains, remains_of
from radrelease.stages.tables import CountedStudy, counted

__all__ = ["FORM", "ShardResult", "probe_studies", "run_shard"]

FORM = "rows, pictures, pieces, counts"
"""What a shard's folder holds; a committed shard of another form is not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardResult:
    """What became of a shard, and the new folder that it is in."""

    digest: str
    folder: Path
    studies: int
    images: int
    rejected: int


def run_shard(task: ShardTask) -> ShardResult:
    """Make the shard's part of the release in a new folder."""
    task = _apart(task)
    rejected: list[Rejected] = []
    masks: list[PixelMask] = []
    images = 0
    with (
        native.open_shard(task.target / "native.parquet", previews=task.config.images.preview > 0) as shard,
        open_pictures(task.target) as pictures,
        open_patients(task.target) as patients,
    ):

        def write(made: Made) -> None:
            shard.write(
                made.study,
                [picture.png for _, picture in made.pictures],
                [picture.preview for _, picture in made.pictures],
            )
            dicom_layout.write_files(task.target / "dicom", made.files)
            for key, picture in made.pictures:
                pictures.write(key, picture)

        for patient in read_records(task.source, Patient):
            taken = _take_over(patient, task, write)
            patients.write(*(taken or _make_anew(patient, task, write, rejected, masks)))
        images = len(pictures.rows)
    _write_pieces(patients, task)
    write_records(task.target / "rejected.parquet", Rejected, rejected)
    write_records(task.target / "pixel_masks.parquet", PixelMask, masks)
    return ShardResult(
        digest=task.digest,
        folder=task.target,
        studies=len(patients.studies),
        images=images,
        rejected=len(rejected),
    )


def _write_pieces(patients: PatientWriter, task: ShardTask) -> None:
    """Write what tables and accounts of the release are joined from: here it is done once, by all workers."""
    rexgradient.write_metadata(task.target / METADATA, task.split, patients.studies)
    write_records(task.target / COUNTED, CountedStudy, map(counted, patients.studies))
    write_records(task.target / QUALITY, PictureQuality, qualities(patients.studies))
    given_back, crosswalk = knowledge_for(task.scrubber).given_back, crosswalk_for(task.scrubber)
    remains = remains_of(patients.redactions, patients.studies, given_back, crosswalk.uid)
    write_records(task.target / REMAINS, Remains, [remains])


_Kept = tuple[str, Iterable[str], str, Outcome]
"""What :meth:`PatientWriter.write` takes."""


def _take_over(patient: Patient, task: ShardTask, write: Callable[[Made], None]) -> _Kept | None:
    """Write what a committed shard has of the patient, if all that it depends on is the same."""
    if not task.settings or any(study.study_uid in task.poison for study in patient.studies):
        return None
    key = _key_of(patient, task)
    knowledge = knowledge_for(task.scrubber)
    for earlier in map(open_earlier_patients, task.earlier):
        found = earlier.get(key, knowledge)
        pictures = earlier.pictures(found[0]) if found else None
        if found is None or pictures is None:
            continue
        outcome, asked, answers = found
        rest = iter(pictures)
        for study in outcome.studies:
            write(Made(study, list(islice(rest, len(study.images))), (), (), ()))
        return key, asked, answers, outcome
    return None


def _make_anew(
    patient: Patient,
    task: ShardTask,
    write: Callable[[Made], None],
    rejected: list[Rejected],
    masks: list[PixelMask],
) -> _Kept:
    """Make and write the patient's studies. Who has anything rejected is made again in each version."""
    before = len(rejected), len(masks)
    watched = Watched(knowledge_for(task.scrubber))
    made: list[Outcome] = []
    known = True
    for item in make_patient(patient, task, watched.knowledge, rejected, masks):
        write(item)
        known = known and all(key for key, _ in item.pictures) and not item.files
        made.append(Outcome((item.study,), item.redactions, item.withheld))
    known = bool(task.settings) and known and before == (len(rejected), len(masks))
    outcome = Outcome(
        studies=tuple(study for one in made for study in one.studies),
        redactions=tuple(row for one in made for row in one.redactions),
        withheld=tuple(row for one in made for row in one.withheld),
    )
    asked = watched.asked if known else set[str]()
    answers = knowledge_for(task.scrubber).answers(asked) if known else ""
    return (_key_of(patient, task) if known else ""), asked, answers, outcome


def _key_of(patient: Patient, task: ShardTask) -> str:
    rare = task.rare[patient.domain, patient.patient_id]
    return patient_key(patient, rare.fingerprint(), task.settings)


def probe_studies(batch: tuple[tuple[ShardTask, str], ...]) -> None:
    """Work on the named studies and keep nothing: finds out which of them ends a process."""
    wanted = {study_uid for _, study_uid in batch}
    task = _apart(batch[0][0])
    for patient in read_records(task.source, Patient):
        studies = tuple(study for study in patient.studies if study.study_uid in wanted)
        knowledge = knowledge_for(task.scrubber)
        for _ in make_patient(replace(patient, studies=studies), task, knowledge, [], []):
            pass


def _apart(task: ShardTask) -> ShardTask:
    """The task with a folder that no other attempt at it has, nor one whose worker is believed dead."""
    return replace(task, target=Path(mkdtemp(prefix=f"{task.digest}-", dir=task.target)))
