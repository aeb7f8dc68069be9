"""PNG: exact, small, and the same bytes whatever made them."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.png import decode_png, encode_png
from radrelease.compiled import library
from radrelease.config import Images
from radrelease.stages import png_filters
from radrelease.stages.pixels import render
from radrelease.stages.png_filters import filtered

REAL = Path(__file__).parents[3] / "shared/data/dicom"


def chest(rows, columns, noise, seed=0):
    """Smooth shadows with noise of ``noise`` of 65535."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    shadows = 30000 + 25000 * np.sin(6 * x) * np.cos(5 * y) + 3000 * np.sin(40 * x * y)
    return np.clip(shadows + rng.normal(0, noise, (rows, columns)), 0, 65535).astype(np.uint16)


def collimated(pixels):
    shut = pixels.copy()
    shut[: len(shut) // 7], shut[-len(shut) // 5 :] = 0, 0
    shut[:, : len(shut) // 9], shut[:, -len(shut) // 8 :] = 65535, 0
    return shut


pictures = st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1), st.booleans()).map(
    lambda drawn: (
        np.random.default_rng(drawn[2]).integers(0, 65536 if drawn[3] else 3, drawn[:2]).astype(np.uint16)
    )
)


@settings(max_examples=200, deadline=None)
@given(pictures)
def test_what_is_written_is_read_back_exactly(pixels):
    assert np.array_equal(decode_png(encode_png(pixels)), pixels)


@settings(max_examples=200, deadline=None)
@given(pictures)
def test_c_and_numpy_filter_alike(pixels):
    if library() is None:
        pytest.skip("the library was not compiled")
    assert np.array_equal(filtered(pixels), png_filters._in_numpy(pixels))


@pytest.mark.parametrize("noise", [0, 2, 30, 300, 20000])
@pytest.mark.parametrize("shut", [False, True])
def test_python_s_own_zlib_writes_the_same_bytes(noise, shut):
    """Runs alone are searched for, so there is one answer and no table of hashes that a processor fills."""
    pixels = chest(300, 200, noise)
    pixels = collimated(pixels) if shut else pixels
    deflate = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    assert deflate.compress(filtered(pixels).tobytes()) + deflate.flush() in encode_png(pixels)


@pytest.mark.parametrize("noise", [30, 150, 300])
@pytest.mark.parametrize("shut", [False, True])
@pytest.mark.parametrize("shape", [(764, 636), (489, 461)])
def test_a_picture_is_no_larger_than_pillow_makes_it(noise, shut, shape):
    pixels = chest(*shape, noise)
    assert_no_larger(collimated(pixels) if shut else pixels)


@pytest.mark.parametrize("name", ["RG1_UNCR", "pseudo_phi_burned_in", "nih_chest", "RG2_RLE"])
@pytest.mark.parametrize("kernel", ["catmull-rom-aa", "skimage-order3-aa"])
def test_a_real_picture_is_no_larger_than_pillow_makes_it(name, kernel):
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    assert_no_larger(render(decode(REAL / f"{name}.dcm"), Images(kernel=kernel)).pixels)


def assert_no_larger(pixels):
    plain = io.BytesIO()
    Image.fromarray(pixels).save(plain, "PNG")
    assert len(encode_png(pixels)) <= len(plain.getvalue())
