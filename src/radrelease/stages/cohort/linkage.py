"""Images and reports to studies.

A study is the files of one StudyInstanceUID within a source. Its report is the one that names the
accession of its files, or its UID. What cannot be said for certain is not guessed:

    images without report, report without images                 rejected
    one accession or study UID with two patients                 all of it rejected
    one study UID in two sources                                 all of it rejected, as two patients
    the files of a study disagree on study date or accession     all of it rejected
    same SOP instance again, equal bytes                         the first path is kept
    same SOP instance again, different bytes                     all of them rejected
    one report for several accessions                            kept if one of them has images
    one accession with several study UIDs of one patient         rejected: the report is shared
    preliminary beside final, corrected or unknown               the preliminary is superseded
    several finals                                               the latest; undecidable: rejected
    the same report again                                        one is kept
    addenda                                                      the latest is appended to the report
    only addenda                                                 the latest stands as the report
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from radrelease.records.private import Identifier, Instance, Rejected, ReportRow, ReportStatus, Study
from radrelease.rejections import Reason
from radrelease.stages.cohort.rejecting import reject_instance, reject_report, reject_study

__all__ = ["Linked", "link"]

STAGE = "linkage"

_BETWEEN_ACCESSIONS = re.compile(r"[\s;,|^\\/]+")
_NEVER = datetime.min.replace(tzinfo=UTC)

Key = tuple[str, str]
"""A source, and within it a study UID."""


@dataclass(slots=True)
class Linked:
    """The studies, in the order of source and study UID, and every input that is in none of them."""

    studies: list[Study] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def link(
    instances: Iterable[Instance],
    reports: Iterable[ReportRow],
    *,
    domains: Mapping[str, str],
    digest: Callable[[Instance], str],
) -> Linked:
    """Link images to reports. ``digest`` gives a file's SHA-256, asked only where UIDs repeat."""
    linked = Linked()
    by_study: dict[Key, list[Instance]] = defaultdict(list)
    ordered = sorted(instances, key=lambda instance: (instance.source, instance.path))
    for instance in _without_duplicates(ordered, digest, linked):
        by_study[instance.source, instance.study_uid].append(instance)
    crowded = _of_two_patients(by_study)
    claims = _claims(sorted(reports, key=lambda row: (row.source, row.location)), by_study, linked)
    for key in sorted(by_study):
        _link_study(key, by_study[key], claims.get(key, []), crowded, domains, linked)
    return linked


def _without_duplicates(
    instances: Sequence[Instance], digest: Callable[[Instance], str], linked: Linked
) -> Iterator[Instance]:
    by_uid: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        by_uid[instance.sop_uid].append(instance)
    for same in by_uid.values():
        if len(same) == 1:
            yield same[0]
        elif len({digest(instance) for instance in same}) == 1:
            yield same[0]
            linked.rejected += [
                reject_instance(STAGE, instance, Reason.DUPLICATE_INSTANCE) for instance in same[1:]
            ]
        else:
            linked.rejected += [
                reject_instance(STAGE, instance, Reason.CONFLICTING_INSTANCE) for instance in same
            ]


def _of_two_patients(by_study: Mapping[Key, Sequence[Instance]]) -> frozenset[Key]:
    """The studies that share their UID or their accession with another patient."""
    patients: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for (source, uid), instances in by_study.items():
        for instance in instances:
            patients["", uid].add((source, instance.patient_id))  # UIDs are unique everywhere
            if instance.accession:
                patients[source, instance.accession].add((source, instance.patient_id))
    return frozenset(
        (source, uid)
        for (source, uid), instances in by_study.items()
        if len(patients["", uid]) > 1
        or any(len(patients[source, instance.accession]) > 1 for instance in instances)
    )


@dataclass(frozen=True, slots=True)
class _Claim:
    """A report that names a study; ``shared`` when it names others too."""

    report: ReportRow
    shared: bool


def _claims(
    reports: Sequence[ReportRow], by_study: Mapping[Key, Sequence[Instance]], linked: Linked
) -> dict[Key, list[_Claim]]:
    by_accession: dict[Key, set[str]] = defaultdict(set)
    for (source, uid), instances in by_study.items():
        for instance in instances:
            if instance.accession:
                by_accession[source, instance.accession].add(uid)
    claims: dict[Key, list[_Claim]] = defaultdict(list)
    for report in reports:
        named = _studies_of(report, by_study, by_accession)
        if not named:
            linked.rejected.append(reject_report(STAGE, report, Reason.REPORT_WITHOUT_IMAGES))
        elif len(named) > 1:
            linked.rejected.append(reject_report(STAGE, report, Reason.REPORT_SHARED))
        for uid in named:
            claims[report.source, uid].append(_Claim(report, shared=len(named) > 1))
    return claims


