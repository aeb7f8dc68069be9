"""What the profile "dicom" lets through, and whether that agrees with table E.1-1 of PS3.15."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import keyword_for_tag
from sample_records import make_release_image, make_release_study

from radrelease.identifiers import Secret
from radrelease.profiles.annex_e import is_permitted, load_annex_e, row_of
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.pixels import WrittenImage
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.dicom_header import released_header
from radrelease.stages.headers.dicom_stated import SECONDARY_CAPTURE, Facts
from radrelease.stages.headers.dicom_values import (
    image_type,
    lut_descriptor,
    moved_date,
    orientation,
    public_numbers,
    public_values,
    public_words,
)

PROFILE = load_dicom_profile()
TABLE = load_annex_e(PROFILE.table)
CROSSWALK = Crosswalk(Secret(b"0123456789abcdef" * 2), "TEST", 365)


def rule(keyword, place=""):
    return PROFILE.by_place[place, keyword]


def facts(**changes):
    image = make_release_image(
        image_id="1.2.1", series_id="1.2.2", body_part="CHEST", institution="SITEA", manufacturer="Philips",
        height=2, width=2, source_rows=2, source_columns=2, high=1.0,
    )  # fmt: skip
    study = make_release_study(
        image, patient_id="TESTP", accession="TESTA", study_id="1.2.3", sex="F", age="090Y",
        ethnic_group=changes.pop("ethnic_group", "WHITE"), weight_kg=70.0, study_date=date(2020, 1, 5),
        description="XR CHEST",
    )  # fmt: skip
    pixels = WrittenImage(
        pixels=np.zeros((2, 2), np.uint16), kind=changes.pop("kind", "original"), bits_stored=12,
        photometric_interpretation="MONOCHROME2", slope=None, intercept=None, spacing_mm=0.6, lossy=False,
        has_lut=True,
    )  # fmt: skip
    given_facts = {"codes": frozenset(), "study_date": date(2019, 3, 4), "shift_days": 307}
    return Facts(study=study, image=image, pixels=pixels, **{**given_facts, **changes})


def header(raw=None, **changes):
    raw = raw if isinstance(raw, RawHeader) else RawHeader(texts=raw or {})
    elements = released_header(raw, facts(**changes), PROFILE, CROSSWALK)
    return {element.keyword: element for element in elements}


def test_every_attribute_of_the_profile_agrees_with_the_table():
    wrong = [
        (row.keyword, row.action)
        for row in PROFILE.rules
        if not is_permitted(row.action, row_of(row.tag, TABLE), PROFILE.options)
    ]
    assert wrong == []
    named = [row.keyword for row in PROFILE.rules if row_of(row.tag, TABLE)]
    assert {"PatientName", "StudyDate", "ReferencedImageSequence", "SeriesDescription"} <= set(named)


def test_the_table_forbids_what_it_should():
    assert not is_permitted("K", TABLE["00100010"], PROFILE.options)  # PatientName
    assert not is_permitted("C", TABLE["00081010"], PROFILE.options)  # StationName: device identity is off
    assert not is_permitted("C", TABLE["00080030"], ())  # StudyTime, without the option
    assert not is_permitted("K", row_of(0x60003000, TABLE), PROFILE.options)
    assert not is_permitted("K", row_of(0x00291010, TABLE), PROFILE.options)
    assert row_of(0x50000022, TABLE).name == "Curve Data"
    assert row_of(0x60024000, TABLE).name == "Overlay Comments"
    assert row_of(0x00280010, TABLE) is None


def test_the_table_is_whole():
    assert len(TABLE) == 657
    assert sum(row.basic == "X" for row in TABLE.values()) == 417
    assert {"PRIVATE", "50xxxxxx", "60xx3000", "60xx4000"} <= TABLE.keys()


def test_an_attribute_of_the_table_that_the_profile_does_not_name_is_absent():
    named = {row.keyword for row in PROFILE.rules}
    others = [
        keyword_for_tag(int(tag, 16))
        for tag in TABLE
        if tag.isalnum() and "x" not in tag and tag != "PRIVATE"
    ]
    raw = {keyword: ("CHEST",) for keyword in others if keyword and keyword not in named}
    assert len(raw) > 500
    assert header(raw).keys() == header({}).keys()


def test_a_file_states_its_deidentification():
    found = header()
    assert found["PatientIdentityRemoved"].values == ("YES",)
    assert found["LongitudinalTemporalInformationModified"].values == ("MODIFIED",)
    codes = [item[0].values[0] for item in found["DeidentificationMethodCodeSequence"].items]
    assert codes == ["113100", "113105", "113107", "113108", "113103"]
    cleaned = [item[0].values[0] for item in header(cleaned=True)["DeidentificationMethodCodeSequence"].items]
    assert cleaned == [*codes, "113101"]
    assert header(cleaned=True)["BurnedInAnnotation"].values == ("NO",)
    assert header({"BurnedInAnnotation": ("YES",)})["BurnedInAnnotation"].values == ("YES",)
    assert "BurnedInAnnotation" not in header({"BurnedInAnnotation": ("Jane",)})


def test_what_a_valid_file_needs_is_there_without_a_value():
    found = header()
    for keyword in ("PatientBirthDate", "StudyTime", "ReferringPhysicianName", "StudyID", "SeriesNumber"):
        assert found[keyword].values == ()
    assert header({"SOPClassUID": ("1.2.840.113619.4.27",)})["SOPClassUID"].values == (SECONDARY_CAPTURE,)


def test_an_ethnic_group_longer_than_its_vr_is_absent():
    assert header()["EthnicGroup"].values == ("WHITE",)
    assert "EthnicGroup" not in header(ethnic_group="NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER")


def test_enumerated_elements_hold_enumerated_values_only():
    assert public_values(("focused", "PARALLEL"), rule("Grid")) == ("FOCUSED", "PARALLEL")
    assert public_values(("FOCUSED", "JANE ROE"), rule("Grid")) == ()
    assert public_values((), rule("Grid")) == ()
    assert public_values(("ysio",), rule("ManufacturerModelName")) == ("Ysio",)
    assert public_values(("R", "L"), rule("Laterality")) == ()


@pytest.mark.parametrize(
    ("keyword", "raw", "written"),
    [
        ("KVP", ("125.000",), ("125",)),
        ("KVP", ("4711",), ()),
        ("KVP", ("JANE",), ()),
        ("KVP", ("nan",), ()),
        ("KVP", ("1e400",), ()),
        ("KVP", ("70.0012345678",), ("70.0012",)),
        ("PixelSpacing", ("0.15000000596046", "0.15000000596046"), ("0.15", "0.15")),
        ("ImagerPixelSpacing", ("0.1", "0.1", "0.1"), ()),
        ("InstanceNumber", ("20193475",), ()),
        ("InstanceNumber", ("0003",), ("3",)),
        ("DeviationIndex", ("-0.4",), ("-0.4",)),
    ],
)
def test_numbers_are_within_bounds_and_short(keyword, raw, written):
    assert public_numbers(raw, rule(keyword), frozenset()) == written


def test_a_number_of_the_patient_is_no_measurement():
    assert public_numbers(("123456",), rule("ExposureInuAs"), frozenset({"123456"})) == ()
    assert public_numbers(("123457",), rule("ExposureInuAs"), frozenset({"123456"})) == ("123457",)


@given(st.integers(-366, 366), st.integers(-365, 365))
def test_dates_keep_their_distance_to_the_day(days, shift):
    study = date(2019, 3, 4)
    raw = f"{date.fromordinal(study.toordinal() + days):%Y%m%d}"
    (moved,) = moved_date((raw,), study, shift, 366)
    expected = date.fromordinal(study.toordinal() + days + shift)
    assert moved == f"{expected:%Y%m%d}"


def test_a_date_far_from_the_study_is_absent():
    assert moved_date(("19550820",), date(2019, 3, 4), 10, 366) == ()
    assert moved_date(("2019-13-40",), date(2019, 3, 4), 10, 366) == ()
    assert header({"AcquisitionDate": ("20190305",)})["AcquisitionDate"].values == ("20200106",)


def test_descriptions_need_every_word_to_be_known():
    words = PROFILE.words
    assert public_words(("CHEST PA",), rule("ProtocolName"), words) == ("CHEST PA",)
    assert public_words(("CHEST PA JANE",), rule("ProtocolName"), words) == ()
    assert public_words(("CHEST",) * 2, rule("ProtocolName"), words) == ()
    assert public_words(("CHEST " * 20,), rule("ProtocolName"), words) == ()


def test_image_type_ends_at_the_first_unknown_value():
    known = rule("ImageType")
    assert image_type(("ORIGINAL", "PRIMARY", "", "CSA RESAMPLED"), known, derived=False) == (
        "ORIGINAL", "PRIMARY", "", "CSA RESAMPLED",
    )  # fmt: skip
    assert image_type(("DERIVED", "JANE", "ROE", "AP"), known, derived=False) == ("DERIVED", "PRIMARY")
    assert image_type(("ORIGINAL", "PRIMARY"), known, derived=True) == ("DERIVED", "PRIMARY")
    assert image_type((), known, derived=False) == ("DERIVED", "PRIMARY")


def test_orientation_is_made_of_directions():
    assert orientation(("L", "F")) == ("L", "F")
    assert orientation(("LL", "F")) == orientation(("L",)) == orientation(("JANE", "F")) == ()


def lut(table, descriptor=None):
    table = np.asarray(table, np.uint16)
    texts = {"LUTDescriptor": descriptor or (str(len(table)), "0", "16")}
    return RawHeader(texts=texts, tables={"LUTData": table})


def test_a_table_rises_or_falls_and_is_as_long_as_it_says():
    assert lut_descriptor(lut(range(256))) == ("256", "0", "16")
    assert lut_descriptor(lut(range(256, 0, -1))) == ("256", "0", "16")
    assert lut_descriptor(lut([5, 3, 9])) == ()
    assert lut_descriptor(lut(range(256), ("255", "0", "16"))) == ()
    assert lut_descriptor(lut(range(5000), ("5000", "0", "12"))) == ()
    text = np.frombuffer(b"ROE^JANE 19550820", "u1")
    assert lut_descriptor(lut(text)) == ()


def test_code_meanings_are_our_own():
    item = RawHeader(
        texts={"CodeValue": ("T-D3000",), "CodingSchemeDesignator": ("SRT",), "CodeMeaning": ("Jane",)}
    )
    other = RawHeader(texts={"CodeValue": ("X1",), "CodingSchemeDesignator": ("99JANE",)})
    found = header(RawHeader(texts={}, items={"AnatomicRegionSequence": (other, item)}))
    (kept,) = found["AnatomicRegionSequence"].items
    assert [element.values for element in kept] == [("T-D3000",), ("SRT",), ("Chest",)]


def test_references_are_keyed_like_what_they_name():
    item = RawHeader(
        texts={
            "ReferencedSOPClassUID": ("1.2.840.10008.5.1.4.1.1.1",),
            "ReferencedSOPInstanceUID": ("9.8.7",),
        }
    )
    (kept,) = header(RawHeader(texts={}, items={"SourceImageSequence": (item,)}))["SourceImageSequence"].items
    assert kept[1].values == (CROSSWALK.uid("9.8.7"),)


def test_windows_without_each_other_are_absent():
    both = {
        "WindowCenter": ("1", "2"),
        "WindowWidth": ("3", "4"),
        "WindowCenterWidthExplanation": ("NORMAL", "SOFTER"),
    }
    assert header(both).keys() >= both.keys()
    assert (
        not {"WindowCenter", "WindowWidth"}
        & header({"WindowCenter": ("1", "2"), "WindowWidth": ("3",)}).keys()
    )
    assert "WindowCenterWidthExplanation" not in header({**both, "WindowCenterWidthExplanation": ("NORMAL",)})


def test_the_quarter_picture_needs_nothing_applied():
    raw = {"WindowCenter": ("1",), "WindowWidth": ("2",), "RescaleSlope": ("2",), "ImagerPixelSpacing": ("0.15", "0.15"),
           "PresentationLUTShape": ("INVERSE",), "ImageType": ("ORIGINAL", "PRIMARY")}  # fmt: skip
    found = header(raw, kind="quarter")
    assert not {"WindowCenter", "WindowWidth", "RescaleSlope"} & found.keys()
    assert found["ImagerPixelSpacing"].values == ("0.6", "0.6")
    assert found["PresentationLUTShape"].values == ("IDENTITY",)
    assert found["ImageType"].values == ("DERIVED", "PRIMARY")
    assert found["DerivationDescription"].values
