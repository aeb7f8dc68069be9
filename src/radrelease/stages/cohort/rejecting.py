"""Inputs to rejected rows: what is turned away is named whole, so that nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator

from radrelease.records.private import InputKind, Instance, Rejected, ReportRow, Study
from radrelease.rejections import Reason

__all__ = ["reject_instance", "reject_report", "reject_study"]


def reject_instance(stage: str, instance: Instance, reason: Reason, detail: str = "") -> Rejected:
    """The row of one DICOM file."""
    return Rejected(
        stage=stage,
        kind=InputKind.FILE,
        source=instance.source,
        subject=instance.path,
        reason=reason,
        study_uid=instance.study_uid,
        detail=detail,
    )


def reject_report(
    stage: str, report: ReportRow, reason: Reason, study_uid: str = "", detail: str = ""
) -> Rejected:
    """The row of one report."""
    return Rejected(
        stage=stage,
        kind=InputKind.REPORT,
        source=report.source,
        subject=report.location,
        reason=reason,
        study_uid=study_uid,
        detail=detail,
    )


def reject_study(stage: str, study: Study, reason: Reason, detail: str = "") -> Iterator[Rejected]:
    """One row for the study, and one for every file and report that it still holds."""

    def row(kind: InputKind, subject: str) -> Rejected:
        return Rejected(
            stage=stage,
            kind=kind,
            source=study.source,
            subject=subject,
            reason=reason,
            study_uid=study.study_uid,
            detail=detail,
        )

    yield row(InputKind.STUDY, study.study_uid)
    for instance in study.instances:
        yield row(InputKind.FILE, instance.path)
    for location in study.report_locations:
        yield row(InputKind.REPORT, location)
