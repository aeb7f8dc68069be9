"""What is held in little memory is what was put in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.stages.knowledge.compact import AllOfKind, DigestMap, Either, NumberSet, PhraseMap, TextSet

texts = st.sets(st.text(alphabet=st.sampled_from("ab1\n\x00é\udc80 "), max_size=4))


@given(texts, texts)
def test_a_set_of_texts_holds_what_a_set_holds(held, asked):
    compact = TextSet()
    compact.update(held)
    compact.update(held)
    assert set(compact) == held
    assert (len(compact), compact.longest) == (len(held), max(map(len, held), default=0))
    assert {text for text in held | asked if text in compact} == held
    of_kind = AllOfKind(compact, "ID")
    assert dict(of_kind) == dict.fromkeys(held, "ID")
    assert [of_kind.get(text) for text in asked - held] == [None] * len(asked - held)
    both = Either(compact, asked)
    assert set(both) == held | asked


words = st.sampled_from(["a", "b", "ab", "12", "é"])


@given(st.lists(st.lists(words, min_size=1, max_size=3).map(tuple)))
def test_phrases_are_found_by_their_first_word_in_order_and_once(rows):
    compact = PhraseMap(lambda row: (row[1:], row[0]))
    compact.update(rows)
    for _ in range(2):
        assert dict(compact) == {
            first: tuple(sorted({(row[1:], first) for row in rows if row[0] == first}))
            for first in {row[0] for row in rows}
        }
    assert compact.get("none", ()) == ()
    assert "none" not in compact


def test_many_phrases_are_not_all_kept_taken_apart():
    compact = PhraseMap(tuple)
    compact.update((f"{first}", f"{second}") for first in range(300) for second in range(100))
    for _ in range(2):
        assert [len(compact[f"{first}"]) for first in range(300)] == [100] * 300


def test_a_set_of_numbers_grows_and_forgets_nothing():
    drawn = random.Random(1)
    numbers = (
        {drawn.getrandbits(64) | 1 for _ in range(5000)} | {1, 2**64 - 1} | {n << 40 for n in range(1, 999)}
    )
    compact = NumberSet()
    for number in (*numbers, *numbers):
        compact.add(number)
    assert all(number in compact for number in numbers)
    assert not any(number in compact for number in range(2, 999))


digests = st.one_of(
    st.binary(min_size=9, max_size=9), st.integers(0, 3).map(lambda last: bytes(8) + bytes([last]))
)


@given(st.lists(st.tuples(digests, st.binary(min_size=2, max_size=2))), st.lists(digests))
def test_rows_by_digest_are_what_a_mapping_holds(rows, asked):
    compact = DigestMap(9, 2)
    for digest, row in rows:
        compact[digest] = row
    held = dict(rows)
    assert list(compact.items()) == list(held.items())
    assert [compact.get(digest) for digest in (*held, *asked)] == [held.get(each) for each in (*held, *asked)]


def test_rows_by_digest_grow_and_are_of_one_length():
    compact = DigestMap(8, 4)
    for number in range(5000):
        compact[number.to_bytes(8)] = bytes(4)
        compact[number.to_bytes(8)] = number.to_bytes(4)
    assert len(compact) == 5000
    assert all(compact.get(number.to_bytes(8)) == number.to_bytes(4) for number in range(5000))
    assert compact.get((5000).to_bytes(8)) is None
    for digest, row in ((bytes(9), bytes(4)), (bytes(8), bytes(3))):
        with pytest.raises(ValueError, match="another length"):
            compact[digest] = row
