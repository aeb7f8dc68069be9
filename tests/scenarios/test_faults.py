"""What can happen to a disk, a process or a machine: the same bytes, or a clear end, and never an identifier."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from canaries import leaked, make_canaries

from radrelease.adapters import files
from radrelease.adapters.files import lease, make_private, replace_folder, retrying
from radrelease.rejections import Reason

ROOT = Path(__file__).parents[2]
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2
pytestmark = pytest.mark.xdist_group("faults")  # they compare with one undisturbed build
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")


@pytest.fixture(scope="module")
def calm():
    """An export with canaries, and what an undisturbed build makes of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        gold = make_canaries(folder)
        done = run(folder)
        assert done.returncode == 0, done.stderr
        assert leaked(folder, done.stdout, done.stderr) == []
        yield folder, gold


@pytest.fixture
def place(calm):
    """A folder with the same export, in which nothing was built."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(calm[0] / "export", folder / "export", symlinks=True)
        for item in ("key", "release.toml"):
            shutil.copy2(calm[0] / item, folder / item)
        yield folder


def run(folder, before="", environment=None, **settings):
    """Build by the command line, in a process of its own; ``before`` is run in it first."""
    (folder / "tmp").mkdir(exist_ok=True)
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests/support")))
    return subprocess.run(
        [sys.executable, "-c", f"{before}\nfrom radrelease.cli import main; main()", "build", "release.toml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": paths, **(environment or {})},
        **settings,
    )


def sums(folder):
    return [(folder / "out" / name / "SHA256SUMS").read_text() for name in ("release", "private_test")]


def rejected(folder, kind="file"):
    rows = pq.read_table(folder / "work/rejected.parquet").to_pylist()
    return {(row["source"], row["subject"]): row["reason"] for row in rows if row["kind"] == kind}


def new_reasons(folder, calm, kind="file"):
    """The rejected inputs that the undisturbed build does not have."""
    before = rejected(calm[0], kind)
    return {key: reason for key, reason in rejected(folder, kind).items() if before.get(key) != reason}


def good_files(folder, count):
    """Files of the export that are published, each the first of its study."""
    found = sorted(path for path in (folder / "export").rglob("ZZQCANFILE*") if path.is_file())
    return found[:count]


def change(folder, old, new):
    text = (folder / "release.toml").read_text()
    assert old in text
    (folder / "release.toml").write_text(text.replace(old, new))


LATE = """
from pathlib import Path
from radrelease import committing
real = committing.run
def late(function, tasks, **settings):
    {act}
    return real(function, tasks, **settings)
committing.run = late
"""


class Mounted:
    """A small file system of its own, where the machine allows it."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options

    def __enter__(self):
        self.folder.mkdir()
        self.mount(self.options)
        return self

    def mount(self, options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no file system may be mounted here")

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.folder)], check=True)


@as_root
def test_a_full_disk_ends_the_run_clearly_and_with_room_the_build_goes_on(place, calm):
    with Mounted(place / "work", "size=300k") as disk:
        full = run(place)
        assert full.returncode == 4, full.stderr
        assert "No space left on device" in full.stderr
        assert not (place / "out").exists()
        disk.mount("remount,size=200m")
        done = run(place)
        assert done.returncode == 0, done.stderr
        assert sums(place) == sums(calm[0])
    assert leaked(place, full.stdout, full.stderr, done.stdout, done.stderr) == []


@as_root
def test_a_disk_that_is_full_for_the_release_alone_keeps_the_old_one(place):
    with Mounted(place / "out", "size=64k"):
        (place / "out/release").mkdir()
        (place / "out/release/manifest.json").write_text("the old one")
        done = run(place)
        assert done.returncode == 4, done.stderr
        assert "No space left on device" in done.stderr
        assert [path.name for path in (place / "out").iterdir()] == ["release"]
        assert (place / "out/release/manifest.json").read_text() == "the old one"
        assert leaked(place, done.stdout, done.stderr) == []


@as_root
@pytest.mark.parametrize("name", ["work", "output"])
def test_a_folder_that_may_only_be_read_is_told_before_any_work(place, name):
    change(place, *{"work": ('"work"', '"disk/work"'), "output": ('"out/release"', '"disk/release"')}[name])
    with Mounted(place / "disk", "size=1m,ro"):
        done = run(place)
    assert done.returncode == 2
    assert f"[release] {name}" in done.stderr
    assert "cannot be written to" in done.stderr
    assert not (place / "work").exists()


def test_a_file_that_vanishes_or_changes_meanwhile_is_turned_away(place, calm):
    gone, other, *_ = good_files(place, 2)
    act = f"Path({str(gone)!r}).unlink(missing_ok=True); p = Path({str(other)!r}); b = bytearray(p.read_bytes())"
    done = run(place, LATE.format(act=f"{act}; b[-40] ^= 255; p.write_bytes(b)"))
    assert done.returncode == 0, done.stderr
    new = new_reasons(place, calm)
    assert {path.name for path in (gone, other)} <= {Path(subject).name for _, subject in new}
    assert {
        reason for (_, subject), reason in new.items() if Path(subject).name in {gone.name, other.name}
    } == {Reason.FILE_CHANGED}
    assert leaked(place, done.stdout, done.stderr) == []


