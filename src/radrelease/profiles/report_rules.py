"""The vocabularies by which reports are scrubbed and cut, as data."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from radrelease.records import SectionName

__all__ = [
    "HeaderVocabulary",
    "NameRules",
    "PatternRule",
    "load_name_rules",
    "load_patterns",
    "load_protected_terms",
    "load_section_headers",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRule:
    """One pattern; ``examples`` are found by it and ``traps`` are not."""

    name: str
    kind: str
    expression: re.Pattern[str]
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The words around names of people and of places of care; all folded."""

    titles: frozenset[str]
    cues: frozenset[tuple[str, ...]]
    colon_cues: frozenset[tuple[str, ...]]
    credentials: frozenset[str]
    comma_credentials: frozenset[str]
    suffixes: frozenset[str]
    particles: frozenset[str]
    stops: frozenset[str]
    institution_heads: frozenset[tuple[str, ...]]
    institution_generic: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderVocabulary:
    """Header spellings by the section they begin (None: one that is not published), and line enders."""

    sections: tuple[tuple[str, SectionName | None], ...]
    enders: tuple[str, ...]


def _text(name: str) -> str:
    return resources.files("radrelease.profiles").joinpath(name).read_text(encoding="utf-8")


@cache
def load_patterns() -> tuple[PatternRule, ...]:
    """The patterns of ``scrub_rules.toml``, in its order."""
    return tuple(
        PatternRule(
            name=row["name"],
            kind=row["kind"],
            expression=re.compile(row["expression"]),
            examples=tuple(row["examples"]),
            traps=tuple(row["traps"]),
        )
        for row in tomllib.loads(_text("scrub_rules.toml"))["pattern"]
    )


@cache
def load_name_rules() -> NameRules:
    """The name rules of ``scrub_rules.toml``."""
    document = tomllib.loads(_text("scrub_rules.toml"))
    names, places = document["names"], document["institutions"]

    def rows(phrases: list[str]) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(re.findall(r"\w+", phrase)) for phrase in phrases)

    return NameRules(
        titles=frozenset(names["titles"]),
        cues=rows(names["cues"]),
        colon_cues=rows(names["colon_cues"]),
        credentials=frozenset(names["credentials"]),
        comma_credentials=frozenset(names["comma_credentials"]),
        suffixes=frozenset(names["suffixes"]),
        particles=frozenset(names["particles"]),
        stops=frozenset(names["stops"]),
        institution_heads=rows(places["heads"]),
        institution_generic=frozenset(places["generic"]),
    )


@cache
def load_protected_terms() -> frozenset[str]:
    """The terms of ``protected_terms.txt``, as written."""
    lines = (line.strip() for line in _text("protected_terms.txt").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def load_section_headers() -> HeaderVocabulary:
    """The headers of ``section_headers.toml``, longest first."""
    document = tomllib.loads(_text("section_headers.toml"))
    rows: list[tuple[str, SectionName | None]] = [
        (header, SectionName(name)) for name, headers in document["sections"].items() for header in headers
    ]
    rows += [(header, None) for header in document["others"]["headers"]]
    return HeaderVocabulary(
        sections=tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0]))),
        enders=tuple(sorted(document["others"]["enders"], key=lambda text: (-len(text), text))),
    )
