"""Leaks planted one at a time into a finished release, and how many of them the audit finds.

    python benchmarks/audit_mutations.py [--mutations 500] [--seed 1]

Makes a small synthetic release, and plants each mutation into a copy of its own, as a leak would
come about: checksums are written anew, so that they give nothing away, except where the mutation is
one of the checksums themselves. Prints found and planted by kind, and the findings on clean releases.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import shutil
import struct
import sys
import tempfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pydicom
import shared_with_tests  # noqa: F401 - first: it puts the next one within reach
from release_settings import configure

from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.dicom_files import quiet_pydicom
from radrelease.adapters.parquet import read_records
from radrelease.adapters.vault import read_vault
from radrelease.auditing import TruePatient, audit_folders
from radrelease.config import Config
from radrelease.pipeline import build
from radrelease.progress import Silent
from radrelease.records.private import IdentifierKind
from radrelease.testing import make_export


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A published study with its truth."""

    id: str
    family: str
    given: str
    mrn: str
    accession: str
    institution: str
    study_uid: str
    birth: date
    phone: str
    study_date: date


@dataclass(frozen=True, slots=True)
class Place:
    """A clean release and what is known of it."""

    folder: Path
    config: Config
    victims: tuple[Victim, ...]


def make_place(folder: Path, patients: int = 9) -> Place:
    """Build the clean release."""
    gold = make_export(folder, patients=patients, image_side=96)
    config, secret = configure(
        folder,
        release={"name": "mutations", "layouts": ["native", "rexgradient", "dicom"], "parts": 2},
        split={"valid": 2, "test": 2, "private_test": 2},
    )
    if build(config, secret).findings:
        raise SystemExit("the clean release has findings")
    names = {row.original: row.pseudonym for row in read_vault(folder / "work/vault.age", secret)}
    public = {row["StudyInstanceUid"]: row for row in _studies(folder / "release")}
    planted = dict.fromkeys(value for kind, value in gold.identifiers if kind == "phone")
    truths = {truth.patient_id: truth for truth in read_records(folder / "work/truth.parquet", TruePatient)}
    victims = []
    for study in gold.studies:
        row = public.get(names.get(study.study_uid, ""))
        family, given = (*study.patient_name.split("^"), "")[:2]
        if row is None or len(family) < 6 or not family.isalpha():
            continue
        victims.append(
            Victim(
                id=row["id"],
                family=family,
                given=given.split()[0],
                mrn=study.mrn,
                accession=study.accession,
                institution=study.site,
                study_uid=study.study_uid,
                birth=_birth(truths[str(row["PatientID"])]),
                phone=next(iter(planted), "(555) 555-1234"),
                study_date=date.fromisoformat(study.study_date),
            )
        )
    return Place(folder, config, tuple(victims))


def _birth(truth: TruePatient) -> date:
    kinds = (item.value for item in truth.identifiers if item.kind is IdentifierKind.BIRTH_DATE)
    return date.fromisoformat(next(kinds))


