"""The same pixels from this package, pydicom's decoders, GDCM and DCMTK; a second decoder on request."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels import get_decoder, pixel_array
from release_settings import configure

from radrelease.adapters import second_decoder
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.dicom_pixels import decode, decode_image
from radrelease.adapters.image_file import read_image_file
from radrelease.config import Config
from radrelease.errors import MissingExtra
from radrelease.picturing import Studio, draw
from radrelease.pipeline import check
from radrelease.records.pixels import DecodedImage, PixelProblem
from radrelease.rejections import Reason
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.pictures.pixel_text import pixel_terms
from radrelease.testing import make_export
from radrelease.testing.frames import (
    LOSSLESS,
    SYNTAX_UIDS,
    encode_frame,
    lossless_jpeg,
    make_image,
    plain_differences,
    shaded,
    to_part_10,
)

REAL = Path(__file__).parents[3] / "shared/data/dicom"
NATIVE = ("implicit", "explicit", "big_endian", "deflated")
DCMTK = {
    "rle": "dcmdrle", "jpeg_baseline": "dcmdjpeg", "jpeg_extended": "dcmdjpeg", "jpeg_lossless": "dcmdjpeg",
    "jpeg_lossless_sv1": "dcmdjpeg", "jpeg_ls": "dcmdjpls", "jpeg_ls_near": "dcmdjpls",
} | dict.fromkeys(NATIVE, "dcmconv")  # fmt: skip
PLUGINS = {
    "pylibjpeg": {"rle", "jpeg_2000", "jpeg_2000_lossy", "htj2k", "htj2k_lossy"},
    "pyjpegls": {"jpeg_ls", "jpeg_ls_near"},
    "gdcm": {
        "jpeg_baseline",
        "jpeg_lossless",
        "jpeg_lossless_sv1",
        "jpeg_ls",
        "jpeg_ls_near",
        "jpeg_2000",
        "jpeg_2000_lossy",
    },
    "pydicom": {"rle"},
    "": set(NATIVE),
}
UIDS = {uid: name for name, uid in SYNTAX_UIDS.items()}


def depths(name):
    if name == "jpeg_baseline":
        return (8,)
    return (8, 12) if name == "jpeg_extended" else (8, 9, 10, 12, 14, 15, 16)


def made_files(names):
    return [
        pytest.param(name, bits, signed, id=f"{name}-{bits}-{'signed' if signed else 'unsigned'}")
        for name in names
        for bits in depths(name)
        for signed in ((False, True) if name in LOSSLESS else (False,))
    ]


@pytest.fixture
def made(tmp_path):
    def write(name, bits, signed, photometric="MONOCHROME1"):
        pixels = shaded(bits, signed=signed)
        frame = None
        if (
            name == "jpeg_ls" and signed
        ):  # the others lose the sign of a stream that has more bits (pydicom #2009)
            frame = [encode_frame(name, pixels.view(f"u{pixels.dtype.itemsize}"), 8 * pixels.dtype.itemsize)]
        path = tmp_path / "x.dcm"
        header = make_image(pixels, bits, PhotometricInterpretation=photometric)
        path.write_bytes(to_part_10(header, name, pixels, frame))
        return path

    return write


def by_gdcm(path, shape):
    gdcm = pytest.importorskip("gdcm")
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    form = reader.GetImage().GetPixelFormat()
    kind = f"{'i' if form.GetPixelRepresentation() else 'u'}{form.GetBitsAllocated() // 8}"
    return np.frombuffer(reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape"), kind).reshape(
        shape
    )


def by_dcmtk(path, name):
    tool = DCMTK.get(name)
    if tool is None:
        pytest.skip("DCMTK has no decoder for JPEG 2000")
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} of DCMTK is not installed")
    plain = path.with_name("plain.dcm")
    subprocess.run(
        [tool, *(["+te"] if tool == "dcmconv" else []), path, plain], check=True, capture_output=True
    )
    return pixel_array(pydicom.dcmread(plain))


def by_pydicom(path, plugin):
    dataset = pydicom.dcmread(path)
    if plugin and plugin not in get_decoder(dataset.file_meta.TransferSyntaxUID).available_plugins:
        pytest.skip(f"pydicom's plugin {plugin} has no decoder installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pixel_array(dataset, decoding_plugin=plugin)


@pytest.mark.parametrize(
    ("plugin", "name", "bits", "signed"),
    [
        pytest.param(plugin, *case.values, id=f"{plugin or 'native'}-{case.id}")
        for plugin, names in PLUGINS.items()
        for case in made_files(sorted(names))
    ],
)
def test_pydicom_decodes_the_same(made, plugin, name, bits, signed):
    path = made(name, bits, signed)
    assert np.array_equal(decode(path).pixels, by_pydicom(path, plugin))


@pytest.mark.parametrize(("name", "bits", "signed"), made_files(SYNTAX_UIDS))
def test_gdcm_decodes_the_same(made, name, bits, signed):
    path = made(name, bits, signed)
    decoded = decode(path).pixels
    assert np.array_equal(decoded, by_gdcm(path, decoded.shape))


@pytest.mark.parametrize(("name", "bits", "signed"), made_files(DCMTK))
def test_dcmtk_decodes_the_same(made, name, bits, signed):
    path = made(name, bits, signed, "MONOCHROME2")
    assert np.array_equal(decode(path).pixels, by_dcmtk(path, name))


def real_files():
    return sorted(path.name for path in REAL.glob("*.dcm")) if REAL.is_dir() else ["none"]


@pytest.mark.parametrize("name", real_files())
@pytest.mark.parametrize("other", ["gdcm", "dcmtk", "pydicom"])
def test_real_files_are_decoded_the_same(tmp_path, name, other):
    if name == "none":
        pytest.skip("the real DICOM files are not beside the checkout")
    path = shutil.copy(REAL / name, tmp_path / name)
    decoded = decode(Path(path))
    if not isinstance(decoded, DecodedImage):
        assert (name, decoded.reason) == ("pseudo_phi_no_pixels.dcm", Reason.NO_PIXEL_DATA)
        return
    syntax = UIDS[str(pydicom.dcmread(path).file_meta.TransferSyntaxUID)]
    if other == "gdcm":
        found = by_gdcm(path, decoded.pixels.shape)
    elif other == "dcmtk":
        found = by_dcmtk(Path(path), syntax)
    else:
        plugin = next((plugin for plugin, names in PLUGINS.items() if syntax in names), None)
        if plugin is None:
            pytest.skip("pydicom has no free decoder of 12 bits")
        found = by_pydicom(path, plugin)
    assert np.array_equal(decoded.pixels, found)


# A second decoder


@pytest.mark.parametrize(
    ("name", "bits", "signed"), made_files([name for name in SYNTAX_UIDS if name not in NATIVE])
)
def test_the_second_decoder_agrees_on_whole_streams(made, name, bits, signed):
    pytest.importorskip("gdcm")
    path = made(name, bits, signed)
    again = decode_image(read_image_file(path), second_decoder=True)
    assert np.array_equal(again.pixels, decode(path).pixels)


def test_streams_that_wrap_or_have_fragments_are_whole_streams(tmp_path):
    pytest.importorskip("gdcm")
    pixels = shaded(8, signed=False)
    plain = plain_differences(pixels, 8)
    stream = lossless_jpeg(pixels, 8, np.where(plain > 0, plain - 256, plain))
    path = tmp_path / "x.dcm"
    for fragments in ([stream], [stream[:200], stream[200:]]):
        path.write_bytes(to_part_10(make_image(pixels, 8), "jpeg_lossless_sv1", pixels, fragments))
        assert np.array_equal(decode_image(read_image_file(path), second_decoder=True).pixels, pixels)


def test_a_difference_is_a_reason_and_never_a_picture(made, monkeypatch):
    pytest.importorskip("gdcm")
    path = made("jpeg_ls", 12, False)
    real = second_decoder._by_gdcm

    def one_bit_off(*arguments):
        found = real(*arguments).copy()
        found[500] ^= 1
        return found

    monkeypatch.setattr(second_decoder, "_by_gdcm", one_bit_off)
    file = read_image_file(path)
    assert isinstance(decode_image(file), DecodedImage)
    assert decode_image(file, second_decoder=True).reason is Reason.DECODERS_DISAGREE


def test_a_stream_that_the_second_decoder_cannot_read_is_a_reason(made, monkeypatch):
    pytest.importorskip("gdcm")
    monkeypatch.setattr(second_decoder, "_by_gdcm", lambda *_: 1 / 0)
    outcome = decode_image(read_image_file(made("rle", 12, False)), second_decoder=True)
    assert outcome.reason is Reason.DECODERS_DISAGREE


@pytest.mark.parametrize("asked", [False, True])
def test_the_setting_reaches_the_decoder(made, tmp_path, monkeypatch, asked):
    pytest.importorskip("gdcm")
    monkeypatch.setattr(second_decoder, "_by_gdcm", lambda *_: np.zeros(3, np.uint16))
    made("rle", 12, False)
    config = Config.model_validate(
        {
            "release": {"name": "x", "output": tmp_path / "o", "work": tmp_path / "w", "layouts": ["native"]},
            "source": [{"name": "s", "dicom": tmp_path, "reports": tmp_path}],
            "images": {"second_decoder": asked},
            "secret": {"key_env": "X"},
        }
    )
    terms = pixel_terms(compile_patient(()))
    studio = Studio(config=config, reader=None, terms=terms, review=tmp_path / "review")
    outcome = draw(read_header("s", tmp_path, "x.dcm"), studio).outcome
    assert isinstance(outcome, PixelProblem) == asked
    assert not asked or outcome.reason is Reason.DECODERS_DISAGREE


def test_without_the_extra_there_is_one_clear_error(tmp_path, monkeypatch):
    make_export(tmp_path, patients=3, image_side=96)
    config, _ = configure(tmp_path, images={"second_decoder": True})
    monkeypatch.setitem(sys.modules, "gdcm", None)
    monkeypatch.setattr(second_decoder, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"second_decoder.*radrelease\[second-decoder\]"):
        check(config)
