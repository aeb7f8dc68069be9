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
from radrelease.adapters.parquet import count_records, read_records, write_records
from radrelease.adapters.shard_files import take_over_files, write_sums
from radrelease.adapters.shard_patients import (
    COUNTED,
    METADATA,
    PIXEL_MASKS,
    QUALITY,
    REDACTIONS,
    REJECTED,
    REMAINS,
    ROWS,
    Outcome,
    PatientWriter,
    open_earlier_patients,
    open_patients,
    patient_key,
)
from radrelease.adapters.shard_pictures import PICTURES, open_earlier, open_pictures
from radrelease.making import Made, ShardTask, make_patient
from radrelease.records.private import Patient, PixelMask, Redaction, Rejected
from radrelease.records.release import ReleaseStudy
from radrelease.scrubbing import crosswalk_for, knowledge_for
from radrelease.stages.knowledge.export_knowledge import Watched
from radrelease.stages.pictures.flagged_pictures import PictureQuality, qualities
from radrelease.stages.release.residual_risk import Remains, remains_of
from radrelease.stages.release.tables import CountedStudy, counted

__all__ = ["FORM", "ShardResult", "probe_studies", "run_shard"]

FORM = "rows, pictures, pieces, counts, checksums"
"""What a shard's folder holds; of a committed shard of another form, no more than pictures are taken over."""

_MOST_AGAIN = 1 / 8
"""Of a shard's patients: of more, it would cost too much to find out whether the same comes of them."""


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
    return _take_over_whole(task) or _make(task)


def _take_over_whole(task: ShardTask) -> ShardResult | None:
    """The files of a committed shard that has these patients, nobody else, and everybody unchanged."""
    if not task.settings or task.poison:
        return None
    keys = [_key_of(patient, task) for patient in read_records(task.source, Patient)]
    for earlier in task.earlier:
        if (
            open_earlier_patients(earlier).may_be(keys, knowledge_for(task.scrubber))
            and _rest_comes_out(earlier, task)
            and _remains_are(earlier, task)
            and take_over_files(earlier, task.target)
        ):
            return ShardResult(
                digest=task.digest,
                folder=task.target,
                studies=count_records(task.target / ROWS),
                images=count_records(task.target / PICTURES),
                rejected=count_records(task.target / REJECTED),
            )
    return None


def _remains_are(earlier: Path, task: ShardTask) -> bool:
    """Whether the same would be said of what is left, which is told with all words that may be published."""
    rows = read_records(earlier / ROWS, ReleaseStudy)
    remains = _remains(read_records(earlier / REDACTIONS, Redaction), rows, task)
    return [remains] == list(read_records(earlier / REMAINS, Remains))


def _rest_comes_out(earlier: Path, task: ShardTask) -> bool:
    """Whether of the patients who must be made again the same comes out, if they are few."""
    patients = open_earlier_patients(earlier)
    rest = {place for place, row in enumerate(patients.kept) if not row.key}
    if len(rest) > max(1, _MOST_AGAIN * len(patients.kept)):
        return False
    rejected: list[Rejected] = []
    masks: list[PixelMask] = []
    made: list[Made] = []
    for place, patient in enumerate(read_records(task.source, Patient)):
        if place in rest:
            key, _, _, outcome = _make_anew(patient, task, made.append, rejected, masks)
            if not patients.comes_out_as(place, key, outcome):
                return False
    pictures = open_earlier(earlier)
    return (
        not any(item.files for item in made)
        and all(pictures.has(*picture) for item in made for picture in item.pictures)
        and rejected == list(read_records(earlier / REJECTED, Rejected))
        and masks == list(read_records(earlier / PIXEL_MASKS, PixelMask))
    )


def _make(task: ShardTask) -> ShardResult:
    rejected: list[Rejected] = []
    masks: list[PixelMask] = []
    images = 0
    with (
        native.open_shard(task.target / native.FILE, previews=task.config.images.preview > 0) as shard,
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
    write_records(task.target / REJECTED, Rejected, rejected)
    write_records(task.target / PIXEL_MASKS, PixelMask, masks)
    write_sums(task.target)
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
    write_records(task.target / REMAINS, Remains, [_remains(patients.redactions, patients.studies, task)])


def _remains(redactions: Iterable[Redaction], studies: Iterable[ReleaseStudy], task: ShardTask) -> Remains:
    given_back, crosswalk = knowledge_for(task.scrubber).given_back, crosswalk_for(task.scrubber)
    return remains_of(redactions, studies, given_back, crosswalk.uid)


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