def _studies(release: Path) -> list[dict[str, object]]:
    return [
        row
        for path in sorted((release / "native/studies").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


# ------------------------------------------------------------------------------- how a value is spelled

Spelling = Callable[[Victim, random.Random], str]


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + rng.choice("aeiou".replace(word[at].lower(), "")) + word[at + 1 :]


SPELLINGS: Mapping[str, Spelling] = {
    "full name": lambda v, _: f"{v.given} {v.family}",
    "family first": lambda v, _: f"{v.family}, {v.given}",
    "capitals": lambda v, _: f"{v.given} {v.family}".upper(),
    "mixed case": lambda v, _: "".join(
        c.upper() if i % 2 else c.lower() for i, c in enumerate(f"{v.given} {v.family}")
    ),
    "underscores": lambda v, _: f"{v.given}_{v.family}",
    "header form": lambda v, _: f"{v.family}^{v.given}",
    "accents": lambda v, _: unicodedata.normalize("NFD", f"{v.given} {v.family}").replace("e", "e\u0301"),
    "full width": lambda v, _: "".join(
        chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in f"{v.given} {v.family}"
    ),
    "zero width": lambda v, _: f"{v.given} {v.family[:3]}\u200b{v.family[3:]}",
    "soft hyphen": lambda v, _: f"{v.given} {v.family[:3]}\u00ad{v.family[3:]}",
    "name in HTML entities": lambda v, _: f"{v.given} " + "".join(f"&#{ord(c)};" for c in v.family),
    "percent encoded": lambda v, _: f"{v.given}%20{v.family}",
    "MRN": lambda v, _: v.mrn,
    "MRN with a hyphen": lambda v, _: f"{v.mrn[:4]}-{v.mrn[4:]}",
    "MRN with dots": lambda v, _: f"{v.mrn[:3]}.{v.mrn[3:5]}.{v.mrn[5:]}",
    "MRN in lower case": lambda v, _: v.mrn.lower(),
    "MRN with leading zeros": lambda v, _: f"000{v.mrn}",
    "MRN in base64": lambda v, _: base64.b64encode(f"{v.mrn}".encode()).decode(),
    "MRN in hexadecimal": lambda v, _: v.mrn.encode().hex(),
    "accession": lambda v, _: v.accession,
    "accession without separators": lambda v, _: v.accession.replace("-", ""),
    "institution": lambda v, _: v.institution,
    "institution in capitals": lambda v, _: v.institution.upper(),
    "study UID": lambda v, _: v.study_uid,
}

IN_THE_PATIENTS_REPORT: Mapping[str, Spelling] = {
    "family name alone": lambda v, _: v.family,
    "family name in capitals": lambda v, _: v.family.upper(),
    "family name's": lambda v, _: f"{v.family}'s",
    "family name with a slip": lambda v, rng: _slip(v.family, rng),
    "family name cut by a hyphen": lambda v, _: f"{v.family[:3]}-{v.family[3:]}",
    "family name cut by a line": lambda v, _: f"{v.family[:3]}\n{v.family[3:]}",
    "given name": lambda v, _: v.given,
    "MRN with blanks": lambda v, _: f"{v.mrn[:3]} {v.mrn[3:]}",
    "MRN cut by a line": lambda v, _: f"{v.mrn[:4]}\n{v.mrn[4:]}",
    "a name that nobody knows": lambda _, rng: rng.choice(
        ("Wojciechowska", "Szczepanik", "Frobnik", "Zorblax")
    ),
}

# ---------------------------------------------------------------------------------- where it is planted

Planter = Callable[[Path, str, Victim], None]


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _cell(path: Path, column: str, change: Callable[[str], str], row_id: str = "") -> None:
    table = pq.read_table(path)
    values, ids = table[column].to_pylist(), table["id"].to_pylist()
    index = ids.index(row_id) if row_id else next(i for i, value in enumerate(values) if value)
    values[index] = change(values[index] or "")
    place = table.schema.get_field_index(column)
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(values, pa.string())), path)


def _table_of(folder: Path, victim: Victim) -> Path:
    return next(
        path
        for path in sorted((folder / "native/studies").glob("*.parquet"))
        if victim.id in pq.read_table(path)["id"].to_pylist()
    )


def _into_json(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "rexgradient/metadata").glob("*_metadata.json"))))
    rows = json.loads(path.read_text(encoding="utf-8"))
    next(iter(rows.values()))["Impression"] = f"Clear. {text}"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def _into_croissant(folder: Path, text: str, _: Victim) -> None:
    path = folder / "native/croissant.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["distribution"][0]["description"] = text
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _into_layout_manifest(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "native").glob("*manifest*.json"))))
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "by": text}, ensure_ascii=False), encoding="utf-8")


def _into_image_table(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "native/images").glob("*.parquet"))))
    _cell(path, "ImageViewPosition", lambda _: text)


def _into_csv(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "rexgradient/metadata").glob("*.csv"))))
    _append(path, '"x","' + text.replace('"', "") + '"\n')


def _into_parquet_metadata(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "native/studies").glob("*.parquet"))))
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"note": text}), path)


