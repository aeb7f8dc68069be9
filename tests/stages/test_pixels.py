"""What DICOM says a picture is, case by case (PS3.3 C.7.6.3, C.11.1, C.11.2, C.11.6; PS3.4 N.2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from radrelease.config.pictures import Images
from radrelease.records.pixels import DecodedImage, ModalityLut, PixelProblem, VoiLut, VoiWindow
from radrelease.rejections import Reason
from radrelease.stages.pictures.pixels import published_size, render
from radrelease.stages.pictures.voi import voi_table

RAMP = np.tile(np.arange(256, dtype=np.uint16) * 16, (16, 1))  # 0 to 4080, rising to the right
WHOLE = Images(scale=1.0)
WINDOWED = Images(scale=1.0, window="dicom")


def image(pixels=RAMP, **changes):
    facts = {
        "photometric_interpretation": "MONOCHROME2",
        "presentation_lut_shape": "",
        "bits_stored": 12,
        "slope": 1.0,
        "intercept": 0.0,
        "modality_lut": None,
        "voi": None,
        "padding": None,
        "spacing_mm": None,
        "aspect": (1.0, 1.0),
    }
    return DecodedImage(pixels=pixels, **facts | changes)


def row(made, images=WINDOWED):
    return render(made, images).pixels[8].astype(int)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["", "IDENTITY", "INVERSE"])
@pytest.mark.parametrize("images", [WHOLE, WINDOWED, Images(scale=0.25)])
def test_polarity_is_turned_around_once_or_not_at_all(photometric, shape, images):
    """PS3.3 C.11.6.1.2: INVERSE is what MONOCHROME1 requires, so both together are one inversion."""
    made = image(photometric_interpretation=photometric, presentation_lut_shape=shape)
    pixels = render(made, images).pixels
    assert (pixels[0, 0] > pixels[0, -1]) == (photometric == "MONOCHROME1" or shape == "INVERSE")


def test_inversion_comes_last_so_that_a_window_shows_what_it_was_set_on():
    """PS3.4 N.2.1: Modality LUT, VOI LUT, then the Presentation LUT. A window on the low values of a
    MONOCHROME1 picture opens those, and not the high ones."""
    window = VoiWindow(512.0, 1024.0, "LINEAR_EXACT")
    shown = row(image(voi=window, photometric_interpretation="MONOCHROME1"))
    assert shown[64:].max() == 0
    assert shown[0] == 65535
    assert len(set(shown[:64])) == 64


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.5, -1.0])
def test_a_rescale_changes_no_picture_stretched_in_full_and_states_the_ends(slope):
    """PS3.3 C.11.1.1.2."""
    made = image(slope=slope, intercept=-1000.0)
    drawn = render(made, WHOLE)
    assert (drawn.low, drawn.high) == (-1000.0, 4080 * slope - 1000.0)
    assert np.array_equal(drawn.pixels[0], row(image(), WHOLE)[:: 1 if slope > 0 else -1])


def test_a_window_is_set_on_rescaled_values():
    """PS3.3 C.11.2.1.2: the window applies to the output of the Modality LUT."""
    window = VoiWindow(1000.0, 2000.0, "LINEAR_EXACT")
    shown = row(image(voi=window, slope=0.5))
    assert np.array_equal(shown, row(image(voi=VoiWindow(2000.0, 4000.0, "LINEAR_EXACT"))))


def test_a_modality_lut_is_applied_before_anything_is_reduced():
    """PS3.3 C.11.1.1.1: values below the first mapped one become the first entry, those above the last."""
    lut = ModalityLut(first=1000, data=np.array([5, 900, 20], np.uint16))
    pixels = np.array([[0, 1000, 1001, 1002, 4000]], np.uint16)
    drawn = render(image(pixels, modality_lut=lut), WHOLE)
    assert (drawn.low, drawn.high) == (5, 900)
    scaled = [(value - 5) / 895 * 65535 for value in (5, 5, 900, 20, 20)]
    assert np.abs(drawn.pixels[0] - np.array(scaled)).max() <= 1


def test_a_window_on_a_modality_lut_sees_its_output():
    """pydicom's apply_voi_lut on stored values is wrong here (PS3.4 N.2.1)."""
    lut = ModalityLut(first=0, data=np.arange(4096, dtype=np.uint16)[::-1].copy())
    shown = row(image(modality_lut=lut, voi=VoiWindow(1024.0, 2048.0, "LINEAR_EXACT")))
    assert shown[0] == 65535
    assert shown[-1] < 1000


