"""DICOM files in the dialects of many vendors, with a token of its own in every place that can hold one.

A token is a value that stands nowhere else: a de-identified file must hold none of them in any of its
bytes. Places are public elements of every text VR, UIDs, dates, nested sequences, private blocks, private
elements in public sequences and the reverse, overlays, curves, icons, profiles, padding, signatures, file
meta information, the preamble, and elements of enumerated or numeric values that hold something else.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pydicom
from pydicom._private_dict import private_dictionaries
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.profiles.annex_e import load_annex_e
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.testing.dicom_export import SYNTAXES

__all__ = ["Planted", "Vendor", "load_vendors", "make_planted", "surviving"]

_GROUPS = frozenset({0x0008, 0x0010, 0x0012, 0x0014, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x0088})
_TEXT = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "CS", "PN", "AE"})
_BYTES = frozenset({"OB", "OW", "UN", "OF"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A maker's dialect: names, the transfer syntax of its files, the creators of its private blocks."""

    name: str
    manufacturer: str
    model: str
    syntax: str
    creators: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file and its tokens, each with the place it stands in."""

    data: bytes
    tokens: Mapping[str, str]


@cache
def load_vendors() -> tuple[Vendor, ...]:
    """The vendors of ``vendors.toml``."""
    return tuple(Vendor(**{**row, "creators": tuple(row["creators"])}) for row in _document()["vendor"])


@cache
def _document() -> dict[str, Any]:
    text = resources.files("radrelease.testing").joinpath("vendors.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def make_planted(vendor: Vendor, number: int, *, side: int = 512) -> Planted:
    """The ``number``-th file of the vendor, ``side`` pixels square, with tokens that no other file has.

    It is a chest radiograph that can be released: Modality, BodyPartExamined, the study date and the
    pixels are in order.
    """
    planter = _Planter(number)
    dataset = Dataset()
    _image(dataset, vendor, number, side)
    _public(dataset, planter)
    _misused(dataset, planter, vendor)
    _nested(dataset, planter)
    _private(dataset, planter, vendor)
    _graphics(dataset, planter)
    data = _written(dataset, planter, vendor)
    return Planted(data=data, tokens=surviving(data, planter.tokens))  # some were written over by others


def surviving(data: bytes, tokens: Mapping[str, str]) -> dict[str, str]:
    """The tokens that stand in the bytes, as 8-bit or 16-bit characters, with their places."""
    return {
        token: place
        for token, place in tokens.items()
        if token.encode() in data or token.encode("utf-16-le") in data
    }


@dataclass(slots=True)
class _Planter:
    """Gives out tokens; every one is different, whatever file it is for."""

    number: int
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, vr: str, place: str) -> str:
        """A value of the VR; its token is kept with the place."""
        count = len(self.tokens)
        serial = 1000 * self.number + count
        day = date(1911, 1, 1) + timedelta(days=(serial * 7) % 20_000)
        values = {
            "UI": f"1.2.276.0.7230010.9.{4_000_000 + serial}.{1 + count}",
            "DA": f"{day:%Y%m%d}",
            "TM": f"{serial % 24:02d}{serial % 60:02d}{serial % 59:02d}.{900_000 - serial % 800_000:06d}",
            "DT": f"{day:%Y%m%d}{serial % 24:02d}{serial % 60:02d}17.{100_000 + serial % 800_000:06d}",
            "IS": f"{700_000_000 + 37 * serial}",
            "DS": f"{70_000_000 + 37 * serial}.25",
            "UR": f"http://example.org/{serial:07d}x",
        }
        value = values.get(vr, f"ZQ{serial:07d}PHI")
        self.tokens[value] = place
        return value

    def element(self, dataset: Dataset, tag: int, vr: str, place: str) -> None:
        """Put an element with a token into the data set; VRs that can hold none are left out."""
        if vr in _TEXT or vr in {"UI", "DA", "TM", "DT", "IS", "DS", "UR"}:
            dataset.add_new(tag, vr, self.token(vr, place))
        elif vr in _BYTES:
            data = self.token("LO", place).encode()
            dataset.add_new(tag, vr, data + b"\0" * (len(data) % 2))
        elif vr == "SQ":
            item = Dataset()
            item.PatientName, item.PatientID = self.token("PN", place), self.token("LO", place)
            dataset.add_new(tag, vr, Sequence([item]))


def _image(dataset: Dataset, vendor: Vendor, number: int, side: int) -> None:
    rng = np.random.default_rng(number)
    rows, columns = np.mgrid[0:side, 0:side] / side
    picture = 2000 + 1500 * np.sin(3 * rows) * np.cos(2 * columns) + rng.integers(0, 60, (side, side))
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.Modality, dataset.BodyPartExamined = "CR", "CHEST"
    dataset.Manufacturer = vendor.manufacturer
    dataset.StudyDate = f"{date(2019, 3, 4) + timedelta(days=number % 300):%Y%m%d}"
    dataset.PatientAge = f"{20 + number % 90:03d}Y"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows = dataset.Columns = side
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.ImagerPixelSpacing = ["0.15", "0.15"]
    dataset.WindowCenter, dataset.WindowWidth = "2048", "4096"
    order = ">u2" if vendor.syntax == "big_endian" else "<u2"
    dataset.add_new(0x7FE00010, "OW", picture.astype(order).tobytes())


def _public(dataset: Dataset, planter: _Planter) -> None:
    """A token in every attribute that table E.1-1 names and that such a file can have."""
    for row in load_annex_e(load_dicom_profile().table).values():
        if not row.tag.isalnum() or "x" in row.tag or row.tag == "PRIVATE":
            continue
        tag = int(row.tag, 16)
        keyword = keyword_for_tag(tag)
        if tag >> 16 in _GROUPS and keyword and tag not in dataset:
            planter.element(dataset, tag, dictionary_VR(tag), keyword)
    for keyword in _document()["misuse"]["unnamed"]:
        tag = pydicom.tag.Tag(keyword)
        if tag not in dataset:
            planter.element(dataset, tag, dictionary_VR(tag), keyword)


def _misused(dataset: Dataset, planter: _Planter, vendor: Vendor) -> None:
    """Values that are none of those the element may have, and known words with something beside them."""
    for keyword in (*_document()["misuse"]["enumerated"], *_document()["misuse"]["numeric"]):
        dataset.pop(pydicom.tag.Tag(keyword), None)
        planter.element(dataset, pydicom.tag.Tag(keyword), dictionary_VR(pydicom.tag.Tag(keyword)), keyword)
    dataset.ImageType = ["DERIVED", "PRIMARY", planter.token("CS", "ImageType")]
    dataset.Manufacturer = f"{vendor.manufacturer} {planter.token('LO', 'Manufacturer')}"
    for keyword in ("StudyDescription", "SeriesDescription", "ProtocolName"):
        setattr(dataset, keyword, f"CHEST PA {planter.token('LO', keyword)}")
    dataset.ManufacturerModelName = f"{vendor.model} {planter.token('LO', 'ManufacturerModelName')}"
    table = planter.token("LO", "LUTData").encode() * 8
    item = Dataset()
    item.add_new(0x00283002, "US", [len(table) // 2, 0, 16])
    item.add_new(0x00283006, "OW", table)
    item.LUTExplanation = planter.token("LO", "LUTExplanation in VOILUTSequence")
    dataset.VOILUTSequence = Sequence([item])


def _nested(dataset: Dataset, planter: _Planter) -> None:
    """Code meanings beside known codes, references, and the patient at the bottom of three sequences."""
    for keyword, value in (("AnatomicRegionSequence", "T-D3000"), ("ViewCodeSequence", "R-10206")):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator = value, "SRT"
        code.CodeMeaning = planter.token("LO", f"CodeMeaning in {keyword}")
        code.ContextUID = planter.token("UI", f"ContextUID in {keyword}")
        setattr(dataset, keyword, Sequence([code]))
    deep = Dataset()
    deep.PatientName = planter.token("PN", "PatientName, three deep")
    deep.private_block(0x0099, "DEEP BLOCK", create=True).add_new(
        1, "LO", planter.token("LO", "private, deep")
    )
    for keyword in ("ReferencedSeriesSequence", "ModifiedAttributesSequence", "OriginalAttributesSequence"):
        outer = Dataset()
        setattr(outer, keyword, Sequence([deep]))
        outer.InstitutionName = planter.token("LO", f"InstitutionName in {keyword}")
        deep = outer
    dataset.OriginalAttributesSequence = Sequence([deep])
    image = Dataset()
    image.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    image.ReferencedSOPInstanceUID = planter.token("UI", "ReferencedSOPInstanceUID")
    image.private_block(0x0029, "IN PUBLIC", create=True).add_new(
        1, "PN", planter.token("PN", "private in public")
    )
    dataset.ReferencedImageSequence = Sequence([image])
    encrypted = Dataset()
    encrypted.EncryptedContent = planter.token("LO", "EncryptedContent").encode()
    dataset.EncryptedAttributesSequence = Sequence([encrypted])
    signature = Dataset()
    signature.CertificateOfSigner = planter.token("LO", "CertificateOfSigner").encode()
    signature.Signature = planter.token("LO", "Signature").encode()
    signature.DigitalSignatureUID = planter.token("UI", "DigitalSignatureUID")
    dataset.add_new(0xFFFAFFFA, "SQ", Sequence([signature]))


def _private(dataset: Dataset, planter: _Planter, vendor: Vendor) -> None:
    """The vendor's private blocks as pydicom's dictionary has them, up to 24 elements of each."""
    for creator in vendor.creators:
        for index, (pattern, (vr, *_)) in enumerate(private_dictionaries[creator].items()):
            if index >= 24 or pattern[4:6] != "xx" or not int(pattern[:4], 16) & 1:
                continue
            block = dataset.private_block(int(pattern[:4], 16), creator, create=True)
            tag = block.get_tag(int(pattern[6:], 16))
            planter.element(dataset, tag, vr if vr != "OB or OW" else "OB", f"private {creator}")
    block = dataset.private_block(0x0011, "A PACS OF THE HOUSE", create=True)
    for offset, vr in enumerate(("PN", "LO", "UN", "OB", "DA", "UI", "SQ"), start=1):
        planter.element(dataset, block.get_tag(offset), vr, "private of an archive")


def _graphics(dataset: Dataset, planter: _Planter) -> None:
    for tag, vr in (
        (0x60000022, "LO"), (0x60001500, "LO"), (0x60004000, "LT"), (0x60003000, "OW"),
        (0x60020022, "LO"), (0x60023000, "OW"), (0x50000022, "LO"), (0x50002500, "LO"), (0x50003000, "OW"),
        (0x00282000, "OB"), (0xFFFCFFFC, "OB"),
    ):  # fmt: skip
        planter.element(dataset, tag, vr, f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
    icon = Dataset()
    icon.Rows, icon.Columns, icon.BitsAllocated, icon.BitsStored = 4, 4, 8, 8
    icon.SamplesPerPixel, icon.PhotometricInterpretation, icon.HighBit = 1, "MONOCHROME2", 7
    icon.PixelRepresentation = 0
    icon.add_new(0x7FE00010, "OB", planter.token("LO", "IconImageSequence").encode().ljust(16, b"\0"))
    dataset.IconImageSequence = Sequence([icon])


def _written(dataset: Dataset, planter: _Planter, vendor: Vendor) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = SYNTAXES[vendor.syntax]
    meta.ImplementationClassUID = UID(planter.token("UI", "ImplementationClassUID"))
    meta.ImplementationVersionName = planter.token("SH", "ImplementationVersionName")
    for keyword in ("SourceApplicationEntityTitle", "SendingApplicationEntityTitle"):
        setattr(meta, keyword, planter.token("AE", keyword))
    meta.PrivateInformationCreatorUID = UID(planter.token("UI", "PrivateInformationCreatorUID"))
    meta.PrivateInformation = planter.token("LO", "PrivateInformation").encode()
    dataset.file_meta = meta
    for group in (0x0008, 0x0010):  # group lengths, as old archives write them
        dataset.add_new(group << 16, "UL", 0)
    file = io.BytesIO()
    with quiet_pydicom():
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    preamble = planter.token("LO", "preamble").encode().ljust(128, b"\0")
    return preamble + file.getvalue()[128:]
