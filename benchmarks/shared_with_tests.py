"""Puts what tests share (tests/support) within reach of a benchmark that imports this first."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests/support"))
