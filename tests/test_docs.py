"""The code in the guides and on the dataset cards is run, and what it shows is compared."""

from __future__ import annotations

import ast
import doctest
import hashlib
import importlib.util
import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from radrelease.adapters.config_file import load_config
from radrelease.config.pictures import Images
from radrelease.labelling import check_labelling
from radrelease.records.pixels import DecodedImage, RenderedImage, VoiWindow
from radrelease.records.sections import Doubt, PartKind
from radrelease.stages.pictures.pixels import render

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
FENCE = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONAL = frozenset(
    [
        *("cv2", "duckdb", "imageio", "matplotlib", "monai", "polars", "skimage", "tensorflow", "torch"),
        *("torchvision", "webdataset"),
    ]
)  # no more may be absent: a misspelt import is a failure

pytestmark = [
    pytest.mark.xdist_group("docs"),
    pytest.mark.filterwarnings("default"),  # of packages that only readers use
]


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its code, and the line of the guide on which the code begins."""

    language: str
    code: str
    line: int


@dataclass(frozen=True)
class Section:
    """A section of a guide. The first one with code is run before each of the others."""

    guide: Path
    title: str
    blocks: tuple[Block, ...]


def sections(guide: Path) -> list[Section]:
    text = guide.read_text(encoding="utf-8")
    starts = [match.start() for match in re.finditer(r"^## ", text, re.MULTILINE)] + [len(text)]
    found = []
    for start, end in zip(starts, starts[1:], strict=False):
        blocks = tuple(
            Block(fence[1], fence[2], text[: start + fence.start(2)].count("\n"))
            for fence in FENCE.finditer(text[start:end])
        )
        if blocks:
            found.append(Section(guide, text[start + 3 : text.index("\n", start)], blocks))
    return found


def is_doctest(block: Block) -> bool:
    return ">>>" in block.code


def imported(block: Block) -> set[str]:
    """The packages that a block of Python imports; of a block for the shell, none."""
    source = block.code if block.language == "python" else ""
    if is_doctest(block):
        source = "".join(example.source for example in doctest.DocTestParser().get_examples(source))
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def run(block: Block, name: str, names: dict[str, Any]) -> None:
    if block.language == "sh":
        if shutil.which("zstd"):  # test_release.py says where the program is absent
            subprocess.run(["sh", "-e", "-c", block.code], check=True)
    elif not is_doctest(block):
        exec(compile("\n" * block.line + block.code, name, "exec"), names)  # noqa: S102 - the guides' own code
    else:
        test = doctest.DocTestParser().get_doctest(block.code, names, name, name, block.line)
        said = io.StringIO()
        result = doctest.DocTestRunner().run(test, out=said.write, clear_globs=False)
        names |= test.globs
        assert result.attempted
        assert not result.failed, said.getvalue()


@pytest.fixture
def beside_release(place, tmp_path, monkeypatch):
    """The working folder holds a release of its own; nothing is drawn on a screen or cached elsewhere."""
    shutil.copytree(place.release, tmp_path / "release")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return tmp_path


def cases() -> list[Any]:
    found = []
    for guide in sorted(GUIDES.glob("*.md")):
        parts = sections(guide)
        found += [pytest.param(parts[0], other, id=f"{guide.stem}: {other.title}") for other in parts[1:]]
    return found


@pytest.mark.parametrize(("first", "section"), cases())
def test_the_code_of_a_guide_does_what_the_guide_shows(first, section, beside_release):
    names: dict[str, Any] = {"__name__": "guide"}
    for block in (*first.blocks, *section.blocks):
        absent = {name for name in imported(block) if importlib.util.find_spec(name) is None}
        assert absent <= OPTIONAL
        if absent:
            pytest.skip(f"from line {block.line} on, for want of {', '.join(sorted(absent))}")
        run(block, section.guide.name, names)


SETTINGS = re.findall(
    r"^```toml\n(.*?)^```$",
    (GUIDES / "language-model.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("text", SETTINGS)
def test_the_settings_that_a_guide_shows_are_accepted(text, tmp_path, monkeypatch):
    if importlib.util.find_spec("openai") is None:
        pytest.skip("openai is not installed")
    for key in re.findall(r'key_env = "(\w+)"', text):
        monkeypatch.setenv(key, "key")
    (tmp_path / "release.toml").write_text(
        '[release]\nname = "t"\noutput = "release"\nwork = "work"\n\n[[source]]\nname = "a"\ndicom = "d"\n'
        f'reports = "r"\n\n[secret]\nkey_env = "KEY"\n\n{text}'
    )
    config = load_config(tmp_path / "release.toml")
    check_labelling(config)
    assert config.reports.asks_model


def test_a_guide_that_shows_what_is_not_so_fails():
    with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
        run(Block("python", ">>> 1 + 1\n3\n", 1), "guide", {})
    with pytest.raises(NameError):
        run(Block("python", "nowhere\n", 1), "guide", {})


@pytest.mark.parametrize("settings", [{}, {"percentiles": (1, 95)}, {"window": "dicom"}], ids=str)
@pytest.mark.parametrize("slope", [1.0, 2.5, -1.0])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_guides_formula_gives_the_values_of_the_device_back(photometric, slope, settings):
    names: dict[str, Any] = {}
    blocks = [block for part in sections(GUIDES / "reading-pictures.md") for block in part.blocks]
    run(next(block for block in blocks if "def device_values" in block.code), "guide", names)
    stored = np.random.default_rng(5).integers(0, 4096, (40, 30)).astype(np.uint16)
    original = DecodedImage(
        pixels=stored,
        photometric_interpretation=photometric,
        presentation_lut_shape="",
        bits_stored=12,
        slope=slope,
        intercept=-1024.0,
        modality_lut=None,
        voi=VoiWindow(center=slope * 2048 - 1024, width=2000.0, function="LINEAR_EXACT"),
        padding=None,
        spacing_mm=None,
        aspect=(1.0, 1.0),
    )
    picture = render(original, Images(scale=1.0, **settings))
    assert isinstance(picture, RenderedImage)
    assert (picture.stretch == "full") == (not settings)
    back = names["device_values"](picture.pixels, picture.low, picture.high, photometric)
    shown = np.clip(stored * slope - 1024, *sorted((picture.low, picture.high)))
    assert np.abs(back - shown).max() <= abs(picture.high - picture.low) / 65535


@pytest.mark.parametrize("layout", ["native", "rexgradient"])
def test_the_cards_own_code_reads_the_pictures(layout, beside_release, monkeypatch):
    folder = beside_release / "path/to" / layout
    shutil.copytree(beside_release / "release" / layout, folder)
    card = (folder / "README.md").read_text(encoding="utf-8")
    section = card[card.index("## Reading the images") :].partition("\n## ")[0]
    if layout == "rexgradient":
        monkeypatch.chdir(folder)
        if shutil.which("zstd") is None:
            pytest.skip("the zstd program is not installed")
        run(Block("sh", next(fence[2] for fence in FENCE.finditer(card) if fence[1] == "sh"), 1), "card", {})
    (fence,) = FENCE.finditer(section)
    names: dict[str, Any] = {}
    run(Block(fence[1], fence[2], 1), "card", names)
    read = SimpleNamespace(**names)
    assert read.pixels.dtype == np.uint16
    assert hashlib.sha256(read.pixels.astype(">u2").tobytes()).hexdigest() in digests(beside_release)
    assert read.unit.dtype == np.float32
    assert np.allclose(read.unit, read.pixels / 65535)
    assert read.gray8.dtype == np.uint8
    assert np.abs(read.gray8 - read.pixels / 257).max() <= 0.5


def digests(folder: Path) -> set[str]:
    """The digests of all pictures, as the tables state them."""
    tables = sorted((folder / "release/native/images").glob("*.parquet"))
    return {text for table in tables for text in pq.read_table(table)["PixelSha256"].to_pylist()}


def test_pillow_clips_to_white_as_the_card_says(place):
    picture = Image.fromarray(np.array([[0, 255, 256, 65535]], np.uint16))
    assert np.asarray(picture.convert("L")).tolist() == [[0, 255, 255, 255]]
    for layout in ("native", "rexgradient"):
        card = (place.release / layout / "README.md").read_text(encoding="utf-8")
        assert '`convert("L")`' in card
        assert "`cv2.imread` without `IMREAD_UNCHANGED`" in card


def test_the_guide_to_sections_explains_every_doubt_and_names_every_part():
    guide = (GUIDES / "report-sections.md").read_text(encoding="utf-8")
    section = guide[guide.index("## Doubts") :].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]{20,} \| [^|]{10,} \|$", section, re.MULTILINE)
    assert rows == [doubt.value for doubt in Doubt]
    assert [kind.value for kind in PartKind if kind.value not in guide] == []
