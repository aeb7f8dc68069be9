"""What the worker processes of a build are forked with: the code of its tasks, and the lists for reports.

Read anew in each process, these were half the time of a small build. What is there before the fork is in
memory once, as long as the collector does not touch it.
"""

from __future__ import annotations

import gc

import radrelease.cataloging
import radrelease.shard_tasks  # noqa: F401 - imported to be there
from radrelease.stages.scrub.layers import warm_up

warm_up()
gc.collect()
gc.freeze()
