"""The package as it is built: with the compiled loops where there is a compiler, and without elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("compiler", ["cc", "/nonexistent/cc"])
def test_a_wheel_can_be_built_with_and_without_a_compiler(tmp_path, compiler):
    if compiler == "cc" and shutil.which(compiler) is None:
        pytest.skip("there is no C compiler")
    if not (ROOT / "hatch_build.py").is_file():
        pytest.skip("not in a checkout")
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "demo", "tests", "*.so", "__pycache__"))
    shutil.copy(ROOT / ".gitignore", source)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=source, env=os.environ | {"CC": compiler}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert ("radrelease/compiled/kernels.so" in names) == (compiler == "cc")
    assert wheel.name.endswith("-py3-none-any.whl") == (compiler != "cc")
    assert "radrelease/compiled/resample.c" in names
    assert "radrelease/profiles/dicom.toml" in names
