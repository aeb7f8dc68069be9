"""Report tables in the encodings of the world; processes that die; the vault."""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import sys
import time
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyrage
import pytest

from radrelease.adapters.report_files import check_columns, read_reports
from radrelease.adapters.vault import CrosswalkRow, read_vault, vault_identity, write_vault
from radrelease.adapters.workers import Failure, run, run_bisecting
from radrelease.config import Config
from radrelease.config.sources import Source
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret
from radrelease.records.private import Identifier, IdentifierKind, ReportRow, ReportStatus
from radrelease.rejections import Reason

TWO = Config.model_validate(
    {
        "release": {"name": "t", "output": Path("o"), "work": Path("w")},
        "source": [{"name": "s", "dicom": Path("d"), "reports": Path("r")}],
        "secret": {"key_env": "KEY"},
        "workers": {"processes": 2},
    }
)
TEXT = "FINDINGS: Müller’s chest,\nclear."


def source(path, **columns):
    return Source(name="s", dicom=path.parent, reports=path, columns=columns)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_reads_in_any_encoding(tmp_path, encoding, delimiter):
    path = tmp_path / "r.csv"
    lines = [
        delimiter.join(("accession", "text")),
        delimiter.join(("A1", f'"{TEXT}"')),
        delimiter.join(("A2", "Clear.")),
    ]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    first, second = read_reports(source(path))
    assert first.text == TEXT
    assert (first.location, second.location) == ("r.csv:2", "r.csv:4")


def test_json_lines_parquet_and_text_files_of_one_folder(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps({"accession": "A1", "text": "Clear."}) + "\n{broken\n")
    pq.write_table(pa.table({"accession": ["A2"], "text": ["Clear."]}), folder / "b.parquet")
    (folder / "A3.txt").write_bytes("Größe normal.".encode("cp1252"))
    (folder / "empty.txt").write_text("")
    got = {
        item.location if isinstance(item, ReportRow) else item.subject: item
        for item in read_reports(source(folder))
    }
    assert set(got) == {"a.jsonl:1", "a.jsonl:2", "b.parquet:1", "A3.txt", "empty.txt"}
    assert got["A3.txt"].accession == "A3"
    assert got["A3.txt"].text == "Größe normal."
    assert got["a.jsonl:2"].reason is Reason.REPORT_UNREADABLE
    assert got["empty.txt"].reason is Reason.REPORT_EMPTY


@pytest.mark.parametrize(
    ("word", "status"),
    [("F", ReportStatus.FINAL), ("Prelim", ReportStatus.PRELIMINARY), ("ADDENDUM", ReportStatus.ADDENDUM), ("C", ReportStatus.CORRECTED), ("?", ReportStatus.UNKNOWN)],
)  # fmt: skip
def test_the_words_for_a_reports_status(tmp_path, word, status):
    path = tmp_path / "r.csv"
    path.write_text(f'accession,text,st,ts,who\nA1,Clear.,{word},03/04/2019 12:30,"Roe, Jane"\n')
    (row,) = read_reports(source(path, status="st", timestamp="ts", staff="who"))
    assert row.status is status
    assert row.timestamp == datetime(2019, 3, 4, 12, 30)
    assert Identifier(IdentifierKind.STAFF_NAME, "Roe, Jane") in row.identifiers


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A1,Clear.,X", Reason.REPORT_CANCELLED), ("A1,---,F", Reason.REPORT_EMPTY),
        (",Clear.,F", Reason.REPORT_WITHOUT_KEY), ("A1,too,many,fields", Reason.REPORT_UNREADABLE),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_has_a_reason(tmp_path, line, reason):
    path = tmp_path / "r.csv"
    path.write_text(f"accession,text,st\n{line}\n")
    (row,) = read_reports(source(path, status="st"))
    assert row.reason is reason
    assert row.subject == "r.csv:2"


