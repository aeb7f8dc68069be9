"""Leaks planted into a finished release: each must be found, and no finding may quote it."""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from poison import end_its_process, end_once

from radrelease import auditing
from radrelease.adapters.checksums import write_checksums
from radrelease.auditing import audit_folders
from radrelease.progress import Silent

pytestmark = pytest.mark.xdist_group("release")


DESCRIPTIONS = (
    "native/README.md",
    "native/DATASHEET.md",
    "native/CITATION.cff",
    "rexgradient/croissant.json",
)


@pytest.fixture
def copy(place, tmp_path):
    shutil.copytree(place.release, tmp_path / "release")
    return tmp_path / "release"


def findings(place, folder):
    write_checksums(folder)
    return audit_folders(folder, place.folder / "private_test", place.config, Silent())


def person(place):
    """A public study with its truth: a patient whose family name is not a common word."""
    public = {
        row["id"]: row
        for path in (place.release / "native/studies").glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }
    from radrelease.adapters.vault import read_vault

    names = {row.original: row.pseudonym for row in read_vault(place.folder / "work/vault.age", place.secret)}
    for study in place.gold.studies:
        for row in public.values():
            if (
                row["StudyInstanceUid"] == names[study.study_uid]
                and len(study.patient_name.split("^")[0]) > 6
            ):
                return study, row
    raise AssertionError


def values(study):
    family, given = study.patient_name.split("^")[:2]
    return {
        "full name": f"{given} {family}",
        "reversed name": f"{family.upper()}, {given.upper()}",
        "lower case name": f"{family} {given}".lower(),
        "record number": study.mrn,
        "record number with separators": "-".join((study.mrn[:3], study.mrn[3:])),
        "accession": study.accession,
        "accession without separators": study.accession.replace("-", ""),
        "institution": study.site.upper(),
        "study UID": study.study_uid,
    }


def plant(folder, where, leaks):
    """Put each of ``leaks`` in a place of its own."""
    if where in DESCRIPTIONS:
        path = folder / where
        path.write_text(path.read_text() + "".join(f"\nThanks to {value}.\n" for value in leaks))
    elif where == "html":
        path = folder / "report.html"
        added = "".join(f'<p data-x="{value}">\n' for value in leaks)
        path.write_text(path.read_text().replace("<main>", "<main>\n" + added))
    elif where == "file name":
        for value in leaks:
            (folder / "rexgradient" / f"{value}.txt").write_text("x")
    else:
        path = folder / "rexgradient/metadata/train_metadata.csv"
        lines = path.read_text().split("\n")
        rows = [
            number for number, line in enumerate(lines) if line.startswith("pTEST") and line.endswith(".")
        ]
        for number, value in zip(rows, leaks, strict=False):
            lines[number] += f" Seen by {value}".replace(",", "")
        path.write_text("\n".join(lines))


@pytest.mark.parametrize("where", [*DESCRIPTIONS, "html", "file name", "table of other patients"])
def test_leaks_are_found_and_not_quoted(place, copy, where):
    study, _ = person(place)
    leaks = values(study)
    plant(copy, where, leaks.values())
    found = findings(place, copy)
    assert len({finding.where for finding in found}) >= len(leaks)
    for finding in found:
        for value in leaks.values():
            assert value.casefold() not in finding.where.casefold()
            assert value.casefold() not in finding.check.casefold()


def test_a_patients_own_surname_in_a_parquet_cell_is_found(place, copy):
    study, row = person(place)
    surname = study.patient_name.split("^")[0]
    for path in sorted((copy / "native/studies").glob("*.parquet")):
        table = pq.read_table(path)
        texts = table["Impression"].to_pylist()
        ids = table["id"].to_pylist()
        if row["id"] in ids:
            texts[ids.index(row["id"])] = f"Clear. {surname.swapcase()}'s old films."
            column = table.schema.get_field_index("Impression")
            pq.write_table(table.set_column(column, "Impression", pa.array(texts)), path)
    assert any("patient's name" in finding.check for finding in findings(place, copy))


def test_a_word_that_is_in_no_list_is_found_in_a_published_report(place, copy):
    path = next((copy / "native/studies").glob("train*.parquet"))
    table = pq.read_table(path)
    texts = table["Findings"].to_pylist()
    texts[3] = "The lungs are clear, says frobnik; Nissen fundoplication is intact."
    column = table.schema.get_field_index("Findings")
    pq.write_table(table.set_column(column, "Findings", pa.array(texts)), path)
    found = [finding for finding in findings(place, copy) if finding.check == "word of unknown use"]
    assert [finding.detail for finding in found] == ["frobnik"]


def test_text_in_a_picture_chunk_is_found(place, copy):
    study, _ = person(place)
    path = next((copy / "native/data").glob("test-*.parquet"))
    table = pq.read_table(path)
    rows = table["images"].to_pylist()
    data = rows[0][0]["bytes"]
    body = b"tEXtComment\0" + study.mrn.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    rows[0][0]["bytes"] = data[:33] + chunk + data[33:]
    column = table.schema.get_field_index("images")
    pq.write_table(
        table.set_column(column, table.schema.field(column), pa.array(rows, table.schema.field(column).type)),
        path,
    )
    checks = {finding.check for finding in findings(place, copy)}
    assert {"chunk in a picture", "identifier"} <= checks


