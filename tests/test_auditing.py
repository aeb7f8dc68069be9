"""What the audit need not search again within one release."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from radrelease.adapters.rendering import templates
from radrelease.records.exhibits import Exhibit
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.searching import searched_as
from radrelease.stages.audit.search import search, shown_dates
from radrelease.stages.audit.words import find_unlisted
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary
from radrelease.stages.release.tables import Chart

K = IdentifierKind
VOCABULARY = build_vocabulary(
    [
        ("ONE", [Identifier(K.PATIENT_NAME, "Papadakis^Rose"), Identifier(K.BIRTH_DATE, "1950-03-04")]),
        ("TWO", [Identifier(K.PATIENT_NAME, "Zygmunt^Ann"), Identifier(K.PATIENT_ID, "4412")]),
        ("THREE", [Identifier(K.BIRTH_DATE, "1950-04-03"), Identifier(K.PATIENT_ID, "99887766")]),
    ]
)
WORDS = [
    "papadakis",
    "rose",
    "Zygmunt",
    "ann",
    "4412",
    "1950",
    "3",
    "4",
    "March",
    "⁴",
    "99887766",
    "clear",
    "é",
]

texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
exhibits = st.builds(
    Exhibit, st.just("p"), st.just("q"), texts, st.sampled_from(["", "ONE", "TWO", "THREE"]), st.booleans()
)


def found(exhibit):
    rows = [*search([exhibit], VOCABULARY), *find_unlisted([exhibit], frozenset())]
    return [(row.check, row.detail) for row in rows], shown_dates(exhibit, VOCABULARY)


@settings(max_examples=300)
@given(exhibits, st.sampled_from(["", "ONE", "TWO", "THREE"]), st.booleans())
def test_what_counts_as_searched_would_give_the_same(exhibit, patient_id, free_text):
    other = replace(exhibit, path="r", place="s", patient_id=patient_id, free_text=free_text)
    assume(searched_as(exhibit, public=True) == searched_as(other, public=True))
    assert found(other) == found(exhibit)


def test_the_same_words_are_searched_again_in_the_report_of_another_and_in_another_place():
    report = Exhibit("p", "q", "Seen by Papadakis.", "TWO", free_text=True)
    others = [
        replace(report, patient_id="ONE"),
        replace(report, free_text=False),
        replace(report, text="Papadakis."),
    ]
    keys = {searched_as(each, public=True) for each in (report, *others)} | {
        searched_as(report, public=False)
    }
    assert len(keys) == 5
    assert ("part of the patient's name", "papadakis") not in found(report)[0]
    assert ("part of the patient's name", "papadakis") in found(others[0])[0]


def test_a_label_and_a_count_of_a_figure_are_nobodys_birthday():
    chart = Chart(
        name="words", title="Words in Comparison", unit="studies", bars=(("1-5", 1991), ("6-10", 662))
    )
    figure = str(templates(escaped=True).get_template("charts.j2").module.bars(chart))
    born = build_vocabulary([("ONE", [Identifier(K.BIRTH_DATE, "1991-05-01")])])
    assert not list(search([Exhibit("figures/words.svg", "line 1", figure)], born))
    assert list(search([Exhibit("figures/words.svg", "line 1", "1-5 1991")], born))
