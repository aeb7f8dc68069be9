"""What is told of a picture by looking at it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.adapters.dicom_pixels import decode
from radrelease.config import Images
from radrelease.profiles.polarity import load_polarity
from radrelease.stages.picture_quality import Flag, assess, flags_of, lit
from radrelease.stages.pixels import render
from radrelease.testing.phantom import frontal

REAL = Path(__file__).parents[3] / "shared/data/dicom"
WHITE = 65535


def chest(seed=0, rows=480, columns=400):
    made = frontal(np.random.default_rng(seed), rows, columns).astype(float)
    return np.floor((made - made.min()) / np.ptp(made) * WHITE + 0.5).astype(np.uint16)


def look(pixels):
    return assess(pixels, load_polarity())


def flags(pixels):
    return flags_of(look(pixels))


@pytest.mark.parametrize("name", ["RG1_UNCR", "RG1_J2KR", "pseudo_phi_burned_in", "nih_chest"])
def test_a_real_chest_is_right_and_its_negative_is_inverted(name):
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    drawn = render(decode(REAL / f"{name}.dcm"), Images()).pixels
    assert look(drawn).inverted is not True
    assert look(WHITE - drawn).inverted is not False
    assert Flag.INVERTED not in flags(drawn)


def test_at_least_one_real_chest_is_told_both_ways():
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    drawn = render(decode(REAL / "nih_chest.dcm"), Images()).pixels
    assert look(drawn).inverted is False
    assert Flag.INVERTED in flags(WHITE - drawn)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(8, 60), st.integers(8, 60))
def test_a_negative_is_judged_the_other_way_round(seed, rows, columns):
    pixels = np.random.default_rng(seed).integers(0, WHITE + 1, (rows, columns)).astype(np.uint16)
    assert lit(WHITE - pixels, load_polarity()) == pytest.approx(-lit(pixels, load_polarity()), abs=1e-3)


def test_too_small_a_picture_and_one_value_cannot_be_told():
    assert look(np.arange(49, dtype=np.uint16).reshape(7, 7) * 1000).inverted is None
    assert look(np.full((64, 64), 7, np.uint16)).inverted is None


def test_shares_are_counted_over_all_pixels():
    pixels = np.full((10, 10), 30000, np.uint16)
    pixels[0], pixels[1, :5] = 0, WHITE
    seen = look(pixels)
    assert (seen.black, seen.white) == (0.1, 0.05)
    assert Flag.SATURATED in flags_of(seen)


def test_a_picture_without_contrast_is_near_constant():
    pixels = chest() // 10 + 20000
    pixels[:2], pixels[-2:] = 0, WHITE
    assert Flag.NEAR_CONSTANT in flags(pixels.astype(np.uint16))
    assert Flag.NEAR_CONSTANT not in flags(chest())


def test_two_hot_pixels_that_hold_the_upper_half_are_seen():
    pixels = (chest() * 0.3).astype(np.uint16)
    pixels[3, 5] = pixels[40, 50] = WHITE
    assert Flag.HOT_PIXELS in flags(pixels)
    assert Flag.HOT_PIXELS not in flags(chest())


def test_looking_changes_no_pixel():
    pixels = chest()
    before = pixels.copy()
    look(pixels)
    assert np.array_equal(pixels, before)
