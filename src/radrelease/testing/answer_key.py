"""An export of chest radiographs with an answer key: what must become of every element of every file.

After the MIDI-B challenge (Medical Image De-Identification Benchmark): the same actions, with what its
validator does not ask: dates must keep their intervals to the day, and a file or an element that is
missing is a failure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from radrelease.testing.dicom_export import SYNTAXES, make_dataset, to_bytes
from radrelease.testing.people import Person, Site, make_person, read_data, sites, staff
from radrelease.testing.phantom import frontal, lateral

__all__ = ["Answer", "KeyedFile", "make_keyed_export", "sources_toml"]


_SYNTAXES = ("explicit", "implicit", "big_endian", "rle", "jpeg_lossless", "jpeg_ls", "jpeg_2000", "deflated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One row of the key: an action of the challenge, the element it is about, and what it needs to know."""

    action: str
    keyword: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyedFile:
    """One file of the export, its answers, and the stored values that its pixels must keep."""

    path: str
    sop_uid: str
    patient_id: str
    answers: tuple[Answer, ...]
    pixels: np.ndarray


def sources_toml() -> str:
    """The ``[[source]]`` table of the export."""
    return (
        '[[source]]\nname = "midi"\ndicom = "export/dicom"\nreports = "export/reports.csv"\n'
        '[source.columns]\naccession = "accession"\ntext = "report"\n'
    )


