"""A private test split that is sealed, what proves it, and scoring on it."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pyrage
import pytest
from click.testing import CliRunner
from sealed_release import build_sealed, make_sealed_release

from radrelease.adapters import references as references_file
from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.openings_log import openings_of
from radrelease.adapters.parquet import read_records
from radrelease.adapters.receipt import write_receipt
from radrelease.adapters.references import open_references, write_references
from radrelease.adapters.sandbox import check_sandbox
from radrelease.adapters.sealed_folder import read_commitment, read_sealed_manifest, write_sealed
from radrelease.adapters.sealing_keys import SEALING_KEY, make_sealing_key, read_sealing_key
from radrelease.audited import audited_layout
from radrelease.cli import commands
from radrelease.errors import ConfigError, DamagedLog, DamagedRelease, MissingExtra, RadreleaseError
from radrelease.finished import audit
from radrelease.pipeline import build
from radrelease.records.release import ReleaseStudy
from radrelease.scoring import contexts_of
from radrelease.sealing import keep_log
from radrelease.stages.sealed.openings import Request
from radrelease.verifying import verify

pytestmark = pytest.mark.xdist_group("sealed")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    make_sealed_release(folder)
    assert call("bench", "keys", folder).exit_code == 0
    return folder


@pytest.fixture
def own(made, tmp_path):
    """A copy that a test may spoil, never opened."""
    for name in ("private_test", "release"):
        shutil.copytree(made / name, tmp_path / name, ignore=shutil.ignore_patterns("openings.jsonl"))
    for name in ("sealing.key", "signing.key", "signing.pub"):
        shutil.copy2(made / name, tmp_path / name)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(commands, [str(argument) for argument in arguments])


def answers(folder, *options):
    done = call("bench", "verify", folder / "private_test", "--release", folder / "release", *options)
    found = dict(re.findall(r"^(.+?): +(yes|no\b|not asked)", done.output, re.MULTILINE))
    return done.exit_code, {question for question, answer in found.items() if answer == "no"}


def hidden(made) -> list[ReleaseStudy]:
    """The studies of the split, from the private work folder."""
    paths = (made / "work/shards").glob("*/rows.parquet")
    rows = (row for path in paths for row in read_records(path, ReleaseStudy))
    return [row for row in rows if not row.split.public]


def sealed_files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def predictions(folder, change=lambda rows: rows) -> Path:
    rows = {key: {"model_prediction": "Findings: The lungs are clear."} for key in contexts_of(folder)}
    path = folder / "predictions.json"
    path.write_text(json.dumps(change(rows)))
    return path


def score(folder, path, *options, team="Lab", name="card.json"):
    keys = ("--key", folder / "sealing.key", "--sign", folder / "signing.key")
    names = ("--team", team, "--model", "Reporter", "--output", folder / name)
    return call("bench", "score", folder / "private_test", path, *keys, *names, *options)


@pytest.fixture
def scoring(own):
    """The copy with predictions beside it."""
    shutil.move(predictions(own / "private_test"), own / "predictions.json")
    return own


# ------------------------------------------------------------------------------------- what is sealed


def test_no_reference_is_in_the_clear_outside_the_work_folder(made):
    studies = hidden(made)
    texts = {text for study in studies for text in (study.findings, study.impression) if text}
    assert len(studies) >= 10
    for name, data in sealed_files(made / "private_test").items():
        shown = data
        if name.endswith(".parquet"):
            with pq.ParquetFile(made / "private_test" / name) as file:
                columns = [c for c in file.schema_arrow.names if c not in {"images", "previews"}]
                assert not {"Findings", "Impression"} & set(columns)
                assert b"Findings" not in b"".join((file.schema_arrow.metadata or {}).values())
                shown = str(file.read(columns=columns).to_pylist()).encode()
        assert not [text for text in texts if len(text) > 40 and text.encode() in shown], name
    assert not (made / "work/staging").exists()
    assert stat.S_IMODE((made / "private_test").stat().st_mode) == 0o700


def test_a_participant_gets_pictures_and_context_that_verify_by_themselves(made):
    verdict = verify(made / "private_test/inputs", full=True)
    assert not verdict.faults
    rows = pq.read_table(made / "private_test/inputs/native/studies/private_test.parquet").to_pylist()
    assert {row["id"] for row in rows} == {study.id for study in hidden(made)}
    assert any(row["Indication"] for row in rows)
    pictures = pq.read_metadata(made / "private_test/inputs/dicom/images/private_test.parquet").num_rows
    assert len(list((made / "private_test/inputs/dicom/files").rglob("*.dcm"))) == pictures


def test_the_release_and_each_layout_state_the_root(made):
    root = read_commitment(made / "private_test").root
    for name in ("release/manifest.json", "release/native/manifest.json"):
        assert json.loads((made / name).read_text())["sealed_test"]["root"] == root
    assert root in (made / "release/native/README.md").read_text()


def test_a_key_of_the_organiser_opens_it_with_any_age_program(made):
    key = read_sealing_key(made / SEALING_KEY)
    clear = pyrage.decrypt((made / "private_test/references.age").read_bytes(), [key])
    rows = [json.loads(line) for line in clear.splitlines()]
    assert {row["id"]: row["findings"] for row in rows} == {s.id: s.findings for s in hidden(made)}


def test_building_again_changes_no_byte_and_keeps_the_log(made, own):
    key = read_sealing_key(made / SEALING_KEY)
    root = read_commitment(made / "private_test").root
    open_references(made / "private_test", key, Request(purpose="verify", commitment=root))
    before = sealed_files(made / "private_test"), sealed_files(made / "release")
    build_sealed(made)
    assert (sealed_files(made / "private_test"), sealed_files(made / "release")) == before
    assert "openings.jsonl" in before[0]


def test_a_log_that_a_killed_build_left_nowhere_is_taken_from_the_work_folder(made, tmp_path):
    log = (made / "private_test/openings.jsonl").read_bytes()
    staged = tmp_path / "sealed"
    shutil.copytree(made / "private_test", staged, ignore=shutil.ignore_patterns("openings.jsonl"))
    with keep_log(staged, tmp_path / "nothing there", made / "work"):
        assert (staged / "openings.jsonl").read_bytes() == log


def test_references_that_were_put_there_by_others_are_not_kept(made):
    path = made / "private_test/references.age"
    path.write_bytes(path.read_bytes()[:-1])
    build_sealed(made)
    assert answers(made, "--key", made / SEALING_KEY) == (0, set())


def test_the_finished_release_can_be_audited_and_published(made):
    config = load_config(made / "release.toml")
    assert audit(config) == ()
    assert audited_layout(config, "native").manifest.sealed_test == read_commitment(made / "private_test")


def test_a_study_of_the_sealed_split_cannot_be_published(made, tmp_path):
    config = load_config(made / "release.toml")
    shutil.copytree(made / "release", tmp_path / "release")
    stranger = made / "private_test/inputs/native/studies/private_test.parquet"
    shutil.copy(stranger, tmp_path / "release/native/studies/test.parquet")
    write_checksums(tmp_path / "release")
    moved = config.release.model_copy(
        update={"output": tmp_path / "release", "private_output": made / "private_test"}
    )
    (tmp_path / "work").mkdir()
    moved = moved.model_copy(update={"work": tmp_path / "work"})
    write_receipt(tmp_path / "release", tmp_path / "work")
    with pytest.raises(ConfigError, match="private test split"):
        audited_layout(config.model_copy(update={"release": moved}), "native")


def test_a_recipient_that_is_no_key_is_one_message_before_any_work(made):
    config = load_config(made / "release.toml")
    wrong = config.model_copy(
        update={"sealing": config.sealing.model_copy(update={"recipient": "age1wrong"})}
    )
    with pytest.raises(ConfigError, match="no public key of age"):
        build(wrong, load_secret(config))


def test_a_split_that_was_opened_is_not_unsealed_by_leaving_out_a_setting(made):
    config = load_config(made / "release.toml")
    plain = config.model_copy(update={"sealing": config.sealing.model_copy(update={"recipient": None})})
    with pytest.raises(ConfigError, match="has a log of openings"):
        build(plain, load_secret(config))


# --------------------------------------------------------------------------------------- what proves it


def test_an_untouched_split_is_proved_with_and_without_the_key(own):
    assert answers(own) == (0, set())
    assert answers(own, "--key", own / SEALING_KEY, "--full") == (0, set())
    assert answers(own) == (0, set())


def reseal(folder, change):
    """What a dishonest owner would do: other references, under the same commitment, all checksums right."""
    sealed = folder / "private_test"
    key = read_sealing_key(folder / SEALING_KEY)
    rows = [
        json.loads(line)
        for line in pyrage.decrypt((sealed / "references.age").read_bytes(), [key]).splitlines()
    ]
    studies = [references_file._study(row) for row in rows]
    write_references(sealed / "references.age", change(studies), str(key.to_public()))


@pytest.mark.parametrize(
    "change",
    [
        lambda studies: [replace(studies[0], findings="No such thing."), *studies[1:]],
        lambda studies: studies[1:],
        lambda studies: [*studies, studies[0]],
        lambda studies: [replace(studies[0], salt="00" * 32), *studies[1:]],
    ],
)
def test_references_that_were_exchanged_are_noticed(own, change):
    reseal(own, change)
    assert answers(own) == (0, set())
    assert answers(own, "--key", own / SEALING_KEY) == (1, {"references as committed"})


def test_files_that_were_changed_are_noticed(own):
    path = own / "private_test/manifest.json"
    path.write_text(path.read_text().replace('"openings_per_team": 3', '"openings_per_team": 99'))
    assert answers(own) == (1, {"files unchanged"})


def test_a_context_that_was_changed_is_noticed_though_all_checksums_are_right(own):
    sealed = own / "private_test"
    path = sealed / "inputs/native/studies/private_test.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("Indication")
    pq.write_table(table.set_column(place, "Indication", [["changed"] * table.num_rows]), path)
    write_checksums(sealed / "inputs")
    write_sealed(sealed, read_sealed_manifest(sealed), read_commitment(sealed))
    assert answers(own) == (0, set())
    assert answers(own, "--key", own / SEALING_KEY) == (1, {"inputs as committed"})


def test_another_commitment_than_that_of_the_release_is_noticed(own):
    sealed = own / "private_test"
    other = replace(read_commitment(sealed), root="0" * 64)
    write_sealed(sealed, read_sealed_manifest(sealed), other)
    assert answers(own) == (1, {"same commitment as the release"})


def test_a_release_that_states_nothing_and_a_folder_that_is_not_sealed_are_told(own):
    done = call("bench", "verify", own / "private_test", "--release", own / "private_test")
    assert isinstance(done.exception, ConfigError)
    done = call("bench", "verify", own / "release", "--release", own / "release")
    assert isinstance(done.exception, ConfigError)


# ------------------------------------------------------------------------------------------ scoring


def test_a_submission_becomes_a_signed_card_that_anyone_can_check(scoring):
    done = score(scoring, scoring / "predictions.json", "--training", scoring / "release")
    assert done.exit_code == 0, done.output
    card = json.loads((scoring / "card.json").read_text())["card"]
    assert card["evaluation"]["settings"]["commitment"] == read_commitment(scoring / "private_test").root
    assert card["log_head"] == openings_of(scoring / "private_test")[-1].hash
    assert card["evaluation"]["missing"] == 0
    checked = call("bench", "card", scoring / "card.json", "--key", scoring / "signing.pub")
    assert checked.exit_code == 0
    assert "Signed. Reporter of Lab" in checked.output
    shown = done.output + checked.output + (scoring / "card.json").read_text()
    assert not [key for key in contexts_of(scoring / "private_test") if key in shown]
    assert stat.S_IMODE((scoring / "replicates").stat().st_mode) == 0o700
    assert answers(scoring, "--card", scoring / "card.json") == (0, set())


def test_the_same_submission_gets_the_same_scores(scoring):
    for name in ("one.json", "two.json"):
        assert score(scoring, scoring / "predictions.json", name=name).exit_code == 0
    first, second = (json.loads((scoring / name).read_text())["card"] for name in ("one.json", "two.json"))
    assert first["evaluation"] == second["evaluation"]
    assert first["log_head"] != second["log_head"]


def test_a_card_that_was_changed_is_not_signed(scoring):
    assert score(scoring, scoring / "predictions.json").exit_code == 0
    path = scoring / "card.json"
    for old, new in (('"team": "Lab"', '"team": "Bal"'), ('"missing": 0', '"missing": 1')):
        text = path.read_text()
        assert old in text
        (scoring / "changed.json").write_text(text.replace(old, new))
        done = call("bench", "card", scoring / "changed.json", "--key", scoring / "signing.pub")
        assert done.exit_code == 1
    openssl = shutil.which("openssl")
    if openssl:  # the key and the signature are what other programs know too
        card = json.loads(path.read_text())
        data = json.dumps(card["card"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        (scoring / "data").write_text(data)
        (scoring / "signature").write_bytes(bytes.fromhex(card["signature"]))
        done = subprocess.run(
            [
                openssl,
                "pkeyutl",
                "-verify",
                "-pubin",
                "-inkey",
                "signing.pub",
                "-rawin",
                "-in",
                "data",
                "-sigfile",
                "signature",
            ],
            cwd=scoring,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_a_log_that_was_cut_is_noticed_by_a_card(scoring):
    for number in range(2):
        assert score(scoring, scoring / "predictions.json", name=f"{number}.json").exit_code == 0
    log = scoring / "private_test/openings.jsonl"
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    assert answers(scoring, "--card", scoring / "0.json") == (0, set())
    assert answers(scoring, "--card", scoring / "1.json") == (1, {"log of openings whole"})
    log.unlink()
    assert answers(scoring, "--card", scoring / "0.json") == (1, {"log of openings whole"})


def test_nothing_is_opened_over_a_log_that_was_changed(scoring):
    assert score(scoring, scoring / "predictions.json").exit_code == 0
    log = scoring / "private_test/openings.jsonl"
    log.write_text(log.read_text().replace('"team":"Lab"', '"team":"Bal"'))
    done = score(scoring, scoring / "predictions.json", name="second.json")
    assert isinstance(done.exception, DamagedLog)
    assert answers(scoring) == (1, {"log of openings whole"})


def test_a_program_that_was_killed_while_it_wrote_to_the_log_does_no_harm(scoring):
    (scoring / "private_test/openings.jsonl").write_text('{"commitment":"d8')
    assert score(scoring, scoring / "predictions.json").exit_code == 0
    assert len(openings_of(scoring / "private_test")) == 1


def test_the_log_has_the_opening_before_anything_is_decrypted(scoring, monkeypatch):
    seen = []
    monkeypatch.setattr(
        references_file,
        "_decrypt",
        lambda data, key: seen.append(openings_of_file(scoring)) or (_ for _ in ()).throw(OSError),
    )
    score(scoring, scoring / "predictions.json")
    assert seen == [1]
    assert not (scoring / "card.json").exists()


def openings_of_file(folder) -> int:
    return (folder / "private_test/openings.jsonl").read_bytes().count(b"\n")


def test_a_team_that_has_used_its_openings_waits(scoring):
    for number in range(3):
        assert score(scoring, scoring / "predictions.json", name=f"{number}.json").exit_code == 0
    done = score(scoring, scoring / "predictions.json", team="LAB", name="more.json")
    assert isinstance(done.exception, RadreleaseError)
    assert "may score 3 times in 30 days" in str(done.exception)
    assert openings_of_file(scoring) == 3
    assert score(scoring, scoring / "predictions.json", team="Other", name="other.json").exit_code == 0


def test_missing_predictions_are_counted_and_the_denominator_stays(scoring):
    path = scoring / "predictions.json"
    rows = json.loads(path.read_text())
    path.write_text(json.dumps(dict(list(rows.items())[1:])))
    assert score(scoring, path).exit_code == 0
    evaluation = json.loads((scoring / "card.json").read_text())["card"]["evaluation"]
    assert (evaluation["studies"], evaluation["missing"]) == (len(rows), 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: {**rows, "p1": {"model_prediction": "x"}}, "not in the split"),
        (lambda rows: {key: {"model_prediction": float("nan")} for key in rows}, "no text"),
        (lambda rows: {key: {"model_prediction": "x" * 30_000} for key in rows}, "longer than"),
        (lambda rows: [*({"id": key, **row} for key, row in rows.items())] * 2, "there before"),
    ],
)
def test_what_cannot_be_scored_is_refused_before_anything_is_opened(scoring, change, said):
    path = scoring / "predictions.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    done = score(scoring, path)
    assert done.exit_code == 1
    assert said in done.output
    assert not (scoring / "private_test/openings.jsonl").exists()
    assert call("bench", "check", scoring / "private_test/inputs", path).exit_code == 1


def test_a_participant_can_check_a_file_with_the_inputs_alone(scoring):
    done = call("bench", "check", scoring / "private_test/inputs", scoring / "predictions.json")
    assert done.exit_code == 0
    assert "have a prediction" in done.output


def test_links_devices_and_bombs_are_no_submission(scoring):
    path = scoring / "predictions.json"
    (scoring / "link.json").symlink_to(path)
    os.mkfifo(scoring / "fifo.json")
    (scoring / "bomb.json").write_bytes(b" " * (2 << 20))
    for name, said in (("link", "plain file"), ("fifo", "plain file"), ("bomb", "larger than")):
        done = score(scoring, scoring / f"{name}.json")
        assert said in str(done.exception)
    assert not (scoring / "private_test/openings.jsonl").exists()


def test_another_key_opens_nothing_and_is_not_logged(scoring):
    (scoring / "sealing.key").unlink()
    make_sealing_key(scoring)
    done = score(scoring, scoring / "predictions.json")
    assert isinstance(done.exception, ConfigError)
    assert not (scoring / "private_test/openings.jsonl").exists()


def test_references_that_do_not_open_or_were_exchanged_are_not_scored(scoring):
    reseal(scoring, lambda studies: studies[1:])
    done = score(scoring, scoring / "predictions.json")
    assert isinstance(done.exception, DamagedRelease)
    (scoring / "private_test/references.age").write_bytes(b"not age")
    done = score(scoring, scoring / "predictions.json")
    assert isinstance(done.exception, DamagedRelease)
    (scoring / "private_test/references.age").unlink()
    done = score(scoring, scoring / "predictions.json")
    assert isinstance(done.exception, DamagedRelease)


def test_values_computed_elsewhere_need_every_study(scoring):
    ids = list(contexts_of(scoring / "private_test"))
    (scoring / "values.csv").write_text("id,GREEN\n" + "".join(f"{key},0.5\n" for key in ids[1:]))
    done = score(scoring, scoring / "predictions.json", "--external", scoring / "values.csv")
    assert "1 predictions have no value of GREEN" in str(done.exception)
    assert not (scoring / "private_test/openings.jsonl").exists()


@pytest.mark.parametrize("team", ["Lab\nx", "Lab\x1b[2J", '<img src="x">'])
def test_names_that_are_no_names_are_refused(scoring, team):
    done = score(scoring, scoring / "predictions.json", team=team)
    assert isinstance(done.exception, ConfigError)
    assert team not in str(done.exception)


def test_keys_that_others_may_read_are_refused(scoring):
    for name, said in (("sealing.key", "sealing key"), ("signing.key", "signing key")):
        (scoring / name).chmod(0o644)
        done = score(scoring, scoring / "predictions.json")
        assert f"read the {said}" in str(done.exception)
        (scoring / name).chmod(0o600)


def test_a_file_that_is_no_key_is_told(scoring):
    for name in ("sealing.key", "signing.key"):
        kept = (scoring / name).read_bytes()
        (scoring / name).write_text("nonsense")
        (scoring / name).chmod(0o600)
        done = score(scoring, scoring / "predictions.json")
        assert isinstance(done.exception, ConfigError)
        assert "key" in str(done.exception)
        (scoring / name).write_bytes(kept)


def test_without_the_library_for_signatures_nothing_is_opened(scoring, monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    done = score(scoring, scoring / "predictions.json")
    assert isinstance(done.exception, MissingExtra)
    assert not (scoring / "private_test/openings.jsonl").exists()


def test_an_address_that_is_none_is_refused(scoring):
    for url in ("javascript:alert(1)", "https://example.org/<b>", "https://", "https://" + "a" * 300):
        done = score(scoring, scoring / "predictions.json", "--url", url)
        assert "--url" in str(done.exception)
    assert score(scoring, scoring / "predictions.json", "--url", "https://example.org/m-1").exit_code == 0


def test_a_card_is_not_written_over(scoring):
    (scoring / "card.json").write_text("mine")
    assert isinstance(score(scoring, scoring / "predictions.json").exception, ConfigError)
    assert not (scoring / "private_test/openings.jsonl").exists()


def test_what_is_no_card_and_no_public_key_is_told(scoring):
    for card, key in (("predictions.json", "signing.pub"), ("predictions.json", "predictions.json")):
        done = call("bench", "card", scoring / card, "--key", scoring / key)
        assert isinstance(done.exception, ConfigError)


@pytest.mark.parametrize("name", ["manifest.json", "commitment.json"])
def test_a_sealed_folder_with_a_broken_file_is_not_scored_on(scoring, name):
    (scoring / "private_test" / name).write_text("{")
    assert isinstance(score(scoring, scoring / "predictions.json").exception, DamagedRelease)


def test_keys_that_are_there_stay(made):
    before = (made / "sealing.key").read_bytes(), (made / "signing.key").read_bytes()
    assert call("bench", "keys", made).exit_code == 0
    assert ((made / "sealing.key").read_bytes(), (made / "signing.key").read_bytes()) == before


# ------------------------------------------------------------------------------------------- programs

PROGRAM = """
import argparse, json, struct
parser = argparse.ArgumentParser()
for name in ("--input_json_file", "--save_json_file", "--img_root_dir"):
    parser.add_argument(name)
