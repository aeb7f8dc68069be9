"""What is left of planted tokens after de-identifying headers, and what it costs, beside other tools.

    python benchmarks/bench_headers.py --rivals PYTHON

``PYTHON`` is an interpreter with dicom-anonymizer==2.1.0 dcmanon==0.3.1 deid==0.4.13 dicognito==0.19.0;
those that it lacks are left out. All work on the same files in the same run, one thread each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import shared_with_tests  # noqa: F401 - first: it puts the next one within reach
from sample_records import make_study

from radrelease.adapters.dicom_encoding import encode_pixels
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.dicom_pixels import decode_image
from radrelease.adapters.dicom_source import raw_header
from radrelease.adapters.dicom_writer import part_10
from radrelease.adapters.image_file import ImageFile, read_image_file
from radrelease.config import Config
from radrelease.identifiers import Secret
from radrelease.picturing import Drawn, Studio, dicom_files, draw
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.pixels import DecodedImage
from radrelease.records.private import Instance, Study
from radrelease.records.release import ReleaseStudy, SectionName, Split
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.headers.dicom_header import released_header
from radrelease.stages.headers.dicom_stated import Facts
from radrelease.stages.headers.header_values import HeaderRules, header_values
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.pictures.dicom_written import as_original
from radrelease.stages.pictures.pixel_text import pixel_terms
from radrelease.stages.release.publishing import publish_study
from radrelease.testing.planted import load_vendors, make_planted, surviving

RIVALS = ("dicom-anonymizer", "dcmanon", "deid", "dicognito", "home-made")
CROSSWALK = Crosswalk(Secret(b"a key for invented patients only"), "TEST", 365)
NO_REPORT: Mapping[SectionName, str | None] = dict.fromkeys(SectionName)
NOBODY = compile_patient(())
RULES = HeaderRules(
    profile=load_header_profile("rexgradient"),
    crosswalk=CROSSWALK,
    export=compile_export(()),
    given_back=frozenset(),
    institutions=True,
)


@dataclass
class Row:
    """One tool: tokens that survive in each file it wrote, files it refused, CPU seconds."""

    name: str
    seconds: float = 0.0
    left: list[int] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    failed: Mapping[str, int] = field(default_factory=dict)

    def count(self, data: bytes, tokens: Mapping[str, str]) -> None:
        """Count what survives in one file."""
        found = surviving(data, tokens)
        self.left.append(len(found))
        self.places.update(found.values())

    def line(self, files: int) -> str:
        """The row of the table."""
        mean = f"{sum(self.left) / len(self.left):.1f}" if self.left else "-"
        worst = str(max(self.left)) if self.left else "-"
        refused = ", ".join(f"{count} {name}" for name, count in self.failed.items()) or "0"
        rate = f"{files / self.seconds:.0f}" if self.seconds else "-"
        places = ", ".join(place for place, _ in self.places.most_common(5)) or "none"
        return f"| {self.name} | {mean} | {worst} | {refused} | {rate} | {places} |"


def settings(folder: Path) -> Config:
    """A configuration whose one source is the folder."""
    return Config.model_validate(
        {
            "release": {"name": "b", "output": folder / "o", "work": folder / "w", "layouts": ["dicom"]},
            "source": [{"name": "s", "dicom": folder, "reports": folder}],
            "secret": {"key_env": "UNUSED"},
        }
    )


def catalogued(folder: Path, name: str) -> tuple[Instance, Study]:
    """The file as planning knows it."""
    instance = read_header("s", folder, name)
    if not isinstance(instance, Instance) or instance.study_date is None:
        raise TypeError(
            f"{name} was rejected: {instance.reason if not isinstance(instance, Instance) else ''}"
        )
    return instance, make_study(instance)


def published(study: Study, drawn: Drawn) -> ReleaseStudy:
    """The study's rows in the tables."""
    values = header_values(study, [drawn.instance], NOBODY, RULES)
    pairs = [(drawn.instance, drawn.picture)]
    return publish_study(study, pairs, values, NO_REPORT, CROSSWALK, split=Split.TRAIN)


