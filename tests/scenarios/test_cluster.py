"""A build on a real Ray of this machine: the bytes of a local one, whatever happens to a worker or the driver."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from canaries import CANARIES, leaked, make_canaries
from cluster_tasks import SAID
from ray_cluster import ray_cluster

from radrelease.adapters import ray_workers
from radrelease.adapters.config_file import load_config
from radrelease.adapters.workers import check_engine
from radrelease.errors import ConfigError, MissingExtra
from radrelease.rejections import Reason

ROOT = Path(__file__).parents[2]
MODULES = [ROOT / "src", ROOT / "tests/support"]
HERE = os.pathsep.join(map(str, MODULES))

pytestmark = pytest.mark.xdist_group("cluster")
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray (extra ray)")


@pytest.fixture(scope="module")
def cluster():
    with ray_cluster(MODULES) as started:
        yield started


@pytest.fixture(scope="module")
def calm():
    """An export with canaries, and what a build by processes of this machine makes of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gold = make_canaries(folder)
        done = run(folder, {})
        assert done.returncode == 0, done.stderr
        yield folder, gold


@pytest.fixture
def place(calm):
    """A folder with the same export, to be built on the cluster."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(calm[0] / "export", folder / "export", symlinks=True)
        shutil.copy2(calm[0] / "key", folder / "key")
        settings = (calm[0] / "release.toml").read_text()
        settings = settings.replace("[workers]", '[workers]\nengine = "ray"')
        (folder / "release.toml").write_text(settings.replace("timeout_s = 20", "timeout_s = 6"))
        yield folder


def start(folder, environment, before=""):
    """Begin a build by the command line; ``before`` is run in its process first."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{before}\nfrom radrelease.cli import main; main()", "build", "release.toml"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": HERE, **environment},
    )


def run(folder, environment, before=""):
    process = start(folder, environment, before)
    said, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, said, errors)


def sums(folder):
    return [(folder / "out" / name / "SHA256SUMS").read_text() for name in ("release", "private_test")]


def new_reasons(folder, calm):
    """The studies rejected with another reason than in the undisturbed build, or only now."""
    now, before = (
        {row["study_uid"]: row["reason"] for row in rows if row["kind"] == "study"}
        for rows in (pq.read_table(at / "work/rejected.parquet").to_pylist() for at in (folder, calm[0]))
    )
    return {uid: reason for uid, reason in now.items() if before.get(uid) != reason}


def published(calm):
    """The studies of the undisturbed release, first those of the patient who has most."""
    turned_away = {row["study_uid"] for row in pq.read_table(calm[0] / "work/rejected.parquet").to_pylist()}
    left = [row for row in calm[1].studies if row.study_uid not in turned_away]
    studies = Counter(row.mrn for row in left)
    left.sort(key=lambda row: (-studies[row.mrn], row.mrn, row.study_uid))
    return [row.study_uid for row in left]


def kept_by_ray(cluster, *words):
    """The files of Ray's folder in which a word stands."""
    needles = [word.encode() for word in words]
    files = [path for path in cluster.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any("python-core-worker" in path.name for path in files)
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]


def poisoned(victims):
    return f"""
from functools import partial
import poison
from radrelease import committing
committing.run_shard = partial(poison.run_shard, {victims!r})
committing.probe_studies = partial(poison.probe_studies, {victims!r})
"""


@needs_ray
def test_a_release_made_on_a_cluster_is_the_one_made_here_and_ray_keeps_no_identifier(cluster, place, calm):
    done = run(place, cluster.environment)
    assert done.returncode == 0, done.stderr
    assert sums(place) == sums(calm[0])
    assert leaked(place, done.stdout, done.stderr) == []
    key = (place / "key").read_text()
    assert kept_by_ray(cluster, *CANARIES, *(word.upper() for word in CANARIES), key) == []
    assert not (place / "work/runs").exists()


