"""The whole cohort's header values, as they would be published, and which of them are rare.

Counted are the patients of the public splits, since theirs is what anybody can look at; what is rare there
is left out of the private test split too. A study or picture that fails in its shard counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from radrelease.adapters.workers import Failure, in_batches, run_bisecting
from radrelease.cohort import Key
from radrelease.errors import BrokenPromise
from radrelease.planning import Plan
from radrelease.profiles.header_profile import load_header_profile
from radrelease.progress import Progress
from radrelease.records.private import Patient, Study
from radrelease.scrubbing import Scrubber, crosswalk_for, knowledge_for
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.header_values import header_rules, traits_of
from radrelease.stages.headers.rare_values import RareValues, Trait, find_rare

__all__ = ["Survey", "find_rare_values", "survey"]

Survey = Mapping[Key, frozenset[Trait]]
"""What each patient's studies would show."""

_BATCH = 32
"""Patients handed to a worker at once."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A patient to be looked at, and which of the studies and files have failed."""

    patient: Patient
    failed: frozenset[str]
    scrubber: Scrubber


def survey(
    plan: Plan,
    scrubber: Scrubber,
    progress: Progress,
    failed: Set[str] = frozenset(),
    before: Survey | None = None,
) -> Survey:
    """The survey without what ``failed``; patients whom that does not touch are as ``before``.

    Raises :class:`BrokenPromise` where a patient's values cannot be told: what is rare would go unseen.
    """
    asked = [
        key
        for key, studies in plan.patients.light.items()
        if before is None or not failed.isdisjoint(_names(studies))
    ]
    found = dict(before or {})
    once: dict[Trait, Trait] = {}  # few values are shown by many patients, and each is held once
    with progress.step("Looking for rare values", len(asked)) as step:
        items = (_asked(plan.patients[key], failed, scrubber) for key in asked)
        for batch, shown in run_bisecting(
            look_at_patients,
            in_batches(items, _BATCH),
            config=scrubber.config,
            timeout_s=scrubber.config.workers.study_timeout_s,
        ):
            if isinstance(shown, Failure):
                raise BrokenPromise("a patient's header values end the process that looks at them")
            for item, traits in zip(batch, shown, strict=True):
                key = item.patient.domain, item.patient.patient_id
                found[key] = frozenset(once.setdefault(trait, trait) for trait in traits)
            step.advance(len(batch))
    return found


def _asked(patient: Patient, failed: Set[str], scrubber: Scrubber) -> _Asked:
    return _Asked(patient, frozenset(failed & _names(patient.studies)) if failed else frozenset(), scrubber)


def look_at_patients(batch: tuple[_Asked, ...]) -> list[frozenset[Trait]]:
    """What each of the patients would show; what a worker runs."""
    scrubber = batch[0].scrubber
    knowledge = knowledge_for(scrubber)
    settings, crosswalk = scrubber.config.deidentification, crosswalk_for(scrubber)
    rules = header_rules(settings, crosswalk, knowledge.terms, knowledge.given_back)
    return [traits_of(item.patient, item.failed, rules) for item in batch]


def _names(studies: Sequence[Study]) -> set[str]:
    """The studies and their files as ``failed`` names them."""
    files = {f"{item.source}\n{item.path}" for study in studies for item in study.instances}
    return files | {study.study_uid for study in studies}


def find_rare_values(found: Survey, assignment: Assignment, scrubber: Scrubber) -> RareValues:
    """The values that too few patients of the public splits show, those that none shows included."""
    settings = scrubber.config.deidentification
    public = [
        found[key] for key, split in sorted(assignment.splits.items()) if split.public and found.get(key)
    ]
    private = [
        found[key] for key, split in sorted(assignment.splits.items()) if not split.public and found.get(key)
    ]
    rules = load_header_profile(settings.profile).rules
    return find_rare(
        public,
        settings.smallest_cell,
        {rule.keyword: rule.rare for rule in rules if rule.rare},
        unseen=[trait for traits in private for trait in traits],
    )
