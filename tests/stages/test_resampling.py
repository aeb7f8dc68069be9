"""A picture at another size: the two kernels, and the same bytes from C, from numpy and on any processor."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.transform import resize

import radrelease.compiled
from radrelease.compiled import library, source_digest
from radrelease.stages.pictures import resampling
from radrelease.stages.pictures.pixels import published_size
from radrelease.stages.pictures.resampling import resample, weights_of
from radrelease.stages.pictures.value_range import value_range

KERNELS = ("catmull-rom-aa", "skimage-order3-aa")
RNG = np.random.default_rng(20)
SOURCES = Path(radrelease.compiled.__file__).parent


def picture(shape, top=4095):
    """Noise with hard edges and single bright and dark pixels: everything overshoots."""
    pixels = RNG.integers(0, top + 1, shape).astype(np.uint16)
    pixels[: shape[0] // 2, : shape[1] // 3] = 0
    pixels[shape[0] // 2 :, shape[1] // 2 :] = top
    pixels[0, 0], pixels[-1, -1] = 0, top
    return pixels


def quarter(pixels):
    return tuple(published_size(side, 0.25) for side in pixels.shape)


def full_range(pixels, kernel, size=None, *, inverted=False):
    least, most = value_range(pixels)
    return resample(pixels, size or quarter(pixels), kernel, least=least, most=most, inverted=inverted)


@pytest.mark.parametrize("top", [255, 1023, 4095, 65535])
@pytest.mark.parametrize("shape", [(300, 200), (299, 203), (61, 47), (7, 300), (2, 9)])
def test_cubic_convolution_is_what_pillow_does_in_floats_and_then_clips(shape, top):
    pixels = picture(shape, top)
    rows, columns = quarter(pixels)
    floats = Image.fromarray(pixels.astype(np.float32)).resize((columns, rows), Image.Resampling.BICUBIC)
    expected = np.floor(np.clip(np.asarray(floats, np.float64) * (65535 / top), 0, 65535) + 0.5)
    assert np.abs(full_range(pixels, "catmull-rom-aa") - expected).max() <= 1


@pytest.mark.parametrize("shape", [(300, 200), (299, 203), (61, 47), (41, 300)])
def test_the_other_kernel_is_what_scikit_image_does(shape):
    pixels = picture(shape)
    floats = resize(pixels.astype(np.float64), quarter(pixels), order=3, anti_aliasing=True, clip=False)
    expected = np.floor(np.clip(floats * (65535 / 4095), 0, 65535) + 0.5)
    assert np.abs(full_range(pixels, "skimage-order3-aa") - expected).max() <= 1


def test_the_kernels_differ_and_both_keep_a_pattern_finer_than_the_result_from_becoming_another():
    waves = np.tile((2047 * (1 + np.sin(np.arange(800) * 2 * np.pi / 5))).astype(np.uint16), (64, 1))
    cubic, spline = (full_range(waves, kernel).astype(float) for kernel in KERNELS)
    assert np.std(waves * 16.0) > 20 * np.std(cubic[4:-4, 4:-4])
    assert np.std(waves * 16.0) > 5 * np.std(spline[4:-4, 4:-4])
    assert np.abs(cubic - spline).max() > 100


def test_a_narrow_range_far_from_zero_loses_nothing():
    """40,000 to 40,100 stretched to 16 bits: what a float loses at 40,000 would be seen."""
    low = picture((200, 200), 100)
    high = low + np.uint16(40000)
    assert np.array_equal(full_range(low, "catmull-rom-aa"), full_range(high, "catmull-rom-aa"))


def test_signed_values_are_drawn_as_the_same_distances():
    pixels = picture((64, 48))
    signed = (pixels.astype(np.int32) - 2000).astype(np.int16)
    assert np.array_equal(full_range(pixels, "catmull-rom-aa"), full_range(signed, "catmull-rom-aa"))


def test_inversion_mirrors_every_value():
    pixels = picture((64, 48))
    plain, inverted = (full_range(pixels, "catmull-rom-aa", inverted=flag) for flag in (False, True))
    assert np.abs(65535 - plain.astype(int) - inverted).max() <= 1


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_same_size_gives_the_same_picture(kernel):
    pixels = picture((33, 21), 65535)
    assert np.abs(full_range(pixels, kernel, pixels.shape).astype(int) - pixels).max() <= 1


@settings(max_examples=150)
@given(old=st.integers(1, 400), new=st.integers(1, 400), kernel=st.sampled_from(KERNELS))
def test_weights_sum_to_one_and_never_reach_outside(old, new, kernel):
    side = weights_of(old, min(old, new), kernel)
    assert np.allclose(side.weights.sum(axis=1), 1, atol=1e-5)
    assert side.first.min() >= 0
    assert (side.first + side.weights.shape[1]).max() <= old
    assert (np.diff(side.first) >= 0).all()  # the compiled loop counts on it


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 300)),
    scale=st.sampled_from([0.25, 0.5, 0.3, 1.0, 0.07]),
    kernel=st.sampled_from(KERNELS),
    inverted=st.booleans(),
    signed=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_c_and_numpy_give_equal_bytes(shape, scale, kernel, inverted, signed, seed):
    if library() is None:
        pytest.skip("the library was not compiled")
    values = np.random.default_rng(seed).integers(0, 65536, shape).astype(np.uint16)
    pixels = values.view(np.int16) if signed else values
    least, most = value_range(pixels)
    most += least == most
    size = tuple(published_size(side, scale) for side in shape)
    compiled = resample(pixels, size, kernel, least=least, most=most, inverted=inverted)
    assert np.array_equal(compiled, in_numpy(values, size, kernel, least, most, inverted=inverted))


def in_numpy(values, size, kernel, least, most, *, inverted=False):
    down, across = (weights_of(old, new, kernel) for old, new in zip(values.shape, size, strict=True))
    gain = np.float32(65535 / (most - least))
    return resampling._in_numpy(values, down, across, least & 0xFFFF, gain, inverted=inverted)


@pytest.mark.parametrize(
    "options",
    [("-O0",), ("-O2",), ("-O3", "-march=x86-64"), ("-O3", "-march=x86-64-v2"), ("-O3", "-march=x86-64-v3"),
     ("-O3", "-march=x86-64-v4"), ("-O3", "-march=native")],
    ids=" ".join,
)  # fmt: skip
def test_every_instruction_set_gives_the_same_bytes(tmp_path, monkeypatch, options):
    """x86-64-v3 and on have fused multiply-add, which would round differently if it were used."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    target = tmp_path / "kernels.so"
    command = [compiler, "-std=gnu11", "-ffp-contract=off", "-fPIC", "-shared", *options, "-DFOR_EACH_PROCESSOR=",
               "-o", str(target), *map(str, SOURCES.glob("*.c"))]  # fmt: skip
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("the compiler does not know this instruction set")
    supported = subprocess.run(["python3", "-c", f"import ctypes; ctypes.CDLL({str(target)!r})"], check=False)
    assert supported.returncode == 0
    if "v4" in options[-1] and "avx512f" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no AVX-512")
    monkeypatch.setattr(resampling, "library", lambda: ctypes.CDLL(str(target)))
    values = picture((403, 517), 65535)
    for kernel in KERNELS:
        drawn = resample(values, (101, 129), kernel, least=0, most=65535, inverted=True)
        assert np.array_equal(drawn, in_numpy(values, (101, 129), kernel, 0, 65535, inverted=True))


def test_a_library_of_other_sources_is_not_used(tmp_path):
    (tmp_path / "resample.c").write_text("int x;")
    assert source_digest(tmp_path) != source_digest(SOURCES)


def test_the_library_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("RADRELEASE_NO_COMPILED", "1")
    library.cache_clear()
    try:
        assert library() is None
    finally:
        monkeypatch.undo()
        library.cache_clear()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 65535), min_size=1, max_size=200), st.booleans())
def test_the_range_is_the_least_and_the_most(values, signed):
    array = np.array(values, np.uint16)
    array = array.view(np.int16) if signed else array
    assert value_range(array) == (array.min(), array.max())
