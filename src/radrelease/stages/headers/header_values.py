"""What of a study's headers is published: one look for the counting of rare values and for the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from radrelease.config import Deidentification
from radrelease.identifiers import RawUid
from radrelease.profiles.header_profile import HeaderProfile, load_header_profile
from radrelease.records.private import Instance, Patient, Study
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.free_text import objection_to_text
from radrelease.stages.headers.public_values import age_of, public_attributes
from radrelease.stages.headers.rare_values import AGE, RareValues, Trait
from radrelease.stages.knowledge.compact import Either
from radrelease.stages.knowledge.known_terms import KnownTerms, compile_patient

__all__ = [
    "TOO_FEW",
    "HeaderRules",
    "HeaderValues",
    "Withheld",
    "header_rules",
    "header_values",
    "in_published_order",
    "shown_ages_of",
    "traits_of",
    "without_rare",
]

_OF_STUDY = ("PatientSex", "PatientAge", "EthnicGroup", "PatientWeight", "StudyDescription")
"""Published once per study, from the first image that states them; all others are published per image."""

TOO_FEW = "too few patients"
"""The rule of a value that was left out or coarsened because it is rare."""

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class HeaderRules:
    """What decides over header values; the same for all studies.

    ``given_back`` are the words outside the lexicon that may be published; without ``institutions`` no site
    is named.
    """

    profile: HeaderProfile
    crosswalk: Crosswalk
    export: KnownTerms
    given_back: Set[str]
    institutions: bool

    @cached_property
    def texts(self) -> Mapping[str, Set[str]]:
        """The free-text elements, with the words that the scrubber lets pass in each, folded."""
        return {
            rule.keyword: Either(
                self.given_back,
                frozenset(word.lower() for word in self.profile.vocabularies[rule.vocabulary]),
            )
            for rule in self.profile.rules
            if rule.rule == "text"
        }


def header_rules(
    settings: Deidentification, crosswalk: Crosswalk, export: KnownTerms, given_back: Set[str]
) -> HeaderRules:
    """What the settings decide over header values, with what is known of the whole export."""
    return HeaderRules(
        profile=load_header_profile(settings.profile),
        crosswalk=crosswalk,
        export=export,
        given_back=given_back,
        institutions=settings.institutions == "pseudonym",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A header value that is not published, or only coarser. Private: of free text it quotes the original."""

    study_uid: RawUid
    keyword: str
    value: str
    published: str  # "" where nothing is
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderValues:
    """The values by keyword, as published: the study's own, and those of each image."""

    study: Values
    images: tuple[Values, ...]
    withheld: tuple[Withheld, ...] = field(default=())

    @property
    def traits(self) -> frozenset[Trait]:
        """Every value that is published."""
        rows = (self.study, *({k: v for k, v in row.items() if k not in _OF_STUDY} for row in self.images))
        return frozenset(trait for row in rows for trait in row.items())


def in_published_order(instances: Sequence[Instance], crosswalk: Crosswalk) -> tuple[Instance, ...]:
    """The instances in the order of their pseudonyms, which says nothing of the original numbers."""
    return tuple(
        sorted(instances, key=lambda item: (crosswalk.uid(item.series_uid), crosswalk.uid(item.sop_uid)))
    )


def header_values(
    study: Study, instances: Sequence[Instance], terms: KnownTerms, rules: HeaderRules
) -> HeaderValues:
    """The values of the study's ``instances``, in their order, before rare ones are looked for.

    ``terms`` are those of the patient.
    """
    images: list[Values] = []
    withheld: dict[tuple[str, str], Withheld] = {}
    objections: dict[tuple[str, str], str] = {}
    for instance in instances:
        values = public_attributes(instance.attributes, rules.profile)
        for keyword, words in rules.texts.items():
            text = instance.attributes.get(keyword, "").strip()
            key = keyword, text
            if key not in objections:
                objections[key] = _objection(text, keyword in values, words, terms, rules)
            if objections[key]:
                values.pop(keyword, None)
                withheld[key] = Withheld(
                    study_uid=study.study_uid, keyword=keyword, value=text, published="", rule=objections[key]
                )
        images.append(values | _of_the_key(instance, study, rules))
    return HeaderValues(study=_first(images), images=tuple(images), withheld=tuple(withheld.values()))


def _objection(text: str, listed: bool, words: Set[str], terms: KnownTerms, rules: HeaderRules) -> str:  # noqa: FBT001
    if not text:
        return ""
    if not listed:
        return "a word that is not in the list"
    return objection_to_text(text, patient=terms, export=rules.export, allowed=words)


def _of_the_key(instance: Instance, study: Study, rules: HeaderRules) -> dict[str, str]:
    """The values that need the key or another element."""
    values = {}
    institution = instance.attributes.get("InstitutionName")
    if institution and rules.institutions:
        values["InstitutionName"] = rules.crosswalk.institution(study.patient_domain, institution)
    age = age_of(instance.attributes, study.study_date)
    return values | ({"PatientAge": age} if age else {})


def _first(images: Sequence[Values]) -> dict[str, str]:
    return {
        keyword: next(values[keyword] for values in images if keyword in values)
        for keyword in _OF_STUDY
        if any(keyword in values for values in images)
    }


def traits_of(patient: Patient, failed: Set[str], rules: HeaderRules) -> frozenset[Trait]:
    """Every value that the patient's studies would publish; ``failed`` are studies' UIDs and files' paths.

    Both are as in rejected rows, a path after its source and a line break.
    """
    terms = compile_patient(patient.identifiers)
    return frozenset(trait for study in patient.studies for trait in _traits(study, failed, terms, rules))


def _traits(study: Study, failed: Set[str], terms: KnownTerms, rules: HeaderRules) -> Iterator[Trait]:
    if study.study_uid in failed:
        return
    left = [item for item in study.instances if f"{item.source}\n{item.path}" not in failed]
    yield from header_values(study, in_published_order(left, rules.crosswalk), terms, rules).traits


def shown_ages_of(patient: Patient, rare: RareValues) -> Mapping[str, str | None]:
    """What is published for each age that the patient's headers state; they bear on one another.

    Files that cannot be drawn are asked too: an age may be coarser for it, and never finer.
    """
    ages = (
        age_of(item.attributes, study.study_date) for study in patient.studies for item in study.instances
    )
    return rare.ages({age for age in ages if age})


def without_rare(
    values: HeaderValues, rare: RareValues, ages: Mapping[str, str | None], study_uid: RawUid
) -> HeaderValues:
    """The values with rare ones left out or coarsened, each of them accounted for.

    ``ages`` are those of :func:`shown_ages_of`.
    """
    changed = {
        trait: rare.instead_of(*trait)
        for trait in sorted(values.traits)
        if trait in rare.rows and trait[0] != AGE
    }
    changed |= {(AGE, age): now for age, now in ages.items() if now != age and (AGE, age) in values.traits}
    withheld = (
        Withheld(study_uid=study_uid, keyword=keyword, value=value, published=now or "", rule=TOO_FEW)
        for (keyword, value), now in changed.items()
    )
    return HeaderValues(
        study=_replaced(values.study, changed),
        images=tuple(_replaced(row, changed) for row in values.images),
        withheld=(*values.withheld, *withheld),
    )


def _replaced(values: Values, changed: Mapping[Trait, str | None]) -> Values:
    after = {keyword: changed.get((keyword, value), value) for keyword, value in values.items()}
    return {keyword: value for keyword, value in after.items() if value is not None}
