"""A release whose reports read as if nothing had been removed, and the same audit of it."""

from __future__ import annotations

import re

import pytest
from scrubbed_release import check_that_all_is_released, make, prepare, redactions, texts

from radrelease.adapters.files import read_lines
from radrelease.errors import ConfigError
from radrelease.finished import audit
from radrelease.pipeline import build, plan
from radrelease.profiles.surrogates import load_pools
from radrelease.stages.scrub.drawing import LEAST

pytestmark = pytest.mark.xdist_group("surrogates")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("surrogates"), patients=15, placeholder="surrogates")


def test_every_good_study_is_released_and_the_audit_finds_nothing(made):
    check_that_all_is_released(made)


def test_names_and_numbers_are_invented_and_only_what_cannot_be_drawn_is_marked(made):
    folder, *_ = made
    published = "\n".join(texts(folder))
    marks = set(re.findall(r"\[[A-Z]+\]", published))
    assert marks <= {"[DATE]", "[TIME]", "[AGE]", "[UNKNOWN]", "[SENTENCE]"}
    rows = [
        row for row in redactions(folder) if row["kind"] in {"NAME", "INSTITUTION", "ID", "PHONE", "PLACE"}
    ]
    assert {row["kind"] for row in rows} == {"NAME", "INSTITUTION", "ID", "PHONE", "PLACE"}
    assert not [row for row in rows if "[" in row["replacement"]]
    assert sum(row["replacement"] in published for row in rows) > 50


def test_no_planted_identifier_is_left(made):
    folder, gold, *_ = made
    left = [
        (study.study_uid, span.kind)
        for study in gold.studies
        for row in redactions(folder)
        if row["study_uid"] == study.study_uid and row["kind"] != "DATE"
        for span in study.phi
        if re.search(rf"(?<!\w){re.escape(span.text)}(?!\w)", row["replacement"])
    ]
    assert not left


def test_a_patient_has_one_other_name_in_all_reports(made):
    folder, gold, *_ = made
    patients = {study.study_uid: (study.source, study.mrn) for study in gold.studies}
    found: dict[tuple[object, str], set[str]] = {}
    for row in redactions(folder):
        if row["kind"] == "NAME" and row["study_uid"] in patients:
            key = (patients[row["study_uid"]], row["original"])
            found.setdefault(key, set()).add(row["replacement"])
    assert len({patient for patient, _ in found}) > 5
    assert all(len(others) == 1 for others in found.values())


def test_the_card_says_that_the_names_are_invented(made):
    folder, *_ = made
    for layout in ("native", "rexgradient"):
        card = (folder / "release" / layout / "README.md").read_text()
        assert "replaced by invented ones of the same kind (surrogates)" in card


def test_another_worker_in_another_folder_draws_the_same(made, tmp_path):
    folder, *_ = made
    _, config, secret = prepare(tmp_path, patients=15, processes=1, placeholder="surrogates")
    build(config, secret)
    for name in ("release", "private_test"):
        ours, theirs = (place / name / "SHA256SUMS" for place in (folder, tmp_path))
        assert ours.read_bytes() == theirs.read_bytes()


def test_a_word_that_is_no_stand_in_is_still_found(made):
    folder, _, config, _ = made
    path = folder / "work/stand_ins.txt"
    words = read_lines(path)
    assert set(words) <= load_pools().words
    try:
        path.write_text("")
        findings = audit(config)
    finally:
        path.write_text("".join(f"{word}\n" for word in words))
    assert {finding.check for finding in findings} == {"word of unknown use"}
    assert {finding.detail.lower() for finding in findings} <= set(words)


def test_an_export_that_knows_too_many_stand_ins_is_told_before_any_work(tmp_path):
    _, config, secret = prepare(tmp_path, patients=15, processes=1, placeholder="surrogates")
    path = tmp_path / "export/lakeside/reports.csv"
    header, rest = path.read_text(encoding="utf-8-sig").split("\n", 1)
    names = " ".join(load_pools().families[LEAST["families"] - 1 :])
    row = {"Radiologist": f'"{names}"', "Acc#": "0", "Report": "None."}
    line = ",".join(row.get(column.strip(), "") for column in header.split(","))
    path.write_text(f"{header}\n{line}\n{rest}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"families that \d+ of"):
        plan(config, secret)
