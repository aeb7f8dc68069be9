"""The lists of ``scrub_words.toml``: each has a field of its own, and none is forgotten."""

from __future__ import annotations

import dataclasses

import pytest

from radrelease.profiles import word_lists
from radrelease.profiles.data_files import read_profile
from radrelease.profiles.word_lists import NameRules, load_name_rules

TABLES = ("names", "institutions", "places", "numbers")
DERIVED = {"stops_of_names"}
READ_INTO_OTHERS = {"marks_of_people"}


def with_names(**lists):
    """What the file would say with these lists of names, without those that are None."""
    document = read_profile("scrub_words.toml")
    names = {name: row for name, row in (document["names"] | lists).items() if row is not None}
    return {**document, "names": names}


def loaded_from(document, monkeypatch):
    monkeypatch.setattr(word_lists, "read_profile", lambda name: document)
    return load_name_rules.__wrapped__()


def test_every_list_has_a_field_of_its_own():
    rows = sum(len(read_profile("scrub_words.toml")[table]) for table in TABLES)
    assert rows - len(READ_INTO_OTHERS) == len(dataclasses.fields(NameRules)) - len(DERIVED)


def test_each_list_is_read_as_its_field_says():
    rules = load_name_rules()
    assert ("medical", "center") in rules.institution_heads
    assert "dr" in rules.titles
    assert "hospital" in rules.stops
    assert "hospital" not in rules.stops_of_names


@pytest.mark.parametrize(("lists", "error"), [({"titles": None}, TypeError), ({"titels": ["dr"]}, KeyError)])
def test_a_list_that_is_missing_or_that_nobody_knows_is_refused(lists, error, monkeypatch):
    name = next(iter(lists))
    with pytest.raises(error, match=name):
        loaded_from(with_names(**lists), monkeypatch)