def test_a_missing_column_is_told_before_any_work(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("acc,report\n")
    with pytest.raises(ConfigError, match="It has: acc, report"):
        check_columns(source(path, accession="acc", text="body"))


@pytest.mark.parametrize(
    "first", ["A19-4412,Clear.", "ROE^JANE,Clear.", '"Roe, Jane",Clear.', "3/4/50,Clear."]
)
def test_a_table_without_a_head_is_not_quoted(tmp_path, first):
    """Its first row is a patient's."""
    path = tmp_path / "r.csv"
    path.write_text(f"{first}\n")
    with pytest.raises(ConfigError, match="does not look like names of columns"):
        check_columns(source(path, accession="acc", text="body"))


def work(item):
    if item == "die":
        os._exit(9)
    if item == "sleep":
        time.sleep(60)
    return item.upper()


def work_on_batch(batch):
    return [work(item) for item in batch]


def test_a_dead_and_a_slow_process_are_failures_and_the_rest_is_done():
    done = dict(run(work, ["a", "die", "sleep", "b"], config=TWO, timeout_s=lambda item: 3.0))
    assert done["a"] == "A"
    assert done["b"] == "B"
    assert done["die"] == Failure(Reason.WORKER_CRASHED)
    assert done["sleep"] == Failure(Reason.WORKER_TIMEOUT)


def test_a_script_that_starts_anew_in_every_process_is_told_so(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from radrelease.adapters.local_workers import run_locally\n"
        "list(run_locally(abs, range(500), processes=2, timeout_s=lambda _: 60))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert "no worker process begins to work" in done.stderr.splitlines()[-1]
    assert "__main__" in done.stderr.splitlines()[-1]


def test_every_process_begins_with_the_lists_read(tmp_path):
    script = tmp_path / "guarded.py"
    script.write_text(
        "import sys\n"
        "from radrelease.adapters.local_workers import run_locally\n"
        "def lists_read(_):\n"
        "    lexicon = sys.modules.get('radrelease.profiles.lexicon')\n"
        "    return lexicon is not None and lexicon.load_lexicon.cache_info().misses == 1\n"
        "if __name__ == '__main__':\n"
        "    print(*run_locally(lists_read, [1], processes=1, timeout_s=lambda _: 60))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "(1, True)\n", done.stderr


def test_the_item_to_blame_is_found_by_halving():
    batches = [("a", "b", "die", "c", "d")]
    outcomes = list(run_bisecting(work_on_batch, batches, config=TWO, timeout_s=20.0))
    failed = [batch for batch, outcome in outcomes if isinstance(outcome, Failure)]
    assert failed == [("die",)]
    assert sorted(item for _, out in outcomes if not isinstance(out, Failure) for item in out) == [
        "A",
        "B",
        "C",
        "D",
    ]


def test_the_vault_opens_with_its_key_and_with_no_other(tmp_path):
    row = CrosswalkRow(
        kind="patient", domain="d", original="0012345", pseudonym="RADRX", shift_days=5, split="train"
    )
    path = tmp_path / "vault.age"
    write_vault(path, [row], Secret(b"k" * 32))
    assert b"0012345" not in path.read_bytes()
    assert list(read_vault(path, Secret(b"k" * 32))) == [row]
    with pytest.raises(ConfigError, match="does not open"):
        list(read_vault(path, Secret(b"j" * 32)))
    with pytest.raises(ConfigError, match="radrelease build"):
        list(read_vault(tmp_path / "none", Secret(b"k" * 32)))


def test_the_vault_opens_with_its_identity_alone_and_one_of_before_with_the_passphrase(tmp_path):
    secret, path = Secret(b"k" * 32), tmp_path / "vault.age"
    rows = [
        CrosswalkRow(kind="study", domain="", original=f"1.2.{number}", pseudonym=f"9.{number}", shift_days=None,
                     split=None)
        for number in range(5000)
    ]  # fmt: skip
    write_vault(path, rows, secret)
    identity = pyrage.x25519.Identity.from_str(vault_identity(secret))
    clear = pyrage.decrypt(path.read_bytes(), [identity])
    assert [row["original"] for row in pq.read_table(BytesIO(clear)).to_pylist()] == [
        row.original for row in rows
    ]
    path.write_bytes(pyrage.passphrase.encrypt(clear, secret.derive("vault")))
    assert list(read_vault(path, secret)) == rows
    with pytest.raises(ConfigError, match="does not open"):
        list(read_vault(path, Secret(b"j" * 32)))


@pytest.mark.parametrize("key", [bytes(32), b"k" * 32, bytes(range(32))])
def test_the_identity_is_the_one_that_the_decision_describes(key):
    message = b"\0\0\0\x0evault identity"
    number = int.from_bytes(hmac.new(key, message, "sha256").digest()) << 4
    letters = vault_identity(Secret(key)).lower().removeprefix("age-secret-key-1")
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    assert [alphabet.index(sign) for sign in letters[:52]] == [
        number >> 5 * place & 31 for place in range(51, -1, -1)
    ]
    assert str(pyrage.x25519.Identity.from_str(vault_identity(Secret(key)))) == vault_identity(Secret(key))
