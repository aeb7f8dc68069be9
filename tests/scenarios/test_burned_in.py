"""Text burned into the pictures of three sources: masked in one, turned away in another, kept back in the third."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pyarrow.parquet as pq
import pydicom
import pytest
from release_settings import configure

from radrelease.adapters.png import decode_png
from radrelease.adapters.vault import read_vault
from radrelease.pipeline import build, plan
from radrelease.testing import make_export, release_toml
from radrelease.testing.burned_dicom import burn_into

pytestmark = [
    pytest.mark.skipif(
        any(
            importlib.util.find_spec(name) is None for name in ("rapidocr_onnxruntime", "onnxruntime", "cv2")
        ),
        reason="the extra ocr is not installed",
    ),
    pytest.mark.filterwarnings("default"),  # of the libraries' own imports
    pytest.mark.xdist_group("ocr"),
]

POLICIES = {"lakeside": "mask", "northmoor": "reject", "quayside": "review"}


def settings(folder, *, processes=2, policies=POLICIES, **pixel_text):
    sources = release_toml()
    for name, policy in policies.items():
        sources = sources.replace(f'name = "{name}"\n', f'name = "{name}"\npixel_text = "{policy}"\n')
    return configure(
        folder,
        sources,
        release={"name": "burned", "layouts": ["native", "rexgradient", "dicom"], "parts": 2},
        split={"valid": 1, "test": 1},
        pixel_text={"policy": "mask", **pixel_text},
        workers={"processes": processes},
    )


def make_input(folder):
    """An export in which the first study of each source has the patient's name and a marker in its first picture."""
    gold = make_export(folder, patients=6, image_side=420)
    places = {}
    for path in folder.joinpath("export").rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix not in {".csv", ".jsonl", ".txt"}:
            uid = pydicom.dcmread(path, stop_before_pixels=True, force=True).get("SOPInstanceUID")
            places.setdefault(uid, []).append(path)
    burned = {}
    for study in gold.studies:
        path, *copies = places[study.sop_uids[0]]
        if study.source not in burned and not copies:
            name = burn_into(path, study.patient_name.replace("^", " ").upper()[:18], size=22)
            marker = burn_into(path, "PORTABLE", size=20, left=200, top=360)
            burned[study.source] = (study, name, marker)
    return burned


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("burned")
    burned = make_input(folder)
    config, secret = settings(folder)
    built = build(config, secret)
    assert built.findings == ()
    names = {row.original: row.pseudonym for row in read_vault(folder / "work/vault.age", secret)}
    return folder, burned, names


def original(folder, uid):
    """The file of the export with that SOP Instance UID."""
    for path in folder.joinpath("export").rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix not in {".csv", ".jsonl", ".txt"}:
            dataset = pydicom.dcmread(path, force=True)
            if dataset.get("SOPInstanceUID") == uid:
                return dataset
    raise LookupError(uid)


def images(folder):
    paths = (folder / "release/native/images").glob("*.parquet")
    return {row["SOPInstanceUid"]: row for path in paths for row in pq.read_table(path).to_pylist()}


def rejected(folder):
    return pq.read_table(folder / "work/rejected.parquet").to_pylist()


