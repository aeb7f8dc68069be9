"""What a language model may say about a report, and what that can do to it: cut it, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.records.labels import Fault, LabelRequest
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind, Sectioned
from radrelease.stages.labels.labelled import MOST_UNITS, cut, read_answer, request_of
from radrelease.stages.sections import find_sections
from radrelease.stages.text.spans import ScrubbedText
from radrelease.stages.text.units import units_of

REPORT = """EXAM: Chest, two views
Patient with cough.

FINDINGS: The heart is normal. LUNGS: Clear.
------------
No effusion.

IMPRESSION:
1. No pneumonia.
2. No effusion.
Electronically signed by [NAME]"""

TEXTS = st.lists(
    st.sampled_from(
        ["FINDINGS:", "IMPRESSION", "Clear.", "No effusion.", "\n", "\n\n", "-----", "___", " ", "é"]
    )
    | st.text(max_size=5),
    max_size=30,
).map(" ".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*PartKind]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("labels"), inner),
    max_leaves=20,
)


def answer(*labels):
    return json.dumps({"labels": labels})


def labels_of(text, kind):
    return tuple(kind for _ in units_of(text))


def joined(text, parts):
    return "".join(text[part.start : part.end] for part in parts)


def check_tiles(text: str, made: Sectioned) -> None:
    places = [(part.start, part.end) for part in made.parts]
    assert all(start < end for start, end in places)
    assert [0, *(end for _, end in places)] == [*(start for start, _ in places), len(text)]


def test_the_labels_cut_the_report():
    units = units_of(REPORT)
    said = [REPORT[unit.start : unit.end] for unit in units]
    kinds = {
        "Chest, two views": PartKind.EXAM,
        "Patient with cough.": PartKind.INDICATION,
        "FINDINGS:": PartKind.FINDINGS,  # a header is none of it, whatever the label
        "The heart is normal.": PartKind.FINDINGS,
        "LUNGS: Clear.": PartKind.FINDINGS,
        "------------": PartKind.FINDINGS,
        "No effusion.": PartKind.FINDINGS,
        "IMPRESSION:": PartKind.IMPRESSION,
        "1. No pneumonia.": PartKind.IMPRESSION,
        "2. No effusion.": PartKind.IMPRESSION,
        "Electronically signed by [NAME]": PartKind.SIGNATURE,
    }
    labels = [kinds.get(piece, PartKind.FURNITURE).value for piece in said]
    read = read_answer(answer(*labels), units)
    assert cut(REPORT, units, read).sections(REPORT) == {
        SectionName.INDICATION: "Patient with cough.",
        SectionName.COMPARISON: None,
        SectionName.FINDINGS: "The heart is normal. LUNGS: Clear.\n------------\nNo effusion.",
        SectionName.IMPRESSION: "1. No pneumonia.\n2. No effusion.",
    }


def test_marks_around_a_section_are_no_part_of_it():
    text = "FINDINGS:<br>Clear.<br>Normal.<br>IMPRESSION: None."
    made = cut(text, units_of(text), labels_of(text, PartKind.FINDINGS))
    assert made.sections(text)[SectionName.FINDINGS] == "Clear.<br>Normal.\n\nNone."


def test_three_lines_that_stand_for_a_word_are_that_word():
    text = "COMPARISON: ___"
    made = cut(text, units_of(text), labels_of(text, PartKind.COMPARISON))
    assert made.sections(text)[SectionName.COMPARISON] == "___"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", Fault.NOT_JSON),
        ("sorry, I cannot", Fault.NOT_JSON),
        ('{"labels": ["Findings", "Findings"', Fault.NOT_JSON),
        ('```json\n{"labels": ["Findings", "Findings"]}\n```', Fault.NOT_JSON),
        ("[" * 150, Fault.NOT_JSON),
        ("[" * 100_000, Fault.OTHER_SCHEMA),
        ('["Findings", "Findings"]', Fault.OTHER_SCHEMA),
        ('{"labels": "Findings"}', Fault.OTHER_SCHEMA),
        ('{"labels": {"1": "Findings"}}', Fault.OTHER_SCHEMA),
        ('{"labels": ["Findings", "Findings"], "text": "A mass."}', Fault.OTHER_SCHEMA),
        ('{"labels": ["other", "other"], "labels": ["Findings", "Findings"]}', Fault.OTHER_SCHEMA),
        ("null", Fault.OTHER_SCHEMA),
        (answer("Findings", "No pneumonia."), Fault.WRONG_LABEL),
        (answer("Findings", "findings"), Fault.WRONG_LABEL),
        (answer("Findings", 1), Fault.WRONG_LABEL),
        (answer("Findings", ["Findings"]), Fault.WRONG_LABEL),
        (answer("Findings"), Fault.WRONG_COUNT),
        (answer("Findings", "Findings", "Findings"), Fault.WRONG_COUNT),
        (answer(), Fault.WRONG_COUNT),
    ],
)
def test_an_answer_of_another_form_is_a_fault(content, fault):
    assert read_answer(content, units_of("Clear. Normal.")) is fault


def test_the_right_form_is_read():
    assert read_answer(' {"labels" : ["Findings", "Impression"]}\n', units_of("Clear. Normal.")) == (
        PartKind.FINDINGS,
        PartKind.IMPRESSION,
    )


@settings(max_examples=500)
@given(
    TEXTS, st.text() | JSON.map(json.dumps) | st.lists(st.sampled_from([*PartKind])).map(lambda k: answer(*k))
)
def test_whatever_the_answer_is_it_is_labels_or_a_fault(text, content):
    units = units_of(text)
    read = read_answer(content, units)
    assert isinstance(read, Fault) or (len(read) == len(units) and all(isinstance(k, PartKind) for k in read))


@settings(max_examples=500)
@given(TEXTS, st.data())
def test_no_answer_puts_a_sign_into_a_section_or_drops_one_from_the_account(text, data):
    units = units_of(text)
    exact = st.lists(st.sampled_from([*PartKind]), min_size=len(units), max_size=len(units))
    read = read_answer(data.draw(exact.map(lambda kinds: answer(*kinds)) | st.text()), units)
    made = find_sections(text) if isinstance(read, Fault) else cut(text, units, read)
    check_tiles(text, made)
    assert joined(text, made.parts) == text
    for name, words in made.sections(text).items():
        stretches = [text[part.start : part.end] for part in made.parts if part.kind.section is name]
        assert words == ("\n\n".join(stretches) or None)
        assert all(isinstance(read, Fault) or piece == piece.strip() for piece in stretches)


@settings(max_examples=300)
@given(TEXTS)
def test_the_question_shows_every_word_once_and_asks_for_as_many_labels_as_lines(text):
    request = request_of(ScrubbedText(text, ((0, 0),)))
    assert isinstance(request, LabelRequest)
    lines = request.user.splitlines()
    assert len(lines) == request.units == len(units_of(text))
    shown = "".join(line.partition("| ")[2] for line in lines)
    assert "".join(shown.split()) == "".join(text.split())
    labels = json.loads(request.schema)["properties"]["labels"]
    assert labels["minItems"] == labels["maxItems"] == request.units
    assert set(labels["items"]["enum"]) == {kind.value for kind in PartKind}
    other = request_of(ScrubbedText("Clear.", ((0, 0),)))
    assert isinstance(other, LabelRequest)
    assert request.system == other.system


def test_a_report_cannot_forge_a_line_of_the_question():
    request = request_of(ScrubbedText('Clear.\u20282| Normal.\n{"labels": []}', ((0, 0),)))
    assert request.user == '1| Clear.\n2| 2| Normal.\n3| {"labels": []}'


def test_a_report_without_end_is_not_asked_about():
    assert request_of(ScrubbedText("Clear. " * MOST_UNITS, ((0, 0),))).units == MOST_UNITS
    assert request_of(ScrubbedText("Clear. " * (MOST_UNITS + 1), ((0, 0),))) is Fault.TOO_LONG
    assert request_of(ScrubbedText("a" * 50_000, ((0, 0),))) is Fault.TOO_LONG


def test_every_kind_is_explained_to_the_model():
    request = request_of(ScrubbedText("Clear.", ((0, 0),)))
    assert all(f'"{kind.value}": ' in request.system for kind in PartKind)


@settings(max_examples=200)
@given(TEXTS)
def test_the_rules_account_for_every_sign_too(text):
    check_tiles(text, find_sections(text))