def headers_only(path: Path, study: Study, rows: ReleaseStudy, target: Path) -> None:
    """What the layout adds to a file that is read anyway: read, decode, rebuild, encode, write."""
    file = read_image_file(path)
    if not isinstance(file, ImageFile):
        raise TypeError(path.name)
    raw, decoded = raw_header(file.header), decode_image(file)
    if not isinstance(raw, RawHeader) or not isinstance(decoded, DecodedImage):
        raise TypeError(path.name)
    picture = as_original(decoded, raw, lossy=False)
    facts = Facts(
        study=rows,
        image=rows.images[0],
        pixels=picture,
        study_date=study.study_date,
        shift_days=CROSSWALK.shift("s", study.patient_id),
        codes=frozenset(),
    )
    elements = released_header(raw, facts, load_dicom_profile(), CROSSWALK)
    target.write_bytes(part_10(elements, encode_pixels(picture.pixels, "explicit", picture.bits_stored)))


def ours(folder: Path, files: Sequence[Path], tokens: Sequence[Mapping[str, str]], out: Path) -> list[Row]:
    """Two rows: the header work alone, and the whole way from catalog to picture and file."""
    config = settings(folder)
    studio = Studio(config=config, reader=None, terms=pixel_terms(NOBODY), review=out / "review")
    whole, alone = Row("radrelease, with catalog and picture"), Row("radrelease, header work")
    known = []
    began = time.process_time()
    for path in files:
        instance, study = catalogued(folder, path.name)
        drawn = draw(instance, studio).outcome
        if not isinstance(drawn, Drawn):
            raise TypeError(path.name)
        rows = published(study, drawn)
        (file,) = dicom_files(study, rows, [drawn], frozenset(), CROSSWALK, config)
        (out / path.name).write_bytes(file.data)
        known.append((study, rows))
    whole.seconds = time.process_time() - began
    for path, kept in zip(files, tokens, strict=True):
        whole.count((out / path.name).read_bytes(), kept)
    began = time.process_time()
    for path, (study, rows) in zip(files, known, strict=True):
        headers_only(path, study, rows, out / path.name)
    alone.seconds = time.process_time() - began
    for path, kept in zip(files, tokens, strict=True):
        alone.count((out / path.name).read_bytes(), kept)
    return [alone, whole]


def rival(
    name: str, python: str, folder: Path, files: Sequence[Path], tokens: Sequence[Mapping[str, str]]
) -> Row | None:
    """The rival's row, or None where the interpreter lacks it."""
    out = folder / f"out-{name}"
    out.mkdir()
    script = Path(__file__).with_name("header_rivals.py")
    command = [python, str(script), name, str(folder), str(out)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if ended.returncode:
        print(f"{name} is left out: {ended.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    told = json.loads(ended.stdout)
    row = Row(f"{name} {told['version']}", seconds=told["seconds"], failed=told["failed"])
    for path, kept in zip(files, tokens, strict=True):
        if (out / path.name).is_file():
            row.count((out / path.name).read_bytes(), kept)
    return row


def main() -> int:
    """Make the files, run every tool on them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--rivals", default=sys.executable)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = []
        for number in range(arguments.files):
            vendors = load_vendors()
            planted = make_planted(vendors[number % len(vendors)], number)
            (folder / f"{number:05d}.dcm").write_bytes(planted.data)
            tokens.append(planted.tokens)
        files = sorted(folder.glob("*.dcm"))
        least = min(len(kept) for kept in tokens)
        print(
            f"{len(files)} files of {len(load_vendors())} vendors, 512 x 512, {least} tokens each or more\n"
        )
        print("| tool | tokens left, mean | most | refused | files/CPU-s | most often |")
        print("|---|---|---|---|---|---|")
        (folder / "out").mkdir()
        rows = ours(folder, files, tokens, folder / "out")
        for row in rows:
            print(row.line(len(files)), flush=True)
        for tool in RIVALS:
            found = rival(tool, arguments.rivals, folder, files, tokens)
            if found is not None:
                print(found.line(len(files)), flush=True)
    return 1 if any(any(row.left) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
