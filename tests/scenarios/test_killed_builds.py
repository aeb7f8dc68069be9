"""What is left when processes of a build are killed, and the build is run again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_build_killed_at_random_moments_comes_out_the_same():
    script = ROOT / "benchmarks" / "kill_runs.py"
    command = [sys.executable, str(script), "--kills", "6", "--patients", "3", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"kills: 6 .*differ from the undisturbed one: 0\n", done.stdout, re.DOTALL), done.stdout
