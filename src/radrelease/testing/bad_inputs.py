"""Every kind of input that cannot be released, one by one, with the reason it must be given."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from radrelease.rejections import Reason
from radrelease.testing.dicom_export import make_uid, to_bytes
from radrelease.testing.frames import encode_frame
from radrelease.testing.gold import GoldRejection
from radrelease.testing.people import make_person, sites

if TYPE_CHECKING:
    from radrelease.testing.export import ExportMaker, StudyPlan

__all__ = ["add_bad_inputs"]

_REPORT = "INDICATION: Cough.\n\nFINDINGS:\nThe lungs are clear.\n\nIMPRESSION:\nNormal chest.\n"


def add_bad_inputs(maker: ExportMaker, first_number: int) -> None:
    """Add all bad inputs; study numbers start at ``first_number``."""
    for offset, add in enumerate(_KINDS):
        add(maker, _spare_study(maker, first_number + 2 * offset))


def _spare_study(maker: ExportMaker, number: int) -> StudyPlan:
    """A study of a patient who has no other, at a plain site."""
    from radrelease.testing.export import StudyPlan  # noqa: PLC0415 - the two modules need each other

    site = next(site for site in sites() if site.files == "numbers" and site.syntax == "explicit")
    day = date(2018, 3, 1) + timedelta(days=number)
    person = make_person(maker.rng, 100 + number, site.system, day)
    return StudyPlan(person=person, site=site, number=number, day=day, views=("PA",))


def _reject(maker: ExportMaker, plan: StudyPlan, kind: str, subject: str, reason: Reason) -> None:
    maker.gold.rejections.append(
        GoldRejection(source=plan.site.system, kind=kind, subject=subject, reason=reason.value)
    )


def _whole_study(
    maker: ExportMaker, plan: StudyPlan, reason: Reason, change: Callable[[Dataset], None] | None = None
) -> str:
    """A study with its report, its only image spoilt by ``change``; give the image's path."""
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    if change is not None:
        _respoil(maker, plan, path, change)
    _reject(maker, plan, "file", path, reason)
    _reject(maker, plan, "report", maker.add_report(plan, _REPORT), reason)
    return path


def _respoil(maker: ExportMaker, plan: StudyPlan, path: str, change: Callable[[Dataset], None]) -> None:
    place = maker.dicom_folder(plan.site.system) / path
    dataset = pydicom.dcmread(place)
    change(dataset)
    syntax = "jpeg_2000" if dataset.file_meta.TransferSyntaxUID.is_compressed else "explicit"
    if syntax == "explicit":
        place.write_bytes(to_bytes(dataset, syntax))
        return
    data = io.BytesIO()
    pydicom.dcmwrite(data, dataset, enforce_file_format=True)
    place.write_bytes(data.getvalue())


def _orphan_report(maker: ExportMaker, plan: StudyPlan, reason: Reason) -> None:
    _reject(maker, plan, "report", maker.add_report(plan, _REPORT), reason)


def _not_dicom(maker: ExportMaker, plan: StudyPlan) -> None:
    maker.write_file(plan.site.system, "notes.dcm", b"Exported on a Tuesday; see the other disk.\n")
    _reject(maker, plan, "file", "notes.dcm", Reason.NOT_DICOM)
    maker.write_file(plan.site.system, "empty.dcm", b"")
    _reject(maker, plan, "file", "empty.dcm", Reason.EMPTY_FILE)
    place = maker.dicom_folder(plan.site.system) / "linked.dcm"
    place.symlink_to("notes.dcm")
    _reject(maker, plan, "file", "linked.dcm", Reason.LINK_OR_DEVICE)


def _cut_header(maker: ExportMaker, plan: StudyPlan) -> None:
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    place = maker.dicom_folder(plan.site.system) / path
    place.write_bytes(place.read_bytes()[:190])
    _reject(maker, plan, "file", path, Reason.UNREADABLE_FILE)
    _orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)


def _dicomdir(maker: ExportMaker, plan: StudyPlan) -> None:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.1.3.10", make_uid(9, plan.number)
    dataset.FileSetID = "DISK1"
    dataset.DirectoryRecordSequence = []
    maker.write_file(plan.site.system, "DICOMDIR", to_bytes(dataset, "explicit"))
    _reject(maker, plan, "file", "DICOMDIR", Reason.DICOMDIR)


def _missing(keyword: str, reason: Reason) -> Callable[[ExportMaker, StudyPlan], None]:
    def add(maker: ExportMaker, plan: StudyPlan) -> None:
        ((path, _),) = maker.add_images(plan, maker.write_report(plan))
        _respoil(maker, plan, path, lambda dataset: delattr(dataset, keyword))
        _reject(maker, plan, "file", path, reason)
        _orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)

    return add


def _header(reason: Reason, **changes: object) -> Callable[[ExportMaker, StudyPlan], None]:
    def change(dataset: Dataset) -> None:
        for keyword, value in changes.items():
            setattr(dataset, keyword, value)

    return lambda maker, plan: void(_whole_study(maker, plan, reason, change))


