"""A name that a report gives away once is taken out wherever the report uses it."""

import one_report
import pytest


def scrubbed(text):
    return one_report.scrubbed(text, placeholder="typed")


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Dr. Case was called. Case will admit.", "Dr. [NAME] was called. [NAME] will admit."),
        ("Paged Hunter (ortho). Hunter will scope.", "Paged [NAME] (ortho). [NAME] will scope."),
        ("Read by Pat Short, MD. Short agrees.", "Read by [NAME], MD. [NAME] agrees."),
        ("Dr. Stone was in OR; stone called back.", "Dr. [NAME] was in OR; [NAME] called back."),
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
