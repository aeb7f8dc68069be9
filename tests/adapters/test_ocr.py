"""The OCR engine itself, on made pictures and on a real one."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import numpy as np
import pytest

from radrelease.adapters import ocr
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.ocr import engine_of, load_engine
from radrelease.errors import BrokenPromise, ConfigError, MissingExtra
from radrelease.profiles.markers import load_markers
from radrelease.stages.pictures.burned_in import Search, clean, look
from radrelease.stages.pictures.pixel_text import PixelTerms
from radrelease.stages.pictures.pixels import is_inverted
from radrelease.testing.burned_in import PILLOW, draw_text, make_pictures

REAL = Path(__file__).parents[3] / "shared/data/dicom/pseudo_phi_burned_in.dcm"
GROUPS = frozenset(load_markers())
NOBODY = PixelTerms(frozenset(), frozenset())
LIBRARIES = ("rapidocr_onnxruntime", "onnxruntime", "cv2")
there = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in LIBRARIES),
    reason="the extra ocr is not installed",
)
quiet = pytest.mark.filterwarnings("default")  # of the libraries' own imports
pytestmark = pytest.mark.xdist_group("ocr")


@pytest.fixture
def fresh():
    load_engine.cache_clear()
    yield
    load_engine.cache_clear()


@pytest.mark.parametrize("missing", LIBRARIES)
def test_a_missing_extra_is_one_message(fresh, monkeypatch, missing):
    monkeypatch.setattr(ocr, "find_spec", lambda name: None if name == missing else "there")
    with pytest.raises(MissingExtra, match=rf"policy: {missing} is not installed.*radrelease\[ocr\]"):
        load_engine()


@there
@quiet
def test_an_engine_that_does_not_load_is_one_message(fresh, monkeypatch):
    monkeypatch.setattr(ocr, "_digest_of", lambda _: 1 / 0)
    with pytest.raises(ConfigError, match=r"policy: the OCR cannot be loaded \(ZeroDivisionError\)"):
        load_engine()


@there
@quiet
def test_nothing_is_fetched_and_the_weights_are_named(fresh, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    identity = load_engine().identity
    assert (identity.name, identity.version, len(identity.sha256)) == ("rapidocr-onnxruntime", "1.4.4", 64)
    assert identity.engine.startswith("onnxruntime ")
    with pytest.raises(BrokenPromise):
        engine_of(None)


@there
@quiet
def test_a_line_is_found_and_read():
    picture = np.full((200, 600), 30, np.uint8)
    drawn = draw_text("ABERNATHY INGRID", PILLOW, 30)
    picture[80 : 80 + drawn.shape[0], 50 : 50 + drawn.shape[1]] |= drawn
    (box,) = load_engine().detect(picture)
    ((text, score),) = load_engine().recognise([picture[box.top : box.bottom, box.left : box.right]])
    assert text.replace(" ", "") == "ABERNATHYINGRID"
    assert score > 0.9
    assert load_engine().detect(np.zeros((64, 64), np.uint8)) == ()
    assert load_engine().recognise([]) == ()


def cleaned(picture, **changes):
    search = Search(
        **{
            "everywhere": False,
            "tiles": False,
            "groups": GROUPS,
            "inverted": picture.photometric == "MONOCHROME1",
            **changes,
        }
    )
    return clean(picture.pixels, NOBODY, search, load_engine())


def covered(result, item):
    masked = np.zeros(result.pixels.shape, bool)
    for box, _ in result.masks:
        masked[box.top : box.bottom, box.left : box.right] = True
    return masked[item.box.top : item.box.bottom, item.box.left : item.box.right][item.ink].mean()


@there
@quiet
@pytest.mark.parametrize(("kind", "most"), [("plain", 0), ("turned", 0), ("faint", 2)])
def test_identifying_strings_are_masked_and_markers_beside_them_are_not(kind, most):
    missed = []
    for picture in make_pictures("set_aside", kind, 6, seed=3, size=(1250, 1024)):
        result = cleaned(picture)
        assert result.left == ()
        for item in picture.planted:
            if item.identifying:
                missed += [item] if covered(result, item) < 0.99 else []
            elif kind == "plain":
                assert covered(result, item) < 0.1, item.text
        outside = np.ones(picture.pixels.shape, bool)
        for box, _ in result.masks:
            outside[box.top : box.bottom, box.left : box.right] = False
        assert np.array_equal(result.pixels[outside], picture.pixels[outside])
    assert len(missed) <= most, missed


@there
@quiet
def test_markers_alone_and_clean_pictures_are_left_as_they_are():
    for kind in ("marked", "clean"):
        for picture in make_pictures("set_aside", kind, 5, seed=5, size=(1250, 1024)):
            result = cleaned(picture)
            assert result.masks == (), [found.reading.text for _, found in result.masks]
            assert np.array_equal(result.pixels, picture.pixels)


@there
@quiet
def test_the_whole_picture_is_read_where_that_is_asked_for():
    (picture,) = make_pictures("tuned", "plain", 1, seed=9, size=(900, 800))
    result = cleaned(picture, everywhere=True)
    assert result.left == ()
    assert all(covered(result, item) >= 0.99 for item in picture.planted if item.identifying)


@there
@quiet
def test_a_real_picture_loses_the_name_and_dates_and_keeps_its_markers():
    if not REAL.is_file():
        pytest.skip("the real DICOM file is not beside the checkout")
    image = decode(REAL)
    search = Search(everywhere=False, tiles=False, groups=GROUPS, inverted=is_inverted(image))
    before = {
        found.reading.text: found.verdict for found in look(image.pixels, NOBODY, search, load_engine())
    }
    assert sum("DAVIDSON" in text or "06.16.1976" in text for text in before) == 2
    result = clean(image.pixels, NOBODY, search, load_engine())
    assert result.left == ()
    assert all("DAVIDSON" in found.reading.text or "1976" in found.reading.text for _, found in result.masks)
    after = {found.reading.text for found in look(result.pixels, NOBODY, search, load_engine())}
    assert {"Semi-Upright", "Portable", "L"} <= after
    assert not any("DAVIDSON" in text or "1976" in text or "2012" in text for text in after)
    outside = np.ones(image.pixels.shape, bool)
    for box, _ in result.masks:
        outside[box.top : box.bottom, box.left : box.right] = False
    assert np.array_equal(result.pixels[outside], image.pixels[outside])
    assert outside.mean() > 0.97
