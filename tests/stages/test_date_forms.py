"""Each form of a date finds its examples, and no other form finds them before it; it leaves its traps."""

from __future__ import annotations

import pytest
from one_report import moving_dates

from radrelease.profiles.data_files import read_profile
from radrelease.profiles.date_forms import MONTH_FIRST, load_date_forms
from radrelease.profiles.pattern_pieces import assembler
from radrelease.stages.scrub.dates import find_dates
from radrelease.stages.scrub.reading import read

RULES = moving_dates()
FORMS = load_date_forms()
ALL = {form.name: form for table in (FORMS.whole, FORMS.parts) for forms in table.values() for form in forms}


def found_by(form, text):
    """Where the form finds something in the text."""
    reading = read(text)
    for index, start in enumerate(reading.starts):
        sign = reading.after_digits(index) if reading.text[start].isdigit() else MONTH_FIRST
        found = form.expression.match(reading.text, start) if sign in form.begins else None
        if found is not None:
            yield found.span()


@pytest.mark.parametrize("form", ALL.values(), ids=ALL)
def test_each_form_finds_its_examples_and_leaves_its_traps(form):
    for text in form.examples:
        assert list(found_by(form, text)), text
    for text in form.traps:
        assert not list(found_by(form, text)), text


@pytest.mark.parametrize("form", ALL.values(), ids=ALL)
def test_what_a_form_finds_is_found_in_a_report(form):
    for text in form.examples:
        place = next(found_by(form, text))
        spans = {(span.start, span.end): span for span in find_dates(read(text), RULES)}
        assert place in spans, text
        assert spans[place].rule == (form.rule or "date moved"), text


def test_names_tell_forms_apart():
    document = read_profile("date_forms.toml")
    assert len(ALL) == len(document["whole"]) + len(document["part"])


def test_a_piece_that_is_not_there_is_refused():
    assemble = assembler({"day": r"\d\d?", "span": "{day}-{day}"})
    assert assemble("on {span}") == r"on \d\d?-\d\d?"
    with pytest.raises(KeyError, match="month"):
        assemble("{month}")