# PS3.3 C.11.2.1.2.1 gives the pseudo-code of LINEAR, and C.11.2.1.3 the formulas of the other two.


def linear(value, center, width):
    if value <= center - 0.5 - (width - 1) / 2:
        return 0.0
    if value > center - 0.5 + (width - 1) / 2:
        return 1.0
    return (value - (center - 0.5)) / (width - 1) + 0.5


def linear_exact(value, center, width):
    if value <= center - width / 2:
        return 0.0
    if value > center + width / 2:
        return 1.0
    return (value - center) / width + 0.5


def sigmoid(value, center, width):
    return 1 / (1 + math.exp(min(700.0, -4 * (value - center) / width)))


FORMULAS = {"LINEAR": linear, "LINEAR_EXACT": linear_exact, "SIGMOID": sigmoid}


@settings(max_examples=200)
@given(
    function=st.sampled_from(sorted(FORMULAS)),
    center=st.floats(-3000, 70000),
    width=st.floats(1, 70000),
    values=st.lists(st.integers(-32768, 65535), min_size=1, max_size=30),
)
@example(function="LINEAR", center=0.2, width=1.0, values=[0])
def test_windows_are_the_formulas_of_the_standard(function, center, width, values):
    shown = voi_table(VoiWindow(center, width, function), np.array(values, np.float64))
    formula = FORMULAS[function]
    for value, found in zip(values, shown, strict=True):
        near = [formula(value + step, center, width) for step in (-1e-6, 0, 1e-6)]
        assert min(near) * 65535 - 1 <= found <= max(near) * 65535 + 1


def test_the_examples_of_the_standard():
    """PS3.3 C.11.2.1.2.1, example: c=2048, w=4096 over 0..4095 is nearly the identity; c=2048, w=1 a threshold."""
    values = np.array([0, 1, 2047, 2048, 4094, 4095], np.float64)
    full = voi_table(VoiWindow(2048, 4096, "LINEAR"), values)
    assert np.array_equal(full, np.floor(values / 4095 * 65535 + 0.5))
    assert voi_table(VoiWindow(2048, 1, "LINEAR"), values).tolist() == [0, 0, 0, 65535, 65535, 65535]


def test_a_voi_lut_is_stretched_by_the_bits_it_states():
    """PS3.3 C.11.2.1.1: 12-bit entries go to 4095."""
    lut = VoiLut(first=100, bits=12, data=np.array([0, 4095, 2047], np.uint16))
    shown = voi_table(lut, np.array([0, 100, 101, 102, 900], np.float64))
    assert shown.tolist() == [0, 0, 65535, 32759, 32759]


def test_signed_pixels_have_their_window():
    pixels = (RAMP.astype(np.int32) - 2040).astype(np.int16)
    shown = row(image(pixels, voi=VoiWindow(0.0, 4080.0, "LINEAR_EXACT")))
    assert np.abs(shown - np.linspace(0, 65535, 256)).max() <= 9


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (VoiWindow(100.0, 0.0, "LINEAR"), Reason.UNSUPPORTED_PIXELS),
        (VoiWindow(100.0, -5.0, "LINEAR_EXACT"), Reason.UNSUPPORTED_PIXELS),
        (VoiWindow(100.0, math.nan, "SIGMOID"), Reason.UNSUPPORTED_PIXELS),
        (VoiWindow(60000.0, 10.0, "LINEAR"), Reason.CONSTANT_PIXELS),
    ],
)
def test_a_window_that_shows_nothing_is_a_reason(window, reason):
    outcome = render(image(voi=window), WINDOWED)
    assert isinstance(outcome, PixelProblem)
    assert outcome.reason is reason
    assert not isinstance(render(image(voi=window), WHOLE), PixelProblem)  # nobody asked for the window


