"""The benchmark of pictures runs, does without the rivals that are not there, and sees a wrong picture."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "benchmarks"
SYNTAXES = ("uncompressed", "RLE", "deflated", "JPEG Lossless", "JPEG-LS", "JPEG 2000", "HTJ2K")


def test_it_runs_in_every_transfer_syntax(tmp_path):
    script, figures = str(FOLDER / "bench_pixels.py"), tmp_path / "figures.json"
    command = [sys.executable, script, "--quick", "--rivals", str(tmp_path / "none"), "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every picture of radrelease is within 1 of the reference" in done.stdout
    assert "usual script: not run, FileNotFoundError" in done.stdout
    told = json.loads(figures.read_text())
    results = told["images"]["small"]["results"]
    assert tuple(results) == SYNTAXES
    for row in results.values():
        assert row["radrelease"]["most"] <= 1
        assert row["radrelease"]["milliseconds"][0] > 0
        assert row["floor"]["milliseconds"][0] > 0
        assert row["usual script"]["problem"]
    assert told["peak_bytes"]["small"]["uncompressed"]["peak"] > 20e6
    assert set(told["processes"]) == {"uncompressed", "JPEG Lossless"}


@pytest.mark.parametrize(("off", "wrong"), [(1, ""), (2, "WRONG: 2 from the reference")])
def test_a_picture_of_ours_that_is_wrong_is_told(tmp_path, monkeypatch, off, wrong):
    monkeypatch.syspath_prepend(FOLDER)
    bench = importlib.import_module("bench_pixels")
    reference = np.full((5, 4), 700, np.uint16)

    class Ours:
        name = bench.OURS

        def ask(self, _source, target, **_what):
            pixels = reference.copy()
            pixels[2, 3] += off
            Image.fromarray(pixels).save(target)
            return {"milliseconds": [1.0]}

    result = bench.first_picture(Ours(), tmp_path / "in.dcm", tmp_path / "out.png", reference)
    assert result.problem == wrong
    assert result.most == off
