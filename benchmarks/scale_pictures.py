"""Pictures of full size for the export of ``scale_export.py``, in transfer syntaxes of real archives."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from pathlib import Path

import pydicom
from pixel_inputs import RADIOGRAPHS, SYNTAXES, dicom_file, stored_pixels

__all__ = ["put_radiographs"]

_MIX = frozenset({"uncompressed", "RLE", "JPEG Lossless", "JPEG-LS", "JPEG 2000"})
_PIXEL_KEYWORDS = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
    "PhotometricInterpretation",
)  # fmt: skip
_MARK = "radiographs"


def put_radiographs(folder: Path) -> None:
    """Give every file below ``folder/export`` one of a few radiographs of 5 to 9 million pixels, in turn.

    A fifth each is uncompressed, RLE, JPEG Lossless, JPEG-LS and JPEG 2000 without loss.
    """
    if (folder / _MARK).exists():
        return
    pictures = {image: stored_pixels(image) for image in RADIOGRAPHS}
    syntaxes = [syntax for syntax in SYNTAXES if syntax.name in _MIX]
    made = [
        pydicom.dcmread(BytesIO(dicom_file(pictures[image], image, syntax)))
        for image, syntax in product(RADIOGRAPHS, syntaxes)
    ]
    for number, path in enumerate(sorted((folder / "export").rglob("*.dcm"))):
        file, picture = pydicom.dcmread(path), made[number % len(made)]
        for keyword in _PIXEL_KEYWORDS:
            setattr(file, keyword, picture[keyword].value)
        file["PixelData"] = picture["PixelData"]
        file.file_meta.TransferSyntaxUID = picture.file_meta.TransferSyntaxUID
        file.save_as(path, enforce_file_format=True, implicit_vr=False, little_endian=True)
    (folder / _MARK).touch()
