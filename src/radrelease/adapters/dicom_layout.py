"""The layout of DICOM files: one file per picture, and the tables of the native layout beside them.

files/<split>/<PatientID>/<StudyInstanceUid>/<SeriesInstanceUid>/<SOPInstanceUid>.dcm
studies/<split>.parquet       one row per study
images/<split>.parquet        one row per picture
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radrelease.adapters.native import file_split
from radrelease.records.release import ReleaseImage, ReleaseStudy

__all__ = ["FILES", "DicomFile", "file_path", "join_files", "write_files"]

FILES = "files"
"""The folder of DICOM files in the layout."""


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A file of the release: its path within the layout, made of pseudonyms alone, and its bytes."""

    path: str
    data: bytes


def file_path(study: ReleaseStudy, image: ReleaseImage) -> str:
    """Where the picture's file lies in the layout."""
    parts = (file_split(study.split), study.patient_id, study.study_id, image.series_id, image.image_id)
    return f"{FILES}/{'/'.join(parts)}.dcm"


def write_files(folder: Path, files: Iterable[DicomFile]) -> None:
    """Write the files below ``folder``."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def join_files(folder: Path, shards: Iterable[Path]) -> None:
    """Copy the files that each shard's folder holds into the layout's ``folder``."""
    (folder / FILES).mkdir(parents=True, exist_ok=True)
    for shard in shards:
        if shard.is_dir():
            shutil.copytree(shard, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