def test_what_is_masked_is_gone_from_the_picture_and_the_marker_is_there(made):
    folder, burned, names = made
    study, name, marker = burned["lakeside"]
    published = names[study.sop_uids[0]]
    row = images(folder)[published]
    assert 0 < row["Masked"] < 0.2
    tables = [pq.read_table(path) for path in (folder / "release/native/data").glob("*.parquet")]
    pictures = {
        item["path"]: item["bytes"]
        for table in tables
        for row in table.column("images").to_pylist()
        for item in row
    }
    pixels = decode_png(pictures[f"{published}.png"])
    there = pixels[name.top // 4 : name.bottom // 4 + 1, name.left // 4 : name.right // 4 + 1]
    assert np.ptp(there) < 0.5 * np.ptp(pixels)
    shown = pixels[marker.top // 4 : marker.bottom // 4 + 1, marker.left // 4 : marker.right // 4 + 1]
    assert shown.max() > 55000


def test_the_dicom_file_is_masked_too_and_says_that_its_pixels_were_cleaned(made):
    folder, burned, names = made
    study, name, marker = burned["lakeside"]
    [path] = (folder / "release/dicom").rglob(f"{names[study.sop_uids[0]]}.dcm")
    file, source = pydicom.dcmread(path), original(folder, study.sop_uids[0])
    there = np.s_[name.top : name.bottom, name.left : name.right]
    kept = np.s_[marker.top : marker.bottom, marker.left : marker.right]
    assert np.ptp(file.pixel_array[there]) < 0.5 * np.ptp(source.pixel_array[there])
    assert np.array_equal(file.pixel_array[kept], source.pixel_array[kept])
    assert "113101" in {item.CodeValue for item in file.DeidentificationMethodCodeSequence}
    assert file.BurnedInAnnotation == "NO"


def test_masks_are_in_the_private_record_with_what_was_read(made):
    folder, burned, _ = made
    rows = pq.read_table(folder / "work/pixel_masks.parquet").to_pylist()
    study, name, _marker = burned["lakeside"]
    own = [row for row in rows if row["study_uid"] == study.study_uid]
    assert own
    assert {row["kind"] for row in own} <= {"NAME", "UNKNOWN"}
    assert min(row["left"] for row in own) <= name.left
    assert max(row["right"] for row in own) >= name.right
    assert not any("PORTABLE" in row["text"] for row in rows)
    assert {row["source"] for row in rows} == set(POLICIES)


def test_the_other_policies_turn_the_picture_or_the_study_away(made):
    folder, burned, names = made
    public = images(folder)
    turned_away = {(row["kind"], row["subject"]): row["reason"] for row in rejected(folder)}
    study, *_ = burned["northmoor"]
    assert names.get(study.sop_uids[0]) not in public
    assert "burned_in_text" in turned_away.values()
    study, *_ = burned["quayside"]
    assert turned_away["study", study.study_uid] == "burned_in_text_review"
    assert not any(names.get(uid) in public for uid in study.sop_uids)
    assert [path.name for path in (folder / "work/review").iterdir()] == [f"{study.sop_uids[0]}.png"]


def test_the_release_says_how_text_was_looked_for_and_quotes_none_of_it(made):
    folder, _, _ = made
    said = json.loads((folder / "release/manifest.json").read_text())["pixel_text"]
    assert said["policies"] == ["mask", "reject", "review"]
    assert said["pictures_read"] == len(images(folder))
    assert sum(bool(row["Masked"]) for row in images(folder).values()) == 1
    assert said["pictures_masked"] == "fewer than 5"
    card = (folder / "release/native/README.md").read_text()
    assert said["reader"]["sha256"] in card
    assert "has not been looked for" not in card


def test_one_process_gives_the_same_bytes_and_other_settings_give_other_shards(made, tmp_path):
    folder, _, _ = made
    make_input(tmp_path)
    config, secret = settings(tmp_path, processes=1)
    build(config, secret)
    assert (tmp_path / "release/SHA256SUMS").read_text() == (folder / "release/SHA256SUMS").read_text()
    before = {path.name for path in (tmp_path / "work/shards").iterdir()}
    config, secret = settings(tmp_path, processes=2, markers=["side"])
    build(config, secret)
    assert not before & {path.name for path in (tmp_path / "work/shards").iterdir()}
    assert sum(bool(row["Masked"]) for row in images(tmp_path).values()) == 1
    kinds = pq.read_table(tmp_path / "work/pixel_masks.parquet").to_pylist()
    assert any("PORTABLE" in row["text"] for row in kinds)


def test_a_source_that_is_not_read_is_said_and_the_plan_counts_the_others(made):
    folder, _, _ = made
    config, secret = settings(folder, policies=POLICIES | {"northmoor": "off"})
    planned = plan(config, secret)
    assert planned.reading.hours > 0
    full, _ = settings(folder)
    assert 0 < planned.reading.pictures < plan(full, secret).reading.pictures
    off, _ = settings(folder, policies=dict.fromkeys(POLICIES, "off"))
    assert plan(off, secret).reading is None
