"""What is said about a release in words, by its settings: once, for card, report, datasheet and Croissant.

Texts are Markdown with nothing in it but `code`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from radrelease.records.sealing import Commitment
from radrelease.stages.release.about import About, PixelTextAbout

__all__ = [
    "NOT_STATED",
    "Statement",
    "biases",
    "citation",
    "deidentification",
    "limits",
    "missing_values",
    "sensitive",
    "summary",
    "uses",
]

NOT_STATED = "not stated"
"""What stands where the settings say nothing."""

_PLACEHOLDERS = {"typed": "typed placeholders such as [NAME] and [DATE]"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or a few on one subject."""

    subject: str
    text: str


def summary(about: About) -> str:
    """What the release is, in one sentence without a number."""
    return (
        "De-identified chest radiographs, each study with its report cut into Indication, Comparison,"
        f" Findings and Impression, from {systems(about)}. Splits are by patient."
    )


def systems(about: About) -> str:
    """The number of health systems, in words."""
    return f"{about.sources} health system{'s' if about.sources != 1 else ''}"


def deidentification(about: About) -> Iterator[Statement]:
    """How the release was de-identified, by subject."""
    sites = "Institutions are pseudonyms" if about.institutions else "Institutions are not named"
    yield Statement(
        "Headers",
        "only the values listed as columns leave, each checked against a vocabulary (profile"
        f" `{about.profile}`); everything else in the DICOM files stays behind. {sites}. Ages over 89 are"
        " `090Y`.",
    )
    if about.smallest_cell > 1:
        yield Statement("Rare values", _rare(about))
    yield Statement(
        "Identifiers", "keyed pseudonyms (HMAC-SHA256); the key stays with the releasing institution."
    )
    yield Statement(
        "Dates",
        f"those of one patient are moved by one secret number of days within {about.date_shift_days} either"
        " way; intervals are kept to the day. Dates in reports move alike, or are replaced where they are"
        " incomplete.",
    )
    yield Statement("Reports", _reports(about))
    if about.labeller:
        yield Statement("Sections", _sections(about, about.labeller))
    yield Statement("Pictures", _pictures(about))
    if about.pixel_text:
        yield Statement("Text burned into the pictures", _burned_in(about.pixel_text))
    if about.sealed_test:
        yield Statement("Sealed test", _sealed(about.sealed_test))
    yield Statement(
        "Audit",
        "every file was read again and searched for every identifier the export states before release.",
    )


def _sealed(test: Commitment) -> str:
    return (
        f"{test.studies} studies of other patients are kept back to score models on. What they hold cannot be"
        f" changed unnoticed: the root of their Merkle tree ({test.algorithm}) is `{test.root}`."
    )


def _rare(about: About) -> str:
    return (
        "sex, ethnic group, description, institution, maker, body part and view position as written are"
        " absent"
        f" where fewer than {about.smallest_cell} patients share the value. Ages below two years are in"
        " months,"
        " in years or absent where too few share them; the highest age, and the lowest and highest weight,"
        " stand also for those beyond. Groups of the tables and figures are merged until each holds so many"
        " patients, or nobody."
    )


def _reports(about: About) -> str:
    if about.placeholder == "surrogates":
        became = (
            "by invented ones of the same kind (surrogates), the same for one original throughout a patient's"
            " reports: every name, town, hospital, telephone and record number in them is made up, and a"
            " likeness to anybody is chance. [DATE], [TIME], [AGE] and [UNKNOWN] stand for what cannot be"
            " invented"
        )
    else:
        became = f"by {_PLACEHOLDERS.get(about.placeholder, about.placeholder)}"
    where = "" if about.sentences else " in a line of capitals, or in a report without capitals,"
    whole = (
        f" Where something of a person or place was found{where} the whole sentence went; [SENTENCE] stands"
        " for it."
    )
    helped = f", with the help of the named-entity model {about.model}" if about.model else ""
    return (
        f"names, numbers, places, contacts and dates were replaced {became}{helped};"
        " no other wording was changed. They are found in three layers: what the export itself knows, rules,"
        " and a vocabulary, by which a word in no list leaves only where the reports of"
        f" {about.vocabulary_k} patients use it.{whole}"
    )


