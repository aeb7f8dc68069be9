"""A patient's initials that are an abbreviation of medicine too: gone where they name, kept where they tell."""

from __future__ import annotations

import one_report
import pytest

from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.scrub.sentence_cuts import Cut

NAMES = {"CT": "Tamsin^Clyde", "PA": "Abernethy^Phyllis", "PE": "Ekwueme^Philippa", "MS": "Szabo^Marguerite"}


def scrubbed(text, initials):
    family, given = NAMES[initials].split("^")
    name = f"{given}^{family}" if given[0] != initials[0] else f"{family}^{given}"
    terms = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, name)])
    assert initials.lower() in terms.initials
    return one_report.scrubbed(text, patient=terms, cut=Cut.ALONE)


@pytest.mark.parametrize("initials", NAMES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("D: 03/01/2019  T: 03/01/2019 ", "\n"),
        ("Typist: ", ""),
        ("FINDINGS: Clear.\nlabelled: ", "."),
        ("Quillfeather / ", " / March 5\nresults line"),
        ("Candidate Quillfeather, ", "; station Larkfield"),
        ("Please send ", " to the clinic upstairs."),
        ("He told ", " to come back."),
        ("INDICATION: ", " is a 45-year-old with cough."),
        ("Cough in ", ", who smokes."),
        ("", ", DOB unknown, has a cough."),
        ("Cadet ", ", reserve company, coughs."),
    ],
)
def test_initials_in_a_place_for_a_person_go(before, after, initials):
    for written in (initials, initials.title()):
        assert written not in scrubbed(f"{before}{written}{after}", initials)


@pytest.mark.parametrize(
    ("text", "initials"),
    [
        ("Views: PA.", "PA"),
        ("TECHNIQUE: PA, lateral.", "PA"),
        ("PA and lateral views of the chest.", "PA"),
        ("PA/lateral.", "PA"),
        ("COMPARISON: CT.", "CT"),
        ("No acute PE, no effusion.", "PE"),
        ("A chest CT, done elsewhere, was clear.", "CT"),
        ("Prior CT, PA, and lateral, all clear.", "PA"),
        ("Evaluate for PE, please.", "PE"),
        ("History of MS, stable.", "MS"),
        ("Seen on CT, reserve beds full.", "CT"),
    ],
)
def test_the_abbreviation_stays_where_it_is_one(text, initials):
    assert scrubbed(text, initials) == text


def test_what_goes_before_views_is_no_word_for_people():
    rules = load_name_rules()
    assert not rules.before_views & rules.before_people