def test_an_export_that_is_gone_as_a_whole_ends_the_run_and_turns_nothing_away(place, calm):
    export, away = place / "export/lakeside/dicom", place / "export/away"
    act = f"Path({str(export)!r}).exists() and Path({str(export)!r}).rename({str(away)!r})"
    gone = run(place, LATE.format(act=act))
    assert gone.returncode == 4, gone.stderr
    assert "No such file" in gone.stderr
    assert not (place / "out").exists()
    away.rename(export)
    assert run(place).returncode == 0
    assert sums(place) == sums(calm[0])
    assert leaked(place, gone.stdout, gone.stderr) == []


def test_a_report_that_changes_meanwhile_is_published_as_it_was_read(place, calm):
    table = place / "export/lakeside/reports.csv"
    done = run(place, LATE.format(act=f"Path({str(table)!r}).write_text('Zzqcannote')"))
    assert done.returncode == 0, done.stderr
    assert sums(place) == sums(calm[0])
    assert leaked(place, done.stdout, done.stderr) == []


def obey_permissions():
    """Let what is started now obey the permissions of files, also where it is root."""
    for right in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, right, 0, 0, 0)


def test_a_file_and_a_folder_that_may_not_be_read_are_turned_away(place, calm):
    secret, *_, inner = good_files(place, 9)
    secret.chmod(0)
    inner.parent.chmod(0)
    done = run(place, preexec_fn=obey_permissions)
    assert done.returncode == 0, done.stderr
    new = new_reasons(place, calm)
    names = {subject: reason for (_, subject), reason in new.items()}
    assert names[next(name for name in names if name.endswith(secret.name))] == Reason.UNREADABLE_FILE
    assert Reason.UNREADABLE_FILE in {reason for name, reason in names.items() if inner.parent.name in name}
    inner.parent.chmod(0o755)
    assert leaked(place, done.stdout, done.stderr) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "0", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C", "TZ": "America/Adak", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "77"},
        {"LC_ALL": "POSIX", "TZ": ":/nowhere", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["tr_TR", "C", "POSIX"],
)
def test_no_locale_time_zone_or_order_of_hashes_changes_a_byte(place, calm, settings):
    done = run(place, environment=settings)
    assert done.returncode == 0, done.stderr
    assert sums(place) == sums(calm[0])
    assert leaked(place, done.stdout, done.stderr) == []


def test_files_of_the_future_and_a_clock_that_runs_backwards_change_no_byte(place, calm):
    for path in (place / "export").rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (4e9, 4e9))
    clock = "import itertools, time; ticks = itertools.count(2e9, -3600.0); time.time = lambda: next(ticks)"
    done = run(place, clock)
    assert done.returncode == 0, done.stderr
    assert sums(place) == sums(calm[0])


def test_a_second_run_on_a_work_folder_is_refused(place):
    make_private(place / "work")
    with lease(place / "work"):
        done = run(place)
    assert done.returncode == 2
    assert "another run holds this work folder" in done.stderr


def test_studies_that_hang_crash_or_eat_memory_cost_no_other_study(place, calm):
    published = {row.study_uid for row in calm[1].studies}
    turned_away = {row["study_uid"] for row in pq.read_table(calm[0] / "work/rejected.parquet").to_pylist()}
    hang, crash, eat = sorted(published - turned_away)[:3]
    change(place, "study_timeout_s = 20", "study_timeout_s = 8")
    before = f"""
from functools import partial
import poison
from radrelease import committing
victims = {{{hang!r}: "hang", {crash!r}: "crash", {eat!r}: "eat"}}
committing.run_shard = partial(poison.run_shard, victims)
committing.probe_studies = partial(poison.probe_studies, victims)
"""
    done = run(place, before)
    assert done.returncode == 0, done.stderr
    new = {uid: reason for (_, uid), reason in new_reasons(place, calm, "study").items()}
    assert new == {hang: Reason.WORKER_TIMEOUT, crash: Reason.WORKER_CRASHED, eat: Reason.WORKER_MEMORY}
    assert leaked(place, done.stdout, done.stderr) == []


def test_storage_that_fails_for_a_moment_is_asked_again_and_then_no_more(monkeypatch):
    monkeypatch.setattr(files, "_WAITS_S", (0.0, 0.0, 0.0))
    asked = Counter()

    def read(name, times, number):
        asked[name] += 1
        if asked[name] <= times:
            raise OSError(number, "away")
        return "there"

    assert retrying(lambda: read("passing", 3, errno.ESTALE)) == "there"
    with pytest.raises(OSError, match="away"):
        retrying(lambda: read("gone", 9, errno.EIO))
    with pytest.raises(FileNotFoundError):
        retrying(lambda: read("missing", 9, errno.ENOENT))
    assert asked == {"passing": 4, "gone": 4, "missing": 1}


def test_an_old_release_taken_away_by_a_killed_run_stays_until_the_new_one_stands(tmp_path):
    for name in ("new", ".release.leaving"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(name)
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "absent", tmp_path / "release")
    assert (tmp_path / ".release.leaving/manifest.json").is_file()
    replace_folder(tmp_path / "new", tmp_path / "release")
    assert [path.name for path in tmp_path.iterdir()] == ["release"]
