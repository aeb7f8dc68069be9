"""A release with ``cut = "sentences"``: no wording beside a name is published, and the account still holds."""

from __future__ import annotations

import re

import pyarrow.parquet as pq
import pytest

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import audit, build
from radrelease.testing import make_export, release_toml

pytestmark = pytest.mark.xdist_group("sentences")

TOML = """[release]
name = "t"
output = "release"
work = "work"

{sources}
[split]
valid = 2
test = 2
private_test = 2

[deidentification]
cut = "sentences"

[secret]
key_file = "key"
"""
SECTIONS = ("Indication", "Comparison", "Findings", "Impression")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sentences")
    gold = make_export(folder, patients=12, image_side=96)
    (folder / "key").write_text("0123456789abcdef" * 4)
    (folder / "key").chmod(0o600)
    (folder / "release.toml").write_text(TOML.format(sources=release_toml()))
    config = load_config(folder / "release.toml")
    return folder, gold, config, build(config, load_secret(config))


def published(folder):
    return [
        row[name] or ""
        for place in ("release", "private_test")
        for path in sorted((folder / place / "native/studies").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
        for name in SECTIONS
    ]


def test_every_good_study_is_released_and_the_audit_finds_nothing(made):
    _, gold, config, built = made
    assert built.findings == ()
    assert audit(config) == ()
    assert sum(size.studies for size in built.description.sizes) + built.private_studies == len(gold.studies)


def test_no_name_number_or_place_leaves_a_mark_of_its_own_within_a_sentence(made):
    folder, *_ = made
    texts = published(folder)
    marks = set(re.findall(r"\[[A-Z]+\]", "\n".join(texts)))
    assert "[SENTENCE]" in marks
    assert marks <= {"[SENTENCE]", "[DATE]", "[TIME]", "[AGE]", "[UNKNOWN]"}


def test_findings_that_name_nobody_are_kept(made):
    folder, *_ = made
    texts = published(folder)
    kept = [text for text in texts if len(re.sub(r"\[[A-Z]+\]", "", text).split()) > 5]
    assert len(kept) > len(texts) / 3


def test_the_private_account_says_what_went_and_which_rule_began_it(made):
    folder, *_ = made
    rows = pq.read_table(folder / "work/redactions.parquet").to_pylist()
    whole = [row for row in rows if row["kind"] == "SENTENCE"]
    assert whole
    assert all(row["rule"].startswith("sentence with: ") for row in whole)
    assert all(row["replacement"] == "[SENTENCE]" for row in whole)


def test_the_card_says_that_whole_sentences_went(made):
    folder, *_ = made
    card = (folder / "release/native/README.md").read_text()
    assert "[SENTENCE]" in card
