"""A source that heads its impressions as nobody else does."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from release_settings import configure

from radrelease.pipeline import build
from radrelease.testing import make_export, release_toml

WORD = "Kurzbild"
"""No word of English, so that the scrubber takes it out of reports unless it is a header of the source."""


@pytest.fixture
def folder(tmp_path):
    make_export(tmp_path, patients=4, image_side=64)
    path = tmp_path / "export/northmoor/reports.jsonl"
    lines = path.read_text().split("\n")
    for place, line in enumerate(lines):
        if line.endswith("}"):
            body = f"Findings: The lungs are clear.\n\n{WORD}: Nothing acute.\n"
            lines[place] = json.dumps(json.loads(line) | {"body": body})
    path.write_text("\n".join(lines))
    return tmp_path


def impressions(folder, sources):
    settings = configure(folder, sources, release={"name": "own headers", "layouts": ["native"]})
    assert build(*settings).findings == ()
    tables = (folder / "release/native/data").glob("*.parquet")
    return {row["Impression"] for table in tables for row in pq.read_table(table).to_pylist()}


def test_the_header_of_a_source_is_known_once_it_is_named(folder):
    plain = release_toml()
    assert "Nothing acute." not in impressions(folder, plain)
    named = plain.replace(
        'name = "northmoor"', f'name = "northmoor"\nsection_headers.impression = ["{WORD}"]'
    )
    assert "Nothing acute." in impressions(folder, named), "the shards are made anew"
