"""Which pictures and studies may be released at all.

A picture shows a chest when BodyPartExamined (0018,0015) says so, or says nothing and a description
does. A body part that names another region excludes whatever the descriptions say, and so does
a description that names one: a wrong picture in the release is worse than a missing one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from radrelease.config import Eligibility
from radrelease.profiles.chest import ChestVocabulary
from radrelease.records.private import Rejected, Study
from radrelease.records.release import SectionName
from radrelease.rejections import Reason
from radrelease.stages.cohort.rejecting import reject_instance, reject_study
from radrelease.stages.cohort.views import normalise_view
from radrelease.stages.text.prose import judge_prose

__all__ = ["judge", "says_burned_in"]

STAGE = "eligibility"

_DESCRIPTIONS = (
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "AcquisitionDeviceProcessingDescription",
    "AnatomicRegionSequence",
)


_FOR_PROCESSING = frozenset(f"1.2.840.10008.5.1.4.1.1.1.{kind}.1" for kind in (1, 2, 3))
"""Digital X-Ray, mammography and intra-oral images for processing (PS3.6 annex A)."""


def judge(
    study: Study,
    rules: Eligibility,
    vocabulary: ChestVocabulary,
    sections_of: Callable[[Study], frozenset[SectionName]],
    *,
    looks_for_text: bool,
) -> tuple[Study | None, tuple[Rejected, ...]]:
    """The study with its eligible images, or None, and what was turned away.

    Where nothing ``looks_for_text`` in the pixels, a picture whose header says that it has some does not go.
    """
    kept, rejected = [], []
    for instance in study.instances:
        reason = next(_objections(instance.attributes, rules, vocabulary), None)
        if reason is None and not looks_for_text and says_burned_in(instance.attributes):
            reason = Reason.BURNED_IN_TEXT
        if reason is None:
            kept.append(instance)
        else:
            rejected.append(reject_instance(STAGE, instance, reason))
    left = replace(study, instances=tuple(kept))
    unreadable = judge_prose(study.report)
    if kept and unreadable is not None:
        return None, (*rejected, *reject_study(STAGE, left, unreadable))
    if kept and sections_of(study) & {SectionName(name) for name in rules.required_sections}:
        return left, tuple(rejected)
    if kept:
        return None, (*rejected, *reject_study(STAGE, left, Reason.MISSING_SECTION))
    reasons = {row.reason for row in rejected}
    reason = reasons.pop() if len(reasons) == 1 else Reason.NO_IMAGE_LEFT
    return None, (*rejected, *reject_study(STAGE, left, reason))


def _objections(
    attributes: Mapping[str, str], rules: Eligibility, vocabulary: ChestVocabulary
) -> Iterator[Reason]:
    if attributes.get("Modality", "").upper() not in rules.modalities:
        yield Reason.MODALITY
    if _is_not_human(attributes, vocabulary):
        yield Reason.NOT_HUMAN
    if not _shows_chest(attributes, vocabulary):
        yield Reason.BODY_PART
    if _is_for_processing(attributes):
        yield Reason.NOT_FOR_PRESENTATION
    if attributes.get("NumberOfFrames", "1") not in {"1", "0"}:
        yield Reason.MULTI_FRAME
    if attributes.get("SamplesPerPixel", "1") != "1" or not attributes.get(
        "PhotometricInterpretation", "MONOCHROME2"
    ).startswith("MONOCHROME"):
        yield Reason.COLOUR
    if normalise_view(attributes, vocabulary) not in rules.views:
        yield Reason.VIEW


def _is_for_processing(attributes: Mapping[str, str]) -> bool:
    """Presentation Intent Type (0008,0068), PS3.3 C.8.11.1, or a SOP Class that says it by itself."""
    said = attributes.get("PresentationIntentType", "").strip().upper()
    return said == "FOR PROCESSING" or attributes.get("SOPClassUID", "") in _FOR_PROCESSING


def says_burned_in(attributes: Mapping[str, str]) -> bool:
    """Burned In Annotation (0028,0301), PS3.3 C.7.6.1: whether the pixels tell who it is."""
    return attributes.get("BurnedInAnnotation", "").strip().upper() == "YES"


def _is_not_human(attributes: Mapping[str, str], vocabulary: ChestVocabulary) -> bool:
    species = attributes.get("PatientSpeciesDescription", "")
    if not vocabulary.human_species.equal(species) or attributes.get("PatientBreedDescription"):
        return True
    return any(vocabulary.not_human.within(attributes.get(keyword, "")) for keyword in _DESCRIPTIONS)


def _shows_chest(attributes: Mapping[str, str], vocabulary: ChestVocabulary) -> bool:
    descriptions = [attributes.get(keyword, "") for keyword in _DESCRIPTIONS]
    body_part = attributes.get("BodyPartExamined", "")
    if vocabulary.silent_body_parts.equal(body_part):
        shows = any(vocabulary.descriptions.within(text) for text in descriptions)
    else:
        shows = vocabulary.body_parts.within(body_part)
    return shows and not any(
        vocabulary.other_descriptions.within(text) for text in (body_part, *descriptions)
    )
