"""A release from real DICOM files and real report wording, compared with the known sections."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pydicom
import pytest
from release_settings import write_settings

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.vault import read_vault
from radrelease.pipeline import build

DATA = Path(__file__).parents[3] / "shared/data"
CHESTS = ("nih_chest", "nih_ribcage", "RG1_UNCR", "RG1_J2KR", "pseudo_phi_burned_in")
OTHERS = {
    "RG2_RLE": "body_part",
    "RG3_J2KR": "body_part",
    "modality_lut_dental": "body_part",
    "nih_says_ct": "modality",
}
PEOPLE = (
    "Abernathy^Ingrid",
    "O'Shaughnessy^Finnegan",
    "de la Cruz^Rosalía",
    "Kowalczyk^Noor",
    "Vandersloot^Emeka",
)
PARTS = ("indication", "comparison", "findings", "impression")
STYLES = (
    "Patient: {name}\nINDICATION: {indication}\n\nCOMPARISON: {comparison}\n\nFINDINGS: {findings}\n\nIMPRESSION: {impression}",
    "History: {indication}\nPrior studies: {comparison}\nFindings:\n{findings}\nConclusion:\n{impression}\n\nDictated by {name}",
    "REASON FOR EXAM\n{indication}\nCOMPARISON\n{comparison}\nFINDINGS\n{findings}\nIMPRESSION\n{impression}\n",
)


def read_reports(count):
    with (DATA / "reports/openi_reports.csv").open(newline="", encoding="utf-8") as file:
        whole = [row for row in csv.DictReader(file) if all((row[part] or "").strip() for part in PARTS)]
    step = len(whole) // count
    return [{part: row[part].strip() for part in PARTS} for row in whole[::step]][:count]


def make_input(folder):
    """Twenty-five studies of five patients, and one each that is no chest radiograph."""
    (folder / "dicom").mkdir()
    names = [CHESTS[number % len(CHESTS)] for number in range(25)] + list(OTHERS)
    truth, rows = {}, []
    for number, (name, sections) in enumerate(zip(names, read_reports(len(names)), strict=True)):
        dataset = pydicom.dcmread(DATA / f"dicom/{name}.dcm")
        person = PEOPLE[number % len(PEOPLE)]
        day = date(2015, 1, 5) + timedelta(days=40 * number)
        dataset.PatientName, dataset.PatientID = person, f"77{number % len(PEOPLE):05d}"
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.StudyDate, dataset.AccessionNumber = f"{day:%Y%m%d}", f"ACC{number:06d}"
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.2.3.{number}", f"1.2.3.{number}.1"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}.1.1"
        if name == "nih_ribcage":
            dataset.BodyPartExamined = "CHEST"
        dataset.save_as(folder / "dicom" / f"{number}.dcm")
        family, given = person.split("^")
        text = STYLES[number % len(STYLES)].format(name=f"{given} {family}", **sections)
        rows.append({"accession": dataset.AccessionNumber, "text": text})
        truth[f"1.2.3.{number}"] = (name, sections)
    with (folder / "reports.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["accession", "text"])
        writer.writeheader()
        writer.writerows(rows)
    write_settings(
        folder,
        '[[source]]\nname = "site"\ndicom = "dicom"\nreports = "reports.csv"\n',
        release={"name": "real", "layouts": ["native"]},
        split={"valid": 0.2, "test": 0.2},
    )
    return truth


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")  # real files are not all valid
@pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the checkout")
def test_real_files_and_real_wording_become_a_release(tmp_path):
    truth = make_input(tmp_path)
    config = load_config(tmp_path / "release.toml")
    secret = load_secret(config)
    built = build(config, secret)
    assert built.findings == ()
    names = {row.original: row.pseudonym for row in read_vault(tmp_path / "work/vault.age", secret)}
    paths = (tmp_path / "release/native/studies").glob("*.parquet")
    rows = {row["StudyInstanceUid"]: row for path in paths for row in pq.read_table(path).to_pylist()}
    rejected = pq.read_table(tmp_path / "work/rejected.parquet").to_pylist()
    reasons = {row["subject"]: row["reason"] for row in rejected if row["kind"] == "study"}
    right = total = 0
    for uid, (name, sections) in truth.items():
        if name in OTHERS:
            assert reasons[uid] == OTHERS[name]
            continue
        row = rows[names[uid]]
        for part in PARTS:
            total += 1
            right += row[part.capitalize()] == sections[part]
    assert total == 100
    assert right / total >= 0.97, f"{right} of {total} sections are exactly the author's"
