"""An export with canaries in every header, report and file name, and a search for them in all that leaves work/."""

from __future__ import annotations

from unittest.mock import patch

import pyarrow.parquet as pq
import zstandard
from release_settings import write_settings

from radrelease.testing import make_export
from radrelease.testing.export_maker import ExportMaker

CANARIES = ("Zzqcanop", "Zzqcanpat", "Zzqcanroad", "Zzqcanfile", "Zzqcannote")
_SENTENCE = "Mr. Zzqcanpat was seen with Dr. Zzqcanop. "
_HEADER = {
    "OperatorsName": "Zzqcanop^Vexle",
    "OtherPatientNames": "Zzqcanpat^Imogle",
    "PatientAddress": "Zzqcanroad 77",
    "PatientComments": "Zzqcannote",
}


def make_canaries(folder, patients=5):
    """Write the export, a key and a release.toml."""
    images, name, report = ExportMaker.add_images, ExportMaker._file_name, ExportMaker.add_report

    def add_images(maker, plan, written, **changes):
        return images(maker, plan, written, **{**_HEADER, **changes})

    def file_name(maker, plan, index):
        head, slash, tail = name(maker, plan, index).rpartition("/")
        return f"{head}{slash}ZZQCANFILE{tail}"

    def add_report(maker, plan, text, **settings):
        return report(maker, plan, text.replace("FINDINGS:", f"FINDINGS: {_SENTENCE}"), **settings)

    with (
        patch.object(ExportMaker, "add_images", add_images),
        patch.object(ExportMaker, "_file_name", file_name),
        patch.object(ExportMaker, "add_report", add_report),
    ):
        gold = make_export(folder, patients=patients, image_side=96)
    write_settings(
        folder,
        release={
            "output": "out/release",
            "private_output": "out/private_test",
            "layouts": ["native", "rexgradient", "dicom"],
            "parts": 4,
        },
        split={"valid": 0.1, "test": 0.1, "private_test": 0.1},
        workers={"processes": 2, "study_timeout_s": 20, "study_memory_mb": 600},
    )
    return gold


def leaked(folder, *screens):
    """Where a canary is seen outside of the work folder, the export and the truth."""
    needles = {
        word.lower().encode(encoding) for word in CANARIES for encoding in ("utf-8", "utf-16-le", "utf-16-be")
    }
    seen = [(f"screen {number}", text.encode()) for number, text in enumerate(screens)]
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if inside.parts[0] not in {"work", "export", "gold", "key", "release.toml"}:
            seen.append((str(inside), str(inside).encode()))
            seen += [(str(inside), data) for data in _bytes_of(path)] if path.is_file() else []
    return [where for where, data in seen if any(needle in data.lower() for needle in needles)]


def _bytes_of(path):
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        yield repr(pq.read_table(path).to_pylist()).encode()
    if data[:4] == b"\x28\xb5\x2f\xfd":
        yield zstandard.ZstdDecompressor().decompressobj().decompress(data)
