"""What looking for rare values and scrubbing descriptions costs in planning.

Makes patients in memory, two studies of two images each, and prints the time per patient of the survey (every
header value, the description through the report scrubber) and of finding the rare values of the cohort.

    python benchmarks/bench_header_values.py [patients]
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date

from radrelease.identifiers import Mrn, RawAccession, RawUid, Secret
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records.private import Identifier, IdentifierKind, Instance, Patient, Study
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.header_values import HeaderRules, traits_of
from radrelease.stages.headers.rare_values import find_rare
from radrelease.stages.knowledge.known_terms import compile_export

PROFILE = load_header_profile("rexgradient")
TEXTS = ("XR CHEST 2 VIEWS", "XR CHEST AP PORTABLE", "CHEST PA AND LATERAL", "Chest 1V")


def make_patient(rng: random.Random, number: int) -> Patient:
    """A patient with two studies."""
    name = f"{rng.choice(('Roe', 'Kline', 'Stone', 'Okoro'))}{number}^Jane"
    identifiers = (
        Identifier(IdentifierKind.PATIENT_NAME, name),
        Identifier(IdentifierKind.PATIENT_ID, f"{number:08d}"),
        Identifier(IdentifierKind.BIRTH_DATE, "1950-01-02"),
    )
    studies = tuple(make_study(rng, number, count) for count in range(2))
    return Patient(domain="s", patient_id=Mrn(f"{number:08d}"), identifiers=identifiers, studies=studies)


def make_study(rng: random.Random, number: int, count: int) -> Study:
    """A study of two images, its values drawn."""
    uid = f"1.2.{number}.{count}"
    attributes = {
        "PatientSex": rng.choice("MF"),
        "PatientAge": f"{min(99, int(rng.gauss(60, 18))) % 100:03d}Y",
        "PatientWeight": str(int(rng.gauss(75, 18))),
        "StudyDescription": rng.choice(TEXTS),
        "InstitutionName": f"Hospital {int(rng.paretovariate(1)) % 79}",
        "Manufacturer": rng.choice(("Agfa", "Philips Medical Systems", "FUJIFILM Corporation")),
        "BodyPartExamined": "CHEST",
        "ViewPosition": rng.choice(("PA", "AP", "LL")),
        "Modality": "DX",
    }
    instances = tuple(
        Instance(
            source="s",
            path=f"{uid}.{image}",
            size_bytes=1,
            modified_ns=1,
            transfer_syntax_uid="1",
            patient_id=Mrn(f"{number:08d}"),
            accession=RawAccession(uid),
            study_uid=RawUid(uid),
            series_uid=RawUid(f"{uid}.1"),
            sop_uid=RawUid(f"{uid}.1.{image}"),
            study_date=date(2019, 3, 4),
            attributes=attributes,
            identifiers=(),
        )
        for image in range(2)
    )
    return Study(
        source="s",
        patient_domain="s",
        patient_id=Mrn(f"{number:08d}"),
        accession=RawAccession(uid),
        study_uid=RawUid(uid),
        study_date=date(2019, 3, 4),
        instances=instances,
        report="",
        report_locations=(),
        identifiers=(),
    )


def main() -> None:
    """Print the times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rng = random.Random(1)  # noqa: S311 - invented patients
    patients = [make_patient(rng, number) for number in range(count)]
    known = [item for patient in patients for item in patient.identifiers]
    rules = HeaderRules(
        profile=PROFILE,
        crosswalk=Crosswalk(Secret(b"k" * 32), "TEST", 365),
        export=compile_export(known),
        given_back=frozenset(),
        institutions=True,
    )
    begun = time.process_time()
    traits = [traits_of(patient, frozenset(), rules) for patient in patients]
    surveyed = time.process_time()
    rare = find_rare(traits, 5, {rule.keyword: rule.rare for rule in PROFILE.rules if rule.rare})
    found = time.process_time()
    print(f"{count} patients, {2 * count} studies, {4 * count} images")
    print(
        f"survey     {1e6 * (surveyed - begun) / count:8.0f} us per patient, {surveyed - begun:.1f} s in all"
    )
    print(
        f"find rare  {1e6 * (found - surveyed) / count:8.0f} us per patient, {found - surveyed:.1f} s in all"
    )
    print(f"{len(rare.rows)} rare values")


if __name__ == "__main__":
    main()
