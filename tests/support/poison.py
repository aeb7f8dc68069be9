"""Work on a shard in which chosen files hang, crash or eat memory, in the real worker process."""

from __future__ import annotations

import ctypes
import os
import time

from radrelease import making, searching, shard

KINDS = ("hang", "crash", "eat")


def run_shard(victims, task):
    """As the shard's own; ``victims`` maps a study's raw UID to what its decoder does."""
    return _poisoned(shard.run_shard, victims, task)


def probe_studies(victims, batch):
    return _poisoned(shard.probe_studies, victims, batch)


def _poisoned(function, victims, task):
    real = making.draw

    def draw(instance, studio):
        _act(victims.get(instance.study_uid))
        return real(instance, studio)

    making.draw = draw
    try:
        return function(task)
    finally:
        making.draw = real


def _act(kind):
    if kind == "hang":
        ctypes.PyDLL(None).sleep(3600)  # in C, with Python's lock held, as a decoder hangs
    if kind == "crash":
        ctypes.string_at(8)
    held = []
    while kind == "eat":
        held.append(bytearray(32 << 20))
        time.sleep(0.01)


def end_its_process(_):
    """What searches a part of a release, and does not come back."""
    os._exit(9)


def end_once(flag, batch):
    """As the search of a part; whoever finds the file there first takes it away and does not come back."""
    try:
        flag.unlink()
    except FileNotFoundError:
        return searching.search_part(batch)
    os._exit(9)
