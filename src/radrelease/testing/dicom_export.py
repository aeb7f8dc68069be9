"""Synthetic DICOM files in the dialects of the sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from radrelease.testing.frames import in_part_10
from radrelease.testing.people import Person, Site, Staff

__all__ = ["SYNTAXES", "make_dataset", "make_uid", "to_bytes"]

SYNTAXES: dict[str, UID] = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big_endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "rle": RLELossless,
    "jpeg_lossless": JPEGLosslessSV1,
    "jpeg_ls": JPEGLSLossless,
    "jpeg_2000": JPEG2000Lossless,
}

_ENCODERS: dict[str, Callable[[NDArray[np.uint16]], bytes]] = {
    "jpeg_lossless": lambda pixels: bytes(imagecodecs.ljpeg_encode(pixels, bitspersample=16)),
    "jpeg_ls": lambda pixels: bytes(imagecodecs.jpegls_encode(pixels)),
    "jpeg_2000": lambda pixels: bytes(
        imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k")
    ),
}


def make_uid(*parts: int) -> str:
    """A UID of this maker for a patient, study, series and so on."""
    return "1.2.276.0.7230010.3." + ".".join(str(1000 + part) for part in parts)


def make_dataset(
    person: Person,
    site: Site,
    *,
    accession: str,
    day: date,
    study_uid: str,
    series_uid: str,
    sop_uid: str,
    view: str,
    attenuation: NDArray[np.float32],
    radiologist: Staff,
    referring: Staff,
) -> Dataset:
    """The header and native pixels of one image; :func:`to_bytes` gives it its transfer syntax."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = site.charset
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = (
        sop_uid,
        study_uid,
        series_uid,
    )
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = f"{day:%Y%m%d}"
    dataset.StudyTime = "101530"
    dataset.AccessionNumber = accession
    dataset.Modality = "CR" if site.syntax in {"implicit", "rle"} else "DX"
    dataset.Manufacturer = site.maker
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.BodyPartExamined = "" if site.files == "bare" else "CHEST"
    dataset.ViewPosition = "LL" if view == "LATERAL" and site.style == "title" else view
    dataset.SeriesDescription = f"CHEST {view}"
    dataset.StudyDescription = (
        f"XR CHEST 2 VIEWS {person.family.upper()}" if site.files == "uid" else "XR CHEST 2 VIEWS"
    )
    _identify(dataset, person, site, day, accession, radiologist, referring)
    _set_pixels(dataset, site, attenuation)
    return dataset


def _identify(
    dataset: Dataset,
    person: Person,
    site: Site,
    day: date,
    accession: str,
    radiologist: Staff,
    referring: Staff,
) -> None:
    """Fill in what identifies, where this kind of site puts it."""
    dataset.PatientName, dataset.PatientID, dataset.PatientSex = person.header, person.mrn, person.sex
    dataset.PatientBirthDate = f"{person.birth:%Y%m%d}"
    dataset.PatientAge = _age(person.birth, day)
    dataset.PatientWeight = str(3 + (day - person.birth).days % 97)
    dataset.InstitutionName = site.institution
    dataset.ReferringPhysicianName = referring.header
    dataset.StationName = f"{site.system[:4].upper()}XR{site.bits}"
    if site.files == "named":
        dataset.OperatorsName = radiologist.header
        dataset.PatientAddress = f"{person.street}, {person.town}"
        dataset.PatientTelephoneNumbers = person.phone
        dataset.OtherPatientNames = f"{person.family}^{person.given.split()[0]}"
    if site.syntax != "implicit":
        dataset.DeviceSerialNumber = f"SN{site.bits}00{len(site.institution)}7"
        dataset.PerformingPhysicianName = radiologist.header
    request = Dataset()
    request.RequestedProcedureID = f"RP{accession[-6:]}"
    request.ScheduledProcedureStepDescription = f"chest {person.family}"
    request.RequestingPhysician = referring.header
    dataset.RequestAttributesSequence = Sequence([request])
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = f"ALT{person.mrn[-5:]}", "TEXT"
    dataset.OtherPatientIDsSequence = Sequence([other])
    block = dataset.private_block(0x0011, "SYNTHETIC PACS 1.0", create=True)
    block.add_new(0x01, "PN", person.header)
    block.add_new(0x02, "LO", f"{person.given} {person.family} {person.mrn}")


def _age(birth: date, day: date) -> str:
    days = (day - birth).days
    if days < 30:
        return f"{days:03d}D"
    return f"{days // 30:03d}M" if days < 730 else f"{days // 365:03d}Y"


def _set_pixels(dataset: Dataset, site: Site, attenuation: NDArray[np.float32]) -> None:
    most = (1 << site.bits) - 1
    shown = attenuation if site.photometric == "MONOCHROME2" else 1 - attenuation
    pixels = np.floor(shown * (0.9 * most) + 0.05 * most).astype(np.uint16)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, site.photometric
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, site.bits, site.bits - 1
    dataset.PixelRepresentation = 0
    dataset.ImagerPixelSpacing = ["0.4", "0.4"]
    if site.syntax == "jpeg_ls":
        dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = "1", "-1024", "US"
    dataset.PixelData = pixels.tobytes()


def to_bytes(dataset: Dataset, syntax: str) -> bytes:
    """The Part 10 file, its pixels in the transfer syntax."""
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OW"
        _encode(dataset, syntax)
    return in_part_10(dataset, SYNTAXES[syntax])


def _encode(dataset: Dataset, syntax: str) -> None:
    if syntax in {"implicit", "explicit", "deflated"}:
        return
    native = np.frombuffer(dataset.PixelData, np.uint16).reshape(dataset.Rows, -1)
    if syntax == "big_endian":
        dataset.PixelData = native.astype(">u2").tobytes()
    elif syntax == "rle":
        dataset.PixelData = encapsulate([_run_length(native)])
        dataset["PixelData"].is_undefined_length = True
    elif syntax in _ENCODERS:
        dataset.PixelData = encapsulate([_ENCODERS[syntax](native)])
        dataset["PixelData"].is_undefined_length = True


def _run_length(pixels: NDArray[np.uint16]) -> bytes:
    """PS3.5 annex G with literal runs only: valid, quick, and not smaller."""
    segments = []
    for plane in (pixels >> 8, pixels & 0xFF):
        rows = bytearray()
        for row in plane.astype(np.uint8):
            data = row.tobytes()
            for start in range(0, len(data), 128):
                run = data[start : start + 128]
                rows += bytes([len(run) - 1]) + run
        segments.append(bytes(rows) + b"\0" * (len(rows) % 2))
    offsets = [len(segments), 64, 64 + len(segments[0]), *([0] * 13)]
    return np.asarray(offsets, "<u4").tobytes() + b"".join(segments)