def _into_field_metadata(folder: Path, text: str, _: Victim) -> None:
    path = next(iter(sorted((folder / "native/studies").glob("*.parquet"))))
    table = pq.read_table(path)
    fields = [table.schema.field(0).with_metadata({"note": text}), *list(table.schema)[1:]]
    pq.write_table(table.cast(pa.schema(fields)), path)


def _into_png(kind: bytes, column: str = "images") -> Planter:
    def plant(folder: Path, text: str, _: Victim) -> None:
        content = text.encode("utf-8")
        bodies = {
            b"tEXt": b"Comment\0" + content,
            b"zTXt": b"Comment\0\0" + zlib.compress(content),
            b"iTXt": b"Comment\0\0\0\0\0" + content,
            b"eXIf": content,
            b"tIME": b"\x07\xe3\x03\x04\x0c\x00\x00",
        }
        body = bodies[kind]
        chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        _change_picture(folder, lambda data: data[:33] + chunk + data[33:], column)

    return plant


def _after_png(folder: Path, text: str, _: Victim) -> None:
    _change_picture(folder, lambda data: data + text.encode())


def _change_picture(folder: Path, change: Callable[[bytes], bytes], column: str = "images") -> None:
    path = next(iter(sorted((folder / "native/data").glob("*.parquet"))))
    table = pq.read_table(path)
    rows = table[column].to_pylist()
    rows[0][0]["bytes"] = change(rows[0][0]["bytes"])
    place = table.schema.get_field_index(column)
    field = table.schema.field(place)
    pq.write_table(table.set_column(place, field, pa.array(rows, field.type)), path)


def _file_name(folder: Path, text: str, _: Victim) -> None:
    (folder / "native" / (text.replace("/", "-").replace("\n", " ")[:80] + ".md")).write_text("x")


def _folder_name(folder: Path, text: str, _: Victim) -> None:
    (folder / "native" / text.replace("/", "-").replace("\n", " ")[:80]).mkdir()


def _hidden_file(folder: Path, text: str, _: Victim) -> None:
    (folder / ".notes").write_text(text, encoding="utf-8")


def _link(folder: Path, text: str, _: Victim) -> None:
    (folder / "native/link.md").symlink_to(f"/nowhere/{text[:60]}")


def _into_dicom(change: Callable[[pydicom.Dataset, str], object]) -> Planter:
    def plant(folder: Path, text: str, _: Victim) -> None:
        path = sorted((folder / "dicom").rglob("*.dcm"))[0]
        made = pydicom.dcmread(path)
        made.SpecificCharacterSet = "ISO_IR 192"
        change(made, text)
        if text.isascii():
            del made.SpecificCharacterSet
        with quiet_pydicom():
            made.save_as(path)

    return plant


def _around_dicom(change: Callable[[bytes, bytes], bytes]) -> Planter:
    def plant(folder: Path, text: str, _: Victim) -> None:
        path = sorted((folder / "dicom").rglob("*.dcm"))[0]
        path.write_bytes(change(path.read_bytes(), text.encode()))

    return plant


def _item(made: pydicom.Dataset) -> pydicom.Dataset:
    item: pydicom.Dataset = made.DeidentificationMethodCodeSequence[0]
    return item


