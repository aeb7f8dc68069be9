"""Tasks for the workers of a cluster: what may become of one, each told by its first word."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

SAID = "Zzqcansaid"
"""A canary that a task says on standard output and error, in its exception."""


def work(task):
    what, *rest = task.split()
    if what == "die":
        os._exit(9)
    if what == "hang":
        ctypes.PyDLL(None).sleep(3600)
    if what == "eat":
        raise MemoryError(SAID)
    if what == "raise":
        raise LookupError(SAID)
    if what == "say":
        print(SAID, flush=True)
        print(SAID, file=sys.stderr, flush=True)
        os.write(1, SAID.encode())
        os.write(2, SAID.encode())
    if what == "large":
        return f"{SAID} " * (4 << 20)
    if what == "once":  # the first who finds the file there takes it away and waits to be killed
        try:
            Path(rest[0]).unlink()
        except FileNotFoundError:
            return "again"
        Path(rest[1]).write_text(str(os.getppid()))
        time.sleep(3600)
    return task.upper()