@needs_ray
def test_studies_that_hang_crash_or_eat_memory_on_a_cluster_cost_no_other_study(cluster, place, calm):
    hang, crash, eat = published(calm)[:3]  # of one patient, and so of one shard
    settings = (place / "release.toml").read_text()
    settings = settings.replace("0.1", "0").replace(
        "[secret]", "[deidentification]\nsmallest_cell = 0\n[secret]"
    )
    (place / "release.toml").write_text(settings)  # nothing moves for want of them: one round is enough
    done = run(place, cluster.environment, poisoned({hang: "hang", crash: "crash", eat: "eat"}))
    assert done.returncode == 0, done.stderr
    assert new_reasons(place, calm) == {
        hang: Reason.WORKER_TIMEOUT,
        crash: Reason.WORKER_CRASHED,
        eat: Reason.WORKER_MEMORY,
    }
    assert leaked(place, done.stdout, done.stderr) == []


@needs_ray
def test_a_build_goes_on_at_once_after_its_driver_was_killed_and_the_workers_of_the_dead_one_leave(
    cluster, place, calm
):
    hang, *_ = published(calm)
    first = start(place, cluster.environment, poisoned({hang: "hang"}))
    try:
        until(lambda: list(place.glob("work/runs/*/*-*/archive")))
        old = workers_of(cluster)
        assert old
    finally:
        first.kill()
        first.communicate()
    done = run(place, cluster.environment)
    assert done.returncode == 0, done.stderr
    assert sums(place) == sums(calm[0])
    until(lambda: not old & workers_of(cluster))


WORK = """
import os, sys
from pathlib import Path
from cluster_tasks import work
from radrelease.adapters.config_file import load_config
from radrelease.adapters.files import lease, make_private
from radrelease.adapters.workers import Failure, run
config = load_config(Path("release.toml"))
with lease(make_private(config.release.work)):
    try:
        for task, outcome in run(work, sys.argv[1:], config=config, timeout_s=lambda task: 3.0):
            print(task.split()[0], outcome.reason if isinstance(outcome, Failure) else len(outcome), flush=True)
    except LookupError as error:
        print("raised", type(error).__name__)
"""


def start_tasks(cluster, place, *tasks):
    return subprocess.Popen(
        [sys.executable, "-c", WORK, *tasks],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **cluster.environment},
    )


def told(said):
    """The outcomes by task; Ray's own lines on lost workers are longer."""
    return dict(line.split() for line in said.splitlines() if len(line.split()) == 2)


@needs_ray
def test_whatever_becomes_of_a_task_is_told_as_here_and_said_to_nobody(cluster, place):
    process = start_tasks(cluster, place, "die", "a", "hang", "eat", "say", *("large",) * 6, "b")
    said, errors = process.communicate()
    assert told(said) == {
        "die": Reason.WORKER_CRASHED,
        "hang": Reason.WORKER_TIMEOUT,
        "eat": Reason.WORKER_MEMORY,
        "a": "1",
        "b": "1",
        "say": "3",
        "large": str(11 << 22),
    }, errors
    said, errors = start_tasks(cluster, place, "a", "raise").communicate()
    assert said.splitlines()[-1] == "raised LookupError"
    assert SAID not in errors
    assert kept_by_ray(cluster, SAID) == []


@needs_ray
def test_a_worker_that_is_killed_is_replaced(cluster, place):
    (place / "there").touch()
    process = start_tasks(cluster, place, f"once {place / 'there'} {place / 'pid'}", "a", "b", "c")
    until(lambda: (place / "pid").exists() and (place / "pid").read_text())
    (worker,) = workers_of(cluster) & ancestors(int((place / "pid").read_text()))
    os.kill(worker, signal.SIGKILL)
    said, errors = process.communicate()
    assert told(said) == {
        "once": Reason.WORKER_CRASHED,
        **dict.fromkeys("abc", "1"),
    }, errors


