"""What is taken from a named-entity model, and what a model of everyday English gets wrong."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_report import spans_of

from radrelease.records.entities import Entity
from radrelease.stages.scrub.layers import layer_of
from radrelease.stages.scrub.model_names import USED_LABELS
from radrelease.stages.text.spans import apply_spans
from radrelease.stages.text.windows import cut_windows
from radrelease.testing.reports import make_reports


def with_model(text, *parts, label="PERSON"):
    """Spans of the scrubber when a model takes ``parts`` of the text for entities."""
    entities = [Entity(text.index(part), text.index(part) + len(part), label) for part in parts]
    return spans_of(text, given_back=None, entities=entities)


def scrubbed(text, *parts, label="PERSON"):
    return apply_spans(text, with_model(text, *parts, label=label), placeholder="typed").text


def test_a_name_that_no_rule_knows_goes_and_layer_2_took_it():
    text = "Jolene Marsh was at the bedside."
    (span,) = with_model(text, "Jolene Marsh")
    assert (span.kind, span.rule, layer_of(span)) == ("NAME", "model: person", 2)
    assert text[span.start : span.end] == "Jolene Marsh"


@pytest.mark.parametrize("label", ["GPE", "LOC", "FAC"])
def test_places_go_as_places(label):
    assert scrubbed("Lives near Ashgrove Mill.", "Ashgrove Mill", label=label) == "Lives near [PLACE]."


@pytest.mark.parametrize("label", ["ORG", "DATE", "CARDINAL", "O"])
def test_other_entities_are_left_to_the_rules(label):
    assert with_model("Jolene Marsh was here.", "Jolene Marsh", label=label) == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Swan-Ganz catheter tip in the RPA.", "Swan-Ganz"),
        ("Pleural effusion.", "Pleural"),
        ("Cobb angle of 12 degrees.", "Cobb"),
        ("Compression of T12 and L1.", "T12 and L1"),
        ("Hill-Sachs deformity.", "Hill"),
        ("Kerley B lines.", "Kerley B"),
        ("Tube 3 cm above the carina.", "3 cm"),
    ],
)
def test_medicine_that_a_model_takes_for_a_name_stays(text, part):
    if part == "T12 and L1":
        assert scrubbed(text, "T12", "L1") == text
    else:
        assert scrubbed(text, part) == text


def test_an_eponym_that_is_no_term_where_it_stands_goes():
    assert scrubbed("Discharged; Cobb was told.", "Cobb") == "Discharged; [NAME] was told."


def test_a_piece_of_a_word_takes_the_word():
    assert scrubbed("Mother Annabelle present.", "Anna") == "Mother [NAME] present."


def test_a_heading_after_a_name_stays():
    text = "Read with Jolene Marsh\n\nCOMPARISON: None."
    assert scrubbed(text, "Jolene Marsh\n\nCOMPARISON").endswith("\n\nCOMPARISON: None.")


def test_a_heading_on_the_line_of_a_name_stays():
    text = "Read with J. Marsh. Comment: None."
    assert scrubbed(text, "J. Marsh. Comment") == "Read with [NAME]. Comment: None."


def test_a_name_over_two_lines_goes_whole():
    assert "Jolene" not in (left := scrubbed("Here is Jolene\nMarsh today.", "Jolene\nMarsh"))
    assert "Marsh" not in left


def test_entities_between_words_are_nothing():
    text = "Clear. -- Stable."
    assert scrubbed(text, " -- ") == text


def test_what_goes_without_a_model_goes_with_any_model_too():
    rng = random.Random(3)
    for report in make_reports("tuned", 150):
        places = sorted(rng.sample(range(len(report.text)), 16))
        labels = (rng.choice(sorted(USED_LABELS)) for _ in places[::2])
        entities = [Entity(*row) for row in zip(places[::2], places[1::2], labels, strict=True)]
        alone, helped = (spans_of(report.text, entities=seen) for seen in ((), entities))
        assert all(any(b.start <= a.start and a.end <= b.end for b in helped) for a in alone)


def words(text):
    import re

    return [found.span() for found in re.finditer(r"\S+", text)]


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(4, 30))
@settings(max_examples=200)
def test_windows_hold_every_token_and_never_too_many(text, size):
    tokens = words(text)
    windows = list(cut_windows(text, tokens, size))
    for start, end in tokens:
        assert any(first <= start and end <= last for first, last in windows)
    for first, last in windows:
        assert sum(first <= start and end <= last for start, end in tokens) <= size
    assert windows == sorted(set(windows))


def test_windows_end_before_sentences_and_overlap():
    text = " ".join(f"This is sentence {number} of many." for number in range(40))
    windows = list(cut_windows(text, words(text), 50))
    assert len(windows) > 4
    for (_, end), (start, _) in zip(windows, windows[1:], strict=False):
        assert text[end - 1] == "."
        assert start < end
        assert text[start : start + 4] == "This"


def test_a_short_text_is_one_window_and_an_empty_one_none():
    assert list(cut_windows("one two", words("one two"), 8)) == [(0, 7)]
    assert list(cut_windows("", [], 8)) == []
