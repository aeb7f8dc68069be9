"""Procedural chest phantoms: not anatomy, but what a person knows for a chest radiograph.

Each returns attenuation from 0 (air) to 1 (dense), rows by columns, float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["frontal", "lateral"]

Picture = NDArray[np.float32]

COARSE = 3
"""The shapes are soft, so they are drawn on a coarser grid and enlarged."""


def frontal(rng: np.random.Generator, rows: int, columns: int) -> Picture:
    """A frontal view: lungs, heart, spine, ribs, clavicles, diaphragm and a side marker."""
    x, y = _grid(rows // COARSE, columns // COARSE)
    size, heart = rng.uniform(0.92, 1.06), rng.uniform(0.85, 1.2)
    x = (x - rng.uniform(-0.03, 0.03)) / size
    y = y / size
    shoulders = 0.98 - 0.42 * np.clip(-y - 0.55, 0, 1)
    body = _edge(shoulders - np.abs(x), 0.05) * _edge(y + 1.05 - 0.25 * x**2, 0.05)
    picture = 0.62 * body
    lungs = np.zeros_like(picture)
    for side, dome in ((-1, 0.40), (1, 0.47)):
        offset = x - side * 0.40
        shape = _edge(1 - (offset / 0.31) ** 2 - ((y + 0.06) / 0.68) ** 2, 0.12)
        lungs = np.maximum(lungs, shape * _edge(dome + 0.45 * offset**2 - y, 0.03))
    picture -= 0.46 * lungs
    picture += 0.20 * _edge(0.13 + 0.02 * np.cos(9 * y) - np.abs(x), 0.05) * body
    turned = (x - 0.13) * 0.9 + (y - 0.25) * 0.35
    across = (y - 0.25) * 0.9 - (x - 0.13) * 0.35
    picture += 0.34 * _edge(1 - (turned / (0.30 * heart)) ** 2 - (across / 0.27) ** 2, 0.25) * lungs
    picture += 0.10 * _edge(0.06 - np.abs(x - 0.02), 0.03) * (0.75 + 0.25 * np.cos(38 * y)) * body
    picture -= 0.12 * _edge(0.045 - np.abs(x), 0.02) * _edge(-0.32 - y, 0.06)
    picture += 0.10 * _ribs(x, y) * body
    picture += 0.14 * _clavicles(x, y)
    picture += 0.10 * _vessels(rng, x, y) * lungs
    picture += 0.30 * _marker(x, y)
    return _finish(rng, picture, rows, columns)


def lateral(rng: np.random.Generator, rows: int, columns: int) -> Picture:
    """A lateral view: spine behind, sternum and heart in front, two domes of the diaphragm."""
    x, y = _grid(rows // COARSE, columns // COARSE)
    size = rng.uniform(0.94, 1.05)
    x, y = x / size, y / size
    body = _edge(0.86 - 0.16 * np.clip(-y, 0, 1) - np.abs(x), 0.06) * _edge(y + 1.05, 0.05)
    lung = _edge(1 - (x / 0.66) ** 2 - ((y + 0.08) / 0.74) ** 2, 0.15)
    lung *= _edge(0.42 + 0.22 * (x + 0.15) ** 2 - y, 0.04)
    picture = 0.66 * body - 0.42 * lung
    picture += 0.30 * _edge(1 - ((x + 0.28) / 0.33) ** 2 - ((y - 0.22) / 0.30) ** 2, 0.3) * lung
    curve = 0.52 + 0.10 * np.cos(1.6 * (y + 0.2))
    picture += 0.20 * _edge(0.10 - np.abs(x - curve), 0.04) * (0.7 + 0.3 * np.cos(30 * y)) * body
    picture += 0.15 * _edge(0.035 - np.abs(x + 0.70 - 0.06 * y), 0.02) * body
    picture += 0.06 * _ribs(x * 0.7 + 0.2, y) * body
    picture += 0.09 * _vessels(rng, x, y) * lung
    picture += 0.30 * _marker(x, y)
    return _finish(rng, picture, rows, columns)


def _grid(rows: int, columns: int) -> tuple[Picture, Picture]:
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    return x.astype(np.float32), y.astype(np.float32)


def _edge(inside: NDArray[np.floating], width: float) -> Picture:
    """1 where ``inside`` is positive, 0 where negative, soft over ``width``."""
    step = np.asarray(np.clip(inside / width + 0.5, 0, 1), dtype=np.float32)
    smooth: Picture = step * step * (3 - 2 * step)
    return smooth


def _ribs(x: Picture, y: Picture) -> Picture:
    ribs = np.zeros_like(x)
    bow = 0.30 * np.abs(x) ** 1.6
    for number in range(9):
        centre = -0.80 + 0.155 * number + bow * (1 + 0.06 * number)
        ribs += np.exp(-(((y - centre) / 0.017) ** 2))
        ribs += 0.5 * np.exp(-(((y - centre - 0.14 + 0.55 * np.abs(x)) / 0.02) ** 2))
    return np.asarray(np.clip(ribs, 0, 1) * _edge(np.abs(x) - 0.07, 0.06), dtype=np.float32)


def _clavicles(x: Picture, y: Picture) -> Picture:
    centre = -0.66 - 0.16 * np.abs(x) + 0.03 * np.sin(7 * np.abs(x))
    length = _edge(np.abs(x) - 0.10, 0.03) * _edge(0.72 - np.abs(x), 0.04)
    return np.asarray(np.exp(-(((y - centre) / 0.024) ** 2)) * length, dtype=np.float32)


def _vessels(rng: np.random.Generator, x: Picture, y: Picture) -> Picture:
    """Branches that run outward from the hila and fade."""
    vessels = np.zeros_like(x)
    for side in (-1, 1):
        across, down = x - side * 0.14, y + 0.04
        radius = np.hypot(across, down)
        angle = np.arctan2(down, across * side)
        for direction in rng.uniform(-1.3, 1.3, 9):
            bend = direction + rng.uniform(-0.4, 0.4) * radius
            vessels += (
                np.exp(-(((angle - bend) * (radius + 0.1) / 0.014) ** 2))
                * np.exp(-3.2 * radius)
                * _edge(across * side, 0.01)
            )
        vessels += 0.8 * np.exp(-((radius / 0.10) ** 2))
    return np.asarray(np.clip(vessels, 0, 1.2), dtype=np.float32)


def _marker(x: Picture, y: Picture) -> Picture:
    """The letter L at the picture's upper right."""
    upright = (np.abs(x - 0.84) < 0.012) & (np.abs(y + 0.84) < 0.06)
    foot = (np.abs(x - 0.866) < 0.038) & (np.abs(y + 0.79) < 0.012)
    return np.asarray(upright | foot, dtype=np.float32)


def _finish(rng: np.random.Generator, picture: Picture, rows: int, columns: int) -> Picture:
    """The picture at full size, with the grain of a detector."""
    smooth = Image.fromarray(picture).resize((columns, rows), Image.Resampling.BICUBIC)
    grain = rng.standard_normal((rows, columns), dtype=np.float32)
    return np.asarray(np.clip(np.asarray(smooth) + 0.06 + 0.008 * grain, 0, 1), dtype=np.float32)
