"""From the export to patients with splits: catalog, linkage, eligibility, crosswalk, splits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.files import read_lines
from radrelease.adapters.places import list_files, sha256_of_input
from radrelease.adapters.report_files import read_reports
from radrelease.adapters.workers import Failure, run_bisecting
from radrelease.config import SURROGATES, Config, SplitQuotas
from radrelease.errors import ConfigError, NothingToRelease
from radrelease.identifiers import Mrn, RawAccession, Secret
from radrelease.locations import Place
from radrelease.profiles.chest import load_chest_vocabulary
from radrelease.profiles.surrogates import load_pools
from radrelease.progress import Progress
from radrelease.records import (
    Identifier,
    IdentifierKind,
    InputKind,
    Instance,
    Patient,
    Rejected,
    ReportRow,
    SectionName,
    Split,
    Study,
)
from radrelease.rejections import Reason
from radrelease.stages.crosswalk import Crosswalk, check_collisions, pairs_of
from radrelease.stages.drawing import usable_pools
from radrelease.stages.eligibility import judge
from radrelease.stages.linkage import STAGE as LINKAGE
from radrelease.stages.linkage import link
from radrelease.stages.merged_patients import (
    TWO_UNDER_ONE,
    NumberDoubt,
    find_one_under_two,
    find_two_under_one,
    stated_by,
)
from radrelease.stages.rejecting import reject_study
from radrelease.stages.sections import find_sections
from radrelease.stages.splits import Assignment, Candidate, assign, studies_wanted
from radrelease.stages.tokens import words_of
from radrelease.stages.word_counts import count_words, give_back

__all__ = ["Plan", "assign_patients", "crosswalk_of", "make_plan"]

_BATCH = 128
_HEADER_TIMEOUT_S = 60.0
_EXPORT_KINDS = frozenset(IdentifierKind) - {IdentifierKind.BIRTH_DATE, IdentifierKind.UID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the export holds and what of it may be released. Private."""

    files: int
    reports: int
    patients: Mapping[tuple[str, str], Patient]
    rejected: tuple[Rejected, ...]
    doubts: tuple[NumberDoubt, ...]  # patient numbers that may be of two people, or of one with another
    known: Mapping[tuple[str, str], frozenset[Identifier]]  # of every patient, released or not
    given_back: frozenset[str]  # words outside the lexicon that may be published
    stand_ins: frozenset[str]  # words that may stand in for names and places; none of them is known
    word_counts: Mapping[str, int]  # of the others too: in how many patients' reports each stands

    @property
    def knowledge(self) -> tuple[Identifier, ...]:
        """What is removed from every report, whoever it is about."""
        everything = {item for identifiers in self.known.values() for item in identifiers}
        return tuple(sorted(item for item in everything if item.kind in _EXPORT_KINDS))

    @property
    def studies(self) -> int:
        """The number of eligible studies."""
        return sum(len(patient.studies) for patient in self.patients.values())


def make_plan(config: Config, secret: Secret, progress: Progress) -> Plan:
    """Read every header and report once, link them, and judge what may be released."""
    instances, rejected, files = _catalog_files(config, progress)
    rows, bad_rows = _catalog_reports(config, progress)
    reports = len(rows) + len(bad_rows)
    with progress.step("Linking images to reports", None):
        roots = {source.name: source.dicom for source in config.source}
        linked = link(
            instances,
            rows,
            domains={source.name: source.domain for source in config.source},
            digest=lambda instance: _digest(roots[instance.source], instance),
        )
    people = stated_by(instances, {source.name: source.domain for source in config.source})
    doubts = (*find_two_under_one(people), *find_one_under_two(people))
    whole, of_two = _without_doubtful(linked.studies, doubts, config)
    studies, ineligible = _judge(whole, config, progress)
    known = _known_of_patients(config, instances, rows)
    everything = frozenset(item for identifiers in known.values() for item in identifiers)
    patients = _patients(studies, known)
    with progress.step("Counting words", len(patients)):
        counts = count_words(patients.values())
    check_collisions(
        pair for patient in patients.values() for pair in pairs_of(patient, crosswalk_of(config, secret))
    )
    return Plan(
        files=files,
        reports=reports,
        patients=patients,
        rejected=(*rejected, *bad_rows, *linked.rejected, *of_two, *ineligible),
        doubts=doubts,
        known={key: frozenset(identifiers) for key, identifiers in known.items()},
        given_back=give_back(
            counts,
            config.deidentification.vocabulary_k,
            everything,
            _reviewed_words(config),
        ),
        stand_ins=_stand_ins(config, everything),
        word_counts=counts,
    )


