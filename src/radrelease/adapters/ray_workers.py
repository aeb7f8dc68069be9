"""The engine for clusters: the same tasks on the workers of a Ray cluster that is there already.

The driver hires actors (:mod:`radrelease.adapters.ray_worker`), one for each task at a time, gives a task to
one that has nothing to do, and hires another where one is lost. Ray is used for no more than that: to start
processes on nodes, to carry bytes, and to tell when a node is gone.
"""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyrage

from radrelease.adapters.files import run_folder, write_private
from radrelease.adapters.ray_worker import KEY, Hello, RayWorker, Sealer, software
from radrelease.adapters.worker import Failure, settled
from radrelease.config import Config, Workers
from radrelease.errors import ConfigError, MissingExtra
from radrelease.rejections import Reason

__all__ = ["check_ray", "count_on_ray", "run_on_ray"]

Task = TypeVar("Task")
Result = TypeVar("Result")

SETTING = "[workers] engine"

_HIRE_S = 600.0
"""For a cluster to give the first worker, new nodes included."""

_STARTS = 5
"""Workers in a row that may be lost before they greet."""

_PATIENCE_S = 600.0
"""Beyond a task's own time, which its worker keeps: then the worker itself is given up."""


def check_ray(workers: Workers) -> None:
    """Raise :class:`ConfigError` unless Ray is installed, asks for a token, and there is a cluster."""
    if find_spec("ray") is None:
        problem = '"ray" needs Ray, and it is not installed'
        raise MissingExtra(SETTING, problem, "Install it: pip install 'radrelease[ray]'")
    if os.environ.get("RAY_AUTH_MODE", "").lower() != "token":
        problem = "without a token, whoever reaches the cluster can run programs on it and read the export"
        raise ConfigError(SETTING, problem, "Set RAY_AUTH_MODE=token here and on every node")
    with _connected(workers):
        pass


def count_on_ray(workers: Workers) -> int:
    """How many tasks the cluster works on at once."""
    with _connected(workers) as ray:
        return _count(ray, workers)


def run_on_ray(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    config: Config,
    timeout_s: Callable[[Task], float],
) -> Iterator[tuple[Task, Result | Failure]]:
    """As :func:`radrelease.adapters.workers.run`, within the lease of the work folder.

    Raises :class:`ConfigError` where the workers have other software than this process, or do not see the
    work folder and the inputs.
    """
    with _connected(config.workers) as ray:
        most = _count(ray, config.workers)
        crew: _Crew[Task] = _Crew(ray, function, config, timeout_s)
        rest = iter(tasks)
        try:
            crew.take(islice(rest, most))
            while crew.load:
                over = crew.next_over()
                crew.take(islice(rest, most - crew.load))
                if over is not None:
                    yield over
        finally:
            crew.dismiss()


@contextmanager
def _connected(workers: Workers) -> Iterator[Any]:
    """Ray, connected to the cluster."""
    ray = import_module("ray")
    if ray.is_initialized():
        yield ray
        return
    try:
        ray.init(address=workers.address, log_to_driver=False, configure_logging=False)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        problem = f"there is no cluster to be had at {workers.address!r} ({type(error).__name__})"
        mend = "Run this on a node of the cluster, with its token and its versions of Ray and Python"
        raise ConfigError("[workers] address", problem, mend) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _count(ray: Any, workers: Workers) -> int:
    return workers.processes or max(1, int(ray.cluster_resources().get("CPU", 1)))


@dataclass(frozen=True, slots=True)
class _Job(Generic[Task]):
    worker: Any
    task: Task
    until: float  # on the monotonic clock


