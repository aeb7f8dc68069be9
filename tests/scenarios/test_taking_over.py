"""What a next version takes over from the last one is, to the byte, what it would have made itself."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from release_settings import configure

from radrelease.adapters.config_file import load_config, load_secret
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.shard_patients import PATIENTS, ROWS, EarlierPatients, KeptPatient
from radrelease.adapters.shard_pictures import ARCHIVE, PREVIEWS
from radrelease.continuing import withdraw
from radrelease.pipeline import build
from radrelease.records.release import ReleaseStudy
from radrelease.testing import make_export

pytestmark = pytest.mark.xdist_group("taking over")


STATED = ("release/manifest.json", "work/vault.age", "work/versions.parquet", "work/withdrawn.parquet")
"""What a version must know of the one before; all else only spares work."""

COMING, GOING = "zimbric texture is seen.", "quorbel texture is seen."


@dataclass
class Hospital:
    """An export of which the reports of one source are rewritten from version to version."""

    folder: Path
    rows: list[dict[str, str]]
    places: dict[str, str]  # of each patient, text in one report, after which more can be written
    patients: list[str]  # the same patients; the first comes later
    files: dict[Path, Path]  # those of the patient who comes later: where they wait, and their places

    def report(self, sentences, *, later):
        """Write the table of reports, with sentences added to reports of some patients."""
        with (self.folder / "export/lakeside/reports.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
            writer.writeheader()
            for row in self.rows:
                number, report = row["MRN"], row["Report"]
                mine = number == self.patients[0]
                if number in sentences:
                    place = self.places[number]
                    report = report.replace(place, f"{place} {sentences[number]}", 1)
                if later or not mine:
                    writer.writerow({**row, "Report": report, **({"Patient": "Fat, Brown"} if mine else {})})

    def build(self, version, **settings):
        """Build, and give the checksums of all files that are released."""
        made = configure(
            self.folder,
            release={"name": "versions", "version": version},
            split={"valid": 0.2, "private_test": 0.2},
            deidentification={"vocabulary_k": 3, **settings},
        )
        assert build(*made).findings == ()
        return [(self.folder / name / "SHA256SUMS").read_text() for name in ("release", "private_test")]

    def build_twice(self, version, spoil=lambda: None, **settings):
        """Build with and without what the last version left, from the same statements of who was in it."""
        kept = {name: (self.folder / name).read_bytes() for name in STATED if (self.folder / name).is_file()}
        spoil()
        taking_over = self.build(version, **settings)
        after = self.folder / "after"
        for name in ("release", "private_test", "work"):
            shutil.move(self.folder / name, after / name)
        for name, data in kept.items():
            (self.folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)
        from_nothing = self.build(version, **settings)
        for name in ("release", "private_test", "work"):
            shutil.rmtree(self.folder / name)
            shutil.move(after / name, self.folder / name)
        return taking_over, from_nothing

    def findings(self):
        """All published findings, as one text."""
        tables = [
            path
            for name in ("release", "private_test")
            for path in (self.folder / name / "native/studies").glob("*.parquet")
        ]
        return "\n".join(
            str(text) for table in tables for text in pq.read_table(table)["Findings"].to_pylist()
        )


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    gold = make_export(folder, patients=24, image_side=48)
    with (folder / "export/lakeside/reports.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    places = {
        study.mrn: text
        for study in gold.studies
        if study.source == "lakeside" and (text := study.sections["Findings"]) and not text.isupper()
        if sum(text in row["Report"] for row in rows if row["MRN"] == study.mrn) == 1
    }
    patients = sorted(places)
    assert len(patients) >= 6
    files = {
        folder / f"later-{number}": path
        for number, path in enumerate(sorted((folder / "export/lakeside/dicom").rglob("*")))
        if path.is_file() and patients[0].encode() in path.read_bytes()[:4096]
    }
    assert files
    return Hospital(folder, rows, places, patients, files)


def forge(shard, *, agree):
    """Put a word into every row of a shard; where they ``agree``, the digests say that it was always there."""
    rows = [replace(row, findings="FORGED") for row in read_records(shard / ROWS, ReleaseStudy)]
    write_records(shard / ROWS, ReleaseStudy, rows)
    if agree:
        earlier = EarlierPatients(shard)
        kept = [
            replace(row, outcome=earlier.outcomes[row.key].digest()) if row.key else row
            for row in read_records(shard / PATIENTS, KeptPatient)
        ]
        write_records(shard / PATIENTS, KeptPatient, kept)


def test_a_next_version_is_what_it_would_be_from_nothing(hospital):
    """Of patients who come, go, share their name with a term, share a rare word, or whose report changes."""
    _, one, two, three, four, five = hospital.patients[:6]
    for place, path in hospital.files.items():
        path.rename(place)
    hospital.report({one: COMING, two: COMING, three: GOING, four: GOING, five: GOING}, later=False)
    hospital.build("1.0")
    first = hospital.findings()
    assert first.count("[UNKNOWN] texture is seen.") == 2, "two patients share the rare word"
    assert first.count("quorbel") == 3
    assert "Brown fat" in first
    for place, path in hospital.files.items():
        place.rename(path)
    said = {one: COMING, two: COMING, three: GOING, four: GOING, hospital.patients[0]: COMING}
    hospital.report(said, later=True)
    taking_over, from_nothing = hospital.build_twice("2.0")
    second = hospital.findings()
    assert taking_over == from_nothing
    assert second.count("zimbric") == 3, "the new patient makes three"
    assert "quorbel" not in second, "of the changed report there are two left"
    assert "Brown fat" not in second, "the new patient is called so"


def test_what_was_spoilt_in_between_is_made_again(hospital):
    """And the shards of a patient who has withdrawn, and all of them under another setting."""
    config = load_config(hospital.folder / "release.toml")
    withdraw(config, load_secret(config), [hospital.patients[3]])

    def spoil():
        shards = sorted((hospital.folder / "work/shards").iterdir(), key=lambda path: path.name)
        shards = [shard for shard in shards if (shard / ARCHIVE).stat().st_size]
        for number, shard in enumerate(shards):
            if number % 3 == 2:
                forge(shard, agree=False)
                continue
            path = shard / (ARCHIVE, PREVIEWS)[number % 3]
            data = bytearray(path.read_bytes())
            for place in range(100, len(data), 4000):
                data[place] ^= 1
            path.write_bytes(data)

    taking_over, from_nothing = hospital.build_twice("3.0", spoil, placeholder="[...]")
    assert taking_over == from_nothing
    assert "[...] texture is seen." in hospital.findings()


def test_a_patient_of_whom_nothing_has_changed_is_not_made_again(hospital):
    """What a shard says, with all digests of it, is believed: so a forged row shows where it is taken."""
    for shard in (hospital.folder / "work/shards").iterdir():
        forge(shard, agree=True)
    hospital.report({hospital.patients[0]: "Another texture is seen."}, later=True)
    hospital.build("4.0", placeholder="[...]")
    findings = hospital.findings().split("\n")
    forged = findings.count("FORGED")
    assert 10 < forged < len(findings), "those of whom nothing has changed, nor how many share a value"
    assert any("texture is seen" in text for text in findings), "the changed report was read"
