"""From the export to patients with splits: catalog, linkage, eligibility, crosswalk, splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.files import read_lines
from radrelease.adapters.places import sha256_of_input
from radrelease.cataloging import catalog_files, catalog_reports, domains_of
from radrelease.cohort import Cohort, Key
from radrelease.config import SURROGATES, Config, SplitQuotas
from radrelease.errors import ConfigError, NothingToRelease
from radrelease.identifiers import Secret
from radrelease.judging import judge_studies
from radrelease.locations import Place
from radrelease.profiles.surrogates import load_pools
from radrelease.progress import Progress
from radrelease.records.private import (
    Identifier,
    IdentifierKind,
    Instance,
    Rejected,
    Study,
)
from radrelease.records.release import Split
from radrelease.rejections import Reason
from radrelease.stages.cohort.crosswalk import Crosswalk, check_collisions, pairs_of
from radrelease.stages.cohort.homes import Standing
from radrelease.stages.cohort.linkage import STAGE as LINKAGE
from radrelease.stages.cohort.linkage import link
from radrelease.stages.cohort.merged_patients import (
    TWO_UNDER_ONE,
    NumberDoubt,
    find_one_under_two,
    find_two_under_one,
)
from radrelease.stages.cohort.rejecting import reject_study
from radrelease.stages.cohort.splits import Assignment, Candidate, assign, studies_wanted
from radrelease.stages.scrub.drawing import usable_pools
from radrelease.stages.scrub.word_counts import give_back
from radrelease.stages.text.tokens import words_of

__all__ = ["GATHERING", "Cohort", "Plan", "assign_patients", "crosswalk_of", "make_plan"]

GATHERING = "Gathering what is known"
"""A step, of what is made of the whole export before anything is done to a study."""

_EXPORT_KINDS = frozenset(IdentifierKind) - {IdentifierKind.BIRTH_DATE, IdentifierKind.UID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What went before: where patients stand in the release in place, and who has been withdrawn since."""

    last: Standing = field(default_factory=Standing)
    began: Standing = field(default_factory=Standing)  # what it kept from one before it
    studies: frozenset[str] = frozenset()  # raw UIDs of all that were planned
    withdrawn: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the export holds and what of it may be released. Private."""

    files: int
    reports: int
    patients: Cohort
    rejected: tuple[Rejected, ...]
    doubts: tuple[NumberDoubt, ...]  # patient numbers that may be of two people, or of one with another
    store: CohortStore
    given_back: frozenset[str]  # words outside the lexicon that may be published
    stand_ins: frozenset[str]  # words that may stand in for names and places; none of them is known
    word_counts: Mapping[str, int]  # of the others too: in how many patients' reports each stands
    before: Before

    @property
    def knowledge(self) -> Iterator[Identifier]:
        """What is removed from every report, whoever it is about, in order."""
        return self.store.knowledge(_EXPORT_KINDS)

    @property
    def studies(self) -> int:
        """The number of eligible studies."""
        return sum(len(studies) for studies in self.patients.light.values())


def make_plan(config: Config, secret: Secret, progress: Progress, store: CohortStore, before: Before) -> Plan:
    """Read every header and report once, link them, and judge what may be released."""
    catalog = catalog_files(config, progress, store)
    rows, bad_rows = catalog_reports(config, progress, catalog.instances, store)
    with progress.step("Linking images to reports", None):
        roots = {source.name: source.dicom for source in config.source}
        linked = link(
            catalog.instances,
            rows,
            domains=domains_of(config),
            digest=lambda instance: _digest(roots[instance.source], instance),
        )
    doubts = (*find_two_under_one(catalog.people), *find_one_under_two(catalog.people))
    present, gone = _without(linked.studies, before.withdrawn, Reason.WITHDRAWN)
    whole, of_two = _without(present, _certain(doubts, config), Reason.NUMBER_OF_TWO)
    judged = judge_studies(whole, config, store, progress)
    patients = Cohort(judged.light, store)
    with progress.step(GATHERING, None):
        crosswalk = crosswalk_of(config, secret)
        check_collisions(
            pair for patient in patients.without_contents() for pair in pairs_of(patient, crosswalk)
        )
        everybody = frozenset(IdentifierKind)
        return Plan(
            files=catalog.files,
            reports=len(rows) + len(bad_rows),
            patients=patients,
            rejected=(*catalog.rejected, *bad_rows, *linked.rejected, *gone, *of_two, *judged.rejected),
            doubts=doubts,
            store=store,
            given_back=give_back(
                judged.plain,
                judged.named,
                config.deidentification.vocabulary_k,
                store.knowledge(everybody),
                _reviewed_words(config),
            ),
            stand_ins=_stand_ins(config, store.knowledge(everybody)),
            word_counts=judged.plain,
            before=before,
        )


def _certain(doubts: Iterable[NumberDoubt], config: Config) -> frozenset[Key]:
    """The numbers that are certainly of two people, where their studies are to be turned away."""
    if config.linkage.number_of_two != "reject":
        return frozenset()
    return frozenset(
        (doubt.domain, doubt.patient_id) for doubt in doubts if doubt.kind == TWO_UNDER_ONE and doubt.certain
    )


def _without(
    studies: Sequence[Study], turned_away: Set[Key], reason: Reason
) -> tuple[list[Study], list[Rejected]]:
    """The studies to go on with, and the rows of those of patients that are turned away."""
    kept = [study for study in studies if (study.patient_domain, study.patient_id) not in turned_away]
    rejected = [
        row
        for study in studies
        if (study.patient_domain, study.patient_id) in turned_away
        for row in reject_study(LINKAGE, study, reason)
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
        for patient in plan.patients.without_contents()
    ]
    total = sum(candidate.studies for candidate in candidates)
    if not total:
        raise NothingToRelease("no study of the export may be released; work/rejected.parquet says why")
    wanted = studies_wanted(config.split, total)
    if not failed:  # studies that fail later leave a split short, and the run says so
        _check_quotas(config.split, wanted, total)
    return assign(candidates, wanted, plan.before.last.splits)


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


def _digest(root: Place, instance: Instance) -> str:
    try:
        return sha256_of_input(root, instance.path)
    except OSError:
        return f"unreadable {instance.path}"  # differs from every other, so nothing is called equal
