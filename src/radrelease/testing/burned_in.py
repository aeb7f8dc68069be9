"""Pictures with text burned into them, and the truth about it.

Fonts, strings and backgrounds are cut into two halves by name: rules and thresholds were tuned on
``tuned`` and are scored on ``set_aside``. Fonts come in Python packages: Pillow's own, and those of
``matplotlib``, ``font-roboto``, ``font-lato``, ``font-source-sans-pro`` and ``font-source-serif-pro``
where they are installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from radrelease.records.pixels import Box
from radrelease.testing.phantom import frontal, lateral

__all__ = [
    "HALVES",
    "PILLOW",
    "BurnedPicture",
    "Planted",
    "available_fonts",
    "draw_text",
    "make_picture",
    "make_pictures",
]

HALVES = ("tuned", "set_aside")
PILLOW = "Aileron"
MOST = 65535

_FONTS = {
    "tuned": {
        PILLOW: ("", ""),
        "DejaVu Sans": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf"),
        "DejaVu Sans Mono": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSansMono.ttf"),
        "DejaVu Serif": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSerif.ttf"),
        "Lato": ("font_lato", "files/Lato-Regular.ttf"),
        "Source Sans Bold": ("font_source_sans_pro", "files/SourceSansPro-Bold.ttf"),
    },
    "set_aside": {
        "DejaVu Sans Bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf"),
        "DejaVu Sans Mono Bold": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSansMono-Bold.ttf"),
        "Roboto": ("font_roboto", "files/Roboto-Regular.ttf"),
        "Roboto Medium": ("font_roboto", "files/Roboto-Medium.ttf"),
        "Source Serif": ("font_source_serif_pro", "files/SourceSerifPro-Regular.ttf"),
        "Source Sans": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf"),
    },
}
_IDENTIFYING = {
    "tuned": (
        "DOE^JANE", "Kowalczyk, Noor", "ABERNATHY INGRID F", "OKONKWO EMEKA [M]", "MRN: 00482913",
        "ID 77-310-284",
        "DOB: 06.16.1976", "12/03/1954", "1949-11-30", "ACC# A1928374", "Lakeside General Hospital",
        "St. Brendan Clinic", "Tech: M. Ferreira", "Dr. Halvorsen", "F 067Y", "03 MAR 2019", "555-0142",
        "NJ7741203",
    ),
    "set_aside": (
        "VANDERSLOOT^PIM^R", "Ishikawa Haruto", "MR. ESPINOZA", "TREMBLAY, Josette 071Y", "PID 5519027",
        "Patient No 40-11983", "BORN 21-Apr-1961", "07.08.1938", "19620917", "Acc 20190417-0032",
        "Northmoor Infirmary", "Quayside Medical Ctr", "RT(R) Lindqvist", "Ref: ADEYEMI", "24.12.2018 F",
        "GUERRERO", "0044 20 7946 0018", "XR8830517",
    ),
}  # fmt: skip
_MARKERS = {
    "tuned": (
        "L", "AP", "PORTABLE", "Semi-Upright", "SUPINE", "10:32 AM", "120 kVp", "LT LAT", "INSPIRATION", "R",
        "AP PORTABLE", "180 cm",
    ),
    "set_aside": (
        "R", "PA", "UPRIGHT", "Semi-Erect", "SITTING", "14:05", "85 kV 2.5 mAs", "LATERAL", "EXPIRATION", "L",
        "PA ERECT", "72 in",
    ),
}  # fmt: skip
_BACKGROUNDS = {"tuned": (11, 12, 13, 14), "set_aside": (21, 22, 23, 24)}
_PLACES = ("lung", "bone", "border")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One text in a picture; ``ink`` is the pixels it covers, within ``box``."""

    text: str
    identifying: bool
    box: Box
    ink: NDArray[np.bool_]
    font: str
    size: int
    look: str
    turn: int  # quarter turns, anticlockwise
    mirrored: bool
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnedPicture:
    """A picture, rows by columns of uint16, and the texts in it."""

    pixels: NDArray[np.uint16]
    photometric: str
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How texts of a picture are drawn."""

    sizes: tuple[int, int]
    looks: tuple[str, ...]
    turns: tuple[int, ...]
    mirrored: float


_KINDS = {
    "plain": _Kind(
        sizes=(14, 64), looks=("white", "bright", "black", "boxed", "aliased"), turns=(0,), mirrored=0
    ),
    "turned": _Kind(sizes=(14, 64), looks=("white", "bright", "black"), turns=(1, 2, 3), mirrored=0.3),
    "faint": _Kind(sizes=(10, 10), looks=("faint",), turns=(0,), mirrored=0),
    "marked": _Kind(sizes=(24, 140), looks=("white", "bright", "boxed"), turns=(0,), mirrored=0),
}


def available_fonts(half: str) -> tuple[str, ...]:
    """The names of the half's fonts that are installed."""
    return tuple(name for name, (package, _) in _FONTS[half].items() if not package or find_spec(package))


def make_pictures(
    half: str, kind: str, count: int, *, seed: int = 0, size: tuple[int, int] = (2500, 2048)
) -> Iterator[BurnedPicture]:
    """Pictures of one kind: ``clean``, ``plain``, ``turned``, ``faint`` or ``marked`` (markers alone)."""
    for number in range(count):
        yield make_picture(half, kind, np.random.default_rng([seed, number, len(kind)]), size=size)


