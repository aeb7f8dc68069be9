"""DICOM files of a release: planted tokens, transfer syntaxes, form, and what other readers make of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from sample_records import make_study

from radrelease.adapters.dicom_audit import read_dicom
from radrelease.adapters.dicom_encoding import TRANSFER_SYNTAXES, encode_pixels
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.dicom_strict import Malformed, read_strictly
from radrelease.adapters.places import list_files
from radrelease.config import Config
from radrelease.identifiers import Secret
from radrelease.picturing import Drawn, Studio, dicom_files, draw
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.records.pixels import PixelProblem
from radrelease.records.private import Instance
from radrelease.records.release import SectionName, Split
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.header_values import HeaderRules, header_values
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.pictures.pixel_text import pixel_terms
from radrelease.stages.release.publishing import publish_study
from radrelease.testing.planted import load_vendors, make_planted, surviving

REAL = Path(__file__).parents[3] / "shared/data/dicom"
CROSSWALK = Crosswalk(Secret(b"0123456789abcdef" * 2), "TEST", 365)
NO_REPORT = dict.fromkeys(SectionName)
RULES = HeaderRules(
    profile=load_header_profile("rexgradient"), crosswalk=CROSSWALK, export=compile_export(()),
    given_back=frozenset(), institutions=True,
)  # fmt: skip


def settings(folder, **dicom):
    return Config.model_validate(
        {
            "release": {"name": "x", "output": folder / "o", "work": folder / "w", "layouts": ["dicom"]},
            "source": [{"name": "s", "dicom": folder, "reports": folder}],
            "dicom": dicom,
            "secret": {"key_env": "X"},
        }
    )


def release(folder, name, **dicom):
    """The bytes of the released file, and what the tables would say of it."""
    instance = read_header("s", folder, name)
    assert isinstance(instance, Instance)
    study = make_study(instance)
    nobody = compile_patient(())
    studio = Studio(
        config=settings(folder, **dicom), reader=None, terms=pixel_terms(nobody), review=folder / "review"
    )
    drawn = draw(instance, studio).outcome
    if isinstance(drawn, PixelProblem):
        return drawn
    assert isinstance(drawn, Drawn)
    values = header_values(study, [instance], nobody, RULES)
    published = publish_study(
        study, [(instance, drawn.picture)], values, NO_REPORT, CROSSWALK, split=Split.TRAIN
    )
    (file,) = dicom_files(study, published, [drawn], frozenset(), CROSSWALK, settings(folder, **dicom))
    assert file.path.startswith(f"files/train/{published.patient_id}/{published.study_id}/")
    return file.data


@pytest.fixture
def planted(tmp_path):
    def make(vendor, number=0, side=64):
        made = make_planted(vendor, number, side=side)
        (tmp_path / "in.dcm").write_bytes(made.data)
        return made

    return make


@pytest.mark.parametrize("vendor", load_vendors(), ids=lambda vendor: vendor.name)
def test_no_planted_token_survives(tmp_path, planted, vendor):
    made = planted(vendor)
    assert len(made.tokens) >= 150
    assert surviving(made.data, made.tokens) == made.tokens
    assert surviving(release(tmp_path, "in.dcm"), made.tokens) == {}
    assert surviving(release(tmp_path, "in.dcm", pixels="quarter"), made.tokens) == {}


def test_the_planted_places_are_of_every_kind():
    places = set(make_planted(load_vendors()[0], 0, side=32).tokens.values())
    assert {
        "preamble", "SourceApplicationEntityTitle", "PrivateInformation", "IconImageSequence", "private in public",
        "PatientName, three deep", "LUTData", "CodeMeaning in AnatomicRegionSequence", "Manufacturer", "InstanceNumber",
        "(6000,3000)", "(5000,3000)", "(0028,2000)", "(FFFC,FFFC)", "CertificateOfSigner", "EncryptedContent", "Grid",
        "private of an archive", "SoftwareVersions", "StationName", "StudyInstanceUID", "PatientBirthDate",
    } <= places  # fmt: skip


def test_tokens_of_two_files_differ():
    vendor = load_vendors()[3]
    one, two = make_planted(vendor, 1, side=32), make_planted(vendor, 2, side=32)
    assert not one.tokens.keys() & two.tokens.keys()


@pytest.mark.parametrize("syntax", TRANSFER_SYNTAXES)
def test_every_transfer_syntax_gives_back_the_pixels(tmp_path, planted, syntax):
    planted(load_vendors()[0])
    data = release(tmp_path, "in.dcm", transfer_syntax=syntax)
    (tmp_path / "out.dcm").write_bytes(data)
    assert np.array_equal(decode(tmp_path / "out.dcm").pixels, decode(tmp_path / "in.dcm").pixels)
    assert pydicom.dcmread(tmp_path / "out.dcm").file_meta.TransferSyntaxUID == TRANSFER_SYNTAXES[syntax]
    assert data == release(tmp_path, "in.dcm", transfer_syntax=syntax)


@pytest.mark.parametrize("syntax", TRANSFER_SYNTAXES)
@pytest.mark.parametrize("kind", ["u1", "i1", "<u2", "<i2"])
def test_odd_sizes_and_signs_are_encoded(syntax, kind):
    pixels = (np.arange(35).reshape(5, 7) * (3 if "1" in kind else 900) - (17 if "i" in kind else 0)).astype(
        kind
    )
    encoded = encode_pixels(pixels, syntax, 8 * pixels.dtype.itemsize)
    assert len(encoded.data) % 2 == 0
    assert encoded == encode_pixels(pixels, syntax, 8 * pixels.dtype.itemsize)


def test_signed_pixels_stay_signed(tmp_path):
    made = pydicom.dcmread(io.BytesIO(make_planted(load_vendors()[0], 0, side=32).data), force=True)
    values = np.arange(-512, 512, dtype=np.int16).reshape(32, 32)
    made.PixelRepresentation, made.PixelData = 1, values.tobytes()
    made.PixelPaddingValue = -512
    made["PixelPaddingValue"].VR = "SS"
    made.save_as(tmp_path / "in.dcm")
    for syntax in TRANSFER_SYNTAXES:
        (tmp_path / "out.dcm").write_bytes(release(tmp_path, "in.dcm", transfer_syntax=syntax))
        assert np.array_equal(decode(tmp_path / "out.dcm").pixels, values)
    assert pydicom.dcmread(tmp_path / "out.dcm").PixelPaddingValue == -512


def test_high_bits_are_cleared(tmp_path):
    made = pydicom.dcmread(io.BytesIO(make_planted(load_vendors()[0], 0, side=32).data), force=True)
    values = np.frombuffer(made.PixelData, "<u2")
    made.PixelData = (values | np.uint16(0xA000)).tobytes()
    made.save_as(tmp_path / "in.dcm")
    out = pydicom.dcmread(io.BytesIO(release(tmp_path, "in.dcm")))
    assert np.array_equal(np.frombuffer(out.PixelData, "<u2"), values)


def test_the_file_is_new_from_its_first_byte(tmp_path, planted):
    planted(load_vendors()[1])
    data = release(tmp_path, "in.dcm")
    assert data[:132] == b"\0" * 128 + b"DICM"
    made = pydicom.dcmread(io.BytesIO(data))
    assert {element.keyword for element in made.file_meta} == {
        "FileMetaInformationGroupLength", "FileMetaInformationVersion", "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID", "TransferSyntaxUID", "ImplementationClassUID", "ImplementationVersionName",
    }  # fmt: skip
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID
    assert not [element for element in made.iterall() if element.tag.is_private or element.tag.element == 0]


def findings(data, original=None):
    """What the audit says of the file, where the tables say what the ``original`` does."""
    made = pydicom.dcmread(io.BytesIO(original or data), force=True)
    stated = {
        keyword: str(made[keyword].value)
        for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID", "PatientName",
                        "AccessionNumber", "InstitutionName", "PatientAge", "Modality", "Manufacturer", "StudyDate",
                        "PatientSex", "PatientWeight", "BodyPartExamined", "ViewPosition", "StudyDescription")
        if keyword in made and made[keyword].value
    }  # fmt: skip
    return [item for item in read_dicom(data, "x", 1, stated) if isinstance(item, Finding)]


REAL_NAMES = (
    "RG1_UNCR", "RG1_J2KR", "RG1_JLSN", "RG2_JPLL", "RG2_RLE", "RG2_JPLY", "RG3_J2KR", "ct_big_endian", "ct_deflated",
    "modality_lut_dental", "overlay_out_of_bounds", "pseudo_phi_burned_in",
)  # fmt: skip


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared files are not here")
@pytest.mark.parametrize("name", REAL_NAMES)
@pytest.mark.parametrize("pixels", ["original", "quarter"])
def test_real_files_pass_the_audit_and_keep_their_pixels(tmp_path, name, pixels):
    data = release(REAL, f"{name}.dcm", pixels=pixels)
    if isinstance(data, PixelProblem):
        assert decode(REAL / f"{name}.dcm") == data
        return
    assert findings(data) == []
    (tmp_path / "out.dcm").write_bytes(data)
    before, after = decode(REAL / f"{name}.dcm"), decode(tmp_path / "out.dcm")
    if pixels == "original":
        assert np.array_equal(before.pixels, after.pixels)
        for part in ("photometric_interpretation", "bits_stored", "slope", "intercept", "padding"):
            assert getattr(after, part) == getattr(before, part), part
        assert (before.modality_lut is None) == (after.modality_lut is None)
        if before.modality_lut is not None:
            assert np.array_equal(before.modality_lut.data, after.modality_lut.data)
    else:
        assert after.pixels.max() > 32767
        assert after.photometric_interpretation == "MONOCHROME2"


def test_a_modality_lut_that_may_not_be_written_is_applied(tmp_path):
    made = pydicom.dcmread(io.BytesIO(make_planted(load_vendors()[0], 0, side=32).data), force=True)
    item = pydicom.Dataset()
    table = np.roll(np.arange(4096, dtype="<u2"), 1)
    item.add_new(0x00283002, "US", [4096, 0, 16])
    item.add_new(0x00283006, "OW", table.tobytes())
    item.ModalityLUTType = "OD"
    made.ModalityLUTSequence = [item]
    made.save_as(tmp_path / "in.dcm")
    out = pydicom.dcmread(io.BytesIO(release(tmp_path, "in.dcm")))
    assert "ModalityLUTSequence" not in out
    assert out.BitsStored == 16
    assert np.array_equal(out.pixel_array, table[np.frombuffer(made.PixelData, "<u2").reshape(32, 32)])


def changed(data, change):
    made = pydicom.dcmread(io.BytesIO(data))
    change(made)
    out = io.BytesIO()
    made.save_as(out)
    return out.getvalue()


CHANGES = {
    "private element": lambda made: made.private_block(0x11, "X", create=True).add_new(1, "LO", "Jane"),
    "element that no rule names": lambda made: setattr(made, "StationName", "XR1"),
    "value that no rule knows": lambda made: setattr(made, "BurnedInAnnotation", "JANE"),
    "description with a name": lambda made: setattr(made, "SeriesDescription", "CHEST JANE"),
    "number beyond its bounds": lambda made: setattr(made, "KVP", "20193475"),
    "number with many digits": lambda made: setattr(made, "KVP", "70.12345678"),
    "original UID": lambda made: setattr(made, "FrameOfReferenceUID", "1.2.276.0.7"),
    "date far away": lambda made: setattr(made, "SeriesDate", "19550820"),
    "birth date": lambda made: setattr(made, "PatientBirthDate", "19550820"),
    "other patient": lambda made: setattr(made, "PatientName", "TESTOTHER"),
    "meaning of a code": lambda made: setattr(made.AnatomicRegionSequence[0], "CodeMeaning", "Jane"),
    "element in an item": lambda made: setattr(made.AnatomicRegionSequence[0], "CodingSchemeVersion", "Jane"),
    "overlay": lambda made: made.add_new(0x60003000, "OW", b"JANE"),
    "missing statement": lambda made: made.pop("PatientIdentityRemoved"),
    "meta information": lambda made: setattr(made.file_meta, "SourceApplicationEntityTitle", "JANE"),
    "high bits": lambda made: setattr(made, "PixelData", b"\xff" * len(made.PixelData)),
    "short pixels": lambda made: setattr(made, "PixelData", made.PixelData[:-2]),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_the_audit_finds_what_does_not_belong(tmp_path, planted, kind):
    planted(load_vendors()[0], side=32)
    data = release(tmp_path, "in.dcm")
    assert findings(data) == []
    assert findings(changed(data, CHANGES[kind]), data)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"JANE" + data[4:],
        lambda data: data + b"JANE",
        lambda data: data[:-1],
        lambda data: data.replace(b"PN\x10\x00TEST", b"PN\x0f\x00TEST", 1),
        lambda data: data[:140] + b"\xff\xff\xff\x7f" + data[144:],
        lambda data: b"not DICOM at all",
    ],
)
def test_a_file_of_another_form_is_malformed(tmp_path, planted, spoil):
    planted(load_vendors()[0], side=32)
    spoiled = spoil(release(tmp_path, "in.dcm"))
    with pytest.raises(Malformed):
        list(read_strictly(spoiled))
    items = list(read_dicom(spoiled, "x", 1, {}))
    assert any(isinstance(item, Finding) for item in items)
    assert any(isinstance(item, Exhibit) for item in items)


def test_a_broken_file_is_a_problem_and_no_exception(tmp_path, planted):
    data = bytearray(planted(load_vendors()[0], side=32).data)
    rng = np.random.default_rng(3)
    for _ in range(60):
        spoiled = bytearray(data)
        for place in rng.integers(0, len(spoiled) - 2048, 12):
            spoiled[place] = int(rng.integers(0, 256))
        (tmp_path / "in.dcm").write_bytes(spoiled)
        assert list(list_files(tmp_path)) == ["in.dcm"]
        if isinstance(read_header("s", tmp_path, "in.dcm"), Instance):
            release(tmp_path, "in.dcm")