def void(_: object) -> None:
    """Forget a result."""


def _pixels(reason: Reason, change: Callable[[Dataset], None]) -> Callable[[ExportMaker, StudyPlan], None]:
    return lambda maker, plan: void(_whole_study(maker, plan, reason, change))


def _truncate(dataset: Dataset) -> None:
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 3 // 2 * 2]


def _flatten(dataset: Dataset) -> None:
    dataset.PixelData = np.full(dataset.Rows * dataset.Columns, 700, np.uint16).tobytes()


def _corrupt(dataset: Dataset) -> None:
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(range(256)) * 4])
    dataset["PixelData"].is_undefined_length = True


def _mislabel(dataset: Dataset) -> None:
    """A codestream of another size than the header says."""
    native = np.frombuffer(dataset.PixelData, np.uint16).reshape(dataset.Rows, dataset.Columns)
    dataset.PixelData = encapsulate([encode_frame("jpeg_2000", native, int(dataset.BitsStored))])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.Rows -= 2


def _understate(dataset: Dataset) -> None:
    dataset.BitsStored -= 2
    dataset.HighBit -= 2


def _stack(dataset: Dataset) -> None:
    dataset.NumberOfFrames = 2
    dataset.PixelData = dataset.PixelData * 2


def _colour(dataset: Dataset) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = bytes(dataset.Rows * dataset.Columns * 3 + dataset.Rows * dataset.Columns * 3 % 2)


def _duplicate(maker: ExportMaker, plan: StudyPlan) -> None:
    place = maker.dicom_folder("lakeside") / maker.first_file
    maker.write_file("lakeside", "zz_again/copy.dcm", place.read_bytes())
    _reject(maker, plan, "file", "zz_again/copy.dcm", Reason.DUPLICATE_INSTANCE)


def _conflict(maker: ExportMaker, plan: StudyPlan) -> None:
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    place = maker.dicom_folder(plan.site.system) / path
    data = bytearray(place.read_bytes())
    data[-100] ^= 0xFF
    other = path.replace("1.DCM", "2.DCM")
    maker.write_file(plan.site.system, other, bytes(data))
    for subject in (path, other):
        _reject(maker, plan, "file", subject, Reason.CONFLICTING_INSTANCE)
    _orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)


def _no_report(maker: ExportMaker, plan: StudyPlan) -> None:
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    _reject(maker, plan, "file", path, Reason.IMAGES_WITHOUT_REPORT)


def _no_images(maker: ExportMaker, plan: StudyPlan) -> None:
    _orphan_report(maker, plan, Reason.REPORT_WITHOUT_IMAGES)


def _report_history(maker: ExportMaker, plan: StudyPlan) -> None:
    """A good study whose report went from preliminary to final, with two addenda."""
    old = maker.add_report(plan, "FINDINGS: Wet read, clear.\nIMPRESSION: Clear.", status="P", hour=8)
    _reject(maker, plan, "report", old, Reason.REPORT_SUPERSEDED)
    maker.add_study(plan)
    early = maker.add_report(plan, "ADDENDUM: The side was checked.", status="A", hour=14)
    _reject(maker, plan, "report", early, Reason.REPORT_SUPERSEDED)
    maker.add_report(plan, "ADDENDUM: The side was checked again.", status="Addendum", hour=18)
    void_row = maker.add_report(plan, "FINDINGS: Wrong patient.", status="X", hour=9)
    _reject(maker, plan, "report", void_row, Reason.REPORT_CANCELLED)


def _twice_reported(maker: ExportMaker, plan: StudyPlan) -> None:
    """Two finals signed in the same minute, and one report that was exported twice."""
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    _reject(maker, plan, "file", path, Reason.AMBIGUOUS_REPORTS)
    for text in (_REPORT, _REPORT.replace("clear", "hazy")):
        _reject(maker, plan, "report", maker.add_report(plan, text), Reason.AMBIGUOUS_REPORTS)
    again = replace(plan, number=plan.number + 1)
    maker.add_study(again)
    text = maker.gold.studies[-1].report
    _reject(maker, plan, "report", maker.add_report(again, text, hour=13), Reason.DUPLICATE_REPORT)


def _empty_reports(maker: ExportMaker, plan: StudyPlan) -> None:
    _reject(maker, plan, "report", maker.add_report(plan, "  \n ---"), Reason.REPORT_EMPTY)
    _reject(maker, plan, "report", maker.add_report(plan, _REPORT, accession=""), Reason.REPORT_WITHOUT_KEY)
    maker.rows["northmoor"].append('{"accession": "NM1", "body": "cut off')
    maker.gold.rejections.append(
        GoldRejection(
            source="northmoor",
            kind="report",
            subject=f"reports.jsonl:{len(maker.rows['northmoor'])}",
            reason=Reason.REPORT_UNREADABLE.value,
        )
    )


