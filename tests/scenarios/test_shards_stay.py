"""From version to version, files of a release change only where somebody in them does."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections import Counter
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pydicom
import pyrage
import pytest
from release_settings import configure, read_settings

from radrelease.adapters import native
from radrelease.adapters.parquet import write_groups
from radrelease.adapters.shard_pictures import ARCHIVE
from radrelease.adapters.vault import read_vault, vault_identity
from radrelease.continuing import withdraw
from radrelease.pipeline import build
from radrelease.progress import Silent
from radrelease.testing import make_export

pytestmark = pytest.mark.xdist_group("shards stay")


STATED = ("release/manifest.json", "work/vault.age", "work/versions.parquet", "work/withdrawn.parquet")
"""What a version must know of the one before; all else only spares work."""


@dataclass(frozen=True, kw_only=True)
class OldRow:
    """A row of the vault as it was before it knew homes."""

    kind: str
    domain: str
    original: str
    pseudonym: str
    shift_days: int | None
    split: str | None
    split_before: str | None


OLD = [field.name for field in fields(OldRow)]


class Interrupted(Exception):
    pass


class InterruptedAt(Silent):
    """A build's progress, until the step of that title."""

    def __init__(self, title):
        self.title = title

    def step(self, title, total):
        if title == self.title:
            raise Interrupted
        return super().step(title, total)


@dataclass
class Hospital:
    """A folder with an export, of which files can be kept back."""

    folder: Path

    def configure(self, version, processes=2):
        return configure(
            self.folder,
            release={"name": "versions", "version": version, "parts": 4},
            split={"valid": 0.15, "test": 0.15, "private_test": 0.1},
            deidentification={"smallest_cell": 1, "vocabulary_k": 1000},
            workers={"processes": processes},
        )

    def build(self, version, processes=2):
        assert build(*self.configure(version, processes)).findings == ()

    def withdraw(self, numbers):
        withdraw(*read_settings(self.folder), numbers)

    def vault(self):
        _, secret = read_settings(self.folder)
        return list(read_vault(self.folder / "work/vault.age", secret))

    def files(self):
        """The digest of each file with pictures, by its name."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in self.with_pictures()}

    def with_pictures(self):
        yield from self.folder.glob("*/native/data/*")
        yield from self.folder.glob("release/rexgradient/deid_png.part*")

    def inodes(self):
        """By which it is told whether a file with pictures was written anew."""
        return {path.name: path.stat().st_ino for path in self.with_pictures()}

    def sums(self):
        return [(self.folder / name / "SHA256SUMS").read_text() for name in ("release", "private_test")]

    def people(self):
        """The published PatientIDs in each file of the native layout."""
        return {
            path.name: set(pq.read_table(path, columns=["PatientID"])["PatientID"].to_pylist())
            for path in self.folder.glob("*/native/data/*")
        }

    def parts_of(self, pseudonyms):
        """The parts of the archive that have their pictures."""
        with (self.folder / "release/rexgradient/deid_png_index.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["ImagePath"].split("/")[2] in pseudonyms]
        return {f"deid_png.part{int(row['part']):02d}" for row in rows}

    def copy(self, target, names=("export", "key", *STATED)):
        """The export, and of the release no more than the next version must know."""
        for name in names:
            source, place = self.folder / name, target / name
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, symlinks=True)  # with the times of files
            elif source.exists():
                shutil.copy2(source, place)
        return Hospital(target)


def differing(before, after):
    """The names of files that are in only one of the two, or other in each."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def put_back(waiting):
    for place, path in waiting.items():
        place.rename(path)


def study_uid(path):
    """Of a DICOM file; "" where it cannot be read."""
    try:
        return str(pydicom.dcmread(path, specific_tags=["StudyInstanceUID"]).get("StudyInstanceUID", ""))
    except Exception:  # the export has all kinds of broken files
        return ""


def keep_back(folder, studies):
    """Take away the files of these studies: where they wait, and their places."""
    files = sorted(path for path in (folder / "export").glob("*/dicom/**/*") if path.is_file())
    taken = [path for path in files if study_uid(path) in {study.study_uid for study in studies}]
    waiting = {folder / f"waits-{hash(path)}": path for path in taken}
    for place, path in waiting.items():
        path.rename(place)
    assert waiting
    return waiting


def spoil(shards):
    """Change bytes in one file or another of every shard so that neither size nor time tells."""
    for number, shard in enumerate(sorted(shards.iterdir())):
        path = shard / (native.FILE, ARCHIVE)[number % 2]
        status = path.stat()
        data = bytearray(path.read_bytes())
        for place in range(100, len(data), 1000):
            data[place] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@dataclass
