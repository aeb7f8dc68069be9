"""The reference that pictures are held against is itself what it says, by numbers worked out elsewhere."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from radrelease.testing.reference_picture import published_side, reduced, reference_picture


def test_weights_are_those_of_the_cubic_in_exact_arithmetic():
    """A step of 8 pixels to 2: the first lies at 2, its support is cut off at the edge."""

    def keys(x):
        x = abs(x)
        if x < 1:
            return Fraction(3, 2) * x**3 - Fraction(5, 2) * x**2 + 1
        return Fraction(-1, 2) * x**3 + Fraction(5, 2) * x**2 - 4 * x + 2 if x < 2 else Fraction(0)

    weights = [keys((Fraction(2 * place + 1, 2) - 2) / 4) for place in range(8)]
    wanted = sum(weights[4:]) / sum(weights)
    step = np.repeat([0.0, 1.0], 4)[:, None]
    assert reduced(step, 2, 1)[0, 0] == pytest.approx(float(wanted), abs=1e-15)


@pytest.mark.parametrize("shape", [(61, 47), (200, 163), (64, 64), (7, 300), (2, 3)])
def test_pillow_reduces_floats_to_the_same(shape):
    values = np.random.default_rng(3).uniform(0, 4095, shape)
    rows, columns = (published_side(side, 0.25) for side in shape)
    pillow = Image.fromarray(values.astype(np.float32)).resize((columns, rows), Image.Resampling.BICUBIC)
    assert np.abs(reduced(values, rows, columns) - np.asarray(pillow)).max() < 0.005


def test_what_overshoots_at_an_edge_is_clipped_and_does_not_wrap():
    edge = np.zeros((64, 64))
    edge[:, 31:] = 4095
    small = reduced(edge, 16, 16)
    assert small.min() < 0
    assert small.max() > 4095
    picture = reference_picture(edge, 0.25)
    assert picture[0, 0] == 0
    assert picture[0, -1] == 65535
    assert (np.diff(picture[0].astype(int)) >= 0).all()
    assert np.array_equal(reference_picture(edge, 0.25, inverted=True), 65535 - picture)


def test_a_range_that_is_given_takes_the_place_of_the_full_one():
    ramp = np.tile(np.linspace(0, 100, 64), (8, 1))
    picture = reference_picture(ramp, 0.25, low=25, high=75)
    assert picture[0, 0] == 0
    assert picture[0, -1] == 65535
    assert 0 < picture[0, 7] < 65535


@pytest.mark.parametrize(("side", "wanted"), [(2991, 748), (2992, 748), (2990, 748), (2989, 747), (1, 1)])
def test_sides_are_rounded_half_up(side, wanted):
    assert published_side(side, 0.25) == wanted
