"""The labels of a run: what a model said of which text, why it said nothing, and where the rules differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.identifiers import RawUid
from radrelease.records.labels import Fault, LabelAnswer, Usage
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind, Sectioned
from radrelease.stages.labels.labelled import cut, read_answer
from radrelease.stages.text.units import Unit, digest_of_text, units_of

__all__ = [
    "Agreement",
    "LabelAccount",
    "LabelRow",
    "Labels",
    "SectionAgreement",
    "account_of",
    "judge_answer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One report that a model was asked about, for the private account.

    ``kinds`` are those of its units in order, empty where a ``fault`` left it to the rules.
    """

    study_uid: RawUid
    text_sha256: str
    kinds: tuple[PartKind, ...]
    fault: Fault | None
    sections_equal: tuple[SectionName, ...]  # those that the rules cut alike, absent ones included
    sections_present: tuple[SectionName, ...]  # those that the model or the rules found
    units_equal: int
    units: int  # headers aside
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Labels:
    """The usable labels: the digest of each study's text, and the kinds of a text's units by its digest."""

    by_study: Mapping[RawUid, str]
    by_text: Mapping[str, tuple[PartKind, ...]]

    @classmethod
    def of(cls, rows: Iterable[LabelRow]) -> Labels:
        """The labels of the rows without a fault."""
        usable = [row for row in rows if row.fault is None]
        return cls(
            {row.study_uid: row.text_sha256 for row in usable},
            {row.text_sha256: row.kinds for row in usable},
        )

    def within(self, studies: Iterable[RawUid]) -> Labels:
        """Those of the named studies: what bears on their sections, and on no others."""
        own = {study: self.by_study[study] for study in studies if study in self.by_study}
        return Labels(own, {digest: self.by_text[digest] for digest in own.values()})

    def fingerprint(self) -> str:
        """A text that is equal where the same texts have the same labels."""
        rows = sorted((digest, [kind.value for kind in kinds]) for digest, kinds in self.by_text.items())
        return json.dumps(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionAgreement:
    """In how many reports a section is the same to the sign, and in how many either found it."""

    name: SectionName
    equal: int
    present: int
    equal_present: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far model and rules agree, over the reports with usable labels."""

    reports: int
    whole: int  # all four sections the same
    sections: tuple[SectionAgreement, ...]
    units: int
    units_equal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAccount:
    """What asking brought and cost. Texts that are equal are asked about and paid for once."""

    reports: int  # of the release's patients
    asked: int
    labelled: int
    faults: tuple[tuple[Fault, int], ...]
    agreement: Agreement
    usage: Usage
    cost: float


def judge_answer(study: RawUid, text: str, rules: Sectioned, answer: LabelAnswer) -> LabelRow:
    """The row of one report: its labels where the answer is usable, and how the rules differ."""
    units = units_of(text)
    read = answer.fault or read_answer(answer.content, units)
    kinds = () if isinstance(read, Fault) else read
    made = None if isinstance(read, Fault) else cut(text, units, read).sections(text)
    ruled = rules.sections(text)
    present = tuple(name for name in SectionName if made is not None and (made[name] or ruled[name]))
    equal = tuple(name for name in SectionName if made is not None and made[name] == ruled[name])
    pairs = list(zip(kinds, _kinds_by_rules(units, rules), strict=True)) if kinds else []
    counted = [pair for unit, pair in zip(units, pairs, strict=True) if not unit.header] if pairs else []
    return LabelRow(
        study_uid=study,
        text_sha256=digest_of_text(text),
        kinds=kinds,
        fault=read if isinstance(read, Fault) else None,
        sections_equal=equal,
        sections_present=present,
        units_equal=sum(ours is theirs for ours, theirs in counted),
        units=len(counted),
        prompt_tokens=answer.usage.prompt,
        completion_tokens=answer.usage.completion,
    )


def _kinds_by_rules(units: Sequence[Unit], rules: Sectioned) -> Iterator[PartKind]:
    """The kind of the part in which each unit ends, so that a header before it does not count."""
    parts = iter(rules.parts)
    part = next(parts)
    for unit in units:
        while part.end < unit.end:
            part = next(parts)
        yield part.kind


def account_of(rows: Sequence[LabelRow], reports: int, usage: Usage, cost: float) -> LabelAccount:
    """The account of all rows."""
    faults = Counter(row.fault for row in rows if row.fault is not None)
    labelled = [row for row in rows if row.fault is None]
    return LabelAccount(
        reports=reports,
        asked=len(rows),
        labelled=len(labelled),
        faults=tuple((fault, faults[fault]) for fault in Fault if faults[fault]),
        agreement=Agreement(
            reports=len(labelled),
            whole=sum(len(row.sections_equal) == len(SectionName) for row in labelled),
            sections=tuple(_section(labelled, name) for name in SectionName),
            units=sum(row.units for row in labelled),
            units_equal=sum(row.units_equal for row in labelled),
        ),
        usage=usage,
        cost=cost,
    )


def _section(rows: Sequence[LabelRow], name: SectionName) -> SectionAgreement:
    present = [row for row in rows if name in row.sections_present]
    return SectionAgreement(
        name=name,
        equal=sum(name in row.sections_equal for row in rows),
        present=len(present),
        equal_present=sum(name in row.sections_equal for row in present),
    )
