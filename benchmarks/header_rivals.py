"""Runs one other de-identifier over a folder of DICOM files: ``header_rivals.py NAME IN OUT``.

For ``bench_headers.py``, under an interpreter that has the rivals; nothing of radrelease is imported. Each
runs with its defaults; deid also removes private elements. Prints what it took as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

Rival = Callable[[Path, Path], None]
BLANKED = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "AccessionNumber",
    "InstitutionName",
    "ReferringPhysicianName",
)


def dicom_anonymizer() -> Rival:
    """Its function for one file."""
    from dicomanonymizer import anonymize_dicom_file

    return lambda source, target: anonymize_dicom_file(str(source), str(target))


def dcmanon() -> Rival:
    """Its anonymizer, made once."""
    from dcmanon import Anonymizer

    tool = Anonymizer()
    return lambda source, target: target.write_bytes(tool.anonymize(str(source))) and None


def deid() -> Rival:
    """Its default recipe, private elements removed."""
    from deid.dicom import get_identifiers, replace_identifiers

    def run(source: Path, target: Path) -> None:
        files = [str(source)]
        ids = get_identifiers(files)
        (dataset,) = replace_identifiers(dicom_files=files, ids=ids, save=False, remove_private=True)
        dataset.save_as(target)

    return run


def dicognito() -> Rival:
    """Its anonymizer, made once."""
    import pydicom
    from dicognito.anonymizer import Anonymizer

    tool = Anonymizer()

    def run(source: Path, target: Path) -> None:
        dataset = pydicom.dcmread(source)
        tool.anonymize(dataset)
        dataset.save_as(target)

    return run


def home_made() -> Rival:
    """What many a script does: six elements blanked, private ones removed."""
    import pydicom

    def run(source: Path, target: Path) -> None:
        dataset = pydicom.dcmread(source)
        for keyword in BLANKED:
            if keyword in dataset:
                setattr(dataset, keyword, "")
        dataset.remove_private_tags()
        dataset.save_as(target)

    return run


RIVALS = {
    "dicom-anonymizer": dicom_anonymizer,
    "dcmanon": dcmanon,
    "deid": deid,
    "dicognito": dicognito,
    "home-made": home_made,
}


def main() -> int:
    """Run the tool over the folder; a file that it refuses is counted."""
    name, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    files = sorted(source.glob("*.dcm"))
    failed: dict[str, int] = {}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run = RIVALS[name]()
        began = time.process_time()
        for file in files:
            try:
                run(file, target / file.name)
            except Exception as error:  # a file that a tool refuses is counted, and the rest go on
                failed[type(error).__name__] = failed.get(type(error).__name__, 0) + 1
        seconds = time.process_time() - began
    package = "pydicom" if name == "home-made" else name
    print(json.dumps({"version": version(package), "seconds": seconds, "failed": failed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