PLACES: Mapping[str, Planter] = {
    "DICOM element that no rule names": _into_dicom(
        lambda made, text: made.add_new("PatientComments", "LT", text)
    ),
    "DICOM description": _into_dicom(lambda made, text: made.add_new("SeriesDescription", "LO", text)),
    "DICOM element in an item": _into_dicom(
        lambda made, text: _item(made).add_new("CodeMeaning", "LO", text)
    ),
    "DICOM private element": _into_dicom(
        lambda made, text: made.private_block(0x0029, "A", create=True).add_new(1, "UN", text.encode())
    ),
    "DICOM overlay": _into_dicom(lambda made, text: made.add_new(0x60004000, "LT", text)),
    "DICOM preamble": _around_dicom(lambda data, text: text[:128].ljust(128, b"\0") + data[128:]),
    "after a DICOM file": _around_dicom(lambda data, text: data + text),
    "dataset card": lambda folder, text, _: _append(
        folder / "native/README.md", f"\nWith thanks to {text}.\n"
    ),
    "other dataset card": lambda folder, text, _: _append(folder / "rexgradient/README.md", f"\n{text}\n"),
    "HTML report": lambda folder, text, _: _append(folder / "report.html", f"<!-- {text} -->\n"),
    "HTML attribute": lambda folder, text, _: _append(folder / "report.html", f'<p title="{text}">\n'),
    "figure": lambda folder, text, _: _append(folder / "native/figures/flow.svg", f"<!-- {text} -->"),
    "manifest": lambda folder, text, _: (
        (folder / "manifest.json").write_text(json.dumps({"by": text}, ensure_ascii=False)) and None
    ),
    "layout's manifest": _into_layout_manifest,
    "Croissant metadata": _into_croissant,
    "datasheet": lambda folder, text, _: _append(folder / "native/DATASHEET.md", f"\n{text}\n"),
    "citation": lambda folder, text, _: _append(folder / "native/CITATION.cff", f"# {text}\n"),
    "index of the archive": lambda folder, text, _: _append(
        folder / "rexgradient/deid_png_index.csv", '"' + text.replace('"', "") + '",0,0\n'
    ),
    "table of images": _into_image_table,
    "preview's tEXt": _into_png(b"tEXt", "previews"),
    "license": lambda folder, text, _: _append(folder / "native/LICENSE", text),
    "JSON metadata": _into_json,
    "CSV metadata": _into_csv,
    "Parquet file metadata": _into_parquet_metadata,
    "Parquet field metadata": _into_field_metadata,
    "description": lambda folder, text, v: _cell(
        _table_of(folder, v), "StudyDescription", lambda _: text, v.id
    ),
    "file name": _file_name,
    "folder name": _folder_name,
    "hidden file": _hidden_file,
    "link": _link,
    "PNG tEXt": _into_png(b"tEXt"),
    "PNG zTXt": _into_png(b"zTXt"),
    "PNG iTXt": _into_png(b"iTXt"),
    "PNG eXIf": _into_png(b"eXIf"),
    "PNG tIME": _into_png(b"tIME"),
    "after a PNG": _after_png,
}


def into_report(folder: Path, text: str, victim: Victim) -> None:
    """Into the victim's own findings."""
    _cell(_table_of(folder, victim), "Findings", lambda old: f"{old} Compare {text} again.", victim.id)


# ------------------------------------------------------------------------------------- without a value


def _true_date(folder: Path, victim: Victim) -> None:
    path = _table_of(folder, victim)
    table = pq.read_table(path)
    days, ids = table["StudyDate"].to_pylist(), table["id"].to_pylist()
    days[ids.index(victim.id)] = victim.study_date
    place = table.schema.get_field_index("StudyDate")
    pq.write_table(
        table.set_column(place, table.schema.field(place), pa.array(days, table.schema.field(place).type)),
        path,
    )


def _old_age(folder: Path, victim: Victim) -> None:
    _cell(_table_of(folder, victim), "PatientAge", lambda _: "093Y", victim.id)


def _birth_date(folder: Path, victim: Victim) -> None:
    into_report(folder, f"{victim.birth:%m/%d/%Y}", victim)


def _private_study(folder: Path, _: Victim) -> None:
    private = folder.parent / "private_test"
    row = _studies(private)[0]
    _append(folder / "native/README.md", f"\n{row['PatientID']}\n")


def _two_splits(folder: Path, victim: Victim) -> None:
    _cell(
        _table_of(folder, victim),
        "Split",
        lambda _: "test" if "train" in _table_of(folder, victim).name else "train",
        victim.id,
    )


def _unknown_column(folder: Path, victim: Victim) -> None:
    path = _table_of(folder, victim)
    table = pq.read_table(path)
    pq.write_table(table.append_column("Physician", pa.array(["x"] * table.num_rows)), path)


def _lost_file(folder: Path, _: Victim) -> None:
    next(iter(sorted((folder / "native/data").glob("*.parquet")))).unlink()


def _lost_part(folder: Path, _: Victim) -> None:
    part = sorted(folder.glob("rexgradient/deid_png.part*"))[-1]
    part.write_bytes(part.read_bytes()[:-40])