arguments = parser.parse_args()
with open(arguments.input_json_file) as file:
    studies = json.load(file)
for study in studies.values():
    for path in study["image_path"]:
        with open(arguments.img_root_dir + path, "rb") as file:
            head = file.read(29)
        assert head[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
        study["bits"] = head[24]
    study["model_prediction"] = "Findings: " + study["context"]
with open(arguments.save_json_file, "w") as file:
    json.dump(studies, file)
"""


@pytest.fixture
def program():
    try:
        check_sandbox()
    except ConfigError as error:
        pytest.skip(error.problem)
    with tempfile.TemporaryDirectory() as held:
        Path(held).chmod(0o755)
        (Path(held) / "inference.py").write_text(PROGRAM)
        yield Path(held)


@pytest.mark.parametrize(("option", "bits"), [((), 16), (("--eight-bit",), 8)])
def test_a_program_in_the_form_of_rexrank_runs_on_the_inputs(made, own, program, option, bits):
    command = ("--", "/usr/bin/python3", program / "inference.py")
    output = own / "predictions.json"
    done = call(
        "bench", "run", own / "private_test", "--program", program, "--output", output, *option, *command
    )
    assert done.exit_code == 0, done.output
    left = json.loads(output.read_text())
    assert left.keys() == {study.id for study in hidden(made)}
    assert {study["bits"] for study in left.values()} == {bits}
    texts = [study.findings for study in hidden(made) if study.findings]
    assert not [text for text in texts if text in output.read_text()]
    checked = call("bench", "check", own / "private_test", output)
    assert checked.exit_code == 0
    assert "a copy of the study's context" in checked.output
    assert not (own / "private_test/openings.jsonl").exists()


def test_a_folder_that_would_show_the_split_is_not_given_to_a_program(own, program):
    for folder in (own, own / "private_test/inputs", own / "private_test"):
        done = call(
            "bench",
            "run",
            own / "private_test",
            "--program",
            folder,
            "--output",
            own / "x.json",
            "--",
            "true",
        )
        assert "would show the sealed split" in str(done.exception)
