"""Text in pictures without an OCR: what is a marker, what is masked, and where text is suspected."""

from __future__ import annotations

import numpy as np
import pytest

from radrelease.profiles.device_regions import load_device_regions
from radrelease.profiles.markers import load_markers
from radrelease.records.pixels import Box, TextReading
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.pictures.burned_in import Search, clean, look
from radrelease.stages.pictures.masking import mask, masked_share, with_margin
from radrelease.stages.pictures.pixel_text import INITIALS, PixelTerms, is_marker, judge, pixel_terms
from radrelease.stages.pictures.text_likelihood import count_steps
from radrelease.stages.pictures.text_rows import settle_rows
from radrelease.stages.pictures.text_search import grid
from radrelease.testing.burned_in import HALVES, PILLOW, draw_text, make_pictures

GROUPS = frozenset(load_markers())
NOBODY = PixelTerms(frozenset(), frozenset())
LINE = Box(100, 100, 300, 120)


def verdict(text, terms=NOBODY, groups=GROUPS, score=0.99, steps=100, box=LINE):
    return judge(TextReading(box, text, score), terms, groups, steps=steps)


@pytest.mark.parametrize("group", load_markers())
def test_every_group_knows_its_examples_and_falls_into_none_of_its_traps(group):
    assert load_markers()[group].examples
    for text in load_markers()[group].examples:
        assert is_marker(text, GROUPS), text
        assert not verdict(text).identifies, text
    for text in load_markers()[group].traps:
        assert not is_marker(text, GROUPS), text
        assert verdict(text).identifies, text


@pytest.mark.parametrize(
    "text",
    [
        "P0RTABLE",
        "SEM1-UPR1GHT",
        "Semi-Uprlght",
        "APSUPINE",
        "PORTABLE AP",
        "L-1",
        "R PA 10:32",
        "AP  120KVP 2.5MAS",
    ],
)
def test_markers_are_known_through_what_ocr_makes_of_them(text):
    assert not verdict(text).identifies


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DAVIDSON DOUGLAS", "UNKNOWN"), ("DOB 06.16.1976", "DATE"), ("19620917", "DATE"), ("03 MAR 2019", "DATE"),
        ("00482913", "ID"), ("L DOE", "UNKNOWN"), ("PORTABLE SMITH", "UNKNOWN"), ("JKM", "UNKNOWN"), ("42", "ID"),
        ("道", "GLYPH"), ("X", "GLYPH"),
    ],
)  # fmt: skip
def test_what_is_text_and_no_marker_identifies(text, kind):
    assert verdict(text).kind == kind


def test_what_the_export_knows_comes_before_the_markers_and_through_confusions():
    known = pixel_terms(
        compile_patient(
            [
                Identifier(IdentifierKind.PATIENT_NAME, "Upright^Bill"),
                Identifier(IdentifierKind.PATIENT_ID, "B05511"),
            ]
        )
    )
    assert verdict("UPRIGHT").kind == "MARKER"
    assert verdict("UPRIGHT", known).rule == "known name"
    assert verdict("UPRlGHT", known).rule == "known name"
    assert verdict("8O55I1", known).rule == "known number"
    assert verdict("SUPINE", known).kind == "MARKER"


def test_initials_are_a_policy_and_groups_can_be_shut_out():
    assert verdict("JKM").identifies
    assert not verdict("JKM", groups=GROUPS | {INITIALS}).identifies
    assert verdict("10:32", groups=GROUPS - {"time"}).identifies


def test_a_long_box_full_of_strokes_that_nobody_reads_is_text_and_others_are_not():
    assert verdict("", score=0.0).kind == "UNREADABLE"
    assert verdict("道", score=0.3, steps=3).kind == "NOISE"
    assert verdict("", score=0.0, box=Box(0, 0, 40, 40)).kind == "NOISE"


def rows(*texts, gap=20):
    readings, left = [], 0
    for text in texts:
        readings.append(TextReading(Box(left, 0, left + 20 * len(text), 30), text, 0.99))
        left += 20 * len(text) + gap
    alone = [judge(item, NOBODY, GROUPS, steps=100) for item in readings]
    return [is_.identifies for is_ in settle_rows(readings, alone, GROUPS)]


def test_readings_side_by_side_are_read_as_a_whole_too():
    assert rows("120", "kVp") == [False, False]
    assert rows("120", "kVp", gap=200) == [True, False]
    assert rows("DOE JANE", "L") == [True, True]
    assert rows("DOE JANE", "L", gap=200) == [True, False]
    assert rows("DOE JANE", "PORTABLE") == [True, False]


def test_a_mask_is_the_ground_around_it_and_nothing_else_changes():
    rng = np.random.default_rng(2)
    pixels = rng.integers(900, 1100, (200, 300)).astype(np.uint16)
    box = with_margin(Box(50, 60, 150, 80), *pixels.shape)
    assert box == Box(46, 56, 154, 84)
    written = pixels.copy()
    written[60:80, 50:150] = 4095
    painted = mask(written, [box])
    assert 990 <= int(painted[70, 100]) <= 1010
    assert (painted[56:84, 46:154] == painted[70, 100]).all()
    outside = np.ones(pixels.shape, bool)
    outside[56:84, 46:154] = False
    assert np.array_equal(painted[outside], written[outside])
    assert painted.dtype == written.dtype
    assert written[70, 100] == 4095
    assert masked_share([box, box], *pixels.shape) == pytest.approx(28 * 108 / 60000)


