"""Two files of an export are not as they should be: one states the wrong polarity, one has hot pixels."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow.parquet as pq
import pydicom
import pytest
from release_settings import configure

from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.png import decode_png
from radrelease.adapters.vault import read_vault
from radrelease.config.pictures import Images
from radrelease.pipeline import build
from radrelease.stages.pictures.pixels import render
from radrelease.testing import make_export

pytestmark = pytest.mark.xdist_group("quality")


OTHER = {"MONOCHROME1": "MONOCHROME2", "MONOCHROME2": "MONOCHROME1"}


def files_of(folder):
    """The files of the export by SOP Instance UID; those that are there twice are left out."""
    places = {}
    for path in sorted(folder.joinpath("export").rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in {".csv", ".jsonl", ".txt"}:
            uid = pydicom.dcmread(path, stop_before_pixels=True, force=True).get("SOPInstanceUID")
            places.setdefault(uid, []).append(path)
    return {uid: paths[0] for uid, paths in places.items() if len(paths) == 1}


def negate(path):
    dataset = pydicom.dcmread(path, force=True)
    dataset.PhotometricInterpretation = OTHER[dataset.PhotometricInterpretation]
    dataset.save_as(path)


def heat(path):
    """Two pixels at the top of what the file can hold, and all else in its lowest fifth."""
    dataset = pydicom.dcmread(path, force=True)
    pixels = np.frombuffer(dataset.PixelData, np.uint16).reshape(dataset.Rows, dataset.Columns) // 5
    pixels[30:32, 40] = 2**dataset.BitsStored - 1
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path)


def is_plain(path):
    return not pydicom.dcmread(path, force=True).file_meta.TransferSyntaxUID.is_compressed


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality")
    gold = make_export(folder, patients=8, image_side=240)
    places = files_of(folder)
    good = [uid for study in gold.studies for uid in study.sop_uids if uid in places]
    hot = next(uid for uid in good if is_plain(places[uid]))
    negative = next(uid for uid in good if uid != hot)
    negate(places[negative])
    heat(places[hot])
    config, secret = configure(
        folder,
        release={"name": "quality", "layouts": ["native"], "parts": 2},
        split={"valid": 1, "test": 1, "private_test": 1},
    )
    assert build(config, secret).findings == ()
    names = {row.original: row.pseudonym for row in read_vault(folder / "work/vault.age", secret)}
    return folder, places, {names[negative]: "inverted", names[hot]: "hot pixels"}, names


def rows_of(folder, table):
    places = (folder / "release", folder / "private_test")
    paths = [path for place in places for path in sorted((place / "native" / table).glob("*.parquet"))]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_the_table_of_pictures_says_which_look_out_of_the_ordinary(made):
    folder, _, expected, _ = made
    rows = {row["SOPInstanceUid"]: row for row in rows_of(folder, "images")}
    assert {uid: row["QualityFlags"] for uid, row in rows.items() if row["QualityFlags"]} == expected
    negative, hot = expected
    assert rows[negative]["LooksInverted"] is True
    assert sum(row["LooksInverted"] is False for row in rows.values()) > len(rows) / 2
    assert rows[hot]["Contrast"] < min(row["Contrast"] for uid, row in rows.items() if uid != hot)
    by_study = [flag for row in rows_of(folder, "studies") for flag in row["QualityFlags"] if flag]
    assert sorted(by_study) == sorted(expected.values())


def test_a_private_list_names_them_as_the_release_does_and_nobody(made):
    folder, places, expected, names = made
    rows = pq.read_table(folder / "work/picture_quality.parquet").to_pylist()
    assert {row["image_id"]: "; ".join(row["flags"]) for row in rows if row["flags"]} == expected
    assert {row["image_id"] for row in rows} == {row["SOPInstanceUid"] for row in rows_of(folder, "images")}
    page = (folder / "work/picture_quality.html").read_text()
    shown = [name for name in names.values() if name in page]
    assert all(uid in page for uid in expected)
    assert len([name for name in shown if name in {names.get(uid) for uid in places}]) == len(expected)
    assert not [raw for raw in names if raw in page]
    assert (folder / "work/picture_quality.html").stat().st_mode & 0o77 == 0


def test_flags_change_no_pixel(made):
    """Each published picture is what drawing its file gives, flagged or not."""
    folder, places, expected, names = made
    published = {
        picture["path"].removesuffix(".png"): (picture["bytes"], row["PixelSha256"][place])
        for row in rows_of(folder, "data")
        for place, picture in enumerate(row["images"])
    }
    compared = set()
    for raw, path in places.items():
        uid = names.get(raw)
        if uid in published:
            drawn = render(decode(path), Images()).pixels
            data, digest = published[uid]
            assert np.array_equal(decode_png(data), drawn)
            assert digest == hashlib.sha256(drawn.astype(">u2").tobytes()).hexdigest()
            compared.add(uid)
    assert compared > set(expected)
