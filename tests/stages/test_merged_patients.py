"""Two people under one number, one person under two, as a records clerk would tell them."""

from __future__ import annotations

import pytest
from sample_records import make_instance

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.cohort.merged_patients import find_one_under_two, find_two_under_one, stated_by

DOMAINS = {"north": "north", "south": "south", "annex": "north"}


def film(number="1", name="ROE^JANE", born="1960-05-06", sex="F", source="north"):
    identifiers = [Identifier(IdentifierKind.PATIENT_NAME, name)] if name else []
    identifiers += [Identifier(IdentifierKind.BIRTH_DATE, born)] if born else []
    return make_instance(
        source=source, patient_id=number, attributes={"PatientSex": sex}, identifiers=tuple(identifiers)
    )


def two(*films):
    return [
        (row.patient_id, row.certain, row.disagree) for row in find_two_under_one(stated_by(films, DOMAINS))
    ]


def again(*films):
    return [(row.domain, row.patient_id) for row in find_one_under_two(stated_by(films, DOMAINS))]


def test_a_man_and_a_woman_of_other_names_under_one_number():
    assert two(film(), film(name="DOE^PETER", sex="M", born="1931-01-02")) == [
        ("1", True, ("birth date", "name", "sex"))
    ]


def test_two_namesakes_of_other_birth_dates_and_sex():
    assert two(film(name="KIM^LEE"), film(name="KIM^LEE", sex="M", born="1988-01-02")) == [
        ("1", True, ("birth date", "sex"))
    ]


def test_a_birth_date_mistyped_once_is_in_doubt_and_not_certain():
    assert two(film(), film(born="1960-06-05")) == [("1", False, ("birth date",))]


@pytest.mark.parametrize(
    "other",
    [
        film(name="ROE^JANE^MARIE"), film(name="DOE^JANE"), film(name="Roe, Jane"), film(name="JANE ROE"),
        film(name=""), film(born=""), film(sex=""), film(sex="O"), film(name="RÖE^JANE"),
    ],
)  # fmt: skip
def test_a_marriage_a_middle_name_and_what_is_not_stated_are_the_same_person(other):
    assert two(film(), other) == []


def test_a_newborn_who_got_a_name():
    assert two(film(name="ROE^BABY GIRL"), film(name="ROE^IRIS")) == []


def test_one_number_in_two_hospitals_is_two_people_and_no_doubt():
    assert two(film(), film(source="south", name="DOE^PETER", sex="M", born="1931-01-02")) == []


def test_two_sources_of_one_domain_share_their_numbers():
    assert two(film(), film(source="annex", name="DOE^PETER", sex="M")) == [("1", True, ("name", "sex"))]


def test_one_woman_under_two_numbers_and_in_two_hospitals():
    assert again(film(), film("2", name="Roe^Jane^M"), film("9", source="south")) == [
        ("north", "1"), ("north", "2"), ("south", "9"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [film("2", born="1960-05-07"), film("2", sex="M"), film("2", name="ROE^JOAN"), film("2", born=""), film("2", sex="")],
)  # fmt: skip
def test_twins_namesakes_and_what_is_not_stated_are_no_one_person(other):
    assert again(film(), other) == []
