"""Studies that fail late, quotas that do not fit, and files that change under way."""

from __future__ import annotations

import signal
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from release_settings import configure

from radrelease import committing, making, scrubbing
from radrelease.adapters.workers import Failure
from radrelease.errors import BrokenPromise, ConfigError, NothingToRelease
from radrelease.pipeline import build, plan
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.rejections import Reason
from radrelease.stages.audit.search import residual
from radrelease.testing import make_export


def prepare(folder, **split):
    gold = make_export(folder, patients=9, image_side=96)
    config, secret = configure(
        folder,
        release={"layouts": ["native"]},
        split={"valid": 2, "test": 2, **split},
        workers={"processes": 1, "study_timeout_s": 30},
    )
    return gold, config, secret


def reasons(folder):
    rows = pq.read_table(folder / "work/rejected.parquet").to_pylist()
    return {row["subject"]: row["reason"] for row in rows if row["kind"] == "study"}


def in_this_process(function, tasks, *, config, timeout_s):
    """An engine without processes, so that a test can reach into the worker."""
    for task in list(tasks):
        try:
            yield task, function(task)
        except KeyboardInterrupt:
            yield task, Failure(Reason.WORKER_CRASHED)


def bisect_in_this_process(function, batches, *, config, timeout_s):
    for batch in batches:
        for item in batch:
            yield next(in_this_process(function, [(item,)], config=config, timeout_s=None))


def test_an_identifier_that_survives_scrubbing_turns_the_study_away(tmp_path, monkeypatch):
    gold, config, secret = prepare(tmp_path)
    victim = gold.studies[0]

    def forgetful(text, **known):
        return () if text == victim.report.strip() else real(text, **known)

    real = scrubbing.scrub
    monkeypatch.setattr(scrubbing, "scrub", forgetful)
    monkeypatch.setattr(
        making,
        "residual",
        lambda texts, *known: "Abernathy" if victim.sections["Findings"] in texts else None,
    )
    monkeypatch.setattr(committing, "run", in_this_process)
    built = build(config, secret)
    assert reasons(tmp_path)[victim.study_uid] == Reason.RESIDUAL_IDENTIFIER
    assert built.findings == ()


def test_the_self_check_knows_what_a_scrubber_may_forget():
    known = [
        Identifier(IdentifierKind.PATIENT_NAME, "Abernathy^Ingrid"),
        Identifier(IdentifierKind.PATIENT_ID, "0012345"),
    ]
    for text in ("seen by abernathy", "INGRID'S films", "MRN 00-123-45", "12345"):
        assert residual([text], known), text
    assert residual(["Swan-Ganz catheter, 12 mm"], known) is None


def test_a_study_that_ends_its_process_is_turned_away_and_the_rest_goes_on(tmp_path, monkeypatch):
    gold, config, secret = prepare(tmp_path)
    victim = gold.studies[3].study_uid
    real = making._make_study

    def explosive(study, *rest):
        if study.study_uid == victim:
            raise KeyboardInterrupt
        return real(study, *rest)

    monkeypatch.setattr(making, "_make_study", explosive)
    monkeypatch.setattr(committing, "run", in_this_process)
    monkeypatch.setattr(committing, "run_bisecting", bisect_in_this_process)
    built = build(config, secret)
    assert reasons(tmp_path)[victim] == Reason.WORKER_CRASHED
    assert built.findings == ()
    assert built.assignment.reached == built.assignment.wanted


def test_studies_beyond_the_quotas_are_told(tmp_path):
    _, config, secret = prepare(tmp_path, train=6)
    built = build(config, secret)
    assert sum(built.assignment.reached.values()) == 10
    assert Reason.SURPLUS in reasons(tmp_path).values()


def test_surplus_can_be_an_error(tmp_path):
    _, config, secret = prepare(tmp_path, train=6, surplus="error")
    with pytest.raises(ConfigError, match="are in no split"):
        plan(config, secret)


def test_a_file_that_changes_after_the_catalog_is_turned_away(tmp_path, monkeypatch):
    _, config, secret = prepare(tmp_path)
    real = committing.run

    def late(function, tasks, **settings):
        for path in sorted((tmp_path / "export/lakeside/dicom").rglob("*.DCM"))[:1]:
            path.write_bytes(path.read_bytes() + b"\0\0")
        return real(function, tasks, **settings)

    monkeypatch.setattr(committing, "run", late)
    build(config, secret)
    rows = pq.read_table(tmp_path / "work/rejected.parquet").to_pylist()
    assert [row["reason"] for row in rows if row["reason"] == Reason.FILE_CHANGED]


def test_a_killed_run_goes_on_where_it_stopped(tmp_path):
    _, config, secret = prepare(tmp_path)
    code = f"""
import os, signal
from pathlib import Path
from radrelease import committing
from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build
real = committing._commit
def commit(*arguments):
    real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
committing._commit = commit
config = load_config(Path({str(tmp_path / "release.toml")!r}))
build(config, load_secret(config))
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    (shard_folder,) = (tmp_path / "work/shards").iterdir()
    before = shard_folder.stat().st_mtime_ns
    assert not (tmp_path / "release").exists()
    assert build(config, secret).findings == ()
    assert shard_folder.stat().st_mtime_ns == before


def test_two_runs_on_one_work_folder_are_refused(tmp_path):
    from radrelease.adapters.files import lease, make_private

    _, config, secret = prepare(tmp_path)
    make_private(tmp_path / "work")
    with lease(tmp_path / "work"), pytest.raises(ConfigError, match="another run"):
        build(config, secret)


def test_a_lost_input_stops_the_run_and_publishes_nothing(tmp_path, monkeypatch):
    from radrelease import pipeline

    _, config, secret = prepare(tmp_path)
    real = pipeline.make_plan

    def careless(*arguments):
        from dataclasses import replace

        done = real(*arguments)
        return replace(done, rejected=done.rejected[1:])

    monkeypatch.setattr(pipeline, "make_plan", careless)
    with pytest.raises(BrokenPromise, match=r"became \d+"):
        build(config, secret)
    assert not (tmp_path / "release").exists()


def test_an_export_without_chests_releases_nothing(tmp_path):
    _, config, secret = prepare(tmp_path)
    none = config.model_copy(
        update={"eligibility": config.eligibility.model_copy(update={"modalities": ("MG",)})}
    )
    with pytest.raises(NothingToRelease):
        build(none, secret)