def test_what_chose_the_range_is_stated():
    window = VoiWindow(1000.0, 500.0, "LINEAR_EXACT")
    shown = render(image(voi=window), WINDOWED)
    assert (shown.stretch, shown.low, shown.high) == ("LINEAR_EXACT", 750.0, 1250.0)
    assert render(image(voi=window), WHOLE).stretch == "full"
    assert render(image(), WINDOWED).stretch == "full"  # a file without a window
    assert render(image(), Images(percentiles=(1, 99))).stretch == "percentiles"


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("images", [WHOLE, Images(scale=1.0, percentiles=(0, 99.9))])
def test_padding_takes_no_part_and_is_drawn_black(photometric, images):
    """Pixel Padding Value and Range Limit, PS3.3 C.7.5.1.1.2."""
    pixels = np.hstack([np.full((16, 64), 60000, np.uint16), RAMP, np.full((16, 64), 60010, np.uint16)])
    made = image(pixels, padding=(60000, 60010), photometric_interpretation=photometric)
    drawn = render(made, images)
    assert drawn.high <= 4080
    assert drawn.pixels[8, :40].max() == 0
    assert drawn.pixels[8, -40:].max() == 0
    assert drawn.pixels.max() == 65535


def test_a_picture_of_padding_is_none():
    outcome = render(image(np.full((8, 8), 7, np.uint16), padding=(7, 7)), WHOLE)
    assert outcome.reason is Reason.CONSTANT_PIXELS


@pytest.mark.parametrize("value", [0, 7, 4095])
def test_a_constant_or_all_zero_picture_is_none(value):
    outcome = render(image(np.full((8, 8), value, np.uint16)), WHOLE)
    assert outcome.reason is Reason.CONSTANT_PIXELS


def test_hot_pixels_do_not_rule_the_stretch_where_percentiles_are_asked_for():
    rng = np.random.default_rng(3)
    pixels = rng.integers(1000, 2000, (200, 200)).astype(np.uint16)
    pixels[5, 5], pixels[9, 9] = 4095, 0
    plain, robust = (
        render(image(pixels), images) for images in (WHOLE, Images(scale=1.0, percentiles=(0.1, 99.9)))
    )
    assert (plain.low, plain.high) == (0, 4095)
    assert 1000 <= robust.low < robust.high < 2000
    assert np.ptp(plain.pixels[50:]) < 20000
    assert np.ptp(robust.pixels) > 60000


@settings(max_examples=100)
@given(st.lists(st.integers(0, 50), min_size=4, max_size=60), st.floats(0, 49), st.floats(51, 100))
def test_percentiles_are_the_least_values_that_so_many_pixels_do_not_exceed(values, low, high):
    pixels = np.array([values], np.uint16)
    drawn = render(image(pixels), Images(scale=1.0, percentiles=(low, high)))
    if isinstance(drawn, PixelProblem):
        return
    for end, found in ((low, drawn.low), (high, drawn.high)):
        least = max(1, math.ceil(len(values) * end / 100))
        assert found == sorted(values)[least - 1]


@pytest.mark.parametrize("kernel", ["catmull-rom-aa", "skimage-order3-aa"])
def test_overshoot_is_clipped_before_the_cast(kernel):
    """A step rings to both sides; -3 as 65533 would be a bright line along every collimator."""
    step = np.zeros((64, 64), np.uint16)
    step[:, 32:] = 4095
    drawn = render(image(step), Images(kernel=kernel)).pixels.astype(int)
    assert drawn[:, :6].max() < 6000
    assert drawn[:, -6:].min() > 60000


@pytest.mark.parametrize(
    ("side", "expected"), [(2991, 748), (2992, 748), (2, 1), (1, 1), (6, 2), (1841, 460), (1955, 489)]
)
def test_odd_sides_are_rounded_half_up_and_never_vanish(side, expected):
    assert published_size(side, 0.25) == expected


@pytest.mark.parametrize("aspect", [(1.0, 2.0), (3.0, 1.0)])
def test_pixels_that_are_not_square_are_a_reason(aspect):
    """Pixel Aspect Ratio (0028,0034), PS3.3 C.7.6.3.1.7: to keep the shape would mean to resample twice."""
    assert render(image(aspect=aspect), WHOLE).reason is Reason.UNSUPPORTED_PIXELS


def test_eight_bits_stay_256_values():
    """No precision is invented: without reduction there are as many levels as before."""
    pixels = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    assert len(np.unique(render(image(pixels, bits_stored=8), WHOLE).pixels)) == 256
