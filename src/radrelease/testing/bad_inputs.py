"""Every kind of input that cannot be released, one by one, with the reason it must be given."""

from __future__ import annotations

from datetime import date, timedelta

from radrelease.rejections import Reason
from radrelease.testing import bad_files, bad_pixels, bad_studies
from radrelease.testing.export_maker import ExportMaker, StudyPlan
from radrelease.testing.people import make_person, sites
from radrelease.testing.spoiling import Add

__all__ = ["add_bad_inputs"]

_SPANISH = """FINDINGS: Los pulmones están claros, sin consolidación ni derrame pleural. El corazón es de
tamaño normal. No se observa neumotórax.
IMPRESSION: Sin hallazgos agudos; se recomienda control clínico.
"""
_TABLE = """FINDINGS: 1 | 2.3 | 14.2 | 11.8 | 9 | 12 | 14 | 15.5 | 17 | 21 | 33 | 41.2 | 18 | 2 | 7 | 99
IMPRESSION: 3 | 4.5 | 6.7 | 8.9 | 1.2 | 3.4 | 5.6 | 7.8 | 9.0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8
"""

_KINDS: tuple[Add, ...] = (
    bad_files.not_dicom,
    bad_files.cut_header,
    bad_files.dicomdir,
    bad_files.missing("PixelData", Reason.NO_PIXEL_DATA),
    bad_files.missing("StudyInstanceUID", Reason.MISSING_IDENTIFIER),
    bad_files.missing("StudyDate", Reason.MISSING_STUDY_DATE),
    bad_files.stating(Reason.MODALITY, Modality="CT"),
    bad_files.stating(Reason.BODY_PART, BodyPartExamined="LOWER LEG", StudyDescription="XR TIBIA FIBULA"),
    bad_files.stating(Reason.NOT_HUMAN, BodyPartExamined="THORAX", PatientSpeciesDescription="Canine"),
    bad_files.stating(Reason.NOT_FOR_PRESENTATION, PresentationIntentType="FOR PROCESSING"),
    bad_files.spoilt(Reason.MULTI_FRAME, bad_pixels.stack),
    bad_files.spoilt(Reason.COLOUR, bad_pixels.colour),
    bad_files.spoilt(Reason.TRUNCATED_PIXELS, bad_pixels.truncate),
    bad_files.spoilt(Reason.CONSTANT_PIXELS, bad_pixels.flatten),
    bad_files.spoilt(Reason.UNDECODABLE_PIXELS, bad_pixels.corrupt),
    bad_files.spoilt(Reason.PIXELS_DISAGREE, bad_pixels.mislabel),
    bad_files.spoilt(Reason.BITS_STORED, bad_pixels.understate),
    bad_files.duplicate,
    bad_files.conflict,
    bad_studies.no_report,
    bad_studies.no_images,
    bad_studies.report_history,
    bad_studies.twice_reported,
    bad_studies.empty_reports,
    bad_studies.two_patients,
    bad_studies.dates_disagree,
    bad_studies.shared_report,
    bad_studies.no_section,
    bad_studies.unreadable(Reason.REPORT_NOT_ENGLISH, _SPANISH),
    bad_studies.unreadable(Reason.REPORT_NOT_PROSE, _TABLE),
    bad_files.stating(Reason.BURNED_IN_TEXT, BurnedInAnnotation="YES"),
)


def add_bad_inputs(maker: ExportMaker, first_number: int) -> None:
    """Add all bad inputs; study numbers start at ``first_number``."""
    for offset, add in enumerate(_KINDS):
        add(maker, _spare_study(maker, first_number + 2 * offset))


def _spare_study(maker: ExportMaker, number: int) -> StudyPlan:
    """A study of a patient who has no other, at a plain site."""
    site = next(site for site in sites() if site.files == "numbers" and site.syntax == "explicit")
    day = date(2018, 3, 1) + timedelta(days=number)
    person = make_person(maker.rng, 100 + number, site.system, day)
    return StudyPlan(person=person, site=site, number=number, day=day, views=("PA",))
