"""Inputs broken in every way: each is used or turned away for a reason, and none ends the run."""

from __future__ import annotations

import importlib
import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from radrelease.adapters.config_file import load_config
from radrelease.adapters.place_checks import check_places
from radrelease.adapters.report_files import check_columns, read_reports
from radrelease.config.sources import Source
from radrelease.errors import ConfigError
from radrelease.records.private import Rejected, ReportRow
from radrelease.rejections import Reason
from radrelease.testing.frames import make_image, shaded, to_part_10

FOLDER = Path(__file__).parents[2] / "benchmarks"
INPUTS = {
    "header": 150,
    "shard": 25,
    "csv": 150,
    "tsv": 80,
    "jsonl": 150,
    "parquet": 200,
    "text": 80,
    "config": 400,
}

SETTINGS = """[release]
name = "t"
output = "{output}"
work = "{work}"
[[source]]
name = "s"
dicom = "s"
reports = "{reports}"
[secret]
key_env = "KEY"
"""


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("fuzz_inputs")
    finally:
        sys.path.remove(str(FOLDER))


@pytest.mark.parametrize("kind", INPUTS)
def test_whatever_is_broken_is_used_or_turned_away(fuzz, kind):
    """A longer run of the same is in benchmarks/fuzz_inputs.py."""
    tried, found = fuzz.run(kind, 0, seed=1, least=INPUTS[kind])
    assert tried == INPUTS[kind]
    assert found == {}


def test_a_check_that_fails_is_a_finding(fuzz):
    assert (
        fuzz.finding(lambda data: fuzz.promise(not data, "there is something"), b"x")
        == "Wrong check there is something"
    )
    assert fuzz.finding(lambda data: {}[data], b"x").startswith("KeyError check")
    assert fuzz.finding(len, b"x") == ""


def rows(path, **columns):
    return list(read_reports(Source(name="s", dicom=path.parent, reports=path, columns=columns)))


def parquet_bytes(table):
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def test_a_report_table_that_is_cut_short_does_not_end_the_run(tmp_path):
    path = tmp_path / "r.parquet"
    whole = parquet_bytes(pa.table({"accession": ["A1"], "text": ["Clear."]}))
    for length in (0, 1, 8, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        (row,) = rows(path)
        assert (row.reason, row.subject) == (Reason.REPORT_UNREADABLE, "r.parquet")
        check_columns(Source(name="s", dicom=tmp_path, reports=path))


def test_a_parquet_table_that_gives_fewer_rows_than_it_states_is_told(tmp_path, monkeypatch):
    path = tmp_path / "r.parquet"
    path.write_bytes(parquet_bytes(pa.table({"accession": ["A1", "A2"], "text": ["Clear."] * 2})))
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda self, **_: iter(()))
    (row,) = rows(path)
    assert row.reason is Reason.REPORT_UNREADABLE


def test_a_report_that_is_not_utf8_costs_no_other(tmp_path):
    path = tmp_path / "r.parquet"
    texts = pa.array([b"Gr\xf6\xdfe normal.", b"Clear."], pa.binary())
    broken = pa.StringArray.from_buffers(2, texts.buffers()[1], texts.buffers()[2])
    path.write_bytes(parquet_bytes(pa.table({"accession": ["A1", "A2"], "text": broken, "raw": texts})))
    assert [row.text for row in rows(path)] == ["Größe normal.", "Clear."]
    assert [row.text for row in rows(path, text="raw")] == ["Größe normal.", "Clear."]  # and not "b'Clear.'"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (float("nan"), Reason.REPORT_EMPTY),
        (None, Reason.REPORT_EMPTY),
        (["Clear."], Reason.REPORT_UNREADABLE),
        ({"findings": "Clear."}, Reason.REPORT_UNREADABLE),
        ("Half a \ud800 pair.", "Half a � pair."),
        ("Whole \ud83d\ude00 pair.", "Whole 😀 pair."),
    ],
)
def test_only_text_is_a_report(tmp_path, text, outcome):
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps({"accession": 12345.0, "text": text, "of no interest": [1]}))
    (row,) = rows(path)
    if isinstance(row, Rejected):
        assert row.reason is outcome
    else:
        assert (row.text, row.accession) == (outcome, "12345")


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"a":' * 100_000, '{"text": "Clear.", "text": "Not clear."}']
)
def test_a_line_of_json_that_cannot_be_meant_is_unreadable(tmp_path, line):
    path = tmp_path / "r.jsonl"
    path.write_text(line + '\n{"accession": "A1", "text": "Clear."}\n')
    first, second = rows(path)
    assert first.reason is Reason.REPORT_UNREADABLE
    assert isinstance(second, ReportRow)


def test_the_first_patient_of_a_table_without_a_heading_is_not_shown(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('A1,"Roe, Jane","FINDINGS: The heart is of normal size and the lungs are clear."\n')
    with pytest.raises(ConfigError) as error:
        check_columns(Source(name="s", dicom=tmp_path, reports=path))
    assert "Roe" not in str(error.value)
    assert "does not look like names of columns" in str(error.value)


def test_a_column_that_is_there_twice_is_told(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("accession,text,text\nA1,Clear.,Not clear.\n")
    with pytest.raises(ConfigError, match="two columns 'text'"):
        check_columns(Source(name="s", dicom=tmp_path, reports=path))


@pytest.mark.parametrize("born", ["09510304", "00010101"])
def test_a_birth_date_of_another_millennium_is_an_age_over_89(fuzz, born):
    pixels = shaded(12)
    data = to_part_10(make_image(pixels, 12, PatientBirthDate=born), "explicit", pixels)
    assert not isinstance(fuzz.check_shard(data), Rejected)
    (rows,) = (fuzz.FOLDER / "shard").glob("*/rows.parquet")
    assert pq.read_table(rows).to_pylist()[0]["age"] == "090Y"


@pytest.mark.parametrize("day", ["00010101", "99991231"])
def test_a_date_on_which_nobody_was_examined_is_none(fuzz, day):
    pixels = shaded(12)
    found = fuzz.check_shard(to_part_10(make_image(pixels, 12, StudyDate=day), "explicit", pixels))
    assert found.reason is Reason.MISSING_STUDY_DATE
    other = make_image(
        pixels, 12, SeriesDate=day, AcquisitionDate=day, ContentDate=day, AcquisitionDateTime=day
    )
    assert not isinstance(fuzz.check_shard(to_part_10(other, "explicit", pixels)), Rejected)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "9" * 5000,
        "a = " + "[" * 5000,
        "\0",
        "[release]\noutput = 's3://A/'",
        "[release]\noutput = 'a\\u0000'",
        SETTINGS.format(output="release", work="~no one/work", reports="s"),
        f"[release]\n{'x' * 5000} = 1",
        SETTINGS.format(output="release", work=f"~{'x' * 5000}", reports="s"),
    ],
    ids=lambda text: text[:30],
)
def test_settings_that_nobody_means_are_one_clear_message(tmp_path, text):
    path = tmp_path / "release.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 2000


@pytest.mark.parametrize(
    ("output", "work", "reports"),
    [("o" * 300, "work", "s"), ("out", "w" * 300, "s"), ("out", "work", "s" * 300)],
)
def test_a_name_longer_than_the_system_takes_is_one_clear_message(tmp_path, output, work, reports):
    (tmp_path / "s").mkdir()
    path = tmp_path / "release.toml"
    path.write_text(SETTINGS.format(output=output, work=work, reports=reports))
    with pytest.raises(ConfigError, match="cannot look for it"):
        check_places(load_config(path))
