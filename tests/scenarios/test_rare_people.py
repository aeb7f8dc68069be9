"""People who could be known by what is rare about them, from the export to the release."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date

import pyarrow.parquet as pq
import pydicom
import pytest
from release_settings import configure

from radrelease.adapters.vault import read_vault
from radrelease.auditing import audit_folders
from radrelease.finished import cells
from radrelease.pipeline import build, plan
from radrelease.progress import Silent
from radrelease.rejections import Reason
from radrelease.stages.audit.rows import Row, check_rows
from radrelease.testing import make_export

K = 5

PER_IMAGE = ("InstitutionName", "Manufacturer", "ImageBodyPart", "ImageViewPosition")


def settings(folder, *, k=K, policy="report"):
    return configure(
        folder,
        release={"layouts": ["native"], "parts": 10},
        split={"valid": 2, "test": 2, "private_test": 2},
        deidentification={"smallest_cell": k},
        linkage={"number_of_two": policy},
        workers={"processes": 1},
    )


def rows_of(folder):
    return [
        row
        for part in ("release", "private_test")
        for path in sorted((folder / part / "native/studies").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def work_of(folder, name):
    return pq.read_table(folder / f"work/{name}.parquet").to_pylist()


def change_headers(folder, study_uids, **changes):
    """Set elements in every file of the studies."""
    done = 0
    for path in (folder / "export").rglob("*"):
        if path.is_file() and not path.is_symlink():
            dataset = pydicom.dcmread(path, force=True)
            if dataset.get("StudyInstanceUID") in study_uids and "PixelData" in dataset:
                for keyword, value in changes.items():
                    setattr(dataset, keyword, value)
                dataset.save_as(path)
                done += 1
    assert done


@pytest.mark.xdist_group("release")
class TestTheRelease:
    def test_every_single_value_is_shared_by_k_patients(self, place):
        who = defaultdict(set)
        rows = rows_of(place.folder)
        for row in rows:
            values = [(name, row[name]) for name in ("PatientSex", "EthnicGroup", "StudyDescription")]
            values += [(name, value) for name in PER_IMAGE for value in row[name]]
            for trait in values:
                who[trait] |= set() if row["Split"] == "private_test" else {row["PatientID"]}
        assert {name for name, value in who if value} >= {"PatientSex", "StudyDescription", *PER_IMAGE}
        assert {trait: len(found) for trait, found in who.items() if trait[1] and len(found) < K} == {}

    def test_a_woman_of_97_is_one_of_the_oldest_five(self, place):
        names = {
            row.original: row.pseudonym for row in read_vault(place.folder / "work/vault.age", place.secret)
        }
        rows = {row["StudyInstanceUid"]: row for row in rows_of(place.folder)}
        first_studies = {}
        for study in place.gold.studies:
            first_studies.setdefault(study.mrn, rows[names[study.study_uid]])
        woman = list(first_studies.values())[3]  # the fourth person of radrelease.testing.people
        public = [row for row in rows.values() if row["Split"] != "private_test" and row["PatientAge"]]
        oldest = max(row["PatientAge"] for row in public)
        assert woman["PatientAge"] == oldest <= "090Y"
        assert len({row["PatientID"] for row in public if row["PatientAge"] == oldest}) >= K

    def test_nobodys_days_or_months_are_told_unless_five_share_them(self, place):
        who = defaultdict(set)
        for row in rows_of(place.folder):
            if row["PatientAge"] and (row["PatientAge"][3] != "Y" or row["PatientAge"] < "002Y"):
                who[row["PatientAge"]].add(row["PatientID"])
        assert all(len(found) >= K for found in who.values())
        ages = {row["value"] for row in work_of(place.folder, "withheld") if row["keyword"] == "PatientAge"}
        assert "003D" in ages

    def test_the_heaviest_and_the_lightest_are_five_together(self, place):
        who = defaultdict(set)
        for row in rows_of(place.folder):
            if row["PatientWeight"] is not None and row["Split"] != "private_test":
                who[row["PatientWeight"]].add(row["PatientID"])
        assert len(who[max(who)]) >= K
        assert len(who[min(who)]) >= K

    def test_everything_withheld_is_in_the_private_account_and_only_counted_in_public(self, place):
        rows = work_of(place.folder, "withheld")
        by_study = {row["StudyInstanceUid"]: row for row in rows_of(place.folder)}
        names = {
            row.original: row.pseudonym for row in read_vault(place.folder / "work/vault.age", place.secret)
        }
        columns = {"PatientAge", "EthnicGroup", "PatientSex", "StudyDescription"}
        for row in rows:
            if row["keyword"] in columns:
                assert (by_study[names[row["study_uid"]]][row["keyword"]] or "") == row["published"]
        flow = json.loads((place.release / "manifest.json").read_text())["flow"]["withheld"]
        counts = {(row["keyword"], row["cause"]): row["studies"] for row in flow}
        dropped = {row["study_uid"] for row in rows if row["keyword"] == "StudyDescription"}
        assert counts["StudyDescription", "free text that is not clean, left out"] == str(len(dropped))
        assert all(text == f"fewer than {K}" or int(text) >= K for text in counts.values())

    def test_the_smallest_cells_and_the_risk_are_written_and_read_again(self, place):
        risk = cells(place.config)
        public = {row["PatientID"] for row in rows_of(place.folder) if row["Split"] != "private_test"}
        assert risk.patients == len(public)
        assert 0 < risk.average <= risk.maximum == 1
        shown = [row["patients"] for row in work_of(place.folder, "small_cells")]
        assert shown == [cell.patients for cell in risk.smallest]
        assert "Smallest cells" in (place.folder / "work/small_cells.html").read_text()

    def test_an_audit_for_a_greater_k_finds_what_is_too_rare_and_quotes_nothing(self, place):
        settings = place.config.deidentification.model_copy(update={"smallest_cell": 30})
        config = place.config.model_copy(update={"deidentification": settings})
        found = audit_folders(place.release, place.folder / "private_test", config, Silent())
        assert {row.check for row in found} == {"value of too few patients"}
        assert {row.where for row in found} >= {"InstitutionName", "PatientWeight"}
        assert not any(row.detail in row.where for row in found)


def test_an_age_over_89_beside_an_earlier_age_is_a_finding():
    def row(number, age):
        return Row(where="w", id=f"pP_aA_s{number}", split="train", patient_id="P", accession="A", study_id=number,
                   age=age, study_date=date(2020, 1, 1), images=1, sections=1)  # fmt: skip

    originals = {"1": date(2020, 1, 2), "2": date(2020, 1, 2)}
    checks = [item.check for item in check_rows([row("1", "084Y"), row("2", "090Y")], originals, 365)]
    assert checks == ["age over 89 follows from another"]
    assert not list(check_rows([row("1", "090Y"), row("2", "090Y")], originals, 365))


def test_turned_off_explicitly_the_newborn_keeps_the_days_and_shards_without_rare_values_their_bytes(
    tmp_path,
):
    make_export(tmp_path, patients=9, image_side=96)
    build(*settings(tmp_path, k=0))
    assert any(str(row["PatientAge"]).endswith("D") for row in rows_of(tmp_path))
    before = {path.name for path in (tmp_path / "work/shards").iterdir()}
    built = build(*settings(tmp_path, k=2))
    assert built.findings == ()
    after = {
        path.name: any(
            row["rule"] == "too few patients" for row in pq.read_table(path / "withheld.parquet").to_pylist()
        )
        for path in (tmp_path / "work/shards").iterdir()
    }
    assert {name for name, touched in after.items() if not touched} == before & after.keys()
    assert set(after.values()) == {True, False}


def test_a_clinic_with_two_patients_is_not_named(tmp_path):
    gold = make_export(tmp_path, patients=18, image_side=48)
    config, secret = settings(tmp_path, k=3)
    people = sorted({study.mrn for study in gold.studies if study.source == "quayside"})[:2]
    uids = {study.study_uid for study in gold.studies if study.mrn in people}
    change_headers(tmp_path, uids, InstitutionName="Chapel of Ease Surgery")
    rare = {row.value: row for row in plan(config, secret).rare if row.keyword == "InstitutionName"}
    assert 2 in {row.patients for row in rare.values()}
    assert not any("Chapel" in value for value in rare)
    built = build(config, secret)
    assert built.findings == ()
    sites = {site for row in rows_of(tmp_path) for site in row["InstitutionName"]}
    assert None in sites
    assert not sites & rare.keys()


def test_sites_can_be_left_out_altogether(tmp_path):
    make_export(tmp_path, patients=6, image_side=48)
    config, secret = settings(tmp_path, k=0)
    without = config.deidentification.model_copy(update={"institutions": "absent"})
    assert build(config.model_copy(update={"deidentification": without}), secret).findings == ()
    assert {site for row in rows_of(tmp_path) for site in row["InstitutionName"]} == {None}


@pytest.fixture
def shared_number(tmp_path):
    """An export in which another person's films are filed under a patient's number."""
    gold = make_export(tmp_path, patients=9, image_side=48)
    several = [study for study in gold.studies if sum(s.mrn == study.mrn for s in gold.studies) > 1]
    victim = several[-1]
    change_headers(
        tmp_path, {victim.study_uid},
        PatientName="Quillfeather^Barnaby", OtherPatientNames="", PatientBirthDate="19310203", PatientAge="",
    )  # fmt: skip
    return tmp_path, victim


def test_two_people_under_one_number_are_reported_and_stay(shared_number):
    folder, victim = shared_number
    config, secret = settings(folder)
    planned = plan(config, secret)
    (doubt,) = planned.doubts
    assert (doubt.patient_id, doubt.certain) == (victim.mrn, True)
    assert set(doubt.disagree) >= {"name", "birth date"}
    assert [row["patient_id"] for row in work_of(folder, "patient_numbers")] == [victim.mrn]
    assert not [row for row in work_of(folder, "rejected") if row["reason"] == Reason.NUMBER_OF_TWO]


def test_two_people_under_one_number_are_turned_away_by_request(shared_number):
    folder, victim = shared_number
    built = build(*settings(folder, policy="reject"))
    assert built.findings == ()
    turned_away = {
        row["study_uid"] for row in work_of(folder, "rejected") if row["reason"] == Reason.NUMBER_OF_TWO
    }
    assert victim.study_uid in turned_away
    assert len(turned_away) > 1


def test_the_screen_counts_numbers_in_doubt_and_names_nobody(shared_number):
    from click.testing import CliRunner

    from radrelease.cli import commands

    folder, victim = shared_number
    settings(folder)
    done = CliRunner().invoke(commands, ["plan", str(folder / "release.toml")])
    assert done.exit_code == 0
    assert "1 patient numbers whose headers disagree, 1 of them of two people" in done.output
    for word in ("Quillfeather", "Barnaby", victim.mrn, "1931"):
        assert word not in done.output