def _studies_of(
    report: ReportRow,
    by_study: Mapping[Key, Sequence[Instance]],
    by_accession: Mapping[Key, set[str]],
) -> list[str]:
    if report.study_uid and (report.source, report.study_uid) in by_study:
        return [report.study_uid]
    whole = by_accession.get((report.source, report.accession))
    if whole:
        return sorted(whole)
    parts = [part for part in _BETWEEN_ACCESSIONS.split(report.accession) if part]
    return sorted({uid for part in parts for uid in by_accession.get((report.source, part), ())})


def _link_study(
    key: Key,
    instances: Sequence[Instance],
    claims: Sequence[_Claim],
    crowded: frozenset[Key],
    domains: Mapping[str, str],
    linked: Linked,
) -> None:
    own = [claim.report for claim in claims if not claim.shared]
    reason = _objection(key, instances, claims, crowded)
    chosen: list[ReportRow] = []
    if reason is None:
        chosen, superseded = _choose(own)
        if not chosen:
            reason = Reason.AMBIGUOUS_REPORTS
        else:
            linked.rejected += superseded
    study = _study(key, instances, chosen or own, domains)
    if reason is None:
        linked.studies.append(study)
    else:
        linked.rejected += reject_study(STAGE, study, reason)


def _objection(
    key: Key, instances: Sequence[Instance], claims: Sequence[_Claim], crowded: frozenset[Key]
) -> Reason | None:
    patients = {instance.patient_id for instance in instances}
    patients |= {claim.report.patient_id for claim in claims if claim.report.patient_id and not claim.shared}
    if key in crowded or len(patients) > 1:
        return Reason.TWO_PATIENTS
    if len({instance.study_date for instance in instances}) > 1:
        return Reason.STUDY_DATES_DISAGREE
    if len({instance.accession for instance in instances}) > 1:
        return Reason.ACCESSION_DISAGREES
    if not claims:
        return Reason.IMAGES_WITHOUT_REPORT
    return Reason.REPORT_SHARED if any(claim.shared for claim in claims) else None


def _choose(reports: Sequence[ReportRow]) -> tuple[list[ReportRow], list[Rejected]]:
    """The report to use, its latest addendum after it, and the rest; nothing when undecidable."""
    rejected = []
    unique: dict[tuple[str, ReportStatus], ReportRow] = {}
    for report in reports:
        key = (" ".join(report.text.split()), report.status)
        if key in unique:
            rejected.append(reject_report(STAGE, report, Reason.DUPLICATE_REPORT))
        else:
            unique[key] = report
    addenda = [row for row in unique.values() if row.status is ReportStatus.ADDENDUM]
    bodies = [row for row in unique.values() if row.status is not ReportStatus.ADDENDUM]
    finals = [row for row in bodies if row.status is not ReportStatus.PRELIMINARY]
    chosen = []
    for rows in (finals or bodies, addenda):
        latest = _latest(rows)
        if rows and latest is None:
            return [], []
        chosen += [latest] if latest else []
    rejected += [
        reject_report(STAGE, row, Reason.REPORT_SUPERSEDED)
        for row in unique.values()
        if all(row is not used for used in chosen)
    ]
    return chosen, rejected


def _latest(reports: Sequence[ReportRow]) -> ReportRow | None:
    """The one with the latest timestamp, or None when that cannot be said."""
    if len(reports) <= 1:
        return next(iter(reports), None)
    if any(report.timestamp is None for report in reports):
        return None
    times = [(report.timestamp or _NEVER).replace(tzinfo=UTC) for report in reports]
    latest = max(times)
    return reports[times.index(latest)] if times.count(latest) == 1 else None


def _study(
    key: Key, instances: Sequence[Instance], reports: Sequence[ReportRow], domains: Mapping[str, str]
) -> Study:
    identifiers: set[Identifier] = {known for report in reports for known in report.identifiers}
    first = instances[0]
    assert first.study_date is not None  # noqa: S101 - the catalog rejects files without one
    return Study(
        source=key[0],
        patient_domain=domains[key[0]],
        patient_id=first.patient_id,
        accession=first.accession,
        study_uid=first.study_uid,
        study_date=first.study_date,
        instances=tuple(sorted(instances, key=lambda instance: (instance.series_uid, instance.sop_uid))),
        report="\n\n".join(report.text.strip() for report in reports),
        report_locations=tuple(report.location for report in reports),
        identifiers=tuple(sorted(identifiers)),
    )
