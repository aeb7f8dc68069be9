"""What is told of a picture by looking at it: on real radiographs, on their negatives, and on made pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radrelease.adapters.dicom_pixels import decode
from radrelease.config.pictures import Images
from radrelease.profiles.polarity import BLOCKS, load_polarity
from radrelease.records.pixels import Quality
from radrelease.stages.pictures.picture_quality import Flag, assess, flags_of, lit
from radrelease.stages.pictures.pixels import render
from radrelease.testing.phantom import frontal, lateral

REAL = Path(__file__).parents[3] / "shared/data/dicom"
CHESTS = ("RG1_UNCR", "RG1_JLSN", "nih_chest", "pseudo_phi_burned_in")
POLARITY = load_polarity()
WHITE = 65535

real = pytest.mark.skipif(not REAL.is_dir(), reason="the real data is not beside the checkout")


def picture_of(name, **changes):
    decoded = decode(REAL / f"{name}.dcm")
    return render(replace(decoded, **changes), Images()).pixels


def made(view=frontal, seed=1, side=320):
    return np.floor(view(np.random.default_rng(seed), side, side) * WHITE).astype(np.uint16)


def bordered(pixels, value):
    rows, columns = pixels.shape
    out = np.full_like(pixels, value)
    inside = (slice(rows // 12, -rows // 9), slice(columns // 9, -columns // 12))
    out[inside] = pixels[inside]
    return out


ALTERED = {
    "mirrored": lambda pixels: pixels[:, ::-1],
    "cropped": lambda pixels: pixels[pixels.shape[0] // 10 : -20, 20 : -pixels.shape[1] // 10],
    "black border": lambda pixels: bordered(pixels, 0),
    "white border": lambda pixels: bordered(pixels, WHITE),
    "half turn": lambda pixels: np.rot90(pixels, 2),
    "quarter turn": np.rot90,
}


@real
@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
@pytest.mark.parametrize("name", CHESTS)
def test_a_real_radiograph_is_the_right_way_and_its_negative_is_not(name):
    pixels = picture_of(name)
    quality = assess(pixels, POLARITY)
    assert quality.inverted is False
    assert flags_of(quality) == ()
    negative = assess(WHITE - pixels, POLARITY)
    assert negative.inverted is True
    assert flags_of(negative) == (Flag.INVERTED,)


@real
@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
@pytest.mark.parametrize("alteration", ALTERED)
@pytest.mark.parametrize("name", CHESTS)
def test_what_is_cropped_collimated_or_turned_is_not_told_wrong(name, alteration):
    pixels = np.ascontiguousarray(ALTERED[alteration](picture_of(name)))
    assert assess(pixels, POLARITY).inverted is not True
    assert assess(WHITE - pixels, POLARITY).inverted is not False


@real
def test_a_header_with_the_wrong_photometric_interpretation_is_seen():
    assert decode(REAL / "RG1_UNCR.dcm").photometric_interpretation == "MONOCHROME1"
    assert assess(picture_of("RG1_UNCR", photometric_interpretation="MONOCHROME2"), POLARITY).inverted is True


@pytest.mark.parametrize("view", [frontal, lateral])
@pytest.mark.parametrize("seed", range(5))
def test_the_negative_has_the_same_number_with_the_other_sign(view, seed):
    pixels = made(view, seed)
    assert lit(WHITE - pixels, POLARITY) == pytest.approx(-lit(pixels, POLARITY), abs=1e-9)
    assert lit(pixels, POLARITY) > 0


def test_shares_and_contrast_are_counted():
    pixels = np.full((100, 200), 30000, np.uint16)
    pixels[:50, :40] = 0  # a tenth
    pixels[0, 100:150] = WHITE  # 50 of 20,000, which the middle 98% leave out
    quality = assess(pixels, POLARITY)
    assert (quality.black, quality.white) == (0.1, 0.0025)
    assert quality.contrast == round(30000 / WHITE, 6)
    assert quality.smaller_half == 0.0025


def test_the_middle_of_the_range_belongs_to_neither_end():
    pixels = np.full((10, 10), 32767, np.uint16)
    pixels[:5] = 32768
    assert assess(pixels, POLARITY).smaller_half == 0.5


@pytest.mark.parametrize("pixels", [np.zeros((5, 5)), np.arange(49).reshape(7, 7), np.full((50, 50), 9)])
def test_of_a_tiny_or_constant_picture_no_polarity_is_told(pixels):
    assert assess(pixels.astype(np.uint16), POLARITY).inverted is None


def test_two_hot_pixels_that_bend_the_stretch_are_reported():
    pixels = (made() * 0.3).astype(np.uint16)
    assert Flag.HOT_PIXELS not in flags_of(assess(made(), POLARITY))
    pixels[3, 5] = pixels[40, 50] = WHITE
    assert flags_of(assess(pixels, POLARITY)) == (Flag.HOT_PIXELS,)
    assert flags_of(assess(WHITE - pixels, POLARITY)) == (Flag.HOT_PIXELS, Flag.INVERTED)  # dead ones
    pixels[100, 100:130] = WHITE  # a marker's worth
    assert flags_of(assess(pixels, POLARITY)) == ()


GOOD = Quality(black=0.0, white=0.0, contrast=0.7, smaller_half=0.3, inverted=False)


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ()),
        ({"inverted": None}, ()),
        ({"inverted": True}, (Flag.INVERTED,)),
        ({"black": 0.499}, ()),
        ({"black": 0.5}, (Flag.SATURATED,)),
        ({"white": 0.049}, ()),
        ({"white": 0.05}, (Flag.SATURATED,)),
        ({"contrast": 0.15}, ()),
        ({"contrast": 0.149}, (Flag.NEAR_CONSTANT,)),
        ({"smaller_half": 1e-4}, ()),
        ({"smaller_half": 9e-5}, (Flag.HOT_PIXELS,)),
    ],
)
def test_a_flag_is_raised_from_its_threshold(changes, flags):
    values = {name: getattr(GOOD, name) for name in Quality.__slots__} | changes
    assert flags_of(Quality(**values)) == flags


def test_looking_changes_nothing_and_reads_any_memory_order():
    pixels = made()
    kept = pixels.copy()
    pixels.flags.writeable = False
    assert assess(pixels, POLARITY) == assess(np.asfortranarray(pixels), POLARITY)
    assert np.array_equal(pixels, kept)


def test_the_weights_want_lungs_dark_and_the_middle_bright():
    assert POLARITY.weights.shape == (BLOCKS, BLOCKS // 2)
    assert POLARITY.weights[2:5, 2].max() < 0 < POLARITY.weights[3:, 3].min()
