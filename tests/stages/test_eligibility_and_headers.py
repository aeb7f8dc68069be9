"""Which pictures are chest radiographs of people, and what of a header may leave."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sample_records import make_instance, make_study

from radrelease.config import Eligibility
from radrelease.profiles.chest import load_chest_vocabulary
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records.release import SectionName, View
from radrelease.rejections import SENTENCES, Reason
from radrelease.stages.cohort.eligibility import judge
from radrelease.stages.cohort.views import normalise_view
from radrelease.stages.headers.public_values import age_of, public_attributes

HEADERS = Path(__file__).parents[3] / "shared/data/headers/openi_dicom_headers.csv.gz"
PLAIN = {
    "Modality": "DX",
    "BodyPartExamined": "CHEST",
    "PhotometricInterpretation": "MONOCHROME2",
    "SamplesPerPixel": "1",
}
VOCABULARY = load_chest_vocabulary()


def study(*attributes):
    instances = tuple(
        make_instance(path=str(number), sop_uid=str(number), attributes=values)
        for number, values in enumerate(attributes)
    )
    return make_study(*instances)


def decide(*attributes, sections=frozenset({SectionName.FINDINGS}), rules=None, looks_for_text=False):
    kept, rejected = judge(
        study(*attributes),
        rules or Eligibility(),
        VOCABULARY,
        lambda _: sections,
        looks_for_text=looks_for_text,
    )
    return kept, {row.subject: row.reason for row in rejected}


@pytest.mark.parametrize(
    "changes",
    [
        {"BodyPartExamined": "Thorax"}, {"BodyPartExamined": "", "StudyDescription": "CXR 2 VIEWS"},
        {"BodyPartExamined": "OTHER", "ProtocolName": "Chest PA/Lat"}, {"BodyPartExamined": "TORAX"}, {"BodyPartExamined": "NON GRID CHEST"},
        {"Modality": "CR"}, {"PatientSpeciesDescription": "Homo sapiens"},
    ],
)  # fmt: skip
def test_what_sites_write_for_a_chest_is_eligible(changes):
    kept, rejected = decide(PLAIN | changes)
    assert kept is not None
    assert not rejected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Modality": "CT"}, Reason.MODALITY),
        ({"BodyPartExamined": "LOWER LEG"}, Reason.BODY_PART),
        ({"BodyPartExamined": "CHEST ABDOMEN"}, Reason.BODY_PART),
        ({"BodyPartExamined": ""}, Reason.BODY_PART),
        ({"StudyDescription": "XR CHEST AND ABDOMEN"}, Reason.BODY_PART),
        ({"BodyPartExamined": "HIP", "StudyDescription": "CHEST"}, Reason.BODY_PART),
        ({"BodyPartExamined": "THORAX", "PatientSpeciesDescription": "Canine"}, Reason.NOT_HUMAN),
        ({"PatientBreedDescription": "Beagle"}, Reason.NOT_HUMAN),
        ({"SeriesDescription": "QA phantom chest"}, Reason.NOT_HUMAN),
        ({"PresentationIntentType": "FOR PROCESSING"}, Reason.NOT_FOR_PRESENTATION),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1.1"}, Reason.NOT_FOR_PRESENTATION),
        ({"NumberOfFrames": "12"}, Reason.MULTI_FRAME),
        ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": "3"}, Reason.COLOUR),
        ({"BurnedInAnnotation": "Yes "}, Reason.BURNED_IN_TEXT),
    ],
)
def test_what_is_not_a_chest_radiograph_has_its_reason(changes, reason):
    kept, rejected = decide(PLAIN | changes)
    assert kept is None
    assert set(rejected.values()) == {reason}
    assert set(rejected) == {"0", "S", "r"}


def test_a_picture_that_says_it_shows_a_name_goes_on_where_text_is_looked_for():
    kept, rejected = decide(PLAIN | {"BurnedInAnnotation": "YES"}, looks_for_text=True)
    assert kept is not None
    assert not rejected


def test_the_study_goes_on_with_the_images_that_remain():
    kept, rejected = decide(PLAIN, PLAIN | {"Modality": "CT"})
    assert [item.path for item in kept.instances] == ["0"]
    assert rejected == {"1": Reason.MODALITY}


def test_images_turned_away_for_several_reasons_leave_no_image():
    _, rejected = decide(PLAIN | {"Modality": "CT"}, PLAIN | {"NumberOfFrames": "2"})
    assert rejected["S"] is Reason.NO_IMAGE_LEFT


def test_a_report_without_findings_and_impression():
    _, rejected = decide(PLAIN, sections=frozenset({SectionName.INDICATION}))
    assert rejected["r"] is Reason.MISSING_SECTION


def test_views_can_be_chosen():
    _, rejected = decide(PLAIN | {"ViewPosition": "LL"}, rules=Eligibility(views=("frontal PA",)))
    assert rejected["0"] is Reason.VIEW


@pytest.mark.parametrize(
    ("attributes", "view"),
    [
        ({"ViewPosition": "PA"}, View.FRONTAL_PA), ({"ViewPosition": "AP"}, View.FRONTAL_AP),
        ({"ViewPosition": "LL"}, View.LATERAL), ({"ViewPosition": "LATERAL"}, View.LATERAL),
        ({"ViewPosition": "LLD"}, View.OTHER), ({"ViewPosition": "RAO"}, View.OTHER),
        ({"SeriesDescription": "CHEST PA AND LATERAL"}, View.UNKNOWN), ({}, View.UNKNOWN),
        ({"PatientOrientation": "A\\F"}, View.LATERAL), ({"PatientOrientation": "L\\F"}, View.UNKNOWN),
        ({"ViewCodeSequence": "postero-anterior"}, View.FRONTAL_PA), ({"SeriesDescription": "PORT CHEST"}, View.FRONTAL_AP),
    ],
)  # fmt: skip
def test_views_are_normalised(attributes, view):
    assert normalise_view(attributes, VOCABULARY) is view


def test_real_headers_are_mostly_eligible():
    if not HEADERS.is_file():
        pytest.skip("the real headers are not beside the checkout")
    counts: Counter[str] = Counter()
    with gzip.open(HEADERS, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = {key.replace(" ", ""): value for key, value in row.items() if value}
            values["PatientOrientation"] = "\\".join(
                re.findall(r"[A-Z]+", values.get("PatientOrientation", ""))
            )
            kept, rejected = decide(
                {key: value for key, value in values.items() if not value.startswith("[")}
            )
            counts["eligible" if kept else rejected["0"]] += 1
            counts[normalise_view(values, VOCABULARY)] += 1
    # 2,505 state no body part, and their descriptions were removed by their makers; 2 are extremities.
    assert counts["eligible"] == 4_962, counts
    assert counts[Reason.BODY_PART] == 2_507, counts
    assert counts[View.UNKNOWN] == 2_586, counts  # those without ViewPosition


def allowed(**attributes):
    return public_attributes(attributes, load_header_profile("rexgradient"))


def test_an_enumerated_value_carries_nothing_else():
    assert allowed(PatientSex="F", Modality="dx") == {"PatientSex": "F", "Modality": "DX"}
    assert allowed(PatientSex="Abernathy", Modality="DX 00123456", ViewPosition="PA Smith") == {}


def test_a_description_with_a_name_in_it_does_not_leave():
    assert allowed(StudyDescription="XR CHEST 2 VIEWS") == {"StudyDescription": "XR CHEST 2 VIEWS"}
    assert allowed(StudyDescription="XR CHEST AP PORTABLE for Douglas Davidson") == {}


def test_what_nobody_listed_does_not_leave():
    assert allowed(PatientComments="x", OperatorsName="Roe", InstitutionName="Quayside", PatientID="1") == {}


def test_a_maker_is_named_and_nothing_beside_it():
    assert allowed(Manufacturer="FUJIFILM Corporation, Room 4, Dr. Roe") == {"Manufacturer": "Fujifilm"}


@pytest.mark.parametrize(
    ("attributes", "age"),
    [
        ({"PatientAge": "036Y"}, "036Y"), ({"PatientAge": "097Y"}, "090Y"), ({"PatientAge": "090Y"}, "090Y"),
        ({"PatientAge": "089Y"}, "089Y"), ({"PatientAge": "007M"}, "007M"), ({"PatientAge": "36"}, None),
        ({"PatientBirthDate": "19190304"}, "090Y"), ({"PatientBirthDate": "20190302"}, "002D"),
        ({"PatientAge": "050Y", "PatientBirthDate": "19200101"}, "090Y"), ({"PatientAge": "999M"}, "999M"), ({}, None),
    ],
)  # fmt: skip
def test_ages_over_89_are_one_group(attributes, age):
    assert age_of(attributes, date(2019, 3, 4)) == age


def test_every_reason_has_its_sentence():
    assert set(SENTENCES) == set(Reason)
