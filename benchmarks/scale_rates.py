"""Two rates of ``bench_scale.py``: headers read on a core, beside pydicom; reports scrubbed and cut."""

from __future__ import annotations

import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import pydicom
from scale_people import Cohort, Member, Visit
from scale_reports import identifiers_of, report_of

from radrelease.adapters.cohort_store import CohortStore, open_cohort
from radrelease.adapters.dicom_files import quiet_pydicom, read_header
from radrelease.adapters.files import make_private, read_lines
from radrelease.adapters.places import list_files, raw_name
from radrelease.adapters.workers import Failure, run
from radrelease.cataloging import read_headers
from radrelease.config import Config
from radrelease.identifiers import Mrn, RawAccession, RawUid, Secret
from radrelease.records.private import Identifier, IdentifierKind, Instance, Patient, Study
from radrelease.scrubbing import WORDS, Scrubber, knowledge_for, make_scrubber, scrub_report
from radrelease.stages.cohort.merged_patients import stated_by
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.sections import find_sections

__all__ = ["HeaderRates", "ReportRates", "header_rates", "report_rates"]

_BLOCK = 200
_BATCH = 50
_OF_THE_EXPORT = frozenset(IdentifierKind) - {IdentifierKind.BIRTH_DATE, IdentifierKind.UID}


@dataclass(frozen=True, slots=True)
class HeaderRates:
    """Files per second of one core, from a warm cache.

    ``kept`` counts besides what becomes of a header: on to the driver, and into the cohort store.
    """

    files: int
    ours: float
    kept: float
    pydicom: float


@dataclass(frozen=True, slots=True)
class ReportRates:
    """What the reports of some patients took."""

    reports: int
    per_second: float  # of wall clock, all processes
    per_cpu_second: float
    scrub_ms: float  # CPU per report
    cut_ms: float
    compile_ms: float  # the patient's terms, per report
    start_s: float  # CPU of one process until its first report: all that the export knows


def header_rates(config: Config, most: int) -> HeaderRates:
    """Read the same files in turns, block by block, on one core; afterwards the process stays there."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    files = list(islice(_files(config), most))
    for _, root, path in files:
        (root / os.fsdecode(raw_name(path))).read_bytes()
    domains = {source.name: source.domain for source in config.source}
    seconds, counts = Counter[str](), Counter[str]()
    with open_cohort(make_private(config.release.work / "rates")) as store:
        for start in range(0, len(files), _BLOCK):
            block = sorted(files[start : start + _BLOCK], key=lambda file: (file[0], file[2]))
            ours = "kept" if start // _BLOCK % 2 else "ours"  # never a file twice: values are remembered
            seconds[ours] += _timed(_read_ours if ours == "ours" else _keep(store, domains), block)
            seconds["pydicom"] += _timed(_read_plain, block)
            counts.update({ours: len(block), "pydicom": len(block)})
    rates = {name: counts[name] / seconds[name] for name in counts}
    return HeaderRates(files=len(files), **rates)


def report_rates(cohort: Cohort, config: Config, secret: Secret, most: int) -> ReportRates:
    """Scrub and cut the reports of the first patients, knowing what the whole export knows.

    The words that are given back are those of the finished build.
    """
    work = config.release.work
    knowledge = {item for member in cohort.members() for item in _known(member)}
    exported = sorted(item for item in knowledge if item.kind in _OF_THE_EXPORT)
    words = read_lines(work / WORDS)
    folder = make_private(work / "rates")
    scrubber = make_scrubber(exported, words, (), config, secret, folder)
    patients = [_patient(cohort, member) for member in islice(cohort.members(), most)]
    batches = [(scrubber, patients[start : start + _BATCH]) for start in range(0, len(patients), _BATCH)]
    outcomes = run(_scrub_batch, batches, config=config, timeout_s=lambda _: 600.0)
    return _summed([outcome for _, outcome in outcomes if not isinstance(outcome, Failure)])


@dataclass(frozen=True, slots=True)
class _Spent:
    """CPU seconds of a batch; ``begun`` and ``ended`` are of the machine's one clock."""

    reports: int
    start: float
    begun: float
    ended: float
    compiling: float
    scrubbing: float
    cutting: float