def make_picture(
    half: str, kind: str, rng: np.random.Generator, *, size: tuple[int, int] = (2500, 2048)
) -> BurnedPicture:
    """One picture; of ``plain`` and ``turned`` every other also has a marker."""
    ground = rng.choice(np.array(_BACKGROUNDS[half]))
    pixels = _background(int(ground), *size).copy()
    inverted = bool(rng.random() < 0.4)
    texts = _texts(half, kind, rng)
    planted: list[Planted] = []
    for text, identifying in texts:
        style = _KINDS[kind] if identifying or kind == "faint" else replace(_KINDS["marked"], turns=(0,))
        planted += _plant(pixels, text, rng, half, style, planted, identifying=identifying)
    if inverted:
        pixels = (MOST - pixels).astype(np.uint16)
    photometric = "MONOCHROME1" if inverted else "MONOCHROME2"
    return BurnedPicture(pixels=pixels, photometric=photometric, planted=tuple(planted))


def _texts(half: str, kind: str, rng: np.random.Generator) -> list[tuple[str, bool]]:
    if kind == "clean":
        return []
    markers = [(str(text), False) for text in rng.choice(np.array(_MARKERS[half]), 2, replace=False)]
    if kind == "marked":
        return markers
    names = rng.choice(np.array(_IDENTIFYING[half]), int(rng.integers(2, 5)), replace=False)
    return [*((str(text), True) for text in names), *(markers[:1] if rng.random() < 0.5 else [])]


@cache
def _background(seed: int, rows: int, columns: int) -> NDArray[np.uint16]:
    rng = np.random.default_rng(seed)
    draw = lateral if seed % 4 == 0 else frontal
    picture = draw(rng, rows, columns)
    border = int(0.05 * rows)
    if seed % 2:  # collimated: dark and nearly without grain
        picture[:border] = picture[-border:] = 0.02
        picture[:, : border // 2] = picture[:, -border // 2 :] = 0.02
    return (picture * 52000 + 4000).astype(np.uint16)


def _plant(
    pixels: NDArray[np.uint16],
    text: str,
    rng: np.random.Generator,
    half: str,
    style: _Kind,
    others: Sequence[Planted],
    *,
    identifying: bool,
) -> Iterator[Planted]:
    """Burn the text into ``pixels`` where nothing else stands; nothing if there is no room."""
    font = str(rng.choice(np.array(available_fonts(half))))
    points = int(rng.integers(style.sizes[0], style.sizes[1] + 1))
    look, turn = str(rng.choice(np.array(style.looks))), int(rng.choice(np.array(style.turns)))
    mirrored = bool(rng.random() < style.mirrored)
    drawn = draw_text(text, font, points, aliased=look == "aliased")
    drawn = np.rot90(drawn[:, ::-1] if mirrored else drawn, turn)
    for _ in range(30):
        place = str(rng.choice(np.array(_PLACES)))
        box = _somewhere(rng, place, drawn.shape, pixels.shape)
        if box is None or any(box.widened(60, *pixels.shape).overlap(other.box) for other in others):
            continue
        _burn(pixels, drawn, box, look)
        yield Planted(
            text=text,
            identifying=identifying,
            box=box,
            ink=drawn > 100,
            font=font,
            size=points,
            look=look,
            turn=turn,
            mirrored=mirrored,
            place=place,
        )
        return


def _somewhere(
    rng: np.random.Generator, place: str, drawn: tuple[int, ...], picture: tuple[int, ...]
) -> Box | None:
    rows, columns = picture[0] - drawn[0] - 8, picture[1] - drawn[1] - 8
    if rows < 8 or columns < 8:
        return None
    top, left = int(rng.integers(8, rows)), int(rng.integers(8, columns))
    if place == "border":
        top = int(rng.choice(np.array([8, rows]))) if rng.random() < 0.7 else top
        left = left if top in (8, rows) else int(rng.choice(np.array([8, columns])))
    elif place == "bone":
        left = min(columns, max(8, int(0.5 * picture[1] - 0.5 * drawn[1])))
    return Box(left, top, left + drawn[1], top + drawn[0])


def _burn(pixels: NDArray[np.uint16], drawn: NDArray[np.uint8], box: Box, look: str) -> None:
    there = pixels[box.top : box.bottom, box.left : box.right]
    ground = there.astype(np.float64)
    share = drawn / 255.0
    if look == "faint":
        burned = ground + 5000 * share
    elif look == "bright":
        burned = ground + share * np.maximum(9000, 0.5 * (MOST - ground))
    elif look == "black":
        level = 0 if float(ground.mean()) > 16000 else MOST
        burned = ground * (1 - share) + level * share
    elif look == "boxed":
        burned = MOST * share
    else:
        burned = ground * (1 - share) + MOST * share
    there[:] = np.clip(burned, 0, MOST).astype(np.uint16)


@cache
def draw_text(text: str, font: str, points: int, *, aliased: bool = False) -> NDArray[np.uint8]:
    """The text, 0 to 255, ``points`` px high from the top of its ascenders to its descenders."""
    face = _face(font, points)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    canvas = ImageDraw.Draw(image)
    canvas.fontmode = "1" if aliased else "L"
    canvas.text((2 - left, 2 - top), text, fill=255, font=face)
    return np.asarray(image)


@cache
def _face(font: str, points: int) -> Any:
    package, file = next(fonts[font] for fonts in _FONTS.values() if font in fonts)
    if not package:
        return ImageFont.load_default(points)
    spec = find_spec(package)
    assert spec is not None  # noqa: S101 - available_fonts says so
    assert spec.origin is not None  # noqa: S101
    return ImageFont.truetype(str(Path(spec.origin).parent / file), points)