def test_a_note_beside_a_picture_that_no_loader_shows_is_found(place, copy):
    path = next((copy / "native/data").glob("test-*.parquet"))
    table = pq.read_table(path)
    rows = [[{**each, "note": "Jane Roe"} for each in row] for row in table["images"].to_pylist()]
    pictures = pa.struct([("bytes", pa.binary()), ("path", pa.string()), ("note", pa.string())])
    column = table.schema.get_field_index("images")
    pq.write_table(table.set_column(column, "images", pa.array(rows, pa.list_(pictures))), path)
    assert "unexpected column" in {finding.check for finding in findings(place, copy)}


def test_a_column_of_another_type_is_found(place, copy):
    path = copy / "native/studies/test.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("Impression")
    hidden = pa.array([{"note": text} for text in table["Impression"].to_pylist()])
    pq.write_table(table.set_column(column, "Impression", hidden), path)
    assert "unexpected column" in {finding.check for finding in findings(place, copy)}


def test_a_file_that_ends_the_process_which_searches_it_does_not_pass(place, monkeypatch):
    monkeypatch.setattr(auditing, "search_part", end_its_process)
    found = audit_folders(place.release, None, place.config, Silent())
    assert {(item.check, item.detail) for item in found} == {("file cannot be read", "worker_crashed")}
    assert len({item.where for item in found}) > len(list(place.release.glob("native/*/*.parquet")))


def test_a_process_that_is_killed_once_while_it_searches_changes_nothing(place, monkeypatch, tmp_path):
    flag = tmp_path / "flag"
    flag.touch()
    monkeypatch.setattr(auditing, "search_part", partial(end_once, flag))
    assert audit_folders(place.release, place.folder / "private_test", place.config, Silent()) == []
    assert not flag.exists()


def test_text_in_parquet_file_metadata_is_found(place, copy):
    study, _ = person(place)
    path = next((copy / "native/images").glob("test.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"made for": study.mrn}), path)
    assert findings(place, copy)


def test_a_changed_pixel_a_missing_and_an_added_file_are_found(place, copy):
    write_checksums(copy)
    (copy / "native/figures/flow.svg").unlink()
    (copy / "extra.md").write_text("hello")
    checks = [
        finding.check
        for finding in audit_folders(copy, place.folder / "private_test", place.config, Silent())
    ]
    assert checks.count("checksums") == 2


def test_a_private_patient_in_a_public_file_is_found(place, copy):
    path = next((place.folder / "private_test/native/studies").glob("*.parquet"))
    name = pq.read_table(path)["PatientID"].to_pylist()[0]
    (copy / "native/README.md").write_text(f"without {name}")
    assert any(finding.check == "names the private test split" for finding in findings(place, copy))


def test_a_patient_in_two_splits_and_a_broken_interval_are_found(place, copy):
    path = copy / "native/studies/test.parquet"
    table = pq.read_table(path)
    column = table.schema.get_field_index("Split")
    moved = pa.array(["train", *["test"] * (table.num_rows - 1)])
    table = table.set_column(column, "Split", moved)
    days = table["StudyDate"].to_pylist()
    days[0] = days[0].replace(year=days[0].year - 3)
    table = table.set_column(table.schema.get_field_index("StudyDate"), "StudyDate", pa.array(days))
    patients = table["PatientID"].to_pylist()
    patients[-1] = patients[0]
    pq.write_table(
        table.set_column(table.schema.get_field_index("PatientID"), "PatientID", pa.array(patients)), path
    )
    checks = {finding.check for finding in findings(place, copy)}
    assert {"patient in two splits", "date shift out of range", "id is not made of its parts"} <= checks, (
        checks
    )


def test_a_listed_picture_that_is_not_in_the_archive_is_found(place, copy):
    path = copy / "rexgradient/metadata/test_metadata.json"
    document = json.loads(path.read_text())
    first = next(iter(document.values()))
    first["ImagePath"][0] = first["ImagePath"][0][:-8] + "0000.png"
    path.write_text(json.dumps(document))
    assert any(finding.check == "picture not in the archive" for finding in findings(place, copy))


def test_numbers_of_the_release_itself_are_nobodys():
    from radrelease.records.exhibits import Exhibit
    from radrelease.records.private import Identifier, IdentifierKind
    from radrelease.stages.audit.search import search
    from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary

    known = [
        Identifier(IdentifierKind.PATIENT_ID, number)
        for number in ("3680043", "9801234", "20190304", "0011424646")
    ]
    vocabulary = build_vocabulary([("TESTAAAAAAAAAAAA", known)])
    own = (
        "1.2.826.0.1.3680043.8.498.1" + "2" * 37, '<svg viewBox="0 0 980 1234">', "| 114 | 246 | 46 |", "20190304",
    )  # fmt: skip
    assert not list(search([Exhibit("x", "y", text) for text in own], vocabulary))
    theirs = ("3680043", "36-80043", "x=9801234;", "no. 11424646")
    assert len(list(search([Exhibit("x", "y", text) for text in theirs], vocabulary))) == len(theirs)