def make_keyed_export(folder: Path, *, patients: int, side: int = 96) -> list[KeyedFile]:
    """Write ``folder/export``; three studies of two pictures for each of the ``patients``."""
    rng = np.random.default_rng(7)
    root = folder / "export" / "dicom"
    keyed, reports = [], []
    for number in range(patients):
        person = make_person(rng, number, "lakeside", date(2016, 2, 29))
        for study in range(3):
            day = date(2016, 2, 29) + timedelta(days=number % 28 + (0, 31, 366)[study])
            accession = f"ACC{number:04d}{study}77"
            reports.append((accession, _REPORT))
            for index in range(2):
                file = _file(rng, person, number, study, index, day, accession, side)
                place = root / file[0].path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file[1])
                keyed.append(file[0])
    (root / "DICOMDIR").write_bytes(_dicomdir(make_person(rng, 1, "lakeside", date(2016, 2, 29))))
    with (folder / "export" / "reports.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(("accession", "report"))
        writer.writerows(reports)
    return keyed


_REPORT = "FINDINGS: The lungs are clear. The heart is not enlarged.\nIMPRESSION: No acute disease."


def _file(
    rng: np.random.Generator,
    person: Person,
    number: int,
    study: int,
    index: int,
    day: date,
    accession: str,
    side: int,
) -> tuple[KeyedFile, bytes]:
    site = _site(number + study)
    uid = f"1.2.276.0.7230010.4.{number + 1}.{study + 1}"
    picture = (lateral if index else frontal)(rng, side, side - 6)
    dataset = make_dataset(
        person,
        site,
        accession=accession,
        day=day,
        study_uid=uid,
        series_uid=f"{uid}.{index + 1}",
        sop_uid=f"{uid}.{index + 1}.1",
        view="LATERAL" if index else "PA",
        attenuation=picture,
        radiologist=staff()[number % len(staff())],
        referring=staff()[(number + 1) % len(staff())],
    )
    dataset.PatientName, dataset.PatientID = person.header, person.mrn
    removed = _fill(dataset, person, day, uid, index)
    pixels = np.frombuffer(dataset.PixelData, "<u2").reshape(dataset.Rows, dataset.Columns)
    syntax = _SYNTAXES[(number + study + index) % len(_SYNTAXES)]
    overlaid = syntax in ("explicit", "implicit")
    if overlaid:  # an overlay in the bits above Bits Stored
        dataset.PixelData = (pixels | np.uint16(0x1000)).tobytes()
    answers = tuple(_answers(dataset, person, removed, index, overlaid=overlaid))
    name = f"{person.family}_{person.mrn}/{accession}/{index}.dcm"
    keyed = KeyedFile(
        path=name, sop_uid=dataset.SOPInstanceUID, patient_id=person.mrn, answers=answers, pixels=pixels
    )
    return keyed, to_bytes(dataset, syntax)


def _site(number: int) -> Site:
    own = [site for site in sites() if site.system == "lakeside"]
    return replace(own[number % len(own)], bits=12, charset="ISO_IR 192", files="named", syntax="explicit")


def _fill(dataset: Dataset, person: Person, day: date, uid: str, index: int) -> list[str]:
    """Add what a full header has; give the texts that must not be left anywhere."""
    for keyword, value in read_data("kept_headers")["kept"].items():
        setattr(dataset, keyword, value)
    dataset.PixelIntensityRelationshipSign = -1
    dataset.CollimatorRightVerticalEdge, dataset.CollimatorLowerHorizontalEdge = dataset.Columns, dataset.Rows
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.Laterality, dataset.FrameOfReferenceUID = "L", f"{uid}.77"
    dataset.ContentDate = f"{day + timedelta(days=1):%Y%m%d}"
    dataset.EthnicGroup, dataset.StudyID = "WHITE", f"ID{person.mrn}"
    dataset.ImageComments = f"Seen with {person.given}, call {person.phone}"
    dataset.PatientComments = f"lives at {person.street}"
    dataset.StudyDescription = "XR CHEST 2 VIEWS"
    dataset.SeriesDescription = f"CHEST {person.family.upper()}" if index else "CHEST PA"
    dataset.RequestedProcedureDescription = f"Chest for {person.given} {person.family}"
    dataset.OperatorsName = f"OPER^{person.family[:2]}QX"
    other = Dataset()
    other.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    other.ReferencedSOPInstanceUID = f"{uid}.{2 - index}.1"
    dataset.ReferencedImageSequence = Sequence([other])
    view = Dataset()
    view.CodeValue, view.CodingSchemeDesignator = ("399067008" if index else "272479007"), "SCT"
    view.CodeMeaning = f"as {person.family} stood"
    dataset.ViewCodeSequence = Sequence([view])
    block = dataset.private_block(0x0029, "SIEMENS MEDCOM HEADER", create=True)
    block.add_new(0x10, "OB", f"{person.family}:{person.mrn}  ".encode()[:20])
    return [
        *(person.header, person.family, person.family.upper(), person.mrn, person.phone, person.street),
        *(str(dataset[keyword].value) for keyword in read_data("kept_headers")["keys"]["removed"]),
    ]


def _answers(
    dataset: Dataset, person: Person, removed: list[str], index: int, *, overlaid: bool
) -> Iterator[Answer]:
    for keyword in read_data("kept_headers")["keys"]["present"]:
        yield Answer(action="tag_retained", keyword=keyword)
    for keyword in read_data("kept_headers")["keys"]["not_empty"]:
        yield Answer(action="text_notnull", keyword=keyword)
    kept = {
        **read_data("kept_headers")["kept"],
        "StudyDescription": "XR CHEST 2 VIEWS",
        "Modality": dataset.Modality,
        "PatientSex": person.sex,
    }
    kept |= {"EthnicGroup": "WHITE", "ViewPosition": dataset.ViewPosition, "Laterality": "L"}
    kept |= {"PatientWeight": str(dataset.PatientWeight), "ImageType": "ORIGINAL\\PRIMARY"}
    if dataset.PatientAge <= "089Y" or not dataset.PatientAge.endswith("Y"):
        kept["PatientAge"] = dataset.PatientAge
    else:
        kept["PatientAge"] = "090Y"
    if not index:
        kept["SeriesDescription"] = "CHEST PA"
    for keyword, value in kept.items():
        yield Answer(action="text_retained", keyword=keyword, value=value)
    for text in removed:
        yield Answer(action="text_removed", value=text)
    for keyword in read_data("kept_headers")["keys"]["dates"]:
        yield Answer(action="date_shifted", keyword=keyword, value=str(dataset[keyword].value))
    for keyword in read_data("kept_headers")["keys"]["uids"]:
        yield Answer(action="uid_changed", keyword=keyword, value=str(dataset[keyword].value))
        yield Answer(action="uid_consistent", keyword=keyword, value=str(dataset[keyword].value))
    reference = dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    yield Answer(action="uid_consistent", keyword="ReferencedSOPInstanceUID", value=str(reference))
    yield Answer(action="patid_consistent", value=person.mrn)
    yield Answer(action="pixels_retained")
    if overlaid:
        yield Answer(action="pixels_hidden")


def _dicomdir(person: Person) -> bytes:
    """A directory of a medium, with the patient's name in a record."""
    dataset = Dataset()
    dataset.FileSetID = person.family.upper()[:16]
    record = Dataset()
    record.DirectoryRecordType, record.PatientName, record.PatientID = "PATIENT", person.header, person.mrn
    dataset.DirectoryRecordSequence = Sequence([record])
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.1.3.10")
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.276.0.7230010.4.9999")
    dataset.file_meta.TransferSyntaxUID = SYNTAXES["explicit"]
    data = io.BytesIO()
    pydicom.dcmwrite(data, dataset, enforce_file_format=True)
    return data.getvalue()
