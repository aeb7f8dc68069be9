"""Reports as numbered headers, sentences and lines."""

from __future__ import annotations

import gc
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.stages.text.units import units_of

REPORTISH = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "FINDINGS:",
                "Impression",
                "INDICATION -",
                "1.",
                "2)",
                "Dr.",
                "e.g.",
                "3.5",
                "vs.",
                "J.",
                "None.",
                "The lungs are clear.",
                "\n",
                "\r\n",
                "\n\n",
                " ",
                "\t",
                "**",
                "____",
                "\u2028",
                "?",
                "...",
                '"',
                ":",
                "Technique:",
                "\x0b",
                "\x1c",
                "é",
                "🙂",
                "�",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=40,
).map(" ".join) | st.text(max_size=120)


def pieces(text):
    return [text[unit.start : unit.end] for unit in units_of(text)]


def headers(text):
    return [text[unit.start : unit.end] for unit in units_of(text) if unit.header]


def test_a_header_on_the_line_of_its_text_is_a_unit_of_its_own():
    assert pieces("INDICATION: Chest pain. COMPARISON: None. FINDINGS: Clear.") == [
        "INDICATION:", "Chest pain.", "COMPARISON:", "None.", "FINDINGS:", "Clear."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("IMPRESSION: Clear.", "IMPRESSION:"),
        ("**Clinical History:** cough", "**Clinical History:**"),
        ("1) REASON FOR STUDY: cough", "1) REASON FOR STUDY:"),
        ("Conclusion - stable", "Conclusion -"),
        ("IMPRESSION No acute disease.", "IMPRESSION"),
        ("  FINDINGS  \nClear.", "FINDINGS"),
        ("=== Impression ===\nClear.", "=== Impression ==="),
        ("findings :  Clear.", "findings :"),
        ("COMPARISON: ___", "COMPARISON:"),
        ("__Findings__:\nClear.", "__Findings__:"),
    ],
)
def test_headers_as_sites_write_them(text, header):
    assert headers(text) == [header]


@pytest.mark.parametrize(
    "text",
    ["LUNGS: Clear.", "no change since\ncomparison.", "Findings are stable.",
     "10:30", ":::", "A small impression is seen - stable"],
)  # fmt: skip
def test_what_only_looks_like_a_header_is_none(text):
    assert headers(text) == []


@pytest.mark.parametrize(
    "sentence",
    ["Heart is 3.5 cm vs. 3.1 cm.", "Seen by Dr. J. Smith.", "Told at 5 p.m. by phone.", "1. No pneumonia.",
     "(2). No effusion.", "Tube No. 5 in place.", "Approx. 2 cm.", "See e.g. the apex...", "iv. Stable."],
)  # fmt: skip
def test_stops_that_end_no_sentence(sentence):
    assert pieces(f"{sentence} The rest is clear.") == [sentence, "The rest is clear."]


def test_a_mark_that_breaks_a_line_ends_a_unit():
    assert pieces("FINDINGS:<br>Clear.<br>Normal\\.br\\IMPRESSION: None.") == [
        "FINDINGS:", "<br>", "Clear.<br>", "Normal\\.br\\", "IMPRESSION:", "None."
    ]  # fmt: skip


def test_sentences_without_capitals_and_lists_on_one_line():
    assert pieces("lungs are clear. heart is normal. 1. Stable. 2. Clear?") == [
        "lungs are clear.", "heart is normal.", "1. Stable.", "2. Clear?"
    ]  # fmt: skip


@settings(max_examples=500)
@given(REPORTISH)
def test_every_sign_is_in_exactly_one_unit(text):
    units = units_of(text)
    assert all(a.end <= b.start for a, b in zip(units, units[1:], strict=False))
    inside = [index for unit in units for index in range(unit.start, unit.end)]
    assert len(set(inside)) == len(inside)
    assert {index for index, sign in enumerate(text) if not sign.isspace()} <= set(inside)
    for unit in units:
        piece = text[unit.start : unit.end]
        assert piece == piece.strip()
        assert piece
        assert unit.header or not re.search(r"[\n\r]", piece)


HOSTILE = ["." , ". ", "a.", ":", "a: ", "_", "A ", "AB ", "FINDINGS ", "a a a a a a a: ", "1. ", "\n", "IMPRESSION:",
           "IMPRESSION: ", "-", ".'", "* ", "Dr. ", "(1", "! ", " ", "a\u2028", "[.!?] "]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_is_linear_in_a_hostile_line(piece):
    def seconds(size):
        text = piece * (size // len(piece))
        gc.disable()  # which looks through all that other tests have left
        begun = time.process_time()
        units_of(text)
        spent = time.process_time() - begun
        gc.enable()
        return spent

    units_of(piece)
    short, long = min(seconds(20_000) for _ in range(3)), min(seconds(160_000) for _ in range(3))
    assert long < max(0.05, 20 * short)  # eight times the text; 64 times were a square
