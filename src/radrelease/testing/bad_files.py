"""Files that cannot be released: none of DICOM, broken, of the wrong kind, or there twice."""

from __future__ import annotations

from pydicom.dataset import Dataset

from radrelease.rejections import Reason
from radrelease.testing.dicom_export import make_uid, to_bytes
from radrelease.testing.export_maker import ExportMaker, StudyPlan
from radrelease.testing.spoiling import (
    Add,
    Change,
    add_picture,
    orphan_report,
    reject,
    respoil,
    whole_study,
)

__all__ = ["conflict", "cut_header", "dicomdir", "duplicate", "missing", "not_dicom", "spoilt", "stating"]


def not_dicom(maker: ExportMaker, plan: StudyPlan) -> None:
    """A text, a file of nothing, and a link."""
    maker.write_file(plan.site.system, "notes.dcm", b"Exported on a Tuesday; see the other disk.\n")
    reject(maker, plan, "file", "notes.dcm", Reason.NOT_DICOM)
    maker.write_file(plan.site.system, "empty.dcm", b"")
    reject(maker, plan, "file", "empty.dcm", Reason.EMPTY_FILE)
    place = maker.dicom_folder(plan.site.system) / "linked.dcm"
    place.symlink_to("notes.dcm")
    reject(maker, plan, "file", "linked.dcm", Reason.LINK_OR_DEVICE)


def cut_header(maker: ExportMaker, plan: StudyPlan) -> None:
    """A file that ends within its header."""
    path = add_picture(maker, plan)
    place = maker.dicom_folder(plan.site.system) / path
    place.write_bytes(place.read_bytes()[:190])
    reject(maker, plan, "file", path, Reason.UNREADABLE_FILE)
    orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)


def dicomdir(maker: ExportMaker, plan: StudyPlan) -> None:
    """The table of contents of a disk."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.1.3.10", make_uid(9, plan.number)
    dataset.FileSetID = "DISK1"
    dataset.DirectoryRecordSequence = []
    maker.write_file(plan.site.system, "DICOMDIR", to_bytes(dataset, "explicit"))
    reject(maker, plan, "file", "DICOMDIR", Reason.DICOMDIR)


def missing(keyword: str, reason: Reason) -> Add:
    """A file without the element."""

    def add(maker: ExportMaker, plan: StudyPlan) -> None:
        path = add_picture(maker, plan)
        respoil(maker, plan, path, lambda dataset: delattr(dataset, keyword))
        reject(maker, plan, "file", path, reason)
        orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)

    return add


def stating(reason: Reason, **changes: object) -> Add:
    """A study whose only picture states something else in its header."""

    def change(dataset: Dataset) -> None:
        for keyword, value in changes.items():
            setattr(dataset, keyword, value)

    return spoilt(reason, change)


def spoilt(reason: Reason, change: Change) -> Add:
    """A study whose only picture is changed so."""

    def add(maker: ExportMaker, plan: StudyPlan) -> None:
        whole_study(maker, plan, reason, change)

    return add


def duplicate(maker: ExportMaker, plan: StudyPlan) -> None:
    """A file that is there twice."""
    place = maker.dicom_folder("lakeside") / maker.first_file
    maker.write_file("lakeside", "zz_again/copy.dcm", place.read_bytes())
    reject(maker, plan, "file", "zz_again/copy.dcm", Reason.DUPLICATE_INSTANCE)


def conflict(maker: ExportMaker, plan: StudyPlan) -> None:
    """Two files of one UID that differ in a pixel."""
    path = add_picture(maker, plan)
    place = maker.dicom_folder(plan.site.system) / path
    data = bytearray(place.read_bytes())
    data[-100] ^= 0xFF
    other = path.replace("1.DCM", "2.DCM")
    maker.write_file(plan.site.system, other, bytes(data))
    for subject in (path, other):
        reject(maker, plan, "file", subject, Reason.CONFLICTING_INSTANCE)
    orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)