def _archive_tail(folder: Path, victim: Victim) -> None:
    part = sorted(folder.glob("rexgradient/deid_png.part*"))[-1]
    part.write_bytes(part.read_bytes() + f"{victim.given} {victim.family}".encode())


def _changed_file(folder: Path, _: Victim) -> None:
    _append(folder / "native/README.md", " ")


OTHERS: Mapping[str, Callable[[Path, Victim], None]] = {
    "true study date": _true_date,
    "age over 90": _old_age,
    "birth date in the report": _birth_date,
    "name of a private patient": _private_study,
    "patient in two splits": _two_splits,
    "column that was not asked for": _unknown_column,
    "table that is missing": _lost_file,
    "archive cut short": _lost_part,
    "text after the archive": _archive_tail,
}


def run(place: Place, planted: str, change: Callable[[Path], None], *, rehash: bool = True) -> bool:
    """Whether the audit finds the change."""
    copy = place.folder / "copy" / "release"
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(place.folder / "release", copy)
    (copy.parent / "private_test").symlink_to(place.folder / "private_test")
    change(copy)
    if rehash:
        write_checksums(copy)
    try:
        findings = audit_folders(copy, place.folder / "private_test", place.config, Silent())
    except Exception as error:  # a release that cannot be read is not published either
        print(f"{planted}: the audit stopped with {type(error).__name__}")
        return True
    return bool(findings)


Job = tuple[str, Callable[[Path], None], bool]
"""A mutation: its kind, what is done to a copy of the release, and whether checksums are written anew."""


def jobs_of(place: Place, rng: random.Random) -> list[Job]:
    """Every value in every place, and the others."""
    jobs: list[Job] = []
    for where, plant in PLACES.items():
        for how, spell in SPELLINGS.items():
            victim = rng.choice(place.victims)
            text = spell(victim, rng)
            jobs.append((f"{where}: {how}", lambda f, p=plant, t=text, v=victim: p(f, t, v), True))
    for how, spell in IN_THE_PATIENTS_REPORT.items():
        for victim in rng.choices(place.victims, k=6):
            text = spell(victim, rng)
            jobs.append((f"own report: {how}", lambda f, t=text, v=victim: into_report(f, t, v), True))
    for how, change in OTHERS.items():
        for victim in rng.choices(place.victims, k=2):
            jobs += [(how, lambda f, c=change, v=victim: c(f, v), True)]
    jobs.append(("changed file", lambda f: _changed_file(f, place.victims[0]), False))
    return jobs


def main() -> None:
    """Plant, audit, count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mutations", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--places", nargs="+", choices=list(PLACES), help="only these, and nothing else")
    options.add_argument("--clean", type=int, default=0, help="patients of a clean release to audit first")
    chosen = options.parse_args()
    if chosen.clean:
        with tempfile.TemporaryDirectory() as name:
            large = make_place(Path(name), chosen.clean)
            found_in = run(large, "nothing", lambda _: None)
            print(f"{len(_studies(large.folder / 'release'))} clean studies, findings: {int(found_in)}")
    rng = random.Random(chosen.seed)  # noqa: S311
    found: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        place = make_place(Path(name))
        clean = run(place, "nothing", lambda _: None)
        jobs = jobs_of(place, rng)
        if chosen.places:
            jobs = [job for job in jobs if job[0].split(":")[0] in chosen.places]
        rng.shuffle(jobs)
        for number, (kind, change, rehash) in enumerate(jobs[: chosen.mutations], start=1):
            planted[kind] += 1
            found[kind] += run(place, kind, change, rehash=rehash)
            print(f"\r{number}/{min(len(jobs), chosen.mutations)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    missed = {kind: planted[kind] - found[kind] for kind in planted if planted[kind] != found[kind]}
    print(f"planted {planted.total()} of {len(planted)} kinds, found {found.total()}")
    print(f"findings on the clean release: {int(clean)}")
    for kind, count in sorted(missed.items()):
        print(f"  missed: {kind}, {count} of {planted[kind]}")


if __name__ == "__main__":
    main()
