"""The package as it is built: with what can be compiled where there is a compiler, and without elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.skipif(not (ROOT / "hatch_build.py").is_file(), reason="not in a checkout"),
    pytest.mark.xdist_group("wheel"),  # which takes long to build
]


def build_wheel(folder: Path, compiler: str) -> Path:
    """The wheel of a copy of the checkout, beside its source distribution."""
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "demo", "tests", "*.so", "__pycache__"))
    shutil.copy(ROOT / ".gitignore", source)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=source, env=os.environ | {"CC": compiler}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,), (_,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    """The wheel that a machine with a compiler builds, unpacked beside itself."""
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    pytest.importorskip("mypyc.build", reason="mypy is in the extra lint")
    wheel = build_wheel(tmp_path_factory.mktemp("compiled"), "cc")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheel.parent / "unpacked")
    return wheel


def test_a_wheel_is_built_without_a_compiler(tmp_path):
    wheel = build_wheel(tmp_path, "/nonexistent/cc")
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in names if name.endswith(".so")]
    assert {"radrelease/compiled/resample.c", "radrelease/profiles/dicom.toml"} <= set(names)


def test_a_compiled_wheel_is_of_its_interpreter_and_platform(compiled):
    names = zipfile.ZipFile(compiled).namelist()
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert f"-{tag}-{tag}-" in compiled.name
    assert "radrelease/compiled/kernels.so" in names
    assert {"radrelease/compiled/resample.c", "radrelease/profiles/dicom.toml"} <= set(names)
    sources = (ROOT / "src/radrelease/stages/sections").glob("*.py")
    made = {name.split(".")[0] for name in names if name.endswith(".so")}
    assert {f"radrelease/stages/sections/{path.stem}" for path in sources} <= made


CUT = """
import pickle, sys
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind
from radrelease.stages import sections
from radrelease.stages.text.units import units_of
from radrelease.testing.reports import make_reports
from radrelease.testing.section_styles import HANDS, load_cases, load_styles, print_report

assert sections.__file__.endswith(sys.argv[1]), sections.__file__
words = ("Chest pain, cough.", "Radiograph of [DATE].", "The heart is normal. No effusion.", "1. Normal chest. 2. None.")
row = dict(zip(SectionName, words, strict=True))
texts = [print_report(style, row).text for hand in HANDS for style in load_styles(hand)]
texts += [case.gold.text for hand in HANDS for case in load_cases(hand)]
texts += [report.text for half in ("tuned", "set_aside") for report in make_reports(half, 150)]
texts += [text.upper() for text in texts[::5]] + [text.replace("\\n", "\\r\\n") for text in texts[1::5]]
own = (("history of", PartKind.INDICATION), ("heart", PartKind.FINDINGS))
for text in texts:
    found = sections.find_sections(text)
    assert pickle.loads(pickle.dumps(found)) == found
    print(found, units_of(text), sections.find_sections(text, own))
"""
"""What prints how reports are cut; the end of the module's file tells which was used."""


def test_compiled_and_interpreted_modules_find_the_same_sections(compiled):
    def cut(package: Path, suffix: str) -> bytes:
        command = [sys.executable, "-c", CUT, suffix]
        path = {"PYTHONPATH": str(package)}
        done = subprocess.run(command, env=os.environ | path, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    interpreted = cut(ROOT / "src", ".py")
    assert len(interpreted.splitlines()) > 1000
    assert cut(compiled.parent / "unpacked", ".so") == interpreted
