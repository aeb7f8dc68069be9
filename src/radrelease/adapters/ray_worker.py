"""What runs on the nodes of a Ray cluster: an actor that opens sealed tasks for a process of its own.

That process is set up, limited and watched as one of the local engine, and so a study fails on a cluster as
it fails here. The actor does none of the work: it lives on when its process does not, and leaves when the
run is over. What Ray carries, keeps and may spill to a disk is sealed with a key that lies in the run's
folder (docs/decisions/0019-ray.md).
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyrage

from radrelease.adapters.files import is_held
from radrelease.adapters.local_workers import Slot
from radrelease.adapters.worker import raised

__all__ = ["KEY", "Fault", "Hello", "RayWorker", "Sealer", "software"]

KEY = "ray.key"
"""In the run's folder: what opens the run's tasks and results, for their owner alone."""

_LOOK_S = 1.0
"""How often a worker looks whether its run goes on."""

_GREETING_S = 120.0

_BYTES_DEPEND_ON = (
    "radrelease", "imagecodecs", "numpy", "pillow", "pyarrow", "pydicom", "rapidfuzz", "zlib-ng", "zstandard",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a worker from the run's work, and how to mend it. Ray carries it in the clear."""

    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class Hello:
    """What the driver says of itself: versions by name, and the inputs that lie in folders, by setting."""

    software: Mapping[str, str]
    inputs: tuple[tuple[str, Path], ...]


class Sealer:
    """Seals and opens what Ray carries, in the age format."""

    def __init__(self, identity: str) -> None:
        self._identity = pyrage.x25519.Identity.from_str(identity)

    def seal(self, clear: object) -> bytes:
        """The object, pickled and encrypted."""
        sealed: bytes = pyrage.encrypt(pickle.dumps(clear), [self._identity.to_public()])
        return sealed

    def open(self, sealed: bytes) -> Any:
        """The object that was sealed; nobody can make one without the key."""
        return pickle.loads(pyrage.decrypt(sealed, [self._identity]))  # noqa: S301 - our own


class RayWorker:
    """An actor of one slot. It raises nothing, since Ray would write that into its logs."""

    def __init__(self, folder: str) -> None:
        """``folder`` is the run's."""
        self._folder = Path(folder)
        self._slot = Slot(_work)
        _say_nothing()

    def greet(self, hello: bytes) -> Fault | None:
        """What keeps this worker from working, if anything; from now on it leaves when its run is over."""
        if os.environ.get("RAY_AUTH_MODE", "").lower() != "token":
            return Fault("was started without a token", "Set RAY_AUTH_MODE=token wherever `ray start` is run")
        try:
            self._sealer = Sealer((self._folder / KEY).read_text(encoding="ascii"))
            Path(mkdtemp(dir=self._folder)).rmdir()
        except Exception as error:
            mend = "Put it on storage that all nodes have at the same path, and run Ray as the same user"
            return Fault(f"cannot use the work folder ({type(error).__name__})", mend)
        if not is_held(self._folder):
            mend = "Mount its storage so that locks are seen by all nodes, as with Lustre's option flock"
            return Fault("does not see that the work folder is locked", mend)
        threading.Thread(target=_leave_with, args=(self._folder,), daemon=True).start()
        answer = self._slot.ask(pickle.dumps((_find_fault, self._sealer.open(hello))), _GREETING_S)
        if not isinstance(answer, bytes):
            mend = "Install the same software on every node"
            return Fault("cannot start a process that works", mend)
        fault: Fault | None = pickle.loads(answer)  # noqa: S301 - from our own process
        return fault

    def ask(self, sealed: bytes, timeout_s: float) -> bytes:
        """What becomes of the task, sealed: a pickled result, a Failure or what was raised."""
        try:
            answer = self._slot.ask(self._sealer.open(sealed), timeout_s)
        except Exception as error:
            answer = raised(error)
        return self._sealer.seal(answer)


def software() -> dict[str, str]:
    """What the bytes of a release depend on, as it is installed here."""
    from radrelease.adapters.png import encoder_identity  # noqa: PLC0415 - the actor has no need of it

    return {name: version(name) for name in _BYTES_DEPEND_ON} | {"PNG encoder": encoder_identity()}


def _find_fault(hello: Hello) -> Fault | None:
    own = software()
    for name, expected in hello.software.items():
        if own.get(name) != expected:
            problem = f"has {name} {own.get(name)}, and this machine {expected}"
            return Fault(problem, "Install the same software on every node")
    for where, path in hello.inputs:
        if not os.access(path, os.R_OK):
            return Fault(f"cannot read {where}", "Put inputs on storage that all nodes have at the same path")
    return None


def _work(packed: bytes) -> bytes:
    """Call the pickled function with its task; the actor, which passes them on, loads none of it."""
    function, task = pickle.loads(packed)  # noqa: S301 - sealed by our own driver
    return pickle.dumps(function(task))


def _say_nothing() -> None:
    """Ray keeps what its workers write to standard output and error, and a library may quote an input."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    vars(sys.modules["__main__"]).pop("__file__", None)  # else each process would load Ray's own program


def _leave_with(folder: Path) -> None:
    while is_held(folder):
        time.sleep(_LOOK_S)
    os._exit(0)
