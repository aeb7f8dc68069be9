"""What the worker processes of a build are forked with: the code of its tasks, and the lists for reports.

Read anew in each process, these were half the time of a small build. What is there before the fork is in
memory once, as long as the collector does not touch it.
"""

from __future__ import annotations

import gc

import pyarrow as pa

import radrelease.cataloging
import radrelease.judging
import radrelease.labelling
import radrelease.searching
import radrelease.shard
import radrelease.surveying  # noqa: F401 - the tasks of workers
from radrelease.stages.scrub.layers import warm_up

warm_up()
pa.array([""])  # for which pandas is imported, where there is one
gc.collect()
gc.freeze()