class _Crew(Generic[Task]):
    """The tasks in hand, and the workers: hired and not heard of yet, idle, and busy."""

    def __init__(
        self,
        ray: Any,
        function: Callable[[Task], Any],
        config: Config,
        timeout_s: Callable[[Task], float],
    ) -> None:
        self._ray, self._function, self._timeout_s = ray, function, timeout_s
        self._folder = run_folder(config.release.work)
        self._sealer = Sealer(_key(self._folder))
        self._hello = self._sealer.seal(Hello(software(), _inputs(config)))
        self._actor = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(RayWorker)
        self._waiting: deque[Task] = deque()
        self._hired: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, _Job[Task]] = {}
        self._lost = 0
        self._since = time.monotonic()

    @property
    def load(self) -> int:
        """The number of tasks in hand."""
        return len(self._waiting) + len(self._busy)

    def take(self, tasks: Iterable[Task]) -> None:
        """Take tasks on, give them to those who are idle, and hire for the rest."""
        self._waiting.extend(tasks)
        while self._waiting and self._idle:
            worker, task = self._idle.pop(), self._waiting.popleft()
            limit = self._timeout_s(task)
            packed = self._sealer.seal(pickle.dumps((self._function, task)))
            job = _Job(worker, task, time.monotonic() + limit + _PATIENCE_S)
            self._busy[worker.ask.remote(packed, limit)] = job
        while len(self._hired) < len(self._waiting):
            worker = self._actor.remote(str(self._folder))
            self._hired[worker.greet.remote(self._hello)] = worker

    def next_over(self) -> tuple[Task, Any] | None:
        """A task with what became of it; None where a worker was heard of instead."""
        first = min((job.until for job in self._busy.values()), default=self._since + _HIRE_S)
        patience = max(0.0, first - time.monotonic())
        ready, _ = self._ray.wait([*self._hired, *self._busy], num_returns=1, timeout=patience)
        if not ready:
            return self._give_up()
        self._since = time.monotonic()
        if ready[0] in self._hired:
            self._welcome(ready[0])
            return None
        job = self._busy.pop(ready[0])
        return job.task, self._outcome(job, ready[0])

    def dismiss(self) -> None:
        """End all workers."""
        busy = [job.worker for job in self._busy.values()]
        for worker in (*self._hired.values(), *self._idle, *busy):
            self._ray.kill(worker)

    def _welcome(self, answer: Any) -> None:
        worker = self._hired.pop(answer)
        try:
            fault = self._ray.get(answer)
        except self._ray.exceptions.RayError as error:
            self._lost += 1
            if self._lost >= _STARTS:
                problem = f"the cluster's workers end before they begin ({type(error).__name__})"
                mend = "Install radrelease, the same one, on every node; Ray's logs of its workers say more"
                raise ConfigError(SETTING, problem, mend) from None
            return
        if fault is not None:
            raise ConfigError(SETTING, f"a worker of the cluster {fault.problem}", fault.mend)
        self._lost = 0
        self._idle.append(worker)

    def _outcome(self, job: _Job[Task], answer: Any) -> Any:
        """The result or failure of a job; its worker is idle again, unless it was lost."""
        errors = self._ray.exceptions
        try:
            opened = self._sealer.open(self._ray.get(answer))
        except errors.RayError as error:
            self._ray.kill(job.worker)
            memory = isinstance(error, errors.OutOfMemoryError)
            return Failure(Reason.WORKER_MEMORY if memory else Reason.WORKER_CRASHED)
        self._idle.append(job.worker)
        return settled(pickle.loads(opened) if isinstance(opened, bytes) else opened)  # noqa: S301 - our own

    def _give_up(self) -> tuple[Task, Failure]:
        """On a worker from which nothing is heard, or on the cluster."""
        late = min(self._busy.items(), key=lambda item: item[1].until, default=None)
        if late is None:
            problem = f"the cluster has given no worker for {_HIRE_S:.0f} s"
            raise ConfigError(SETTING, problem, "See whether others hold its CPUs: `ray status`")
        job = self._busy.pop(late[0])
        self._ray.kill(job.worker)
        return job.task, Failure(Reason.WORKER_TIMEOUT)


def _key(folder: Path) -> str:
    """The identity that seals what this run gives to Ray; made once, and gone with the run's folder."""
    path = folder / KEY
    if not path.exists():
        write_private(path, str(pyrage.x25519.Identity.generate()).encode())
    return path.read_text(encoding="ascii")


def _inputs(config: Config) -> tuple[tuple[str, Path], ...]:
    """The inputs that are folders or files, by the setting that names them."""
    return tuple(
        (f"[[source]] {source.name} dicom", source.dicom)
        for source in config.source
        if isinstance(source.dicom, Path)
    )
