"""What a release states of an image, whatever the original's header says, as values of elements."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from radrelease.profiles.dicom_profile import DicomProfile
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.pixels import WrittenImage
from radrelease.records.release import ReleaseImage, ReleaseStudy
from radrelease.stages.headers.dicom_values import number_text, public_values

__all__ = ["SECONDARY_CAPTURE", "Facts", "stated_values"]

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
"""SOP class of one plain picture, for files of a class that the profile does not name."""

_LIMITS = {"EthnicGroup": 16, "BodyPartExamined": 16, "ViewPosition": 16}
"""Most characters of values that the tables state in full, by their VR (PS3.5 section 6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a released file states besides its original's header.

    ``study_date`` is the true date, ``shift_days`` what moves it. ``codes`` are the patient's own
    numbers, which no number of a header may be. ``cleaned`` says that burned-in text was masked.
    """

    study: ReleaseStudy
    image: ReleaseImage
    pixels: WrittenImage
    study_date: date
    shift_days: int
    codes: Set[str]
    cleaned: bool = False


def stated_values(raw: RawHeader, facts: Facts, profile: DicomProfile) -> dict[str, tuple[str, ...]]:
    """The values by keyword; () where the release states nothing, and the header may not either."""
    rule = profile.by_place["", "SOPClassUID"]
    sop_class = public_values(raw.texts.get("SOPClassUID", ()), rule) or (SECONDARY_CAPTURE,)
    stated = {"SOPClassUID": sop_class, **_of_study(facts), **_of_pixels(facts)}
    if sop_class == (SECONDARY_CAPTURE,) and "ConversionType" not in raw.texts:
        stated["ConversionType"] = ("DI",)
    if facts.cleaned:
        stated["BurnedInAnnotation"] = ("NO",)
    return stated


def _of_study(facts: Facts) -> dict[str, tuple[str, ...]]:
    study, image = facts.study, facts.image
    weight = None if study.weight_kg is None else number_text(study.weight_kg)
    texts: dict[str, str | None] = {
        "SOPInstanceUID": image.image_id,
        "SeriesInstanceUID": image.series_id,
        "StudyInstanceUID": study.study_id,
        "PatientName": study.patient_id,
        "PatientID": study.patient_id,
        "AccessionNumber": study.accession,
        "InstitutionName": image.institution,
        "StudyDate": f"{study.study_date:%Y%m%d}",
        "PatientSex": study.sex,
        "PatientAge": study.age,
        "PatientWeight": weight,
        "EthnicGroup": study.ethnic_group,
        "Modality": image.modality or "OT",
        "Manufacturer": image.manufacturer,
        "StudyDescription": study.description,
        "BodyPartExamined": image.body_part,
        "ViewPosition": image.view_position,
    }
    return {
        keyword: (text,) if text and len(text) <= _LIMITS.get(keyword, 64) else ()
        for keyword, text in texts.items()
    }


def _of_pixels(facts: Facts) -> dict[str, tuple[str, ...]]:
    picture = facts.pixels
    rows, columns = picture.pixels.shape
    stated = {
        "SamplesPerPixel": "1",
        "PhotometricInterpretation": picture.photometric_interpretation,
        "Rows": str(rows),
        "Columns": str(columns),
        "BitsAllocated": str(8 * picture.pixels.dtype.itemsize),
        "BitsStored": str(picture.bits_stored),
        "HighBit": str(picture.bits_stored - 1),
        "PixelRepresentation": str(int(picture.pixels.dtype.kind == "i")),
    }
    if picture.lossy:
        stated["LossyImageCompression"] = "01"
    if picture.kind == "quarter":
        stated["PresentationLUTShape"] = "IDENTITY"
    values: dict[str, tuple[str, ...]] = {keyword: (text,) for keyword, text in stated.items()}
    for keyword, number in (("RescaleSlope", picture.slope), ("RescaleIntercept", picture.intercept)):
        values[keyword] = () if number is None else (number_text(number),)
    if picture.kind == "quarter":
        spacing = picture.spacing_mm
        values["ImagerPixelSpacing"] = () if spacing is None else (number_text(spacing),) * 2
    return values