def _two_patients(maker: ExportMaker, plan: StudyPlan) -> None:
    path = _whole_study(maker, plan, Reason.TWO_PATIENTS)
    other = path.replace("1.DCM", "other.DCM")
    place = maker.dicom_folder(plan.site.system) / path
    dataset = pydicom.dcmread(place)
    dataset.PatientID, dataset.PatientName = "99887766", "Ashgrove^Penelope"
    dataset.SOPInstanceUID += ".7"
    maker.write_file(plan.site.system, other, to_bytes(dataset, "explicit"))
    _reject(maker, plan, "file", other, Reason.TWO_PATIENTS)


def _dates_disagree(maker: ExportMaker, plan: StudyPlan) -> None:
    path = _whole_study(maker, plan, Reason.STUDY_DATES_DISAGREE)
    dataset = pydicom.dcmread(maker.dicom_folder(plan.site.system) / path)
    dataset.StudyDate = f"{plan.day + timedelta(days=1):%Y%m%d}"
    dataset.SOPInstanceUID += ".7"
    other = path.replace("1.DCM", "late.DCM")
    maker.write_file(plan.site.system, other, to_bytes(dataset, "explicit"))
    _reject(maker, plan, "file", other, Reason.STUDY_DATES_DISAGREE)


def _shared_report(maker: ExportMaker, plan: StudyPlan) -> None:
    second = replace(plan, number=plan.number + 1)
    for study in (plan, second):
        ((path, _),) = maker.add_images(study, maker.write_report(study))
        _reject(maker, study, "file", path, Reason.REPORT_SHARED)
    both = f"{plan.accession}; {second.accession}"
    _reject(maker, plan, "report", maker.add_report(plan, _REPORT, accession=both), Reason.REPORT_SHARED)


def _no_section(maker: ExportMaker, plan: StudyPlan) -> None:
    ((path, _),) = maker.add_images(plan, maker.write_report(plan))
    _reject(maker, plan, "file", path, Reason.MISSING_SECTION)
    location = maker.add_report(plan, "INDICATION: Cough.\n\nCOMPARISON: None.\n")
    _reject(maker, plan, "report", location, Reason.MISSING_SECTION)


def _unreadable(reason: Reason, text: str) -> Callable[[ExportMaker, StudyPlan], None]:
    def add(maker: ExportMaker, plan: StudyPlan) -> None:
        ((path, _),) = maker.add_images(plan, maker.write_report(plan))
        _reject(maker, plan, "file", path, reason)
        _reject(maker, plan, "report", maker.add_report(plan, text), reason)

    return add


_SPANISH = """FINDINGS: Los pulmones están claros, sin consolidación ni derrame pleural. El corazón es de
tamaño normal. No se observa neumotórax.
IMPRESSION: Sin hallazgos agudos; se recomienda control clínico.
"""
_TABLE = """FINDINGS: 1 | 2.3 | 14.2 | 11.8 | 9 | 12 | 14 | 15.5 | 17 | 21 | 33 | 41.2 | 18 | 2 | 7 | 99
IMPRESSION: 3 | 4.5 | 6.7 | 8.9 | 1.2 | 3.4 | 5.6 | 7.8 | 9.0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
"""

_KINDS: tuple[Callable[[ExportMaker, StudyPlan], None], ...] = (
    _not_dicom,
    _cut_header,
    _dicomdir,
    _missing("PixelData", Reason.NO_PIXEL_DATA),
    _missing("StudyInstanceUID", Reason.MISSING_IDENTIFIER),
    _missing("StudyDate", Reason.MISSING_STUDY_DATE),
    _header(Reason.MODALITY, Modality="CT"),
    _header(Reason.BODY_PART, BodyPartExamined="LOWER LEG", StudyDescription="XR TIBIA FIBULA"),
    _header(Reason.NOT_HUMAN, BodyPartExamined="THORAX", PatientSpeciesDescription="Canine"),
    _header(Reason.NOT_FOR_PRESENTATION, PresentationIntentType="FOR PROCESSING"),
    _pixels(Reason.MULTI_FRAME, _stack),
    _pixels(Reason.COLOUR, _colour),
    _pixels(Reason.TRUNCATED_PIXELS, _truncate),
    _pixels(Reason.CONSTANT_PIXELS, _flatten),
    _pixels(Reason.UNDECODABLE_PIXELS, _corrupt),
    _pixels(Reason.PIXELS_DISAGREE, _mislabel),
    _pixels(Reason.BITS_STORED, _understate),
    _duplicate,
    _conflict,
    _no_report,
    _no_images,
    _report_history,
    _twice_reported,
    _empty_reports,
    _two_patients,
    _dates_disagree,
    _shared_report,
    _no_section,
    _unreadable(Reason.REPORT_NOT_ENGLISH, _SPANISH),
    _unreadable(Reason.REPORT_NOT_PROSE, _TABLE),
    _header(Reason.BURNED_IN_TEXT, BurnedInAnnotation="YES"),
)
