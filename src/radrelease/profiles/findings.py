"""The rules on findings, read and compiled: ``findings.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.data_files import read_profile

__all__ = ["FindingRule", "FindingRules", "load_finding_rules"]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """What mentions one finding. In each example it is affirmed, in each trap it is not."""

    name: str
    expression: re.Pattern[str]
    examples: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRules:
    """All findings, and the cues that deny or doubt a mention. Everything is in small letters."""

    findings: tuple[FindingRule, ...]
    clause: re.Pattern[str]
    no_cue: re.Pattern[str]
    absent_before: re.Pattern[str]
    absent_after: re.Pattern[str]
    possible_before: re.Pattern[str]
    possible_after: re.Pattern[str]


@cache
def load_finding_rules() -> FindingRules:
    """The rules of the package."""
    document = read_profile("findings.toml")
    findings = tuple(
        FindingRule(row["name"], re.compile(row["expression"]), tuple(row["examples"]), tuple(row["traps"]))
        for row in document["finding"]
    )
    return FindingRules(
        findings=findings,
        clause=re.compile(document["clause"]),
        no_cue=re.compile(document["no_cue"]),
        absent_before=re.compile(document["absent"]["before"]),
        absent_after=re.compile(document["absent"]["after"]),
        possible_before=re.compile(document["possible"]["before"]),
        possible_after=re.compile(document["possible"]["after"]),
    )
