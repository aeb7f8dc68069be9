"""Raw studies to published records: what may leave, under its published names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrelease.profiles.chest import load_chest_vocabulary
from radrelease.records.pixels import PictureFacts
from radrelease.records.private import Instance, Study
from radrelease.records.release import ReleaseImage, ReleaseStudy, SectionName, Split
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.cohort.views import normalise_view
from radrelease.stages.headers.header_values import HeaderValues
from radrelease.stages.pictures.picture_quality import flags_of

__all__ = ["publish_study"]


def publish_study(
    study: Study,
    drawn: Sequence[tuple[Instance, PictureFacts]],
    values: HeaderValues,
    sections: Mapping[SectionName, str | None],
    crosswalk: Crosswalk,
    *,
    split: Split,
) -> ReleaseStudy:
    """The published study: the header ``values`` that may leave, pseudonyms and moved dates.

    ``drawn`` pairs each instance with what is said of its picture, in the order of
    ``values.images``. The prior study is not known here.
    """
    domain, stated = study.patient_domain, values.study
    patient_id = crosswalk.patient(domain, study.patient_id)
    accession, study_id = crosswalk.accession(study), crosswalk.uid(study.study_uid)
    weight = stated.get("PatientWeight")
    stem = (patient_id, accession, study_id)
    return ReleaseStudy(
        id=f"p{patient_id}_a{accession}_s{study_id}",
        split=split,
        patient_id=patient_id,
        accession=accession,
        study_id=study_id,
        sex=stated.get("PatientSex"),
        age=stated.get("PatientAge"),
        ethnic_group=stated.get("EthnicGroup"),
        weight_kg=None if weight is None else float(weight),
        study_date=crosswalk.date(domain, study.patient_id, study.study_date),
        description=stated.get("StudyDescription"),
        indication=sections[SectionName.INDICATION],
        comparison=sections[SectionName.COMPARISON],
        findings=sections[SectionName.FINDINGS],
        impression=sections[SectionName.IMPRESSION],
        prior_id=None,
        days_since_prior=None,
        images=tuple(
            _image(instance, picture, header, stem, crosswalk)
            for (instance, picture), header in zip(drawn, values.images, strict=True)
        ),
    )


def _image(
    instance: Instance,
    picture: PictureFacts,
    header: Mapping[str, str],
    stem: tuple[str, str, str],
    crosswalk: Crosswalk,
) -> ReleaseImage:
    series_id, image_id = crosswalk.uid(instance.series_uid), crosswalk.uid(instance.sop_uid)
    quality = picture.quality
    return ReleaseImage(
        image_id=image_id,
        series_id=series_id,
        path=_image_path(*stem, series_id, image_id),
        modality=header.get("Modality", ""),
        body_part=header.get("BodyPartExamined"),
        view_position=header.get("ViewPosition"),
        view=normalise_view(instance.attributes, load_chest_vocabulary()),
        institution=header.get("InstitutionName"),
        manufacturer=header.get("Manufacturer"),
        height=picture.height,
        width=picture.width,
        source_rows=int(header.get("Rows", 0)),
        source_columns=int(header.get("Columns", 0)),
        bits_stored=int(header.get("BitsStored", 0)),
        photometric=header.get("PhotometricInterpretation", ""),
        spacing_mm=picture.spacing_mm,
        stretch=picture.stretch,
        low=picture.low,
        high=picture.high,
        masked=picture.masked,
        black=quality.black,
        white=quality.white,
        contrast=quality.contrast,
        inverted=quality.inverted,
        flags="; ".join(flags_of(quality)) or None,
        sha256=picture.sha256,
    )


def _image_path(patient_id: str, accession: str, study_id: str, series_id: str, image_id: str) -> str:
    """The picture's path as metadata/ sees it."""
    return (
        f"../deid_png/{patient_id}/{accession}/studies/{study_id}/series/{series_id}/instances/{image_id}.png"
    )
