"""How a picture is searched for text: what the settings, the header and the device say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sample_records import make_instance

from radrelease.config import Config
from radrelease.picturing import search_of
from radrelease.records.pixels import Box, DecodedImage

IMAGE = DecodedImage(
    pixels=np.zeros((1000, 800), np.uint16),
    photometric_interpretation="MONOCHROME1",
    presentation_lut_shape="",
    bits_stored=12,
    slope=1.0,
    intercept=0.0,
    modality_lut=None,
    voi=None,
    padding=None,
    spacing_mm=None,
    aspect=(1.0, 1.0),
)


def config(**pixel_text):
    return Config.model_validate(
        {
            "release": {"name": "r", "output": Path("o"), "work": Path("w")},
            "source": [
                {"name": "a", "dicom": Path("a"), "reports": Path("a.csv")},
                {"name": "b", "dicom": Path("b"), "reports": Path("b.csv"), "pixel_text": "reject"},
            ],
            "pixel_text": pixel_text,
            "secret": {"key_env": "KEY"},
        }
    )


def instance(**attributes):
    return make_instance(source="a", attributes=attributes)


def test_text_is_not_looked_for_unless_a_source_asks():
    assert config().pixel_policies == {"a": "off", "b": "reject"}
    assert config().reads_pixels
    assert config(policy="mask").pixel_policies == {"a": "mask", "b": "reject"}


@pytest.mark.parametrize(
    ("attributes", "settings", "everywhere"),
    [
        ({}, {}, False),
        ({}, {"search": "all"}, True),
        ({"BurnedInAnnotation": "YES"}, {}, True),
        ({"BurnedInAnnotation": "NO"}, {}, False),
        ({"ImageType": "DERIVED\\SECONDARY"}, {}, True),
    ],
)
def test_the_header_can_ask_for_the_whole_picture(attributes, settings, everywhere):
    search = search_of(instance(**attributes), IMAGE, config(policy="mask", **settings))
    assert search.everywhere is everywhere
    assert search.inverted


def test_the_regions_of_a_known_device_are_read_in_any_case():
    search = search_of(
        instance(Manufacturer="CANON INC.", ManufacturerModelName="CXDI-50G"), IMAGE, config(policy="mask")
    )
    assert search.regions == (Box(0, 0, 800, 32), Box(0, 968, 800, 1000))
