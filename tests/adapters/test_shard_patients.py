"""When what a shard has of a patient is taken over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sample_records import make_release_image, make_release_study, make_study

from radrelease.adapters import shard_patients
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.rexgradient import archive_member
from radrelease.adapters.shard_patients import (
    PATIENTS,
    REDACTIONS,
    ROWS,
    WITHHELD,
    EarlierPatients,
    KeptPatient,
    Outcome,
    open_patients,
    patient_key,
)
from radrelease.adapters.shard_pictures import ARCHIVE, PICTURES, KeptPicture, open_pictures
from radrelease.records.pixels import PictureFacts, Quality
from radrelease.records.private import Identifier, IdentifierKind, Patient, Redaction
from radrelease.records.release import ReleaseStudy
from radrelease.stages.headers.header_values import Withheld
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge
from radrelease.stages.knowledge.known_terms import compile_export

QUALITY = Quality(black=0.0, white=0.0, contrast=0.5, smaller_half=0.4, inverted=None)
FACTS = PictureFacts(
    height=2, width=3, stretch="full", low=0.0, high=9.0, spacing_mm=None, masked=None, quality=QUALITY,
    sha256="s",
)  # fmt: skip
IMAGE = make_release_image()
ROW = make_release_study(
    IMAGE, sex="F", age="050Y", study_date=date(2010, 1, 2), findings="Clear, says [NAME]."
)
OTHER = replace(ROW, id="b", study_id="2", images=(replace(IMAGE, path="../deid_png/b.png"),))
REDACTION = Redaction(study_uid="1.2", kind="NAME", rule="r", original="Ann", replacement="[NAME]")
HIDDEN = Withheld(study_uid="1.3", keyword="PatientWeight", value="200", published="", rule="too few")
FIRST = Outcome((ROW,), (REDACTION,), ())
SECOND = Outcome((OTHER,), (), (HIDDEN,))
ASKED = frozenset({"clear", "says", "ann"})
PATIENT = Patient(
    domain="d",
    patient_id="1",
    identifiers=(Identifier(IdentifierKind.PATIENT_ID, "1"),),
    studies=(make_study(patient_domain="d", patient_id="1", study_uid="1.2", report="Clear, says Ann."),),
)


def knowledge(*names, words=()):
    known = [Identifier(IdentifierKind.STAFF_NAME, name) for name in names]
    return ExportKnowledge(
        terms=compile_export(known), given_back=frozenset(words), vocabulary=build_vocabulary([("", known)])
    )


NOW = knowledge("Achterberg^Ann")


@pytest.fixture
def shard(tmp_path):
    with open_pictures(tmp_path) as pictures:
        for path in ("../deid_png/a.png", "../deid_png/b.png"):
            frame = shard_frame(path)
            pictures.write("aa", KeptPicture(path, FACTS, b"png", b"small", frame))
    with open_patients(tmp_path) as patients:
        patients.write("one", ASKED, NOW.answers(ASKED), FIRST)
        patients.write("", (), "", Outcome((replace(ROW, id="c"),), (REDACTION,), (HIDDEN,)))
        patients.write("two", ASKED, NOW.answers(ASKED), SECOND)
    return tmp_path


def shard_frame(path):
    return archive_member(path, b"png")


def test_a_shard_gives_its_patients_back(shard):
    earlier = EarlierPatients(shard)
    for key, outcome in (("one", FIRST), ("two", SECOND)):
        found, asked, answers = earlier.get(key, NOW)
        assert (found, frozenset(asked), answers) == (outcome, ASKED, NOW.answers(ASKED))
    assert earlier.get("", NOW) is None
    assert earlier.get("three", NOW) is None
    ((key, picture),) = earlier.pictures(SECOND)
    assert (key, picture.path, picture.png) == ("aa", "../deid_png/b.png", b"png")


@pytest.mark.parametrize(
    "later",
    [
        knowledge("Achterberg^Ann", "Clear^Ann"),
        knowledge("Achterberg^Ann", words=["says"]),
        knowledge("Achterberg^Ann", "Clearq^Ben"),
    ],
)
def test_other_answers_are_a_reason_to_make_the_patient_again(shard, later):
    assert EarlierPatients(shard).get("one", later) is None


def test_answers_to_what_was_not_asked_are_none(shard):
    later = knowledge("Achterberg^Ann", "Hargrove^Lucinda", words=["wibble"])
    assert EarlierPatients(shard).get("one", later) is not None


@pytest.mark.parametrize(
    ("name", "record", "change"),
    [
        (ROWS, ReleaseStudy, lambda row: replace(row, findings="Clear, says Ann.")),
        (REDACTIONS, Redaction, lambda row: replace(row, replacement="[ID]")),
        (PATIENTS, KeptPatient, lambda row: replace(row, outcome="0" * 64)),
    ],
)
def test_a_row_that_has_changed_is_not_taken_over(shard, name, record, change):
    write_records(shard / name, record, [change(row) for row in read_records(shard / name, record)])
    assert EarlierPatients(shard).get("one", NOW) is None


def test_a_shard_may_be_used_again_whole_for_its_own_patients_in_their_order(shard):
    earlier = EarlierPatients(shard)
    assert earlier.may_be(["one", "whoever is made again", "two"], NOW)
    for keys in (
        ["one", "x"],
        ["one", "x", "two", "three"],
        ["two", "x", "one"],
        ["one", "x", "three"],
        ["x", "one", "two"],
        [],
    ):
        assert not earlier.may_be(keys, NOW), keys
    assert not earlier.may_be(["one", "x", "two"], knowledge("Achterberg^Ann", words=["says"]))


def test_of_who_is_made_again_the_same_comes_out_or_it_is_noticed(shard):
    earlier = EarlierPatients(shard)
    same = Outcome((replace(ROW, id="c"),), (REDACTION,), (HIDDEN,))
    assert earlier.comes_out_as(1, "", same)
    assert not earlier.comes_out_as(1, "", replace(same, studies=(ROW,)))
    assert not earlier.comes_out_as(1, "", replace(same, redactions=()))
    assert not earlier.comes_out_as(1, "three", same), "nothing is turned away any more"
    assert not earlier.comes_out_as(0, "", same)


def test_a_shard_without_some_of_its_rows_gives_nobody_back(shard):
    write_records(shard / WITHHELD, Withheld, [])
    assert EarlierPatients(shard).get("two", NOW) is None
    (shard / PATIENTS).unlink()
    assert EarlierPatients(shard).get("one", NOW) is None, "as an older software left it"


def test_pictures_are_all_as_they_were_and_not_too_many(shard, monkeypatch):
    both = Outcome((ROW, OTHER), (), ())
    assert len(EarlierPatients(shard).pictures(both)) == 2
    monkeypatch.setattr(shard_patients, "_MOST_BYTES", 3)
    assert EarlierPatients(shard).pictures(both) is None
    monkeypatch.undo()
    shard_patients.open_earlier.cache_clear()
    data = bytearray((shard / ARCHIVE).read_bytes())
    data[-3] ^= 1
    (shard / ARCHIVE).write_bytes(data)
    assert EarlierPatients(shard).pictures(both) is None
    assert EarlierPatients(shard).pictures(FIRST) is not None
    assert (shard / PICTURES).is_file()


def test_a_patient_is_known_by_all_that_is_stated_but_the_place_of_the_report():
    key = patient_key(PATIENT, "settings")
    (study,) = PATIENT.studies

    def other(**changes):
        return patient_key(replace(PATIENT, studies=(replace(study, **changes),)), "settings")

    assert other(report_locations=("r.csv:8",)) == key
    others = {other(report="Clear."), other(study_date=date(2010, 1, 3)), other(accession="B")}
    others |= {patient_key(PATIENT, "others"), patient_key(replace(PATIENT, identifiers=()), "settings")}
    assert len(others | {key}) == 6