def test_a_mask_with_nothing_around_it_takes_the_least_value():
    pixels = np.arange(12, dtype=np.int16).reshape(3, 4) - 5
    assert (mask(pixels, [Box(0, 0, 4, 3)]) == -5).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_strokes_are_seen_in_every_type_and_plain_ground_is_not(dtype):
    ground = np.random.default_rng(4).normal(120, 1, (600, 700))
    ground[:, 350:] += 60  # the edge of a collimator
    drawn = draw_text("ABERNATHY INGRID", PILLOW, 18)
    assert count_steps(ground.astype(dtype)).regions() == ()
    ground[300 : 300 + drawn.shape[0], 80 : 80 + drawn.shape[1]] += 60.0 * drawn / 255
    (region,) = count_steps(ground.clip(0, 255).astype(dtype)).regions()
    text = Box(80, 300, 80 + drawn.shape[1], 300 + drawn.shape[0])
    assert region.overlap(text) == text.area


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", ["plain", "turned", "faint"])
def test_the_prefilter_sees_every_string(half, kind):
    for picture in make_pictures(half, kind, 6, seed=7, size=(1250, 1024)):
        regions = count_steps(picture.pixels).regions()
        for item in picture.planted:
            if item.identifying:
                assert sum(item.box.overlap(region) for region in regions) >= 0.8 * item.box.area, item


def test_a_clean_picture_has_next_to_nothing_to_read():
    for picture in make_pictures("tuned", "clean", 4, seed=7):
        assert sum(box.area for box in count_steps(picture.pixels).regions()) < 0.02 * picture.pixels.size


def test_the_grid_covers_the_picture_and_its_tiles_overlap():
    covered = np.zeros((1000, 777), np.int8)
    for box in grid(1000, 777):
        covered[box.top : box.bottom, box.left : box.right] += 1
    assert covered.min() >= 1
    assert covered.max() >= 2


class Scripted:
    """An engine that sees bright stretches of a plain picture, and reads each as the script says."""

    def __init__(self, texts):
        self.texts = texts
        self.looks = 0

    def detect(self, picture):
        self.looks += 1
        bright = np.argwhere(picture > 200)
        if not len(bright):
            return ()
        (top, left), (bottom, right) = bright.min(axis=0), bright.max(axis=0) + 1
        return (Box(int(left), int(top), int(right), int(bottom)),)

    def recognise(self, lines):
        return [self.texts[index % len(self.texts)] for index, _ in enumerate(lines)]


def striped(rows=400, columns=500):
    """A picture with a stretch of strokes on it."""
    pixels = np.full((rows, columns), 1000, np.uint16)
    pixels[200:220:4, 100:300] = 4000
    pixels[200:220, 100:300:6] = 4000
    return pixels


SEARCH = Search(everywhere=False, tiles=False, groups=GROUPS, inverted=False)


def test_what_identifies_is_masked_and_read_again_until_the_picture_is_clean():
    cleaned = clean(striped(), NOBODY, SEARCH, Scripted([("DOE JANE", 0.99)]))
    assert cleaned.left == ()
    assert (cleaned.pixels == 1000).all()
    assert {found.verdict.kind for _, found in cleaned.masks} == {"UNKNOWN"}
    assert 0 < cleaned.share < 0.1


def test_a_marker_stays():
    cleaned = clean(striped(), NOBODY, SEARCH, Scripted([("PORTABLE", 0.99)]))
    assert cleaned.masks == ()
    assert np.array_equal(cleaned.pixels, striped())


def test_a_picture_in_which_text_is_seen_whatever_is_masked_is_not_clean():
    class Stubborn(Scripted):
        def detect(self, picture):  # noqa: ARG002
            return (Box(2, 2, 30, 12),)

    search = Search(everywhere=True, tiles=False, groups=GROUPS, inverted=False)
    assert clean(striped(), NOBODY, search, Stubborn([("DOE JANE", 0.99)])).left


def test_a_line_that_reads_poorly_is_turned_and_mirrored():
    (found,) = look(striped(), NOBODY, SEARCH, Scripted([("qo", 0.4), ("?", 0.3), ("SUPINE", 0.97)]))
    assert found.reading.text == "SUPINE"


def test_known_devices_are_told_by_words_of_the_header():
    canon = [
        row
        for row in load_device_regions()
        if row.speaks_of({"Manufacturer": "Canon Inc.", "ManufacturerModelName": "CXDI-50G"})
    ]
    assert [row.regions[0] for row in canon] == [(0.0, 0.0, 1.0, 0.032)]
    assert not any(
        row.speaks_of({"Manufacturer": "Other", "ManufacturerModelName": "CXDI"})
        for row in load_device_regions()
    )
    assert all(row.source for row in load_device_regions())
