"""Pictures of committed shards, used again for files that have not changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_records import make_instance

from radrelease.adapters.cohort_store import open_cohort
from radrelease.adapters.rexgradient import archive_member
from radrelease.adapters.shard_pictures import (
    ARCHIVE,
    PICTURES,
    PREVIEWS,
    EarlierPictures,
    KeptPicture,
    keys_of,
    open_pictures,
    picture_key,
)
from radrelease.config import Config
from radrelease.records.pixels import PictureFacts, Quality

QUALITY = Quality(black=0.0, white=0.0, contrast=0.5, smaller_half=0.4, inverted=None)
FACTS = PictureFacts(
    height=2,
    width=3,
    stretch="full",
    low=0.0,
    high=9.0,
    spacing_mm=None,
    masked=None,
    quality=QUALITY,
    sha256="s",
)
INSTANCE = make_instance(source="north", path="a/b", size_bytes=10, modified_ns=20, sop_uid="1.4")
LONG_PATH = "../deid_png/" + "/".join(["x" * 60] * 4) + ".png"


def kept(path, facts, png):
    return KeptPicture(path, facts, png, b"small " + png, archive_member(path, png))


def told(picture):
    return picture.path, picture.facts, picture.png, picture.preview, picture.frame


FIRST = kept(LONG_PATH, FACTS, b"first picture")
THIRD = kept("../deid_png/c.png", replace(FACTS, masked=0.5), b"third picture")


def settings(**tables):
    source = {"name": "north", "dicom": "dicom", "reports": "reports", **tables.pop("source", {})}
    release = {"name": "r", "output": "release", "work": "work", **tables.pop("release", {})}
    return Config.model_validate(
        {"release": release, "source": [source], "secret": {"key_env": "K"}, **tables}
    )


def test_a_picture_is_known_by_its_file_and_by_how_it_is_drawn():
    key = picture_key(INSTANCE, settings())
    assert key == picture_key(replace(INSTANCE, patient_id="other"), settings(release={"name": "s"}))
    others = [
        replace(INSTANCE, path="a/c"),
        replace(INSTANCE, size_bytes=11),
        replace(INSTANCE, modified_ns=21),
    ]
    others += [replace(INSTANCE, sop_uid="1.5")]
    drawn_otherwise = picture_key(INSTANCE, settings(images={"scale": 0.5}))
    assert len({key, drawn_otherwise, *(picture_key(other, settings()) for other in others)}) == 6


@pytest.mark.parametrize(
    "tables",
    [
        {"release": {"layouts": ["native", "dicom"]}},
        {"pixel_text": {"policy": "mask"}},
        {"source": {"pixel_text": "review"}},
    ],
)
def test_where_names_or_decoded_pixels_count_no_picture_is_used_again(tables):
    assert picture_key(INSTANCE, settings(**tables)) == ""


@pytest.fixture
def shard(tmp_path):
    with open_pictures(tmp_path) as pictures:
        pictures.write("aa" * 32, FIRST)
        pictures.write("", kept("../deid_png/b.png", FACTS, b"not to be used again"))
        pictures.write("cc" * 32, THIRD)
    return tmp_path


def test_a_shard_gives_its_pictures_back(shard):
    earlier = EarlierPictures(shard)
    assert keys_of(shard) == ["aa" * 32, "cc" * 32]
    assert told(earlier.get("aa" * 32)) == told(FIRST)
    assert told(earlier.get("cc" * 32)) == told(THIRD)
    assert earlier.get("") is None
    assert earlier.get("bb" * 32) is None


def test_a_shard_gives_its_pictures_back_by_their_place(shard):
    earlier = EarlierPictures(shard)
    key, picture = earlier.at(LONG_PATH)
    assert (key, *told(picture)) == ("aa" * 32, *told(FIRST))
    key, picture = earlier.at("../deid_png/b.png")
    assert (key, picture.png) == ("", b"not to be used again")
    assert earlier.at("../deid_png/d.png") is None
    assert earlier.size_of([LONG_PATH, "../deid_png/d.png"]) == len(FIRST.frame)


@pytest.mark.parametrize("name", [ARCHIVE, PREVIEWS])
def test_a_picture_that_has_suffered_on_the_disk_is_drawn_again(shard, name):
    whole = (shard / name).read_bytes()
    for place in range(len(whole)):
        (shard / name).write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        earlier = EarlierPictures(shard)
        for key, picture in (("aa" * 32, FIRST), ("cc" * 32, THIRD)):
            found = earlier.get(key)
            assert found is None or told(found) == told(picture)
    (shard / name).write_bytes(whole[:8])
    assert EarlierPictures(shard).get("cc" * 32) is None


def test_the_driver_knows_which_shards_have_a_picture(shard, tmp_path):
    with open_cohort(tmp_path) as store:
        store.add_drawn("one", keys_of(shard))
        store.add_drawn("two", ["dd" * 32])
        assert store.shards_with(["cc" * 32, "aa" * 32, "ee" * 32]) == ["one"]
        assert store.shards_with(["dd" * 32, "aa" * 32]) == ["one", "two"]
    (shard / PICTURES).unlink()
    assert keys_of(shard) == [], "as an older software left it"


def test_a_picture_is_the_very_one_only_with_its_key_facts_and_bytes(tmp_path):
    picture = kept("../deid_png/a.png", FACTS, b"png")
    with open_pictures(tmp_path) as pictures:
        pictures.write("aa", picture)
    earlier = EarlierPictures(tmp_path)
    assert earlier.has("aa", picture)
    assert not earlier.has("bb", picture)
    assert not earlier.has("aa", kept("../deid_png/b.png", FACTS, b"png"))
    assert not earlier.has("aa", kept("../deid_png/a.png", replace(FACTS, low=1.0), b"png"))
    assert not earlier.has("aa", kept("../deid_png/a.png", FACTS, b"other"))
