"""A release with ``cut = "sentences"``: no wording beside a name is published, and the account still holds."""

from __future__ import annotations

import re

import pytest
from scrubbed_release import check_that_all_is_released, make, redactions, texts

pytestmark = pytest.mark.xdist_group("sentences")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("sentences"), patients=12, cut="sentences")


def test_every_good_study_is_released_and_the_audit_finds_nothing(made):
    check_that_all_is_released(made)


def test_no_name_number_or_place_leaves_a_mark_of_its_own_within_a_sentence(made):
    folder, *_ = made
    found = texts(folder)
    marks = set(re.findall(r"\[[A-Z]+\]", "\n".join(found)))
    assert "[SENTENCE]" in marks
    assert marks <= {"[SENTENCE]", "[DATE]", "[TIME]", "[AGE]", "[UNKNOWN]"}


def test_findings_that_name_nobody_are_kept(made):
    folder, *_ = made
    found = texts(folder)
    kept = [text for text in found if len(re.sub(r"\[[A-Z]+\]", "", text).split()) > 5]
    assert len(kept) > len(found) / 3


def test_the_private_account_says_what_went_and_which_rule_began_it(made):
    folder, *_ = made
    whole = [row for row in redactions(folder) if row["kind"] == "SENTENCE"]
    assert whole
    assert all(row["rule"].startswith("sentence with: ") for row in whole)
    assert all(row["replacement"] == "[SENTENCE]" for row in whole)


def test_the_card_says_that_whole_sentences_went(made):
    folder, *_ = made
    card = (folder / "release/native/README.md").read_text()
    assert "[SENTENCE]" in card
