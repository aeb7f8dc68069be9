"""Where case tells names from words, and where a report's hand has none to tell them by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.stages.scrub.reading import read
from radrelease.stages.text.letter_case import Case, in_capitals, lines_of_case


def cases(text):
    reading = read(text)
    return [reading.case[index] for index in range(len(reading.words))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The heart is normal in size.", Case.TELLS),
        ("THE HEART IS NORMAL IN SIZE.", Case.SHOUTED),
        ("pt from mercy hosp with cough", Case.SMALL),
        ("sob, CHF and COPD known since then", Case.SMALL),
        ("A frobnicated lobe is seen today", Case.TELLS),
        ("no change", Case.TELLS),
    ],
)
def test_a_line_is_of_one_case(text, expected):
    assert set(cases(text)) == {expected}


def test_lines_are_told_one_by_one_and_a_label_says_nothing_of_its_line():
    text = "Clinical: pt from mercy hosp with cough\nThe lungs are clear.\nCOPY SENT TO THE WARD TODAY"
    assert cases(text) == [Case.TELLS] + [Case.SMALL] * 6 + [Case.TELLS] * 4 + [Case.SHOUTED] * 6


def test_a_full_line_goes_on_as_it_began():
    text = "The heart is normal in size and the lungs are clear of any\nconsolidation or effusion today"
    assert set(cases(text)) == {Case.TELLS}


@given(st.text(max_size=80))
def test_every_letter_stays_in_its_place(text):
    raised = in_capitals(text, lines_of_case(text))
    assert len(raised) == len(text)
    assert len(read(text).text) == len(text)
    assert read(text).text == raised or not text.isascii()  # blanks and dashes of a word processor are plain
    assert all(sign == other or sign.upper() == other for sign, other in zip(text, raised, strict=True))
