"""Free text of a header leaves whole or not at all."""

from __future__ import annotations

import pytest
from sample_records import make_instance, make_study

from radrelease.identifiers import Secret
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.header_values import HeaderRules, header_values
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient

NAME, STAFF, HOUSE = IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME, IdentifierKind.INSTITUTION


def published(text, *, own=(), export=()):
    """The description as published, and the rule by which it is not."""
    instance = make_instance(attributes={"StudyDescription": text})
    study = make_study(instance)
    rules = HeaderRules(
        profile=load_header_profile("rexgradient"),
        crosswalk=Crosswalk(Secret(b"k" * 32), "TEST", 365),
        export=compile_export([Identifier(*item) for item in export]),
        given_back=frozenset(),
        institutions=True,
    )
    values = header_values(study, [instance], compile_patient([Identifier(*item) for item in own]), rules)
    return values.study.get("StudyDescription"), [(row.value, row.rule) for row in values.withheld]


@pytest.mark.parametrize(
    "text",
    [
        "XR CHEST 2 VIEWS",
        "Chest PA/Lat",
        "CHEST X-RAY",
        "CXR",
        "Portable Chest Single View",
        "CHST PORT AP",
        "DX Chest 2V",
    ],
)
def test_what_sites_write_for_the_examination_stays(text):
    assert published(text, own=[(NAME, "ROE^JANE")], export=[(STAFF, "STONE^GRACE")]) == (text, [])


@pytest.mark.parametrize(
    "text", ["XR CHEST JANE", "XR CHEST 4/3/2019", "XR CHEST 0012345", "CHEST VIP SENATOR"]
)
def test_a_word_outside_the_list_keeps_the_whole_text_inside(text):
    assert published(text, own=[(NAME, "ROE^JANE")]) == (None, [(text, "a word that is not in the list")])


def test_listed_words_that_are_the_patients_name_keep_the_text_inside():
    text = "XR CHEST FRONT ERECT"
    assert published(text)[0] == text
    assert published(text, own=[(NAME, "ERECT^FRONT")]) == (None, [(text, "known of the patient")])


def test_listed_words_that_are_a_hospital_keep_the_text_inside():
    text = "XR CHEST MOBILE THORAX"
    assert published(text)[0] == text
    assert published(text, export=[(HOUSE, "Mobile Thorax")]) == (None, [(text, "known of the export")])
