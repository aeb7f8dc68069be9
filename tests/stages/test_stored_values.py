"""High Bit, Bits Stored, Pixel Representation, and what may lie above the values (PS3.5 section 8.1.1)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radrelease.records.pixels import PixelProblem
from radrelease.rejections import Reason
from radrelease.stages.pictures.stored_values import Cells, stored_values

ROW, COLUMN = np.mgrid[0:80, 0:60]
SMOOTH = (1900 + 900 * np.sin(ROW / 17) + 700 * np.cos(COLUMN / 11) + (ROW * 7 + COLUMN * 13) % 20).astype(
    np.uint16
)
NAME = (ROW > 10) & (ROW < 16) & (COLUMN > 5) & (COLUMN < 30) & (COLUMN % 4 < 2)


def cells(**changes) -> Cells:
    plain = {"rows": 80, "columns": 60, "allocated": 16, "stored": 12, "high": 11, "signed": False}
    return Cells(**plain | changes)


def test_nothing_is_copied_where_there_is_nothing_to_clear():
    assert np.shares_memory(stored_values(SMOOTH, cells()), SMOOTH)
    signed = SMOOTH.astype(np.int16) - 1500
    found = stored_values(signed.view(np.uint16), cells(signed=True))
    assert found.dtype == np.int16
    assert np.shares_memory(found, signed)
    assert np.array_equal(found, signed)


@given(st.integers(1, 16), st.booleans(), st.data())
def test_values_of_any_depth_and_sign_come_back(stored, signed, data):
    kind = np.int16 if signed else np.uint16
    least, most = (-(1 << (stored - 1)), (1 << (stored - 1)) - 1) if signed else (0, (1 << stored) - 1)
    values = data.draw(arrays(kind, (5, 7), elements=st.integers(least, most)))
    mask = np.uint16((1 << stored) - 1)
    garbage = np.uint16(data.draw(st.integers(0, 0xFFFF)) & ~mask & 0xFFFF)
    packed = (values.view(np.uint16) & mask) | garbage  # the same above every value
    found = stored_values(packed, cells(stored=stored, high=stored - 1, signed=signed))
    assert np.array_equal(found, values)
    assert found.dtype == kind


@pytest.mark.parametrize("bit", [12, 13, 15])
@pytest.mark.parametrize("share", ["few", "many"])
def test_an_overlay_that_the_header_declares_is_cleared(bit, share):
    """PS3.3 C.9.2 of 2004 and before: Overlay Bit Position (60xx,0102) without Overlay Data."""
    drawn = NAME if share == "few" else COLUMN > 20
    found = stored_values(SMOOTH | (drawn << bit).astype(np.uint16), cells(overlay_bits={bit}))
    assert np.array_equal(found, SMOOTH)


def test_writing_above_the_values_is_cleared_though_nothing_declares_it():
    found = stored_values(SMOOTH | (NAME << 13).astype(np.uint16), cells())
    assert np.array_equal(found, SMOOTH)


@pytest.mark.parametrize("stored", [8, 9, 10, 11])
def test_values_beyond_bits_stored_are_no_overlay(stored):
    """Masked, a header that says too few bits would turn the brightest parts of the picture black."""
    found = stored_values(SMOOTH, cells(stored=stored, high=stored - 1))
    assert isinstance(found, PixelProblem)
    assert found.reason is Reason.BITS_STORED


def test_a_few_values_just_beyond_bits_stored_are_no_overlay():
    brightest = np.sort(SMOOTH.ravel())[-40]
    raised = SMOOTH + np.uint16(4096 - brightest)  # 40 pixels of a smooth slope pass 4095
    assert 0 < (raised > 4095).mean() < 0.05
    assert stored_values(raised, cells()).reason is Reason.BITS_STORED


def test_many_bits_above_the_values_that_nothing_explains_are_no_picture():
    found = stored_values(SMOOTH | ((COLUMN > 20) << 14).astype(np.uint16), cells())
    assert found.reason is Reason.BITS_STORED


def test_values_in_the_upper_bits_of_their_cells_are_moved_down():
    """High Bit (0028,0102) other than BitsStored - 1, which PS3.5 section 8.1.1 allowed once."""
    found = stored_values(SMOOTH << 4, cells(high=15))
    assert np.array_equal(found, SMOOTH)
    with_overlay = (SMOOTH << 4) | NAME
    assert np.array_equal(stored_values(with_overlay, cells(high=15, overlay_bits={0})), SMOOTH)
    signed = SMOOTH.astype(np.int16) - 1500
    assert np.array_equal(stored_values((signed << 4).view(np.uint16), cells(high=15, signed=True)), signed)


def test_a_high_bit_that_would_cut_values_off_is_no_picture():
    assert stored_values(SMOOTH, cells(high=15)).reason is Reason.PIXELS_DISAGREE


def test_what_a_lossy_codec_overshoots_is_clipped():
    overshot = SMOOTH.copy()
    overshot[5, 5] = 4110
    found = stored_values(overshot, cells(), lossy=True)
    assert found[5, 5] == 4095
    assert stored_values(SMOOTH * 3, cells(), lossy=True).reason is Reason.BITS_STORED
