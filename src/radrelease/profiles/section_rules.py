"""How sites head and word the parts of a report: ``section_headers.toml``, read and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind

__all__ = ["COMMENT", "MERGED", "SectionRules", "header_phrases", "load_section_rules", "published_headers"]

MERGED = "findings and impression"
"""The name of a header that heads findings and impression as one."""
COMMENT = "comment"
"""The name of a header whose meaning its place decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRules:
    """The vocabulary of headers and contents; all in small letters.

    ``phrases`` and ``heads`` map a header, or a word of one, to the name of a part kind or to
    :data:`MERGED` or :data:`COMMENT`; ``enders`` map what begins a line to the kind of the part it begins.
    """

    phrases: Mapping[str, str]
    heads: Mapping[str, str]
    qualifiers: frozenset[str]
    clinical: frozenset[str]
    of_indication: frozenset[str]
    previous: frozenset[str]
    of_comparison: frozenset[str]
    titles: frozenset[str]
    organs: frozenset[str]
    enders: Mapping[PartKind, tuple[str, ...]]
    closing: Mapping[PartKind, frozenset[str]]
    closing_weak: Mapping[PartKind, frozenset[str]]
    of_findings: frozenset[str]
    stating: frozenset[str]
    comparing: frozenset[str]
    of_technique: frozenset[str]
    verbs: frozenset[str]
    saying: frozenset[str]
    counts: Mapping[str, int]


@cache
def load_section_rules() -> SectionRules:
    """The rules of the package."""
    document = read_profile("section_headers.toml")
    contents = {name: frozenset(words.split()) for name, words in document["contents"].items()}
    nouns = {name: frozenset(words.split()) for name, words in document["nouns"].items()}
    return SectionRules(
        phrases={phrase: name for name, phrases in document["phrases"].items() for phrase in phrases},
        heads={word: name for name, words in document["heads"].items() for word in words.split()},
        qualifiers=frozenset(document["qualifiers"]["any"].split()),
        clinical=nouns["clinical"],
        of_indication=nouns["of_indication"],
        previous=nouns["previous"],
        of_comparison=nouns["of_comparison"],
        titles=frozenset(document["titles"]["words"].split()),
        organs=frozenset(document["organs"]["words"].split()),
        enders={PartKind(name): tuple(phrases) for name, phrases in document["enders"].items()},
        closing=_by_kind(document["closing"]),
        closing_weak=_by_kind(document["closing_weak"]),
        of_findings=contents["findings"],
        stating=contents["stating"],
        comparing=contents["comparing"],
        of_technique=contents["technique"],
        verbs=contents["verbs"],
        saying=contents["saying"],
        counts=document["counts"],
    )


def published_headers() -> tuple[str, ...]:
    """Every header, listed or of one word, of the parts that are published."""
    rules = load_section_rules()
    names = {name.value for name in SectionName} | {MERGED}
    return tuple(phrase for phrase, name in (*rules.phrases.items(), *rules.heads.items()) if name in names)


def _by_kind(table: Mapping[str, str]) -> dict[PartKind, frozenset[str]]:
    return {PartKind(name): frozenset(words.split()) for name, words in table.items()}


def header_phrases() -> tuple[str, ...]:
    """Every header and every ender that is listed, and every word that heads one."""
    rules = load_section_rules()
    enders = (phrase for phrases in rules.enders.values() for phrase in phrases)
    return (*rules.phrases, *rules.heads, *enders)