def _without_doubtful(
    studies: Sequence[Study], doubts: Iterable[NumberDoubt], config: Config
) -> tuple[list[Study], list[Rejected]]:
    """The studies to go on with; by request, none of a number that is certainly of two people."""
    turned_away = {
        (doubt.domain, doubt.patient_id)
        for doubt in doubts
        if doubt.kind == TWO_UNDER_ONE and doubt.certain and config.linkage.number_of_two == "reject"
    }
    kept = [study for study in studies if (study.patient_domain, study.patient_id) not in turned_away]
    rejected = [
        row
        for study in studies
        if (study.patient_domain, study.patient_id) in turned_away
        for row in reject_study(LINKAGE, study, Reason.NUMBER_OF_TWO)
    ]
    return kept, rejected


def _reviewed_words(config: Config) -> list[str]:
    """The words of the reviewed list, and those of the headers that sources name."""
    path = config.deidentification.reviewed_words
    headers = (header for source in config.source for header, _ in source.section_headers.kinds)
    reviewed = [] if path is None else read_lines(path)
    return [*reviewed, *(word for header in headers for word in words_of(header))]


def _stand_ins(config: Config, known: Iterable[Identifier]) -> frozenset[str]:
    wanted = config.deidentification.placeholder == SURROGATES
    return usable_pools(load_pools(), known).words if wanted else frozenset()


def crosswalk_of(config: Config, secret: Secret) -> Crosswalk:
    """The crosswalk that the configuration asks for."""
    return Crosswalk(secret, config.release.id_prefix, config.deidentification.date_shift_days)


def assign_patients(
    plan: Plan, config: Config, secret: Secret, failed: frozenset[str] = frozenset()
) -> Assignment:
    """Give each patient a split; studies whose raw UID is in ``failed`` count nothing."""
    crosswalk = crosswalk_of(config, secret)
    candidates = [
        Candidate(
            rank=crosswalk.rank(patient.domain, patient.patient_id),
            domain=patient.domain,
            patient_id=patient.patient_id,
            studies=sum(study.study_uid not in failed for study in patient.studies),
        )
        for patient in plan.patients.values()
    ]
    total = sum(candidate.studies for candidate in candidates)
    if not total:
        raise NothingToRelease("no study of the export may be released; work/rejected.parquet says why")
    wanted = studies_wanted(config.split, total)
    if not failed:  # studies that fail later leave a split short, and the run says so
        _check_quotas(config.split, wanted, total)
    return assign(candidates, wanted)


def _check_quotas(quotas: SplitQuotas, wanted: Mapping[Split, int], total: int) -> None:
    asked = sum(wanted.values())
    if asked > total:
        key = next(name for name in ("private_test", "test", "valid", "train") if getattr(quotas, name))
        raise ConfigError(
            f"[split] {key}",
            f"the splits ask for {asked} studies, and {total} may be released",
            "Ask for fewer, or for fractions",
        )
    if asked < total and quotas.surplus == "error":
        raise ConfigError(
            "[split] surplus",
            f"{total - asked} studies are in no split",
            'Set surplus = "reject", or train = "rest"',
        )


def read_headers(batch: tuple[tuple[str, Place, str], ...]) -> list[Instance | Rejected]:
    """The headers of a batch of files; what a worker runs."""
    return [read_header(source, root, path) for source, root, path in batch]


def _catalog_files(config: Config, progress: Progress) -> tuple[list[Instance], list[Rejected], int]:
    files = [
        (source.name, source.dicom, path) for source in config.source for path in list_files(source.dicom)
    ]
    instances: list[Instance] = []
    rejected: list[Rejected] = []
    with progress.step("Reading headers", len(files)) as step:
        for batch, outcome in run_bisecting(
            read_headers, _batches(files), processes=config.workers.processes, timeout_s=_HEADER_TIMEOUT_S
        ):
            step.advance(len(batch))
            if isinstance(outcome, Failure):
                ((source, _root, path),) = batch
                rejected.append(_failed_file(source, path, outcome))
                continue
            instances += [item for item in outcome if isinstance(item, Instance)]
            rejected += [item for item in outcome if isinstance(item, Rejected)]
    instances.sort(key=lambda item: (item.source, item.path))
    return instances, rejected, len(files)


