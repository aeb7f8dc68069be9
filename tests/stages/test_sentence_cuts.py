"""What stands beside a name goes with it where that is asked for, or where case shows no names."""

from __future__ import annotations

import one_report
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.stages.scrub.reading import read
from radrelease.stages.scrub.sentence_cuts import SENTENCE, Cut, with_sentences
from radrelease.stages.text.spans import Span
from radrelease.testing.reports import make_reports


def spans_of(text, cut=Cut.SENTENCES):
    return one_report.spans_of(text, cut=cut)


def scrubbed(text, cut=Cut.SENTENCES):
    return one_report.scrubbed(text, cut=cut, placeholder="typed")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Lungs are clear. Discussed with Dr. Roe of Acme Tool and Die by phone. No effusion.",
            "Lungs are clear. [SENTENCE] No effusion.",
        ),
        (
            "COMPARISON: Films from Mercy Hospital.\nFINDINGS: Clear.",
            "COMPARISON: [SENTENCE]\nFINDINGS: Clear.",
        ),
        (
            "FINDINGS: The tube that was put in yesterday in the outside hospital by\n"
            "Dr. Roe is in good position. Lungs clear.",
            "FINDINGS: [SENTENCE] Lungs clear.",
        ),
        ("- Lungs clear\n- Dr. Roe informed\n- Heart normal", "- Lungs clear\n[SENTENCE]\n- Heart normal"),
        ("Seen by Dr. Roe on 3/1/2019. Stable since 3/1/2019.", "[SENTENCE] Stable since 3/18/2019."),
        ("Since 3/1/2019 Mercy Hospital has the films. Clear.", "[SENTENCE] Clear."),
    ],
)
def test_the_sentence_goes_with_the_name(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A 94 year old with atelectassis since 3/1/2019 at 3 pm.",
        "Swan-Ganz tip in the right pulmonary artery. Kerley B lines. No pneumothorax.",
    ],
)
def test_dates_ages_and_typing_errors_take_no_sentence_along(text):
    assert spans_of(text) == spans_of(text, Cut.ALONE)


def test_a_name_in_a_header_goes_alone():
    text = "FINDINGS:\nLungs are clear."
    spans = (Span(start=0, end=8, kind="NAME", rule="known of the patient"),)
    assert with_sentences(text, read(text), frozenset(), spans, Cut.SENTENCES) == spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "HEART NORMAL. SEEN BY DR. ROE AT MERCY HOSPITAL. NO EFFUSION.",
            "HEART NORMAL. [SENTENCE] NO EFFUSION.",
        ),
        (
            "heart normal. seen by dr. roe at mercy hospital. no effusion.",
            "heart normal. [SENTENCE] no effusion.",
        ),
        (
            "HISTORY: pt from mercy hosp, cough\nThe lungs are clear. Dr. Roe was told.",
            "HISTORY: pt from [INSTITUTION], cough\nThe lungs are clear. Dr. [NAME] was told.",
        ),
        ("AS ON 3/1/2019 NO EFFUSION IS SEEN.", "AS ON 3/18/2019 NO EFFUSION IS SEEN."),
    ],
)
def test_where_case_shows_no_names_the_sentence_always_goes(text, expected):
    assert scrubbed(text, Cut.WORDS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LARGE PLEURAL EFFUSION (DR. ROE OF ELM TOLD).", "LARGE PLEURAL EFFUSION [SENTENCE]"),
        (
            "COUGH AND PNEUMONIA FOR 5 DAYS, FROM DR. ROE'S OFFICE, NURSE SOCORRO IN CHARGE.",
            "COUGH AND PNEUMONIA FOR 5 DAYS, [SENTENCE]",
        ),
        ("BILATERAL EFFUSIONS DRAINED AT SHADY OAKS MANOR HOUSE.", "BILATERAL EFFUSIONS DRAINED [SENTENCE]"),
        ("SEEN BY DR. ROE OF ELM WITH PLEURAL EFFUSION.", "[SENTENCE] WITH PLEURAL EFFUSION."),
        ("KERLEY B LINES, PER DR. ROE.", "KERLEY B LINES, [SENTENCE]"),
        ("pleural effusion, per dr. roe of elm street.", "pleural effusion, [SENTENCE]"),
    ],
)
def test_a_clause_of_nothing_but_medicine_stays(text, expected):
    assert scrubbed(text, Cut.WORDS) == expected
    assert scrubbed(text, Cut.SENTENCES) == "[SENTENCE]"


@pytest.mark.parametrize(
    "text",
    [
        "SEEN BY DR. ROE, GRACE, AND STONE.",  # addressees
        "FOLLOWED AT HARVEST HOME, SEEN BY DR. ROE.",  # no word that only medicine has
        "PNEUMONIA AND HARVEST HOME, SEEN BY DR. ROE.",  # a word that places are called by
        "PNEUMONIA, AS DR. ROE SAYS, IS NOT SEEN.",  # without what denies it
        "DR. ROE DENIES A PATIENT WITH PNEUMONIA.",
    ],
)
def test_a_clause_that_may_name_somebody_or_is_denied_goes_with_its_sentence(text):
    assert scrubbed(text, Cut.WORDS) == "[SENTENCE]"


def test_whatever_goes_word_by_word_goes_with_sentences_too_and_the_cuts_are_apart():
    for report in make_reports("tuned", 300):
        words = spans_of(report.text, Cut.ALONE)
        cuts = spans_of(report.text)
        covered = {place for cut in cuts for place in range(cut.start, cut.end)}
        assert covered.issuperset(place for span in words for place in range(span.start, span.end))
        assert all(first.end <= second.start for first, second in zip(cuts, cuts[1:], strict=False))
        assert all(not cut.replacement for cut in cuts if cut.kind == SENTENCE)


@settings(max_examples=200)
@given(st.text(alphabet="ab .\n:-AB", max_size=60), st.data())
def test_any_text_and_spans_give_cuts_that_hold_the_spans(text, data):
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    kinds = st.sampled_from(["NAME", "DATE", "UNKNOWN"])
    spans = tuple(
        Span(start=start, end=end, kind=data.draw(kinds), rule="r")
        for start, end in zip(places[::2], places[1::2], strict=False)
    )
    cuts = with_sentences(text, read(text), frozenset(), spans, Cut.SENTENCES)
    for span in spans:
        assert any(cut.start <= span.start and span.end <= cut.end for cut in cuts)
    assert all(first.end <= second.start for first, second in zip(cuts, cuts[1:], strict=False))
