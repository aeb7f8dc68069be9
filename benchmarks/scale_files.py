"""The DICOM files of ``bench_scale.py``: headers of a device's size with real variety, and tiny pictures.

pydicom encodes one file for each site and view, with a mark in place of each value that differs; the files
are that one with the values put in, so that writing costs about as much as the file system does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pydicom.config
from pydicom.dataset import Dataset
from scale_people import SYSTEMS, Visit

from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.testing.dicom_export import make_dataset, to_bytes
from radrelease.testing.people import Person, Site, Staff
from radrelease.testing.phantom import frontal

__all__ = ["write_files"]

_SOP_UID = "1.2.276.0.7230010.3.1.9.999999999.1.9"
"""As long as all of ours: the length of the meta group counts it."""
_PAYLOADS = 16

_TECHNICAL: Mapping[str, object] = {
    "StudyID": "1", "SeriesNumber": 1, "InstanceNumber": 1, "AcquisitionNumber": 1, "SeriesTime": "101531",
    "AcquisitionTime": "101532", "ContentTime": "101533", "ManufacturerModelName": "Model 5",
    "InstitutionalDepartmentName": "Radiology", "SoftwareVersions": "4.1.2", "ProtocolName": "CHEST",
    "KVP": "120", "ExposureTime": 8, "XRayTubeCurrent": 320, "Exposure": 3, "ExposureInuAs": 2560,
    "DistanceSourceToDetector": "1800", "DistanceSourceToPatient": "1500", "FilterType": "NONE",
    "GeneratorPower": "50", "CollimatorGridName": "GRID", "FocalSpots": "1.2", "DetectorType": "DIRECT",
    "DetectorID": "D1701", "DetectorConfiguration": "AREA", "PositionerType": "NONE",
    "PatientOrientation": ["L", "F"], "BurnedInAnnotation": "NO", "LossyImageCompression": "00",
    "QualityControlImage": "NO", "WindowCenter": "2048", "WindowWidth": "4096",
    "PixelIntensityRelationship": "LOG", "PixelIntensityRelationshipSign": -1,
    "ImageType": ["DERIVED", "PRIMARY"], "RescaleIntercept": "0", "RescaleSlope": "1", "RescaleType": "US",
    "AcquisitionDeviceProcessingDescription": "STANDARD", "AcquisitionDeviceProcessingCode": "P1",
    "ExposureIndex": "1412", "TargetExposureIndex": "1500", "DeviationIndex": "-0.3",
    "RelativeXRayExposure": 1412, "ImageAndFluoroscopyAreaDoseProduct": "0.62", "EntranceDoseInmGy": "0.11",
    "DateOfLastDetectorCalibration": "20070301",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Template:
    """A file cut at its marks: before each value stands its length, of 2 or of 4 bytes."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    lengths: tuple[struct.Struct, ...]
    codec: str

    def fill(self, values: Mapping[str, str], pixels: bytes) -> bytes:
        """The file with these values."""
        parts = [self.pieces[0]]
        for name, length, piece in zip(self.names, self.lengths, self.pieces[1:], strict=True):
            value = values[name].encode(self.codec, "replace")
            value += (b"\0" if name.endswith("UID") else b" ") * (len(value) % 2)
            parts += [length.pack(len(value)), value, piece]
        return b"".join([*parts, pixels])


def write_files(export: Path, visit: Visit, side: int) -> None:
    """Write the files of a study below the folder of its system; pictures have ``side`` px each way."""
    folder = export / visit.site.system / "dicom" / f"{visit.site_number:02d}" / f"{visit.number:06d}"
    folder.mkdir(parents=True)
    values = _values(visit)
    for index, view in enumerate(visit.views):
        values["SOPInstanceUID"] = f"{visit.study_uid}.1.{index + 1}"
        template = _template(visit.site, view, side)
        pixels = _pixels(side, visit.site.bits)[(visit.number + index) % _PAYLOADS]
        (folder / f"{index}.dcm").write_bytes(template.fill(values, pixels))


def _values(visit: Visit) -> dict[str, str]:
    """What differs between the files of a site and view, by keyword or a name of ours."""
    person, years = visit.person, (visit.day - visit.person.birth).days // 365
    return {
        "PatientName": person.header,
        "OtherPatientNames": f"{person.family}^{person.given}",
        "PatientID": person.mrn,
        "PatientBirthDate": f"{person.birth:%Y%m%d}",
        "PatientSex": person.sex,
        "PatientAge": f"{years:03d}Y",
        "PatientWeight": str(45 + visit.number % 60),
        "PatientAddress": f"{person.street}, {person.town}",
        "PatientTelephoneNumbers": person.phone,
        "StudyDate": f"{visit.day:%Y%m%d}",
        "SeriesDate": f"{visit.day:%Y%m%d}",
        "AcquisitionDate": f"{visit.day:%Y%m%d}",
        "StudyTime": f"{visit.number % 24:02d}{visit.number % 60:02d}00",
        "AccessionNumber": visit.accession,
        "ReferringPhysicianName": visit.referring.header,
        "PerformingPhysicianName": visit.radiologist.header,
        "StudyInstanceUID": visit.study_uid,
        "SeriesInstanceUID": f"{visit.study_uid}.1",
        "Requesting": visit.referring.header,
        "Requested": f"RP{visit.number}",
        "Alternative": f"ALT{person.mrn[-5:]}",
        "Private": f"{person.given} {person.family} {person.mrn}",
    }


