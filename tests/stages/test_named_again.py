"""A name that a report gives away once is taken out wherever the report uses it."""

from datetime import date

import pytest

from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.text.spans import apply_spans

NOBODY, EXPORT = compile_patient(()), compile_export(())
DATES = DateRules(shift_days=-100, study_date=date(2020, 5, 1), order="mdy")


def scrubbed(text):
    spans = scrub(text, patient=NOBODY, export=EXPORT, dates=DATES)
    return apply_spans(text, spans, placeholder="typed").text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Dr. Case was called. Case will admit.", "Dr. [NAME] was called. [NAME] will admit."),
        ("Paged Hunter (ortho). Hunter will scope.", "Paged [NAME] (ortho). [NAME] will scope."),
        ("Read by Pat Short, MD. Short agrees.", "Read by [NAME], MD. [NAME] agrees."),
        ("DR. WELLS SAW HER. WELLS AGREES. LUNGS CLEAR.", "[SENTENCE] [SENTENCE] LUNGS CLEAR."),
        (
            "Spoke with Dr. Hand. Seen with Hand at the desk.",
            "Spoke with Dr. [NAME]. Seen with [NAME] at the desk.",
        ),
    ],
)
def test_a_name_that_is_a_word_goes_where_it_stands_again(text, published):
    assert scrubbed(text) == published


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Dr. Case was called. In this case, no change.", "Dr. [NAME] was called. In this case, no change."),
        ("Seen by Dr. Short. Short segment stenosis.", "Seen by Dr. [NAME]. Short segment stenosis."),
        ("Told Dr. Hand. Right hand overlies the base.", "Told Dr. [NAME]. Right hand overlies the base."),
        ("Per Dr. XXXX. Compared to XXXX, clear.", "Per Dr. [NAME]. Compared to XXXX, clear."),
        ("Dr. May was told. May represent scar.", "Dr. [NAME] was told. May represent scar."),
    ],
)  # fmt: skip
def test_the_same_word_stays_where_it_is_a_word(text, published):
    assert scrubbed(text) == published