@needs_ray
@pytest.mark.parametrize(
    ("before", "problem"),
    [
        ("ray_workers.software = lambda: {'numpy': '1.0'}", "has numpy 2"),
        ("ray_workers._inputs = lambda _: (('[[source]] a dicom', Path('/nowhere')),)", "cannot read [[source]] a dicom"),
    ],
    ids=["software", "inputs"],
)  # fmt: skip
def test_a_worker_unlike_the_driver_ends_the_build_before_any_work(cluster, place, before, problem):
    done = run(
        place,
        cluster.environment,
        f"from pathlib import Path\nfrom radrelease.adapters import ray_workers\n{before}",
    )
    assert done.returncode == 2
    assert f"[workers] engine: a worker of the cluster {problem}" in done.stderr
    assert not (place / "out").exists()
    assert leaked(place, done.stdout, done.stderr) == []


@needs_ray
def test_no_cluster_is_told_before_any_work(place, tmp_path):
    done = run(place, {"RAY_AUTH_MODE": "token", "RAY_TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert "there is no cluster to be had at 'auto'" in done.stderr
    assert "release.toml:" in done.stderr
    assert not (place / "work").exists()


def test_ray_without_its_extra_or_without_a_token_is_told_before_any_work(place, monkeypatch):
    config = load_config(place / "release.toml")
    monkeypatch.setattr(ray_workers, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"radrelease\[ray\]"):
        check_engine(config)
    monkeypatch.setattr(ray_workers, "find_spec", lambda name: name)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(ConfigError, match="Set RAY_AUTH_MODE=token here and on every node"):
        check_engine(config)


@pytest.mark.parametrize("address", ["ray://head:10001", "head", "http://head:6379"])
def test_an_address_that_is_no_node_s_is_told(place, address):
    settings = (place / "release.toml").read_text()
    (place / "release.toml").write_text(settings.replace("[workers]", f'[workers]\naddress = "{address}"'))
    with pytest.raises(ConfigError, match="of a cluster that this machine is a node of; not ray://"):
        load_config(place / "release.toml")


GREET = """
import fcntl, os, pickle, sys
from pathlib import Path
import pyrage
from radrelease.adapters.files import lease, make_private, run_folder
from radrelease.adapters.ray_worker import KEY, Hello, RayWorker, Sealer, software
os.environ["RAY_AUTH_MODE"] = "token"
work = make_private(Path("work"))
reader, writer = os.pipe()
with lease(work) as token:
    folder = run_folder(work)
    assert folder == work / "runs" / token
    key = str(pyrage.x25519.Identity.generate())
    (folder / KEY).write_text(key)
    hello = Sealer(key).seal(Hello(software(), ()))
    if not os.fork():  # another process, as a worker is
        os.close(writer)
        {trouble}
        fault = RayWorker(str(folder)).greet(hello)
        Path("fault").write_text(fault.problem if fault else "none")
        os._exit(0)
    os.close(reader)
    os.wait()
"""


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        ("", "none"),
        ("os.environ.pop('RAY_AUTH_MODE')", "was started without a token"),
        ("(folder / KEY).unlink()", "cannot use the work folder (FileNotFoundError)"),
        ("folder = work / 'elsewhere'", "cannot use the work folder (FileNotFoundError)"),
        ("(folder / 'held').unlink(); (folder / 'held').touch()", "does not see that the work folder is locked"),
    ],
    ids=["none", "token", "key", "folder", "lock"],
)  # fmt: skip
def test_a_worker_says_what_keeps_it_from_its_work(tmp_path, trouble, fault):
    environment = {**os.environ, "PYTHONPATH": HERE}
    subprocess.run(
        [sys.executable, "-c", GREET.format(trouble=trouble)], cwd=tmp_path, env=environment, check=True
    )
    assert (tmp_path / "fault").read_text() == fault


def until(happens, most_s=60.0):
    """Wait for it; how long it takes is not looked at."""
    end = time.monotonic() + most_s
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def status(pid):
    """The parent of a process and its command line; of one that is gone, nothing."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        return parent, Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return 0, ""


def ancestors(pid):
    found = set()
    while pid > 1:
        found.add(pid)
        pid = status(pid)[0]
    return found


def workers_of(cluster):
    """The actors of our class that live on the cluster, by process number."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    actors = [pid for pid in pids if status(pid)[1].startswith("ray::RayWorker")]
    return {pid for pid in actors if cluster.pid in ancestors(pid)}
