"""A whole raw export: three health systems, eight sites, good studies and every kind of bad input."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from radrelease.testing.bad_inputs import add_bad_inputs
from radrelease.testing.export_maker import SYSTEMS, ExportMaker, StudyPlan
from radrelease.testing.gold import Gold
from radrelease.testing.people import make_person, sites

__all__ = ["make_export", "release_toml"]

_VIEWS = (
    ("PA", "LATERAL"),
    ("PA", "LATERAL"),
    ("AP",),
    ("PA", "LATERAL", "PA"),
    ("AP",),
    ("PA", "LATERAL", "AP", "LATERAL"),
)

_TOML = """[[source]]
name = "lakeside"
dicom = "export/lakeside/dicom"
reports = "export/lakeside/reports.csv"
[source.columns]
accession = "Acc#"
patient_id = "MRN"
text = "Report"
status = "Status"
timestamp = "Signed"
patient_name = "Patient"
birth_date = "DOB"
staff = ["Radiologist", "Referring"]
address = "Address"

[[source]]
name = "northmoor"
dicom = "export/northmoor/dicom"
reports = "export/northmoor/reports.jsonl"
[source.columns]
accession = "accession"
text = "body"
status = "state"
timestamp = "at"
patient_name = "subject"
staff = "reader"
institution = "facility"

[[source]]
name = "quayside"
dicom = "export/quayside/dicom"
reports = "export/quayside/reports"
"""


def make_export(folder: Path, *, seed: int = 1, patients: int = 64, image_side: int = 768) -> Gold:
    """Write ``folder/export`` and ``folder/gold``; give the truth.

    ``image_side`` is the rows of a picture, px. What was in the two folders before is removed.
    """
    for name in ("export", "gold"):
        shutil.rmtree(folder / name, ignore_errors=True)
    maker = ExportMaker(folder=folder, rng=np.random.default_rng(seed), side=image_side)
    number = 0
    for index in range(patients):
        for plan in _plans(maker.rng, index, number):
            maker.add_study(plan)
            number += 1
    add_bad_inputs(maker, number)
    maker.write_tables()
    maker.gold.write(folder / "gold")
    return maker.gold


def release_toml() -> str:
    """The ``[[source]]`` tables for an export, with paths that start from its folder."""
    return _TOML


def _plans(rng: np.random.Generator, index: int, number: int) -> list[StudyPlan]:
    """The studies of one patient, over some years and at the sites of one system."""
    system = SYSTEMS[index % len(SYSTEMS)]
    places = [site for site in sites() if site.system == system]
    day = date(2012, 1, 1) + timedelta(days=int(rng.integers(0, 2500)))
    person = make_person(rng, index, system, day)
    plans: list[StudyPlan] = []
    for count in range(1 + (index * 5 + 3) % 4):
        plans.append(
            StudyPlan(
                person=person,
                site=places[(index // 3 + count) % len(places)],
                number=number + count,
                day=day,
                prior=plans[-1].day if plans else None,
                views=_VIEWS[(number + count) % len(_VIEWS)],
            )
        )
        day += timedelta(days=int(rng.integers(1, 500)))
    return plans
