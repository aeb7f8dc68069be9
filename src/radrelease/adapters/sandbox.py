"""Runs a stranger's program where it can read pictures, and nothing else of this machine (bubblewrap).

Own namespaces of users, processes, network and mounts; an empty environment; a read-only root of the system's
programs; scratch space in memory that is limited. What it leaves is read within the sandbox and comes out
through a pipe, so no link or device that it makes is ever looked at from outside.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer

from radrelease.errors import ConfigError, ProgramFailed

__all__ = ["Confined", "Limits", "check_sandbox", "nobody", "run_confined"]

INPUTS, OUTPUT = "/inputs", "/output"
_NOBODY = 65534
"""Who a program runs as if we are root: the kernel limits nobody's processes, and not root's."""

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
_FAILED, _NOTHING = 81, 82
_SCRIPT = f"""out=$1; shift
"$@" >&2 || exit {_FAILED}
[ -f "$out" ] && [ ! -L "$out" ] || exit {_NOTHING}
exec cat "$out"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may use."""

    seconds: float
    memory_mb: int  # of one process
    scratch_mb: int  # of /tmp, /dev/shm and /output, each; it is memory
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """A program, what it may see and what it may use."""

    command: Sequence[str]
    inputs: Path  # becomes /inputs
    programs: Sequence[Path]  # folders with the program and its environment, seen where they are
    devices: Sequence[Path]  # of graphics processors, say
    limits: Limits
    output_bytes: int


def check_sandbox() -> None:
    """Raise :class:`ConfigError` where programs cannot be confined: they are never run in the open."""
    where = "bench run"
    if sys.platform != "linux" or not (shutil.which("bwrap") and shutil.which("prlimit")):
        mend = "Install it (Debian: apt-get install bubblewrap), or have participants send predictions"
        raise ConfigError(where, "bubblewrap is not here, and nothing is run without it", mend)
    tried = _popen(
        ["bwrap", *_alone(), "--ro-bind", "/", "/", "true"], subprocess.DEVNULL, subprocess.DEVNULL
    )
    if tried.wait() != 0:
        mend = "Allow user namespaces on this machine, or use another one"
        raise ConfigError(where, "bubblewrap may not make namespaces here", mend)


def nobody() -> int | None:
    """The user that a program will run as, None if it is ours."""
    return _NOBODY if os.geteuid() == 0 else None


def run_confined(confined: Confined, log: Path) -> bytes:
    """What the program left at ``/output/predictions.json``; its messages go to ``log``, mode 0600.

    Raises :class:`ProgramFailed` where it fails, takes too long, or leaves no plain file of a decent size.
    """
    late = Event()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as messages:
        process = _popen(list(_command(confined)), subprocess.PIPE, messages.fileno())
    timer = Timer(confined.limits.seconds, _overdue, (process, late))
    timer.start()
    try:
        data, code = _outcome(process, confined.output_bytes)
    finally:
        timer.cancel()
        _end(process)
    if late.is_set():
        raise ProgramFailed(f"it was ended after {confined.limits.seconds:g} seconds")
    return _judged(data, code, confined.output_bytes)


def _outcome(process: subprocess.Popen[bytes], most: int) -> tuple[bytes, int]:
    """What comes out, of which no more than a byte too many is read, and the exit code."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with process.stdout as leaving:
        data = leaving.read(most + 1)
    if len(data) > most:
        _end(process)
    return data, process.wait()


def _judged(data: bytes, code: int, most: int) -> bytes:
    if len(data) > most:
        raise ProgramFailed(f"its output is larger than {most:,} bytes")
    if code == _NOTHING:
        raise ProgramFailed("it left no plain file at --save_json_file")
    if code != 0:
        raise ProgramFailed("it failed, or was ended by a limit")
    return data


def _overdue(process: subprocess.Popen[bytes], late: Event) -> None:
    late.set()
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the sandbox if it still runs, and with its first process all that is in it."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _popen(command: list[str], output: int, messages: int) -> subprocess.Popen[bytes]:
    user = nobody()
    return subprocess.Popen(  # noqa: S603 - that it is a stranger's is the point
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=messages,
        env={"PATH": os.defpath},
        cwd="/",
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def _command(confined: Confined) -> Iterator[str]:
    limits = confined.limits
    yield from ("prlimit", "--core=0", f"--nproc={limits.processes}", f"--data={limits.memory_mb << 20}")
    yield from (f"--fsize={limits.scratch_mb << 20}", "bwrap", *_alone())
    yield from ("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp")  # noqa: S108
    yield from ("--setenv", "LANG", "C.UTF-8")
    yield from _system()
    yield from ("--proc", "/proc", "--dev", "/dev")
    for place in ("/dev/shm", "/tmp", OUTPUT):  # noqa: S108
        yield from ("--size", str(limits.scratch_mb << 20), "--tmpfs", place)
    for device in confined.devices:
        yield from ("--dev-bind", str(device), str(device))
    for folder in (path.resolve() for path in confined.programs):
        yield from ("--ro-bind", str(folder), str(folder))
    yield from ("--ro-bind", str(confined.inputs), INPUTS)
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp")  # noqa: S108
    result = f"{OUTPUT}/predictions.json"
    yield from ("/bin/sh", "-c", _SCRIPT, "run", result, *confined.command)
    yield from ("--input_json_file", f"{INPUTS}/input.json", "--save_json_file", result)
    yield from ("--img_root_dir", f"{INPUTS}/images/")


def _alone() -> tuple[str, ...]:
    """Own namespaces of everything, none of which can be left, and nothing of our environment."""
    return (
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--clearenv", "--cap-drop", "ALL"),
    )


def _system() -> Iterator[str]:
    """The system's own programs and libraries, as they lie here."""
    for place in map(Path, _SYSTEM):
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), str(place))
        elif place.is_dir():
            yield from ("--ro-bind", str(place), str(place))
    for name in _SETTINGS:
        yield from ("--ro-bind-try", name, name)