@cache
def _template(site: Site, view: str, side: int) -> _Template:
    dataset = _plain(site, view, side)
    marks = _set_marks(dataset)
    with quiet_pydicom():  # a mark is no date
        data = to_bytes(dataset, site.syntax)[: -2 * side * side]
    meta_ends = 144 + int.from_bytes(data[140:144], "little")  # its lengths are of 2 bytes in any syntax
    places = sorted(
        (place, name, mark) for name, mark in marks.items() for place in _occurrences(data, mark, name)
    )
    pieces, lengths, read = [], [], 0
    for place, _, mark in places:
        is_long = site.syntax == "implicit" and place > meta_ends
        lengths.append(struct.Struct("<I" if is_long else "<H"))
        pieces.append(data[read : place - lengths[-1].size])
        read = place + len(mark)
    return _Template(
        pieces=(*pieces, data[read:]),
        names=tuple(name for _, name, _ in places),
        lengths=tuple(lengths),
        codec="latin-1" if site.charset == "ISO_IR 100" else "utf-8",
    )


def _plain(site: Site, view: str, side: int) -> Dataset:
    """A file of that site as the tests know it, with what a device says about an exposure."""
    nobody = Staff("Nobody", "N")
    person = Person(system=site.system, family="N", given="N", middle="", suffix="", sex="F", mrn="00000000",
                    birth=date(1950, 1, 1), street="N", town="N", phone="N")  # fmt: skip
    day = date(1950, 1, 1) + timedelta(days=20_000)
    shades = np.zeros((side, side), np.float32)
    dataset = make_dataset(
        person, site, accession="000000000", day=day, study_uid="1.2.3", series_uid="1.2.3.4",
        sop_uid="1.2.3.4.5", view=view, attenuation=shades, radiologist=nobody, referring=nobody,
    )  # fmt: skip
    dataset.StudyDescription = "XR CHEST 2 VIEWS" if len(view) > 2 else "XR CHEST AP PORTABLE"
    dataset.BodyPartExamined = "CHEST"
    dataset.InstitutionAddress = f"1 {site.institution.split()[0]} Way"
    for keyword, value in _TECHNICAL.items():
        setattr(dataset, keyword, value)
    dataset.RequestAttributesSequence[0].ScheduledProcedureStepDescription = "chest"
    del dataset[0x00111001]
    block = dataset.private_block(0x0019, "SYNTHETIC DEVICE", create=True)
    for number in range(16):
        block.add_new(number, "LO", f"setting {number} of the device")
    return dataset


def _set_marks(dataset: Dataset) -> dict[str, bytes]:
    """Put a mark in place of each value that differs; give them with their padding."""
    person = Person(system=SYSTEMS[0], family="", given="", middle="", suffix="", sex="", mrn="00000",
                    birth=date(1950, 1, 1), street="", town="", phone="")  # fmt: skip
    site = Site(system=SYSTEMS[0], institution="", files="", style="", charset="", syntax="", photometric="",
                bits=12, maker="")  # fmt: skip
    visit = Visit(person=person, site=site, site_number=0, number=0, day=date(2000, 1, 1), prior=None,
                  views=(), referring=Staff("", ""), radiologist=Staff("", ""))  # fmt: skip
    names = [*_values(visit), "SOPInstanceUID"]
    marks = {name: f"QQ{number:04d}" for number, name in enumerate(names)}
    marks |= {"PatientWeight": "987600", "SOPInstanceUID": _SOP_UID}
    marks |= {"StudyInstanceUID": "1.2.987.100001", "SeriesInstanceUID": "1.2.987.100002"}
    request, other = dataset.RequestAttributesSequence[0], dataset.OtherPatientIDsSequence[0]
    with quiet_pydicom(), pydicom.config.disable_value_validation():
        for name in names[:-5]:
            setattr(dataset, name, marks[name])
        dataset.SOPInstanceUID = marks["SOPInstanceUID"]
        request.RequestedProcedureID, other.PatientID = marks["Requested"], marks["Alternative"]
        request.RequestingPhysician = marks["Requesting"]
        dataset.private_block(0x0011, "SYNTHETIC PACS 1.0")[0x02].value = marks["Private"]
    for keyword, item in (("RequestAttributesSequence", request), ("OtherPatientIDsSequence", other)):
        dataset[keyword].is_undefined_length = item.is_undefined_length_sequence_item = True
    return {name: mark.encode() + b"\0" * (len(mark) % 2) for name, mark in marks.items()}


def _occurrences(data: bytes, mark: bytes, name: str) -> Iterator[int]:
    place = data.find(mark)
    if place < 0:
        raise LookupError(f"no mark for {name}")
    while place >= 0:
        yield place
        place = data.find(mark, place + 1)


@cache
def _pixels(side: int, bits: int) -> Sequence[bytes]:
    """Tiny pictures are grain, others phantoms."""
    rng, most = np.random.default_rng(side), (1 << bits) - 1
    shades = (rng.random((side, side)) if side < 64 else frontal(rng, side, side) for _ in range(_PAYLOADS))
    return [(0.05 * most + 0.9 * most * shade).astype("<u2").tobytes() for shade in shades]