def _sections(about: About, labeller: str) -> str:
    whose = "of every report" if about.labels_all else "where these were not sure"
    return (
        f"cut by rules, and {whose} by the labels that the language model {labeller} gave to sentences and"
        " lines: it chose what is cut, and wrote none of it."
    )


def _pictures(about: About) -> str:
    return (
        f"Modality LUT or rescale applied, MONOCHROME1 inverted, {round(100 * about.scale, 1)}% of each side"
        " by"
        f" cubic interpolation with anti-aliasing (`{about.kernel}`), {about.drawn_range} stretched to"
        " 0-65535."
    )


def _burned_in(text: PixelTextAbout) -> str:
    where = "in the whole of" if text.search == "all" else "wherever strokes of writing were seen in"
    if "mask" in text.policies:
        fate = f"was painted over (in {text.pictures_masked} of them; `Masked` has the share of each)"
    else:
        fate = "kept its picture out of the release"
    return (
        f"looked for at full size {where} {text.pictures_read} published pictures by {text.reader}. Markers"
        " of"
        f" side, view, position and technique stay; what else was read as text {fate}. No reader finds"
        " everything."
    )


def limits(about: About) -> Iterator[str]:
    """What a user must know and cannot see."""
    yield (
        "De-identification is not perfect: a residual identifier is possible, and a radiograph can itself be"
        " matched to another radiograph of the same person. Do not try to identify anybody."
    )
    if about.pixel_text is None:
        yield "Text that was burned into the pixels has not been looked for."
    elif "off" in about.pixel_text.policies:
        yield (
            "In the pictures of some sources text that was burned into the pixels has not been looked for"
            " (`Masked` is empty there)."
        )
    yield "Reports are what radiologists wrote, not labels that anybody checked against an outcome."
    yield (
        "Sections are cut by rules: a sentence can stand in the wrong one. A placeholder can stand for a word"
        " that identified nobody."
    )
    yield "Dates are moved, so seasons and calendar years mean nothing; days between studies of a patient do."
    if about.card.limits:
        yield about.card.limits


def biases(about: About) -> Iterator[str]:
    """Whom the cohort stands for, and whom not."""
    yield (
        f"All studies come from {systems(about)}; others have other patients, devices and ways of reporting."
    )
    yield (
        "Only studies with an eligible picture and a report in English that holds a finding or an impression"
        " are in it; the flow of exclusion tells how many were not."
    )
    if about.smallest_cell > 1:
        yield (
            "Values that few patients share are absent, so rare groups look smaller than they are, or are"
            " missing."
        )


def citation(about: About) -> str | None:
    """How to cite it: as stated, or BibTeX; None where no author is stated."""
    card = about.card
    if card.citation or not card.authors:
        return card.citation
    fields = {
        "author": " and ".join(a.name if a.family else f"{{{a.name}}}" for a in card.authors),
        "title": f"{{{about.name}}}",
        "version": about.version,
        "year": str(card.released.year) if card.released else None,
        "doi": card.doi,
        "url": card.url,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return ",\n".join(["@misc{radrelease", *lines]) + "\n}"


def uses(about: About) -> Iterator[str]:
    """What it is meant for."""
    yield "Research on report generation, classification, retrieval and representation of chest radiographs."
    if about.card.intended_use:
        yield about.card.intended_use


def missing_values(about: About) -> str:
    """What an empty value means."""
    rare = " or because too few patients share it" if about.smallest_cell > 1 else ""
    return (
        "An absent value is null: the export had none, it passed no vocabulary, or it was left out as free"
        " text"
        f" that is not clean{rare}. Nothing is imputed. An absent section is null; the word None stands only"
        " where"
        " a radiologist wrote it."
    )


def sensitive(about: About) -> Iterator[str]:
    """What of persons is in it."""
    yield "Health: radiographs and reports"
    yield "Sex, age and weight"
    yield "Ethnic group, as the site wrote it"
    if about.institutions:
        yield "Site, by a pseudonym"
