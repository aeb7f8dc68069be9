"""PNG: exact, small, and the same bytes whatever made them."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from radrelease import shard_tasks
from radrelease.adapters import png
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.png import decode_png, encode_png, encoder_identity, preview_identity
from radrelease.compiled import library
from radrelease.config.pictures import Images
from radrelease.stages.pictures import png_filters, resampling
from radrelease.stages.pictures.pixels import render
from radrelease.stages.pictures.png_filters import filtered

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


def narrow(pixels):
    """Collimated so far that a tenth is left."""
    shut = np.zeros_like(pixels)
    rows, columns = (slice(side * 2 // 5, side * 3 // 5) for side in pixels.shape)
    shut[rows, columns] = pixels[rows, columns]
    return shut


pictures = st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1), st.booleans()).map(
    lambda drawn: (
        np.random.default_rng(drawn[2]).integers(0, 65536 if drawn[3] else 3, drawn[:2]).astype(np.uint16)
    )
)


def thin(rows, columns):
    return np.arange(rows * columns, dtype=np.uint16).reshape(rows, columns) * np.uint16(257)


@settings(max_examples=200)
@given(pictures)
@example(thin(1, 1))
@example(thin(1, 300))
@example(thin(300, 1))
def test_what_is_written_is_read_back_exactly_by_pillow_and_libpng(pixels):
    data = encode_png(pixels)
    assert np.array_equal(decode_png(data), pixels)
    assert np.array_equal(imagecodecs.png_decode(data), pixels)


def test_a_view_is_written_as_what_it_shows():
    whole = chest(40, 30, 300)
    for view in (whole.T, whole[::-1, ::2], np.asfortranarray(whole), whole.astype(">u2")):
        assert np.array_equal(decode_png(encode_png(view)), view)


@settings(max_examples=200)
@given(pictures)
@example(thin(1, 1))
@example(thin(1, 300))
@example(thin(300, 1))
def test_c_and_numpy_filter_alike(pixels):
    if library() is None:
        pytest.skip("the library was not compiled")
    assert np.array_equal(filtered(pixels), png_filters._in_numpy(pixels))
    eight = pixels.astype(np.uint8)
    assert np.array_equal(filtered(eight), png_filters._in_numpy(eight))


@settings(max_examples=100)
@given(pictures)
@example(thin(1, 1))
@example(thin(1, 300))
def test_eight_bits_are_read_back_exactly_too(pixels):
    eight = pixels.astype(np.uint8)
    data = encode_png(eight)
    assert np.array_equal(imagecodecs.png_decode(data), eight)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == "L"
        assert np.array_equal(np.asarray(picture), eight)


@pytest.mark.parametrize("noise", [0, 2, 30, 300, 20000])
@pytest.mark.parametrize("shut", [False, True])
def test_python_s_own_zlib_writes_the_same_bytes(noise, shut):
    """Runs alone are searched for, so there is one answer and no table of hashes that a processor fills."""
    pixels = chest(300, 200, noise)
    pixels = collimated(pixels) if shut else pixels
    deflate = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    assert deflate.compress(filtered(pixels).tobytes()) + deflate.flush() in encode_png(pixels)


@pytest.mark.parametrize("compiled", [True, False])
def test_every_machine_writes_these_bytes(monkeypatch, compiled):
    """As x86-64 and, for 16 bits, AArch64 gave it under an emulator; if it changes, every shard is made anew."""
    if not compiled:
        monkeypatch.setattr(png_filters, "library", lambda: None)
        monkeypatch.setattr(resampling, "library", lambda: None)
    assert preview_identity() == "df904e966dfcf30d00fb16b445114c4cbae788e17f119793afa28277de42f580"
    assert encoder_identity() == "1236cd4a192bd378adca17ba37da7e6e0aaf4b0ce06b43db700e431865681578"


def test_shards_of_another_encoder_are_not_taken_over(monkeypatch, place):
    before = shard_tasks._settings(place.config, None, None)
    monkeypatch.setattr(png, "filtered", lambda pixels: png_filters._in_numpy(pixels // 2))
    assert shard_tasks._settings(place.config, None, None) != before


@pytest.mark.parametrize("noise", [30, 150, 300])
@pytest.mark.parametrize("shut", [np.asarray, collimated, narrow])
@pytest.mark.parametrize("shape", [(764, 636), (489, 461)])
def test_a_picture_is_no_larger_than_pillow_makes_it(noise, shut, shape):
    assert_no_larger(shut(chest(*shape, noise)))


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