def _batches(files: Iterable[tuple[str, Place, str]]) -> Iterator[tuple[tuple[str, Place, str], ...]]:
    rest = iter(files)
    while batch := tuple(islice(rest, _BATCH)):
        yield batch


def _failed_file(source: str, path: str, failure: Failure) -> Rejected:
    return Rejected(
        stage="catalog",
        kind=InputKind.FILE,
        source=source,
        subject=path,
        reason=failure.reason,
        study_uid="",
        detail="",
    )


def _catalog_reports(config: Config, progress: Progress) -> tuple[list[ReportRow], list[Rejected]]:
    rows: list[ReportRow] = []
    rejected: list[Rejected] = []
    with progress.step("Reading reports", None) as step:
        for source in config.source:
            for item in read_reports(source):
                step.advance()
                if isinstance(item, Rejected):
                    rejected.append(item)
                else:
                    rows.append(item)
    return rows, rejected


def _digest(root: Place, instance: Instance) -> str:
    try:
        return sha256_of_input(root, instance.path)
    except OSError:
        return f"unreadable {instance.path}"  # differs from every other, so nothing is called equal


def _judge(
    studies: Sequence[Study], config: Config, progress: Progress
) -> tuple[list[Study], list[Rejected]]:
    kept: list[Study] = []
    rejected: list[Rejected] = []
    vocabulary = load_chest_vocabulary()
    sections_of = partial(_sections_of, config=config)
    with progress.step("Judging studies", len(studies)) as step:
        for study in studies:
            eligible, reasons = judge(study, config.eligibility, vocabulary, sections_of)
            kept += [eligible] if eligible else []
            rejected += reasons
            step.advance()
    return kept, rejected


def _sections_of(study: Study, config: Config) -> frozenset[SectionName]:
    """The sections that the rules find; all where a model will be asked, as the shard looks again."""
    found = find_sections(study.report, config.headers_of(study.source))
    asked = config.reports.asks_model and (config.reports.sectioner == "llm" or not found.accepted)
    return frozenset(name for name, words in found.sections(study.report).items() if words or asked)


Key = tuple[str, str]


def _known_of_patients(
    config: Config, instances: Sequence[Instance], rows: Sequence[ReportRow]
) -> Mapping[Key, set[Identifier]]:
    """All that headers and report columns state about each patient, of unused inputs too."""
    domains = {source.name: source.domain for source in config.source}
    known: dict[Key, set[Identifier]] = defaultdict(set)
    by_accession: dict[Key, set[Mrn]] = defaultdict(set)
    for instance in instances:
        known[domains[instance.source], instance.patient_id] |= set(instance.identifiers)
        for name in (instance.accession, instance.study_uid):
            if name:
                by_accession[instance.source, name].add(instance.patient_id)
    for row in rows:
        owners = set(by_accession.get((row.source, row.accession), ()))
        owners |= by_accession.get((row.source, RawAccession(row.study_uid)), set())
        owners |= {patient for part in row.accession.replace(";", ",").split(",")
                   for patient in by_accession.get((row.source, part.strip()), ())}  # fmt: skip
        owners |= {row.patient_id} if row.patient_id else set()
        for owner in owners or {Mrn("")}:
            known[domains[row.source], owner] |= set(row.identifiers)
    return known


def _patients(studies: Sequence[Study], known: Mapping[Key, set[Identifier]]) -> dict[Key, Patient]:
    by_patient: dict[Key, list[Study]] = defaultdict(list)
    for study in studies:
        bare = tuple(replace(instance, identifiers=()) for instance in study.instances)
        by_patient[study.patient_domain, study.patient_id].append(
            replace(study, instances=bare, identifiers=())
        )
    return {
        key: Patient(
            domain=key[0],
            patient_id=Mrn(key[1]),
            identifiers=tuple(sorted(known[key])),
            studies=tuple(sorted(own, key=lambda study: (study.study_date, study.study_uid))),
        )
        for key, own in sorted(by_patient.items())
    }
