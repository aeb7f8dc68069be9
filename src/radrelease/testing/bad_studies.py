"""Studies that cannot be released: reports and pictures that do not fit, and reports that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pydicom
from pydicom.dataset import Dataset

from radrelease.rejections import Reason
from radrelease.testing.dicom_export import to_bytes
from radrelease.testing.export_maker import ExportMaker, StudyPlan
from radrelease.testing.gold import GoldRejection
from radrelease.testing.spoiling import REPORT, Add, add_picture, orphan_report, reject, whole_study

__all__ = [
    "dates_disagree",
    "empty_reports",
    "no_images",
    "no_report",
    "no_section",
    "report_history",
    "shared_report",
    "twice_reported",
    "two_patients",
    "unreadable",
]


def no_report(maker: ExportMaker, plan: StudyPlan) -> None:
    """A picture without a report."""
    reject(maker, plan, "file", add_picture(maker, plan), Reason.IMAGES_WITHOUT_REPORT)


def no_images(maker: ExportMaker, plan: StudyPlan) -> None:
    """A report without a picture."""
    orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)


def report_history(maker: ExportMaker, plan: StudyPlan) -> None:
    """A good study whose report went from preliminary to final, with two addenda."""
    old = maker.add_report(plan, "FINDINGS: Wet read, clear.\nIMPRESSION: Clear.", status="P", hour=8)
    reject(maker, plan, "report", old, Reason.REPORT_SUPERSEDED)
    maker.add_study(plan)
    early = maker.add_report(plan, "ADDENDUM: The side was checked.", status="A", hour=14)
    reject(maker, plan, "report", early, Reason.REPORT_SUPERSEDED)
    maker.add_report(plan, "ADDENDUM: The side was checked again.", status="Addendum", hour=18)
    void_row = maker.add_report(plan, "FINDINGS: Wrong patient.", status="X", hour=9)
    reject(maker, plan, "report", void_row, Reason.REPORT_CANCELLED)


def twice_reported(maker: ExportMaker, plan: StudyPlan) -> None:
    """Two finals signed in the same minute, and one report that was exported twice."""
    reject(maker, plan, "file", add_picture(maker, plan), Reason.AMBIGUOUS_REPORTS)
    for text in (REPORT, REPORT.replace("clear", "hazy")):
        reject(maker, plan, "report", maker.add_report(plan, text), Reason.AMBIGUOUS_REPORTS)
    again = replace(plan, number=plan.number + 1)
    maker.add_study(again)
    text = maker.gold.studies[-1].report
    reject(maker, plan, "report", maker.add_report(again, text, hour=13), Reason.DUPLICATE_REPORT)


def empty_reports(maker: ExportMaker, plan: StudyPlan) -> None:
    """A report of signs alone, one without a number, and a row that is cut off."""
    reject(maker, plan, "report", maker.add_report(plan, "  \n ---"), Reason.REPORT_EMPTY)
    reject(maker, plan, "report", maker.add_report(plan, REPORT, accession=""), Reason.REPORT_WITHOUT_KEY)
    maker.rows["northmoor"].append('{"accession": "NM1", "body": "cut off')
    maker.gold.rejections.append(
        GoldRejection(
            source="northmoor",
            kind="report",
            subject=f"reports.jsonl:{len(maker.rows['northmoor'])}",
            reason=Reason.REPORT_UNREADABLE.value,
        )
    )


def two_patients(maker: ExportMaker, plan: StudyPlan) -> None:
    """A study with pictures of two people."""

    def change(dataset: Dataset) -> None:
        dataset.PatientID, dataset.PatientName = "99887766", "Ashgrove^Penelope"

    _with_another(maker, plan, Reason.TWO_PATIENTS, "other.DCM", change)


def dates_disagree(maker: ExportMaker, plan: StudyPlan) -> None:
    """A study with pictures of two days."""

    def change(dataset: Dataset) -> None:
        dataset.StudyDate = f"{plan.day + timedelta(days=1):%Y%m%d}"

    _with_another(maker, plan, Reason.STUDY_DATES_DISAGREE, "late.DCM", change)


def _with_another(
    maker: ExportMaker, plan: StudyPlan, reason: Reason, name: str, change: Callable[[Dataset], None]
) -> None:
    """A study with a second picture, which is the first one changed."""
    path = whole_study(maker, plan, reason)
    dataset = pydicom.dcmread(maker.dicom_folder(plan.site.system) / path)
    change(dataset)
    dataset.SOPInstanceUID += ".7"
    other = path.replace("1.DCM", name)
    maker.write_file(plan.site.system, other, to_bytes(dataset, "explicit"))
    reject(maker, plan, "file", other, reason)


def shared_report(maker: ExportMaker, plan: StudyPlan) -> None:
    """One report for two studies."""
    second = replace(plan, number=plan.number + 1)
    for study in (plan, second):
        reject(maker, study, "file", add_picture(maker, study), Reason.REPORT_SHARED)
    both = f"{plan.accession}; {second.accession}"
    reject(maker, plan, "report", maker.add_report(plan, REPORT, accession=both), Reason.REPORT_SHARED)


def no_section(maker: ExportMaker, plan: StudyPlan) -> None:
    """A report with neither Findings nor an Impression."""
    unreadable(Reason.MISSING_SECTION, "INDICATION: Cough.\n\nCOMPARISON: None.\n")(maker, plan)


def unreadable(reason: Reason, text: str) -> Add:
    """A study whose report is the text."""

    def add(maker: ExportMaker, plan: StudyPlan) -> None:
        reject(maker, plan, "file", add_picture(maker, plan), reason)
        reject(maker, plan, "report", maker.add_report(plan, text), reason)

    return add
