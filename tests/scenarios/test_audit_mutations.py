"""The benchmark of planted leaks runs, and a sample of its leaks is found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "audit_mutations.py"


def test_a_sample_of_planted_leaks_is_found():
    command = [sys.executable, str(SCRIPT), "--mutations", "24", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.search(r"planted 24 of \d+ kinds, found 24", done.stdout), done.stdout
    assert "findings on the clean release: 0" in done.stdout
