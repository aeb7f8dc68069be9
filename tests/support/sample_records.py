"""Records of one study of one patient, as an export holds it and as a release does; a test says what matters to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from radrelease.records.private import Instance, Study
from radrelease.records.release import ReleaseImage, ReleaseStudy, Split, View

DAY = date(2019, 3, 4)


def make_instance(**fields: Any) -> Instance:
    """A file."""
    usual = {
        "source": "s", "path": "p", "size_bytes": 1, "modified_ns": 1, "transfer_syntax_uid": "1", "patient_id": "P",
        "accession": "A", "study_uid": "S", "series_uid": "1", "sop_uid": "1", "study_date": DAY, "attributes": {},
        "identifiers": (),
    }  # fmt: skip
    return Instance(**{**usual, **fields})


def make_study(*instances: Instance, **fields: Any) -> Study:
    """The study that the files are of."""
    first = instances[0] if instances else make_instance()
    usual = {
        "source": "s", "patient_domain": "s", "patient_id": first.patient_id, "accession": first.accession,
        "study_uid": first.study_uid, "study_date": first.study_date, "instances": instances, "report": "x",
        "report_locations": ("r",), "identifiers": (),
    }  # fmt: skip
    return Study(**{**usual, **fields})


def make_release_image(**fields: Any) -> ReleaseImage:
    """A published picture."""
    usual = {
        "image_id": "i", "series_id": "s", "path": "../deid_png/a.png", "modality": "DX", "body_part": None,
        "view_position": "PA", "view": View.FRONTAL_PA, "institution": None, "manufacturer": None, "height": 2,
        "width": 3, "source_rows": 8, "source_columns": 12, "bits_stored": 12, "photometric": "MONOCHROME2",
        "spacing_mm": None, "stretch": "full", "low": 0.0, "high": 9.0, "masked": None, "black": 0.0, "white": 0.0,
        "contrast": 0.5, "inverted": None, "flags": None, "sha256": "s",
    }  # fmt: skip
    return ReleaseImage(**{**usual, **fields})


def make_release_study(*images: ReleaseImage, **fields: Any) -> ReleaseStudy:
    """A published study of the pictures."""
    usual = {
        "id": "a", "split": Split.TRAIN, "patient_id": "P", "accession": "A", "study_id": "1", "sex": None, "age": None,
        "ethnic_group": None, "weight_kg": None, "study_date": DAY, "description": None, "indication": None,
        "comparison": None, "findings": "Clear.", "impression": None, "prior_id": None, "days_since_prior": None,
        "images": images,
    }  # fmt: skip
    return ReleaseStudy(**{**usual, **fields})