class History:
    """The hospital after its last version; what the versions on the way had, by number."""

    hospital: Hospital
    files: dict
    people: dict
    sums: dict
    inodes: dict
    known: str  # the pseudonym of the patient who comes again in 1.2
    aside: Path  # a copy of what 1.2 began from

    def note(self, version):
        self.files[version], self.people[version] = self.hospital.files(), self.hospital.people()
        self.sums[version], self.inodes[version] = self.hospital.sums(), self.hospital.inodes()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """1.0; 1.1 with three new patients; 1.2 with a new study of a patient of 1.0, after something was spoilt."""
    folder = tmp_path_factory.mktemp("shards")
    gold = make_export(folder, patients=24, image_side=48)
    numbers = Counter(study.mrn for study in gold.studies)
    known = min(mrn for mrn, studies in numbers.items() if studies > 2)
    extra = max((one for one in gold.studies if one.mrn == known), key=lambda study: study.study_date)
    coming = sorted(numbers.keys() - {known})[::7]
    later = keep_back(folder, [study for study in gold.studies if study.mrn in coming])
    again = keep_back(folder, [extra])
    hospital = Hospital(folder)
    made = History(hospital, {}, {}, {}, {}, "", tmp_path_factory.mktemp("aside"))
    hospital.build("1.0")
    made.note("1.0")
    put_back(later)
    hospital.build("1.1")
    made.note("1.1")
    put_back(again)
    hospital.copy(made.aside)
    spoil(folder / "work/shards")
    hospital.build("1.2")
    made.note("1.2")
    made.known = next(row.pseudonym for row in hospital.vault() if row.original == known)
    return made


def test_new_patients_are_in_new_files_and_the_old_ones_keep_name_and_bytes(history):
    first, second = history.files["1.0"], history.files["1.1"]
    changed = differing(first, second)
    came = {name for name in changed if name not in first}
    assert came, "new patients"
    assert len(history.people["1.0"]) >= 6
    assert changed - came == {"deid_png.part03"}
    assert {name: history.people["1.1"][name] for name in history.people["1.0"]} == history.people["1.0"]


def test_a_file_of_which_nothing_changed_is_not_written_again(history):
    first, second, third = (history.inodes[version] for version in ("1.0", "1.1", "1.2"))
    kept = {name for name in first if second[name] == first[name]}
    parts = {name for name in first if "part" in name}
    assert kept & parts == parts - {"deid_png.part03"}
    assert len(kept - parts) > len(first.keys() - parts) // 2, "but where several patients are made again"
    kept = {name for name in third if third[name] == second[name]}
    assert kept == parts - {"deid_png.part00"}, "in between something was spoilt in each shard"


def test_a_new_study_of_a_known_patient_changes_one_file_and_one_part(history):
    changed = differing(history.files["1.1"], history.files["1.2"])
    (home,) = (name for name, people in history.people["1.1"].items() if history.known in people)
    assert changed == {home, *history.hospital.parts_of({history.known})}
    assert len(changed) == 2
    assert history.people["1.2"] == history.people["1.1"]


def test_one_process_that_is_interrupted_makes_the_same_next_version(history):
    """From the export and what is stated of the version before, without a shard of it, and nothing spoilt."""
    there = Hospital(history.aside)
    config, secret = there.configure("1.2", processes=1)
    for title in ("Writing the release", "Auditing the release"):
        with pytest.raises(Interrupted):
            build(config, secret, InterruptedAt(title))
    there.build("1.2", processes=1)
    assert there.sums() == history.sums["1.2"]


def test_a_version_that_is_made_again_has_the_same_bytes(history):
    """Although a file of it was written to in place, and so a shard."""
    hospital = history.hospital
    path = min(hospital.folder.glob("release/native/data/train*"))
    with path.open("r+b") as file:
        file.seek(1000)
        file.write(b"spoilt")
    assert hospital.files()[path.name] != history.files["1.2"][path.name]
    hospital.build("1.2")
    assert history.hospital.sums() == history.sums["1.2"]


def test_who_withdraws_is_taken_out_of_one_file_and_one_part(history):
    hospital = history.hospital
    before, people = hospital.files(), hospital.people()
    home, others = next(
        (name, people) for name, people in sorted(people.items()) if "train" in name and len(people) > 2
    )
    pseudonym = min(others - {history.known})
    part = hospital.parts_of({pseudonym})
    hospital.withdraw([pseudonym])
    hospital.build("1.3")
    assert differing(before, hospital.files()) == {home, *part}
    assert len(part) == 1
    assert hospital.people()[home] == others - {pseudonym}
    again = hospital.sums()
    hospital.build("1.3")
    assert hospital.sums() == again


def test_a_file_that_everybody_has_left_is_gone_and_the_others_keep_their_names(history):
    hospital = history.hospital
    before, people = hospital.files(), hospital.people()
    home = sorted(name for name in people if name.startswith("train"))[1]
    parts = hospital.parts_of(people[home])
    hospital.withdraw(sorted(people[home]))
    hospital.build("1.4")
    after = hospital.files()
    assert home not in after
    assert differing(before, after) == {home, *parts}


def test_a_release_of_which_the_vault_knows_no_homes_gets_them_once(history):
    """Of a software that did not keep them."""
    hospital = history.hospital
    _, secret = hospital.configure("1.5")
    path = hospital.folder / "work/vault.age"
    rows = [OldRow(**{name: getattr(row, name) for name in OLD}) for row in hospital.vault()]
    clear = BytesIO()
    write_groups(clear, OldRow, rows)
    identity = pyrage.x25519.Identity.from_str(vault_identity(secret))
    path.write_bytes(pyrage.encrypt(clear.getvalue(), [identity.to_public()]))
    hospital.build("1.5")
    assert sorted(name for name in hospital.files() if name.startswith("train"))[:2] == [
        "train-00000.parquet",
        "train-00001.parquet",
    ]
    assert {row.original: row.split for row in hospital.vault()} == {row.original: row.split for row in rows}
    first = hospital.files()
    hospital.build("1.6")
    assert hospital.files() == first
