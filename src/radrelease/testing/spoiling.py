"""How an input is spoilt, and how the truth is told of it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pydicom
from pydicom.dataset import Dataset

from radrelease.rejections import Reason
from radrelease.testing.dicom_export import to_bytes
from radrelease.testing.export_maker import ExportMaker, StudyPlan
from radrelease.testing.gold import GoldRejection

__all__ = ["REPORT", "Add", "Change", "add_picture", "orphan_report", "reject", "respoil", "whole_study"]

Add = Callable[[ExportMaker, StudyPlan], None]
"""Adds one bad input, or some that belong together, to an export; the study is planned for it alone."""

Change = Callable[[Dataset], None]

REPORT = "INDICATION: Cough.\n\nFINDINGS:\nThe lungs are clear.\n\nIMPRESSION:\nNormal chest.\n"


def reject(maker: ExportMaker, plan: StudyPlan, kind: str, subject: str, reason: Reason) -> None:
    """Tell the truth: this file or report of the study's system must be turned away so."""
    maker.gold.rejections.append(
        GoldRejection(source=plan.site.system, kind=kind, subject=subject, reason=reason.value)
    )


def add_picture(maker: ExportMaker, plan: StudyPlan) -> str:
    """Write the study's only picture, without a report; give its path."""
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    return path


def whole_study(maker: ExportMaker, plan: StudyPlan, reason: Reason, change: Change | None = None) -> str:
    """A study with its report, its only picture spoilt by ``change``; give the picture's path."""
    path = add_picture(maker, plan)
    if change is not None:
        respoil(maker, plan, path, change)
    reject(maker, plan, "file", path, reason)
    orphan_report(maker, plan, reason)
    return path


def respoil(maker: ExportMaker, plan: StudyPlan, path: str, change: Change) -> None:
    """Write the file anew, changed."""
    place = maker.dicom_folder(plan.site.system) / path
    dataset = pydicom.dcmread(place)
    change(dataset)
    if not dataset.file_meta.TransferSyntaxUID.is_compressed:
        place.write_bytes(to_bytes(dataset, "explicit"))
        return
    data = io.BytesIO()
    pydicom.dcmwrite(data, dataset, enforce_file_format=True)
    place.write_bytes(data.getvalue())


def orphan_report(maker: ExportMaker, plan: StudyPlan, reason: Reason) -> None:
    """Add a good report that is turned away, for what its pictures are or because there are none."""
    reject(maker, plan, "report", maker.add_report(plan, REPORT), reason)
