"""What [card] accepts, and what it says where it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from radrelease.adapters.card import licence_of, stated_texts
from radrelease.adapters.config_file import load_config
from radrelease.adapters.versions import add_version, read_versions
from radrelease.config.card import Card
from radrelease.errors import ConfigError
from radrelease.stages.release.changes import changes_of

TOML = """[release]
name = "t"
output = "release"
work = "work"

[[source]]
name = "a"
dicom = "d"
reports = "r"

[secret]
key_env = "KEY"

[card]
{card}
"""


def load(tmp_path, card):
    (tmp_path / "release.toml").write_text(TOML.format(card=card), encoding="utf-8")
    return load_config(tmp_path / "release.toml").card


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ('authors = [{ name = "Roe, Jane", orcid = "12" }]', r":15 \[card\] authors"),
        ('authors = [{ name = "" }]', r"\[card\] authors"),
        ('autors = "x"', "Did you mean authors"),
        ('doi = "https://doi.org/10.1/x"', r":15 \[card\] doi"),
        ('url = "ftp://x"', r"\[card\] url"),
        ('released = "soon"', r"\[card\] released"),
        ('license = "CC BY"', r"\[card\] license"),
        ('license = "cc-by-4.0"\nlicense_file = "x"', "has its own text"),
        ('gated_fields = ["Name", "Name"]', "given twice"),
        ('contact = "two\\nlines"', r"\[card\] contact"),
    ],
)
def test_a_slip_in_the_card_is_one_message_with_its_line(card, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, card)


def test_own_terms_are_copied_and_a_file_that_cannot_be_read_is_told(tmp_path):
    card = load(tmp_path, 'license_file = "TERMS"')
    with pytest.raises(ConfigError, match="license_file: is no text that can be read"):
        licence_of(card)
    (tmp_path / "TERMS").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="license_file"):
        licence_of(card)
    (tmp_path / "TERMS").write_text("Do no harm.\n")
    assert licence_of(card) == "Do no harm.\n"


def test_a_licence_with_a_name_says_where_its_text_is():
    assert licence_of(Card(license="cc-by-4.0")) == "cc-by-4.0\nhttps://spdx.org/licenses/CC-BY-4.0.html\n"
    assert licence_of(Card(license="mit")) == "mit\n"
    assert licence_of(Card(license_link="https://example.org/terms")) == "https://example.org/terms\n"
    assert "all rights are reserved" in licence_of(Card())


def test_a_text_is_known_in_each_way_that_it_is_written():
    texts = stated_texts(Card(description='Saint Mary\'s & "others"\nline two'), "name")
    for form in (
        "Saint Mary&#39;s &amp;",
        "Saint Mary\\u0027s \\u0026",
        'Saint Mary\'s & \\"others\\"',
        "line two",
    ):
        assert any(form in text for text in texts), form
    assert list(texts) == sorted(texts, key=len, reverse=True)


def test_versions_are_compared_with_the_one_before_and_small_numbers_are_not_told(tmp_path):
    assert changes_of(read_versions(tmp_path), "1.0", frozenset("abc"), 5) is None
    add_version(tmp_path, "1.0", frozenset("abc"))
    assert changes_of(read_versions(tmp_path), "1.0", frozenset("abcd"), 5) is None, "the same one again"
    add_version(tmp_path, "1.1", frozenset("bcdefghi"))
    add_version(tmp_path, "1.0", frozenset("abc"))
    for version, studies in (("1.1", "bcdefghi"), ("1.1", "bcdefgh")):
        changes = changes_of(read_versions(tmp_path), version, frozenset(studies), 5)
        assert (changes.since, changes.added, changes.removed) == (
            "1.0",
            str(len(studies) - 2),
            "fewer than 5",
        )


def test_the_settings_that_the_guide_shows_are_accepted(tmp_path):
    guide = (Path(__file__).parents[1] / "docs/guides/describing.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```toml\n\[card\]\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    card = load(tmp_path, shown)
    person, hospital = card.authors
    assert (person.family, person.given) == ("Roe", "Jane")
    assert (hospital.family, hospital.given) == ("", "")
    assert str(card.released) == "2026-11-29"
