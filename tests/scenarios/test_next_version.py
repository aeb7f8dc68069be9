"""A second version of a release: more patients, and one who does not want to be in it."""

from __future__ import annotations

import os
from collections import Counter

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from release_settings import read_settings, write_settings

from radrelease.cli import commands
from radrelease.finished import audit
from radrelease.pipeline import build
from radrelease.testing import make_export

pytestmark = pytest.mark.xdist_group("next version")

DEFLATED = b"1.2.840.10008.1.2.1.99"  # its header would be unreadable


def built(folder):
    config, secret = read_settings(folder)
    assert build(config, secret).findings == ()
    return config


def rows(folder):
    tables = [*(folder / "release/native/data").glob("*.parquet")]
    tables += [*(folder / "private_test/native/data").glob("*.parquet")]
    return {row["StudyInstanceUid"]: row for table in tables for row in pq.read_table(table).to_pylist()}


def shards(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "work/shards").iterdir()}


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """Version 1 without some patients' files, version 2 with them, and version 3 without one of them."""
    folder = tmp_path_factory.mktemp("versions")
    gold = make_export(folder, patients=24, image_side=64)
    write_settings(
        folder,
        release={"name": "two versions", "layouts": ["native", "rexgradient"]},
        split={"valid": 0.2, "test": 0.2, "private_test": 0.1},
    )
    later = {study.mrn for study in gold.studies[::7]}
    hidden = [
        path
        for study in gold.studies
        if study.mrn in later
        for path in (folder / "export" / study.source / "dicom").rglob("*")
        if path.is_file() and study.mrn.encode() in path.read_bytes()[:4096]
    ]
    places = {folder / f"later-{number}": path for number, path in enumerate(sorted(set(hidden)))}
    for place, path in places.items():
        path.rename(place)
    built(folder)
    first = rows(folder)
    sums = (folder / "release/SHA256SUMS").read_bytes()
    built(folder)
    assert (folder / "release/SHA256SUMS").read_bytes() == sums, (
        "what is known of the first build changes nothing"
    )
    for place, path in places.items():
        place.rename(path)
    settings = folder / "release.toml"
    settings.write_text(settings.read_text().replace("[release]", '[release]\nversion = "1.1.0"'))
    uids = {uid.encode() for study in gold.studies for uid in study.sop_uids}
    mend = _spoil_all_files(folder / "export", uids, set(places.values()))
    before = shards(folder)
    built(folder)
    second = rows(folder)
    assert not before.keys() & shards(folder).keys(), "a new patient changes every shard"
    mend()
    return folder, gold, first, second


def _spoil_all_files(export, released, later):
    """Blacken known pictures in a way that neither size nor time of a file tells; how to mend it."""
    wholes = {}
    for path in export.rglob("*"):
        data = path.read_bytes() if path.is_file() and path not in later else b""
        head = data[:4000]
        if any(uid in head for uid in released) and DEFLATED not in head and len(data) > len(head):
            wholes[path] = data, path.stat()
    assert len(wholes) > 20

    def write(change):
        for path, (data, status) in wholes.items():
            path.write_bytes(change(data))
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    write(lambda data: data[:-400] + bytes(400))
    return lambda: write(lambda data: data)


def test_known_patients_keep_pseudonym_dates_and_split(versions):
    _, _, first, second = versions
    assert set(first) < set(second), "more studies, and none lost"
    for uid, row in first.items():
        for column in ("id", "PatientID", "StudyDate", "Split", "Findings", "Impression", "PixelSha256"):
            assert second[uid][column] == row[column], column
    assert len({row["Split"] for row in second.values()}) == 4


def test_the_card_of_the_next_version_says_how_many_studies_came_and_went(versions):
    folder, _, first, second = versions
    came = [uid for uid in second if uid not in first and second[uid]["Split"] != "private_test"]
    assert len(came) >= 5
    for layout in ("native", "rexgradient"):
        card = (folder / "release" / layout / "README.md").read_text()
        assert f"Since 1.0.0: {len(came)} studies were added, 0 removed." in card


def test_pictures_of_unchanged_files_are_not_drawn_again(versions):
    _, _, first, second = versions
    for uid, row in first.items():
        assert second[uid]["images"] == row["images"], "the files had been blackened meanwhile"


def test_a_patient_who_withdraws_is_gone_from_the_next_version(versions):
    folder, gold, _, second = versions
    counts = Counter(row["PatientID"] for row in second.values() if row["Split"] == "train")
    pseudonym = min(counts)
    mrns = {study.mrn for study in gold.studies}
    refused = CliRunner().invoke(commands, ["withdraw", str(folder / "release.toml"), pseudonym, "NOBODY-1"])
    assert "number 2 is of no patient" in str(refused.exception)
    assert "NOBODY" not in str(refused.exception)
    done = CliRunner().invoke(commands, ["withdraw", str(folder / "release.toml"), pseudonym])
    assert done.exit_code == 0, done.output
    assert "1 patient is withdrawn" in done.output
    assert not any(mrn in done.output for mrn in mrns)
    before = shards(folder)
    config = built(folder)
    third = rows(folder)
    assert {uid for uid in second if uid not in third} == {
        uid for uid, row in second.items() if row["PatientID"] == pseudonym
    }
    assert all(row["Split"] == second[uid]["Split"] for uid, row in third.items())
    assert len(set(shards(folder)) - set(before)) < len(before), "shards without the patient are used again"
    for path in (folder / "release").rglob("*"):
        if path.is_file():
            assert pseudonym.encode() not in path.read_bytes(), path.name
    assert audit(config) == ()
    rejected = pq.read_table(folder / "work/rejected.parquet").to_pylist()
    assert (
        sum(row["reason"] == "withdrawn" and row["kind"] == "study" for row in rejected) == counts[pseudonym]
    )
    built(folder)
    assert rows(folder) == third, "who withdrew stays out of all later builds"
