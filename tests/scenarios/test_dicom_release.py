"""A release with DICOM files: nothing planted is in any byte of it, and the answer key is met."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pydicom
import pytest
from release_reading import read_whole
from release_settings import configure

from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.vault import read_vault
from radrelease.audited import audited_layout
from radrelease.auditing import audit_folders
from radrelease.finished import audit
from radrelease.pipeline import build
from radrelease.progress import Silent
from radrelease.publishing import plan_publication, publish
from radrelease.records.exhibits import Exhibit
from radrelease.records.publication import FaultKind
from radrelease.testing.answer_key import make_keyed_export, sources_toml
from radrelease.testing.answer_score import score_release
from radrelease.testing.planted import load_vendors, make_planted, surviving
from radrelease.verifying import verify

pytestmark = pytest.mark.xdist_group("dicom release")


def settings(folder: Path, *, layouts=("dicom",), dicom=None, processes=2, sources=None):
    return configure(
        folder,
        sources or sources_toml(),
        release={"name": "dicom", "id_prefix": "TEST", "layouts": layouts, "parts": 2},
        split={"valid": 0.1, "test": 0.1, "private_test": 0.2},
        deidentification={"smallest_cell": 0},
        dicom=dicom or {},
        workers={"processes": processes},
    )


@pytest.fixture(scope="session")
def keyed(tmp_path_factory):
    """A small export with an answer key, and its release."""
    folder = tmp_path_factory.mktemp("keyed")
    files = make_keyed_export(folder, patients=20, side=64)
    config, secret = settings(folder)
    built = build(config, secret)
    assert built.findings == ()
    new_uids = {
        row.original: row.pseudonym
        for row in read_vault(folder / "work/vault.age", secret)
        if row.kind == "instance"
    }
    return folder, files, config, secret, new_uids


def layouts(folder):
    return [folder / "release/dicom", folder / "private_test/dicom"]


def test_the_answer_key_is_met_in_full(keyed):
    folder, files, _, _, new_uids = keyed
    score = score_release(files, layouts(folder), new_uids)
    assert score.wrong == []
    assert set(score.passed) == {
        "tag_retained", "text_notnull", "text_retained", "text_removed", "date_shifted", "uid_changed",
        "uid_consistent", "patid_consistent", "pixels_retained", "pixels_hidden",
    }  # fmt: skip


def test_a_missing_file_and_a_missing_element_cost_answers(keyed, tmp_path):
    folder, files, _, _, new_uids = keyed
    copies = [tmp_path / str(index) for index in (0, 1)]
    for source, target in zip(layouts(folder), copies, strict=True):
        shutil.copytree(source, target)
    first, second, third = sorted(copies[0].rglob("*.dcm"))[:3]
    first.unlink()
    made = pydicom.dcmread(second)
    del made.KVP
    made.SeriesDate = "20200101"
    made.save_as(second)
    made = pydicom.dcmread(third)
    made.PixelData = b"\0" * len(made.PixelData)
    made.save_as(third)
    score = score_release(files, copies, new_uids)
    lost = next(file for file in files if new_uids[file.sop_uid] == first.stem)
    assert sum(path == lost.path for path, _ in score.wrong) == len(lost.answers)
    rest = {(answer.action, answer.keyword) for path, answer in score.wrong if path != lost.path}
    assert {("text_retained", "KVP"), ("date_shifted", "SeriesDate"), ("pixels_retained", "")} <= rest
    assert score.percent < 99.95


def test_intervals_are_kept_to_the_day(keyed):
    folder, files, _, _, new_uids = keyed
    old = {
        new_uids[file.sop_uid]: date.fromisoformat(
            next(a.value for a in file.answers if (a.action, a.keyword) == ("date_shifted", "StudyDate"))
        )
        for file in files
    }
    shifts: dict[str, set[int]] = {}
    for layout in layouts(folder):
        for path in layout.rglob("*.dcm"):
            made = pydicom.dcmread(path, stop_before_pixels=True)
            moved = date.fromisoformat(made.StudyDate) - old[made.SOPInstanceUID]
            shifts.setdefault(made.PatientID, set()).add(moved.days)
    assert len(shifts) == 20
    assert all(len(days) == 1 and 0 not in days for days in shifts.values())


def test_names_of_files_are_pseudonyms_and_a_directory_is_not_copied(keyed):
    folder, files, _, _, _ = keyed
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("release/**/*")]
    assert not [name for name in names if "DICOMDIR" in name.upper()]
    known = {file.patient_id for file in files} | {file.path.split("_")[0].casefold() for file in files}
    for name in names:
        for part in name.casefold().replace(".", "/").split("/"):
            assert part not in known


def test_the_private_test_split_has_its_own_files(keyed):
    folder, _, _, _, _ = keyed
    public, private = layouts(folder)
    inside = {path.name for path in private.rglob("*.dcm")}
    assert inside
    assert not inside & {path.name for path in public.rglob("*.dcm")}
    assert {path.parts[-5] for path in private.rglob("*.dcm")} == {"private_test"}


@pytest.mark.filterwarnings("default")  # of readers that are not ours
def test_the_tables_of_the_layout_load_by_the_hubs_client_and_by_croissant(keyed, tmp_path):
    import mlcroissant
    from datasets import load_dataset

    public, _ = layouts(keyed[0])
    studies = load_dataset(str(public), cache_dir=str(tmp_path))
    images = load_dataset(str(public), "images", cache_dir=str(tmp_path))
    files = list(public.rglob("*.dcm"))
    assert sum(split.num_rows for split in images.values()) == len(files)
    described = mlcroissant.Dataset(public / "croissant.json")
    assert not described.metadata.ctx.issues.errors
    assert len(list(described.records("studies"))) == sum(split.num_rows for split in studies.values())
    assert len(list(described.records("images"))) == len(files)


def test_the_layout_alone_is_a_whole_release(keyed):
    folder, _, config, _, _ = keyed
    assert audit(config) == ()
    card = (folder / "release/dicom/README.md").read_text()
    assert "Retain Longitudinal Temporal Information with Modified Dates" in card
    rows = [
        row
        for path in (folder / "release/dicom/studies").glob("*")
        for row in pq.read_table(path).to_pylist()
    ]
    assert all(row["Findings"] for row in rows)
    assert sum(len(row["ImagePath"]) for row in rows) == len(list((folder / "release/dicom").rglob("*.dcm")))


def release_bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("release", "private_test")
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }


def test_the_same_bytes_on_one_process_and_after_a_stop(keyed, tmp_path):
    folder, _, _, _, _ = keyed
    shutil.copytree(folder / "export", tmp_path / "export")
    config, secret = settings(tmp_path, processes=1)
    build(config, secret)
    assert release_bytes(tmp_path) == release_bytes(folder)
    shards = sorted((tmp_path / "work/shards").iterdir())
    shutil.rmtree(shards[0])
    shutil.rmtree(tmp_path / "release")
    build(config, secret)
    assert release_bytes(tmp_path) == release_bytes(folder)


@pytest.mark.parametrize("dicom", [{"pixels": "quarter"}, {"transfer_syntax": "jpeg_ls"}], ids=str)
def test_settings_change_the_files_and_the_release_passes(keyed, tmp_path, dicom):
    folder, _, _, _, _ = keyed
    shutil.copytree(folder / "export", tmp_path / "export")
    config, secret = settings(tmp_path, dicom=dicom)
    assert build(config, secret).findings == ()
    before, after = release_bytes(folder), release_bytes(tmp_path)
    changed = [name for name in before if name.endswith(".dcm") and before[name] != after[name]]
    assert len(changed) == sum(name.endswith(".dcm") for name in before)


def test_the_audit_finds_a_missing_a_foreign_and_a_changed_file(keyed, tmp_path):
    folder, _, config, _, _ = keyed
    shutil.copytree(folder / "release", tmp_path / "release")
    files = sorted((tmp_path / "release/dicom").rglob("*.dcm"))
    files[0].rename(files[0].with_stem("1.2.3"))
    files[1].write_bytes(files[2].read_bytes())
    source = next((folder / "export/dicom").rglob("0.dcm"))
    shutil.copyfile(source, files[3])
    write_checksums(tmp_path / "release")
    checks = {item.check for item in audit_folders(tmp_path / "release", None, config, Silent())}
    assert {
        "DICOM file is missing", "DICOM file in no table", "element that no rule lets through",
        "name or place",
    } <= checks  # fmt: skip


PLANTED_SOURCE = """[[source]]
name = "planted"
dicom = "export/dicom"
reports = "export/reports.csv"
[source.columns]
accession = "accession"
text = "report"
"""


def test_no_planted_token_is_in_any_byte_of_a_release(tmp_path):
    root = tmp_path / "export/dicom"
    root.mkdir(parents=True)
    tokens, rows = {}, []
    for number in range(30):
        vendors = load_vendors()
        made = make_planted(vendors[number % len(vendors)], number, side=64)
        (root / f"{number}.dcm").write_bytes(made.data)
        tokens |= made.tokens
        accession = str(pydicom.dcmread(root / f"{number}.dcm", force=True).AccessionNumber)
        rows.append((accession, "FINDINGS: The lungs are clear.\nIMPRESSION: No acute disease."))
    with (tmp_path / "export/reports.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("accession", "report"), *rows])
    config, secret = settings(tmp_path, layouts=["native", "rexgradient", "dicom"], sources=PLANTED_SOURCE)
    built = build(config, secret)
    assert built.findings == ()
    assert built.description.studies + built.private_studies == 30
    for name, data in release_bytes(tmp_path).items():
        assert surviving(data, tokens) == {}, name
        assert surviving(name.encode(), tokens) == {}
    for folder in ("release", "private_test"):
        texts = [item.text for item in read_whole(tmp_path / folder) if isinstance(item, Exhibit)]
        assert len(texts) > 200
        assert surviving("\n".join(texts).encode(), tokens) == {}


def test_the_layout_is_published_and_verified_by_itself(keyed, tmp_path):
    folder, _, config, _, _ = keyed
    target = tmp_path / "chest"
    audited = audited_layout(config, "dicom")
    publish(plan_publication(audited, target.as_uri(), config, style="physionet"))
    verdict = verify(target, full=True)
    assert verdict.faults == ()
    assert verdict.pictures == audited.manifest.images
    assert (target / "RECORDS").read_text().count(".dcm\n") == verdict.pictures
    assert 0 < verify(folder / "release/dicom").pictures <= 20
    path = next(target.rglob("*.dcm"))
    path.write_bytes(path.read_bytes()[:-50])
    name = path.relative_to(target).as_posix()
    found = {(fault.path, fault.kind) for fault in verify(target, full=True).faults}
    assert found == {(name, FaultKind.TRUNCATED), (name, FaultKind.UNREADABLE)}
