"""A name is found however it is written or encoded."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.records.exhibits import Exhibit
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.audit.disguises import undisguised
from radrelease.stages.audit.rows import check_tables_agree
from radrelease.stages.audit.search import residual, search, shown_dates
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary

KNOWN = build_vocabulary(
    [
        ("TESTAAAAAAAAAAAA", [
            Identifier(IdentifierKind.PATIENT_NAME, "Quillfeather^Jane"),
            Identifier(IdentifierKind.PATIENT_ID, "48213397"),
        ])
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Jane Quillfeather",
        "JANE QUILLFEATHER",
        "Quill\u00adfeather, Jane",
        "Jane Quill\u200bfeather",
        "Jane &#81;uillfeather",
        "jane%20quillfeather",
        "Ｊａｎｅ Ｑｕｉｌｌｆｅａｔｈｅｒ",
        "native/" + base64.b64encode(b"48213397").decode() + ".md",
        base64.urlsafe_b64encode(b"Jane Quillfeather").decode().rstrip("="),
        b"Jane Quillfeather".hex(),
        "4821-3397",
    ],
)
def test_a_disguised_identifier_is_found(text):
    assert list(search([Exhibit("a file", "a place", f"x {text} y")], KNOWN))


@given(st.text())
def test_no_text_stops_the_search(text):
    readings = list(undisguised(text))
    assert readings
    list(search([Exhibit("a", "b", text, "TESTAAAAAAAAAAAA", free_text=True)], KNOWN))


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=6))
def test_what_was_encoded_is_read(text):
    for encoded in (base64.b64encode(text.encode()).decode(), text.encode().hex(), quote(text, safe="")):
        assert text in {*undisguised(encoded), encoded} or len(encoded) > 400


def test_tables_that_hold_other_studies_are_found():
    assert not list(check_tables_agree({"a": frozenset({"1"}), "b": frozenset({"1"})}))
    (found,) = check_tables_agree({"a": frozenset({"1", "2"}), "b": frozenset({"1"})})
    assert (found.where, found.detail) == ("b", "1 studies are missing")


def test_a_moved_date_on_somebodys_birthday_is_known_from_the_text_it_stands_in():
    births = {"TESTAAAAAAAAAAAA": "2012-10-23", "TESTBBBBBBBBBBBB": "1990-01-02"}
    known = build_vocabulary(
        [(who, [Identifier(IdentifierKind.BIRTH_DATE, born)]) for who, born in births.items()]
    )

    def text(words, patient):
        return Exhibit("x", "y", words, patient, free_text=True)

    other = text("Compared to 23 Oct 2012.", "TESTBBBBBBBBBBBB")
    (page,) = search([text("Compared to 23 Oct 2012.", "")], known)
    assert page.detail in shown_dates(other, known)
    assert not list(search([other], known))
    own = text("Born 23 Oct 2012.", "TESTAAAAAAAAAAAA")
    assert [found.check for found in search([own], known)] == ["birth date"]
    assert not shown_dates(own, known)
    assert not shown_dates(text("23 Oct 2012", ""), known)


@pytest.mark.parametrize(
    "text",
    [
        "DOB 23.10.12",
        "born 10/23/12",
        "23-Oct-12",
        "Q u i l l f e a t h e r",
        "spelled Q-U-I-L-L-F-E-A-T-H-E-R",
        "MRN 4821\u20113397",
        "48\u201321\u201333\u201397",
    ],
)
def test_a_birth_date_of_two_digit_years_and_a_spelled_name_are_found_in_the_patients_own_report(text):
    """A page full of numbers has such dates by chance; a report that the patient's birthday stands in has it."""
    known = [
        Identifier(IdentifierKind.PATIENT_NAME, "QUILLFEATHER^JANE"),
        Identifier(IdentifierKind.PATIENT_ID, "48213397"),
        Identifier(IdentifierKind.BIRTH_DATE, "2012-10-23"),
    ]
    assert residual([f"The lungs are clear, {text}."], known)
    assert residual(["Nodules of 10, 23 and 11 mm. Grade 2-3, T12."], known) is None
