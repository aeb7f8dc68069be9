"""The whole cohort's header values, as they would be published, and which of them are rare.

Counted are the patients of the public splits, since theirs is what anybody can look at; what is rare there
is left out of the private test split too. A study or picture that fails in its shard counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from radrelease.adapters.compiled_knowledge import read_compiled
from radrelease.planning import Plan
from radrelease.progress import Progress
from radrelease.records.private import Study
from radrelease.scrubbing import Scrubber, crosswalk_for
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.header_values import HeaderRules, header_rules, traits_of
from radrelease.stages.headers.rare_values import RareValues, Trait, find_rare

__all__ = ["Survey", "find_rare_values", "header_rules_of", "survey"]

Key = tuple[str, str]

Survey = Mapping[Key, frozenset[Trait]]
"""What each patient's studies would show."""


def header_rules_of(plan: Plan, scrubber: Scrubber) -> HeaderRules:
    """What decides over header values."""
    settings, terms = scrubber.config.deidentification, read_compiled(scrubber.terms)
    return header_rules(settings, crosswalk_for(scrubber), terms, plan.given_back)


def survey(
    plan: Plan,
    rules: HeaderRules,
    progress: Progress,
    failed: Set[str] = frozenset(),
    before: Survey | None = None,
) -> Survey:
    """The survey without what ``failed``; patients whom that does not touch are as ``before``."""
    asked = [
        key
        for key, studies in plan.patients.light.items()
        if before is None or not failed.isdisjoint(_names(studies))
    ]
    found = dict(before or {})
    once: dict[Trait, Trait] = {}  # few values are shown by many patients, and each is held once
    with progress.step("Looking for rare values", len(asked)) as step:
        for key in asked:
            traits = traits_of(plan.patients[key], failed, rules)
            found[key] = frozenset(once.setdefault(trait, trait) for trait in traits)
            step.advance()
    return found


def _names(studies: Sequence[Study]) -> set[str]:
    """The studies and their files as ``failed`` names them."""
    files = {f"{item.source}\n{item.path}" for study in studies for item in study.instances}
    return files | {study.study_uid for study in studies}


def find_rare_values(found: Survey, assignment: Assignment, rules: HeaderRules, k: int) -> RareValues:
    """The values that fewer than ``k`` patients of the public splits show, those that none shows included."""
    public = [
        found[key] for key, split in sorted(assignment.splits.items()) if split.public and found.get(key)
    ]
    private = [
        found[key] for key, split in sorted(assignment.splits.items()) if not split.public and found.get(key)
    ]
    treatments = {rule.keyword: rule.rare for rule in rules.profile.rules if rule.rare}
    return find_rare(public, k, treatments, unseen=[trait for traits in private for trait in traits])
