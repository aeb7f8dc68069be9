"""One contender, one process: what ``bench_pixels.py`` asks it, how it times itself. Standard library only.

A question is a line of JSON on the process's standard input, its answer one on its standard output. CPU is
user and system time of the process (or of its children, for a program it starts), so neither start-up nor
imports count, and contenders can take turns within one run.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Run = Callable[[Path], object]
"""Writes the picture of the prepared file to the path."""
Prepare = Callable[[Path], Run]
"""What may be done ahead for a file without being timed."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def cpu_seconds(who: int = resource.RUSAGE_SELF) -> float:
    """User and system time so far."""
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def serve(load: Callable[[], tuple[str, Prepare]], who: int = resource.RUSAGE_SELF) -> None:
    """Answer until standard input ends; ``load`` imports, and gives a version and the contender."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print must not stand among the answers
    try:
        version, prepare = load()
    except Exception as error:  # whatever a rival lacks is why it is not run
        print(json.dumps({"error": _said(error)}), file=answers)
        return
    print(json.dumps({"version": version}), file=answers)
    prepared: tuple[str, Run] | None = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if prepared is None or prepared[0] != question["source"]:
                prepared = question["source"], prepare(Path(question["source"]))
            answer = _answer(prepared[1], question, who)
        except Exception as error:  # so is what it cannot read
            answer = {"error": _said(error)}
        print(json.dumps(answer), file=answers)


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:160]


def _answer(run: Run, question: dict[str, Any], who: int) -> dict[str, Any]:
    target = Path(question["target"])
    if "seconds" in question:
        return _images_in(run, target, question["seconds"], who)
    milliseconds = []
    for _ in range(question["times"]):
        began = cpu_seconds(who)
        run(target)
        milliseconds.append(1000 * (cpu_seconds(who) - began))
    return {"milliseconds": milliseconds}


def _images_in(run: Run, target: Path, seconds: float, who: int) -> dict[str, Any]:
    """Images per second of wall clock and of CPU, and the share of a processor that the process had."""
    images, began, worked = 0, time.perf_counter(), cpu_seconds(who)
    while time.perf_counter() - began < seconds:
        run(target)
        images += 1
    elapsed = time.perf_counter() - began
    had = cpu_seconds(who) - worked
    return {"rate": images / elapsed, "rate_of_cpu": images / had, "share": had / elapsed}


class Contender:
    """The other end: starts the process and asks. ``missing`` is why it cannot run, or empty."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name, self.version, self.missing = name, "", ""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        self._process: subprocess.Popen[str] | None = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                bufsize=1,
                env={**os.environ, **ONE_THREAD},
            )
        except OSError as error:
            self.missing = _said(error)
            return
        first = self.end()
        self.version, self.missing = first.get("version", ""), first.get("error", "")

    def ask(self, source: Path, target: Path, **what: float) -> dict[str, Any]:
        """Timings of ``times`` runs or the rate over ``seconds``; or an ``error``."""
        self.begin(source, target, **what)
        return self.end()

    def begin(self, source: Path, target: Path, **what: float) -> None:
        """Ask without waiting for the answer."""
        if self.missing or self._process is None or self._process.stdin is None:
            return
        question = json.dumps({"source": str(source), "target": str(target), **what})
        with contextlib.suppress(BrokenPipeError):  # then there is no answer either
            print(question, file=self._process.stdin)

    def end(self) -> dict[str, Any]:
        """The answer to :meth:`begin`; a process that has ended gives its last words."""
        if self.missing or self._process is None or self._process.stdout is None:
            return {"error": self.missing}
        line = self._process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        self.missing = lines[-1][:160] if lines else f"ended with status {self._process.wait()}"
        return {"error": self.missing}

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()
        self._errors.close()
