"""What the worker processes of a build are forked with: the code of its tasks, and the lists for reports.

Read anew in each process, these were half the time of a small build. What is there before the fork is in
memory once, as long as the collector does not touch it.
"""

from __future__ import annotations

import gc

import pyarrow as pa

import radrelease.cli  # noqa: F401 - each process imports what the command is, besides its tasks
from radrelease.stages.scrub.layers import warm_up

warm_up()
pa.array([""])  # for which pandas is imported, where there is one
gc.collect()
gc.freeze()
