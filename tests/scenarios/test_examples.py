"""The scripts of examples/ run as their first lines say."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))

pytestmark = pytest.mark.xdist_group("release")


def test_there_are_examples():
    assert [path.stem for path in EXAMPLES] == ["one_line", "one_picture", "open_release", "train"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_as_it_says(path, place, tmp_path):
    if path.stem == "train" and importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    (said,) = re.findall(rf"^ *python examples/{path.name}((?: \S+)*)$", path.read_text(), re.MULTILINE)
    (tmp_path / "demo").symlink_to(place.folder)
    done = subprocess.run(
        [sys.executable, path, *said.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
