"""Records come back from a table as they went in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.adapters.arrow_records import arrow_schema, from_batch, to_table
from radrelease.adapters.parquet import read_records, write_groups


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    side: Side
    day: date | None
    names: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    name: str
    notes: Mapping[str, str]
    leaves: tuple[Leaf, ...]
    first: Leaf
    side: Side | None
    number: int | None
    share: float
    sure: bool | None
    seen: datetime
    data: bytes = b""


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
LEAVES = st.builds(
    Leaf,
    side=st.sampled_from(Side),
    day=st.none() | st.dates(),
    names=st.lists(st.none() | TEXTS, max_size=3).map(tuple),
)
BRANCHES = st.builds(
    Branch,
    name=TEXTS,
    notes=st.dictionaries(TEXTS, TEXTS, max_size=3),
    leaves=st.lists(LEAVES, max_size=3).map(tuple),
    first=LEAVES,
    side=st.none() | st.sampled_from(Side),
    number=st.none() | st.integers(-(2**63), 2**63 - 1),
    share=st.floats(allow_nan=False),
    sure=st.none() | st.booleans(),
    seen=st.datetimes(),
    data=st.binary(max_size=5),
)
LEAF = Leaf(side=Side.LEFT, day=None, names=("a", None))
BRANCH = Branch(
    name="n", notes={}, leaves=(LEAF,), first=LEAF, side=None, number=1, share=0.5, sure=None, seen=datetime(2020, 1, 2)
)  # fmt: skip


@given(st.lists(BRANCHES, min_size=1, max_size=6), st.integers(0, 5))
def test_records_come_back_from_a_table_and_from_a_part_of_it(records: list[Branch], start: int) -> None:
    table = to_table(Branch, records)
    table.validate(full=True)
    (batch,) = table.to_batches()
    assert batch.schema == arrow_schema(Branch)
    assert from_batch(Branch, batch) == records
    assert from_batch(Branch, batch.slice(start)) == records[start:]


def test_records_come_back_from_a_file_of_several_row_groups() -> None:
    records = [replace(BRANCH, number=n, leaves=(LEAF,) * (n % 3)) for n in range(5000)]
    file = BytesIO()
    write_groups(file, Branch, records)
    assert list(read_records(BytesIO(file.getvalue()), Branch)) == records


def test_a_table_of_nothing_comes_back() -> None:
    file = BytesIO()
    write_groups(file, Branch, [])
    assert list(read_records(BytesIO(file.getvalue()), Branch)) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(BRANCH, name=None), "Branch.name"),  # type: ignore[arg-type]
        (replace(BRANCH, leaves=(replace(LEAF, side=None),)), "Leaf.side"),  # type: ignore[arg-type]
    ],
)
def test_none_where_none_may_be_is_refused(wrong: Branch, field: str) -> None:
    with pytest.raises(TypeError, match=field):
        to_table(Branch, [BRANCH, wrong])


def test_a_record_that_comes_back_is_as_whole_as_any() -> None:
    (again,) = from_batch(Branch, to_table(Branch, [BRANCH]).to_batches()[0])
    assert hash(again.first) == hash(LEAF)
    assert repr(again) == repr(BRANCH)
    with pytest.raises(AttributeError):
        again.name = "other"  # type: ignore[misc]
