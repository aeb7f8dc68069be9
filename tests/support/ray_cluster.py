"""A real Ray of this machine, for the tests of the cluster engine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

WORDS = "a-token-of-more-than-enough-letters-for-ray"
_STARTS_S = 90


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Ray keeps its files, the process that started it, and what a program's environment must say to be one of its nodes."""

    folder: Path
    pid: int
    environment: dict[str, str]


@contextmanager
def ray_cluster(modules: list[Path]) -> Iterator[Cluster]:
    """A head with two CPUs, no dashboard and token authentication; its workers can import from ``modules``."""
    folder = Path(tempfile.mkdtemp(prefix="rr", dir="/tmp"))  # short, as sockets' paths are limited
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": WORDS,
        "RAY_TMPDIR": str(folder),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",  # else other tests go before
        "PYTHONPATH": os.pathsep.join(map(str, modules)),
    }
    command = [
        str(Path(sys.executable).with_name("ray")),
        "start",
        "--head",
        "--block",
        "--num-cpus=2",
        "--port=0",
    ]
    command += ["--include-dashboard=false", "--disable-usage-stats", "--object-store-memory=78643200"]
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_for(process)
        yield Cluster(folder, process.pid, environment)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(process: subprocess.Popen[str]) -> None:
    """Until Ray says that it runs; what it says afterwards is read and forgotten."""
    overdue = threading.Timer(_STARTS_S, process.kill)
    overdue.start()
    said = []
    for line in process.stdout:
        said.append(line)
        if "runtime started" in line:
            break
    else:
        raise RuntimeError("".join(said))
    overdue.cancel()
    threading.Thread(target=process.stdout.read, daemon=True).start()