def _scrub_batch(batch: tuple[Scrubber, Sequence[Patient]]) -> _Spent:
    scrubber, patients = batch
    started = time.process_time()
    _worked(patients[:1], scrubber)  # lists, rules and what the export knows are read with the first report
    start = time.process_time() - started
    begun = time.perf_counter()
    compiling, scrubbing, cutting = _worked(patients, scrubber)
    reports = sum(len(patient.studies) for patient in patients)
    return _Spent(reports, start, begun, time.perf_counter(), compiling, scrubbing, cutting)


def _worked(patients: Iterable[Patient], scrubber: Scrubber) -> tuple[float, float, float]:
    """CPU seconds of compiling the patients' terms, of scrubbing and of cutting their reports."""
    compiling = scrubbing = cutting = 0.0
    for patient in patients:
        clock = [time.process_time()]
        terms = compile_patient(patient.identifiers)
        clock.append(time.process_time())
        knowledge = knowledge_for(scrubber)
        texts = [
            scrub_report(study, patient, scrubber, terms, knowledge).text.text for study in patient.studies
        ]
        clock.append(time.process_time())
        for text in texts:
            find_sections(text).sections(text)
        clock.append(time.process_time())
        compiling += clock[1] - clock[0]
        scrubbing += clock[2] - clock[1]
        cutting += clock[3] - clock[2]
    return compiling, scrubbing, cutting


def _summed(spent: Sequence[_Spent]) -> ReportRates:
    reports = sum(one.reports for one in spent)
    wall = max(one.ended for one in spent) - min(one.begun for one in spent)
    totals = [sum(getattr(one, name) for one in spent) for name in ("compiling", "scrubbing", "cutting")]
    compiling, scrubbing, cutting = (1e3 * total / reports for total in totals)
    return ReportRates(
        reports=reports,
        per_second=reports / wall,
        per_cpu_second=reports / sum(totals),
        scrub_ms=scrubbing,
        cut_ms=cutting,
        compile_ms=compiling,
        start_s=max(one.start for one in spent),
    )


def _known(member: Member) -> Iterator[Identifier]:
    return (item for visit in member.visits for item in identifiers_of(visit))


def _patient(cohort: Cohort, member: Member) -> Patient:
    person = member.person
    return Patient(
        domain=person.system,
        patient_id=Mrn(person.mrn),
        identifiers=tuple(sorted(set(_known(member)))),
        studies=tuple(_study(cohort, visit) for visit in member.visits),
    )


def _study(cohort: Cohort, visit: Visit) -> Study:
    return Study(
        source=visit.site.system,
        patient_domain=visit.site.system,
        patient_id=Mrn(visit.person.mrn),
        accession=RawAccession(visit.accession),
        study_uid=RawUid(visit.study_uid),
        study_date=visit.day,
        instances=(),
        report=report_of(cohort, visit),
        report_locations=(),
        identifiers=(),
    )


_File = tuple[str, Path, str]


def _files(config: Config) -> Iterator[_File]:
    """The files of all sources in turn, so that each dialect is read."""
    lists = (
        [(source.name, source.dicom, path) for path in list_files(source.dicom)] for source in config.source
    )
    return (file for row in zip_longest(*lists) for file in row if file is not None)


def _timed(read: Callable[[Iterable[_File]], None], files: Iterable[_File]) -> float:
    begun = time.process_time()
    read(files)
    return time.process_time() - begun


def _read_ours(files: Iterable[_File]) -> None:
    for source, root, path in files:
        read_header(source, root, path)


def _keep(store: CohortStore, domains: Mapping[str, str]) -> Callable[[Iterable[_File]], None]:
    """Read, hand over and store, as the catalog does with batches."""

    def keep(files: Iterable[_File]) -> None:
        items = pickle.loads(pickle.dumps(read_headers(tuple(files))))  # noqa: S301 - our own
        instances = [item for item in items if isinstance(item, Instance)]
        for instance in instances:
            store.put_instance(instance, domains[instance.source])
        stated_by(instances, domains)

    return keep


def _read_plain(files: Iterable[_File]) -> None:
    with quiet_pydicom():
        for _, root, path in files:
            pydicom.dcmread(root / os.fsdecode(raw_name(path)), stop_before_pixels=True)
