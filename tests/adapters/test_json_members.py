"""JSON objects read member by member, as they are read whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.adapters import json_members
from radrelease.adapters.json_members import read_members

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    st.dictionaries(st.text(max_size=4), values, max_size=4), st.sampled_from([None, 0, 2]), st.integers(1, 7)
)
def test_the_members_are_those_of_the_object(tmp_path_factory, whole, indent, at_once):
    path = tmp_path_factory.mktemp("json") / "x.json"
    path.write_text(json.dumps(whole, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_members, "_AT_ONCE", at_once)
        assert dict(read_members(path)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "1", "{", '{"a": 1', '{"a": 1,}', '{"a" 1}', "{1: 2}", '{"a": 1} x', '{"a": 1}\n\n{}', "{,}",
        '{"a": }', '{"a": 1 "b": 2}', '{"a": tru}', '{"a": 1}}', '\ufeff{"a": 1}', '{{"a": 1}}',
    ],
)  # fmt: skip
def test_what_is_no_object_is_an_error(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):  # noqa: PT011 - as of json.loads
        list(read_members(path))


def test_what_is_not_utf_8_is_an_error_and_a_name_that_is_given_twice_comes_twice(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ValueError):  # noqa: PT011 - as of json.loads
        list(read_members(path))
    path.write_text('{"a": 1, "a": 2}', encoding="utf-8")
    assert list(read_members(path)) == [("a", 1), ("a", 2)]
