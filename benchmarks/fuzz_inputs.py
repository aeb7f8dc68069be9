"""Broken inputs of every kind, for as long as you like: no crash, no hang, no silent acceptance.

Each input must become what it says: an instance, a picture or a reason; a report row or a reason; a
configuration or one clear message. Whatever is accepted must pass on: into a table and back, and through
the drawing of a shard. Coverage leads the way where atheris is installed (PyPI, in an environment of its
own); else, and in the tests, seeded changes of good inputs do.

    python benchmarks/fuzz_inputs.py csv --seconds 60 --findings /tmp/found
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from unittest import mock

try:
    import atheris
except ImportError:
    atheris = None
else:
    _imports = atheris.instrument_imports(include=["pydicom", "radrelease", "tomllib"])
    _imports.__enter__()

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shared_with_tests  # noqa: F401 - first: it puts the next one within reach
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from release_settings import settings_text, write_key
from sample_records import make_study

from radrelease.adapters import dicom_files
from radrelease.adapters.config_file import load_config, load_secret, with_line
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.parquet import count_records, read_records, write_records
from radrelease.adapters.place_checks import check_places
from radrelease.adapters.plain_header import Unread
from radrelease.adapters.report_files import check_columns, read_reports
from radrelease.adapters.report_tables import decode_text
from radrelease.config import Config
from radrelease.config.sources import Columns, Source
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret
from radrelease.making import ShardTask
from radrelease.records.private import Instance, Patient, Rejected, ReportRow
from radrelease.records.release import Split
from radrelease.scrubbing import make_scrubber
from radrelease.shard import run_shard
from radrelease.stages.headers.rare_values import RareValues
from radrelease.stages.labels.labels import Labels
from radrelease.testing.frames import SYNTAX_UIDS, make_image, to_part_10

if atheris:
    _imports.__exit__(None, None, None)

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108
SECRET = Secret(bytes(range(32)))
REPORT = "INDICATION: Cough.\n\nFINDINGS:\nThe lungs are clear.\n\nIMPRESSION:\nNormal chest.\n"
COLUMNS = Columns(study_uid="uid", patient_id="mrn", status="status", timestamp="time", birth_date=("born",))


class Wrong(Exception):
    """A promise that an input has broken."""


def promise(kept: object, what: str) -> None:
    """Raise :class:`Wrong` unless it is kept."""
    if not kept:
        raise Wrong(what)


# ------------------------------------------------------------------------------- what must hold


def check_header(data: bytes) -> Instance | Rejected:
    """A file of any bytes is an instance that can be written down, or is rejected for a reason."""
    root = FOLDER / "dicom"
    root.mkdir(exist_ok=True)
    (root / "x.dcm").write_bytes(data)
    found = read_header("s", root, "x.dcm")
    promise(found == by_pydicom(root, "x.dcm"), "the plain reader and pydicom differ")
    if isinstance(found, Instance):
        promise(found.patient_id and found.study_uid and found.series_uid and found.sop_uid, "no identifier")
        promise(found.study_date, "no study date")
    _round_trip(type(found), [found])
    return found


def by_pydicom(root: Path, name: str) -> Instance | Rejected:
    """What the catalog says of the file where there is no other reader."""
    with mock.patch.object(dicom_files, "plain_header", return_value=Unread.NOT_PLAIN):
        return read_header("s", root, name)


def check_shard(data: bytes) -> Instance | Rejected:
    """A file that has a header is drawn into a shard, or rejected there for a reason."""
    found = check_header(data)
    if not isinstance(found, Instance):
        return found
    target = FOLDER / "shard"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    write_records(FOLDER / "patient.parquet", Patient, [_patient(found)])
    result = run_shard(_task(target))
    rejected = list(read_records(result.folder / "rejected.parquet", Rejected))
    files = [row for row in rejected if row.kind == "file"]
    promise(result.images + len(files) == 1, "an image is lost or doubled")
    promise(result.images == count_records(result.folder / "pictures.parquet"), "an image has no place")
    promise(len(list((result.folder / "dicom").rglob("*.dcm"))) == result.images, "an image has no file")
    return files[0] if files else found


def check_reports(name: str) -> Callable[[bytes], object]:
    """The check of a report file of that name."""

    def check(data: bytes) -> object:
        path = FOLDER / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        source = Source(name="s", dicom=FOLDER, reports=path, columns=COLUMNS)
        try:
            check_columns(source)
        except ConfigError as error:
            _check_message(error)
        found = list(read_reports(source))
        for item in found:
            promise(isinstance(item, ReportRow | Rejected), "neither a report nor rejected")
        promise(len({_location(item) for item in found}) == len(found), "two rows have one place")
        promise(len(found) >= _least_rows(name, data), "a row is lost")
        _round_trip(ReportRow, [item for item in found if isinstance(item, ReportRow)])
        _round_trip(Rejected, [item for item in found if isinstance(item, Rejected)])
        return found[0] if found else None

    return check


def check_config(data: bytes) -> object:
    """A release.toml can be used, or one clear message says why not."""
    folder = FOLDER / "config"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "export/dicom").mkdir(parents=True)
    path = folder / "release.toml"
    path.write_bytes(data)
    write_key(folder / "key")
    try:
        config = load_config(path)
    except ConfigError as error:
        _check_message(error)
        return error
    for check in (check_places, load_secret):
        try:
            check(config)
        except ConfigError as error:
            _check_message(with_line(path, error))
    return config


# ---------------------------------------------------------------------------------- how they hold


def _round_trip(record: type, rows: list[object]) -> None:
    write_records(FOLDER / "rows.parquet", record, rows)
    promise(
        list(read_records(FOLDER / "rows.parquet", record)) == rows, f"{record.__name__} comes back other"
    )


def _location(item: ReportRow | Rejected) -> str:
    return item.location if isinstance(item, ReportRow) else item.subject


def _least_rows(name: str, data: bytes) -> int:
    """How many items there must be at least; of CSV nobody can say, as a quote may hold everything."""
    if name.endswith(".txt"):
        return 1
    if name.endswith(".jsonl"):
        return sum(bool(line.strip()) for line in decode_text(data).split("\n"))
    if name.endswith(".parquet"):
        return 1 if data[:4] != b"PAR1" else 0
    lines = [line for line in re.split("\r\n|\r|\n", decode_text(data)) if re.search(r"[^\s,;|]", line)]
    return int(len(lines) > 1 and '"' not in decode_text(data))


def _check_message(error: ConfigError) -> None:
    promise("\n" not in str(error), "a message of several lines")
    promise(len(str(error)) < 2000, "a message nobody reads")
    promise(error.where and error.problem and error.mend, "a message that does not say what, where and how")


def _patient(instance: Instance) -> Patient:
    study = make_study(instance, report=REPORT, report_locations=("r.csv:2",))
    return Patient(domain="s", patient_id=instance.patient_id, identifiers=(), studies=(study,))


@cache
def _scrubber() -> object:
    release = {"name": "r", "output": FOLDER / "out", "work": FOLDER, "layouts": ("native", "dicom")}
    source = {"name": "s", "dicom": FOLDER / "dicom", "reports": FOLDER / "reports"}
    config = Config.model_validate({"release": release, "source": [source], "secret": {"key_env": "K"}})
    return make_scrubber((), (), (), config, SECRET, FOLDER)


def _task(target: Path) -> ShardTask:
    return ShardTask(
        digest="d",
        settings="",
        split=Split.TRAIN,
        number=0,
        source=FOLDER / "patient.parquet",
        scrubber=_scrubber(),
        labels=Labels({}, {}),
        rare=defaultdict(lambda: RareValues({})),
        target=target,
        reader=None,
        earlier=(),
        poison={},
        studies=1,
    )


# ------------------------------------------------------------------------------------ good inputs


def _good_files() -> Iterator[bytes]:
    for number, name in enumerate(SYNTAX_UIDS):
        bits = 8 if name == "jpeg_baseline" else 12
        pixels = (np.arange(35 * 28).reshape(35, 28) * 3 % (1 << bits)).astype("u1" if bits == 8 else "u2")
        made = make_image(pixels, bits, PatientName="Fuzz^Ada^^Dr", AccessionNumber=f"A{number}")
        made.SpecificCharacterSet = ["", "ISO 2022 IR 87"] if number % 3 == 0 else "ISO_IR 192"
        made.PatientBirthDate, made.PatientAge, made.ViewPosition = "19510304", "068Y", "PA"
        made.BodyPartExamined, made.WindowCenter, made.WindowWidth = "CHEST", [2000, 1], ["4000", "2"]
        made.RescaleSlope, made.RescaleIntercept, made.PixelSpacing = 1, 0, [0.14, 0.14]
        inner, outer = Dataset(), Dataset()
        inner.PatientID, inner.CodeMeaning = "ALT1", "Chest"
        outer.ViewCodeSequence, outer.OperatorsName = Sequence([inner]), "Op^A\\Op^B"
        made.RequestAttributesSequence = Sequence([outer])
        made.private_block(0x11, "MAKER", create=True).add_new(1, "UN", b"\x08\0\x10\0\4\0\0\0abcd")
        yield to_part_10(made, name, pixels)


def _rows() -> list[dict[str, str]]:
    common = {"mrn": "7", "status": "final", "born": "1951-03-04", "text": REPORT}
    times = ("2019-03-04T10:00", "03/04/2019 10:11", "04.03.2019", "0001-01-01T00:00:00+14:00")
    return [
        {"accession": f"A{number}", "uid": f"1.2.{number}", "time": time, **common}
        for number, time in enumerate(times)
    ]


def _good_tables(delimiter: str) -> Iterator[bytes]:
    rows = _rows()
    lines = [list(rows[0]), *([f'"{value}"' for value in row.values()] for row in rows)]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    yield from (
        text.encode(),
        text.replace('"', "").encode("utf-16"),
        text.encode("utf-8-sig"),
        b"\0\0,\r\r\n",
    )


def _good_json_lines() -> Iterator[bytes]:
    yield "\n".join(json.dumps(row) for row in _rows()).encode()
    odd = {"accession": 1e400, "text": "Cl\ud800ear", "time": None, "mrn": [[["a"]], {"b": -0.0}], "x": {}}
    yield json.dumps(odd).encode() + b'\n[1,2]\n"a"\n{"text":1}\n' + b"[" * 300


def _good_parquets() -> Iterator[bytes]:
    for compression in ("none", "zstd", "snappy"):
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(_rows()), stream, compression=compression)
        yield stream.getvalue()
    stream = io.BytesIO()
    odd = {"accession": pa.array([1, None]), "text": pa.array([b"\xff", b"a"]), "time": pa.array([[0], None])}
    pq.write_table(pa.table(odd), stream)
    yield stream.getvalue()


def _good_configs() -> Iterator[bytes]:
    split = {"valid": 0.1, "test": 0.1, "private_test": 0.1}
    source = '[[source]]\nname = "s"\ndicom = "export/dicom"\nreports = "export"\n'
    yield settings_text(source, release={"parts": 4}, split=split, workers={"processes": 2}).encode()
    more = '[source.columns]\ntext = "t"\nstaff = ["a", "b"]\n[source.section_headers]\nfindings = ["F:"]\n'
    rest = '[images]\npercentiles = [0.1, 99]\n[deidentification]\nner_model = "./m"\n'
    llm = '[llm]\nmodel = "m"\nbase_url = "http://127.0.0.1:1/v1"\n[reports]\nsectioner = "llm"\n'
    many = settings_text(source + more, split=split, workers={"processes": 0})
    yield f'{many}{rest}{llm}[dicom]\npixels="quarter"\n'.encode()
    yield (
        source.replace('"s"', '"\\u0000~a"').encode() * 3
        + b"[release]\noutput='~x/\\u0000'\nwork=''\nname='a'"
    )


TARGETS: dict[str, tuple[Callable[[bytes], object], Callable[[], Iterator[bytes]]]] = {
    "header": (check_header, _good_files),
    "shard": (check_shard, _good_files),
    "csv": (check_reports("r.csv"), lambda: _good_tables(",")),
    "tsv": (check_reports("r.tsv"), lambda: _good_tables("\t")),
    "jsonl": (check_reports("r.jsonl"), _good_json_lines),
    "parquet": (check_reports("r.parquet"), _good_parquets),
    "text": (check_reports("r.txt"), lambda: iter([REPORT.encode(), REPORT.encode("utf-16-be")])),
    "config": (check_config, _good_configs),
}

# ------------------------------------------------------------------------------------ broken ones

PIECES = (
    *(b"\0", b"\xff", b"\n", b"\r", b'"', b",", b"\\", b"[", b"{", b"~", b"-", b"e9", b"'''"),
    *(b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xd8\0", b"\\ud800", b"9" * 30, b"00010101", b"99991231"),
    *(b"SQ", b"UN", b"PN", b"\xfe\xff\x0d\xe0", b"\xfe\xff\0\xe0"),
)


def broken(rng: random.Random, good: list[bytes]) -> bytes:
    """One of the good inputs, with some pieces changed, dropped, doubled or taken from another."""
    bad = bytearray(rng.choice(good))
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        place, length = rng.randrange(len(bad) + 1), rng.choice((1, 1, 2, 4, 30, 300))
        other = rng.choice(good)
        start = rng.randrange(len(other))
        new = (
            bytes([rng.randrange(256)]) * (place < len(bad)),
            rng.choice(PIECES),
            rng.choice(PIECES) * rng.choice((2, 50, 3000)),
            bytes(bad[place : place + length]) * 2,
            other[start : start + length],
            b"",
        )[rng.randrange(6)]
        bad[place : place + rng.choice((0, len(new), length))] = new
        if len(bad) > 1 << 20:
            break
    if rng.random() < 0.1:
        del bad[rng.randrange(len(bad) + 1) :]
    return bytes(bad)


def finding(check: Callable[[bytes], object], data: bytes) -> str:
    """What is wrong with what became of the input, and where it was found out; "" where nothing is."""
    start = time.monotonic()
    try:
        check(data)
    except Exception as error:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if "radrelease" in frame.filename
        ]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "check"
        return f"{type(error).__name__} {place} {error if isinstance(error, Wrong) else ''}"
    return "slow" if time.monotonic() - start > 20 else ""


def run(name: str, seconds: float, seed: int, least: int = 0) -> tuple[int, dict[str, bytes]]:
    """Broken inputs of that kind for so long, ``least`` at least: how many, and one per finding."""
    check, good = TARGETS[name]
    rng, inputs = random.Random(seed), list(good())  # noqa: S311 - no secret
    end, count, found = time.monotonic() + seconds, 0, dict[str, bytes]()
    for data in inputs:
        if wrong := finding(check, data):
            found[wrong] = data
    while time.monotonic() < end or count < least:
        data = broken(rng, inputs)
        count += 1
        wrong = finding(check, data)
        if wrong and len(data) < len(found.get(wrong, data + b" ")):
            found[wrong] = data
    return count, found


def led_by_coverage(name: str, seconds: float, seed: int, folder: Path) -> None:
    """The same with atheris: findings are written down and do not end the run; a dead process is one more."""
    check, good = TARGETS[name]
    corpus = folder / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(good()):
        (corpus / f"good-{number}").write_bytes(data)
    seen: Counter[str] = Counter()

    def one(data: bytes) -> None:
        wrong = finding(check, data)
        seen[wrong] += 1
        if wrong and seen[wrong] == 1:
            place = folder / f"{name}-{abs(hash(wrong))}"
            place.with_suffix(".txt").write_text(wrong)
            place.with_suffix(".bin").write_bytes(data)
            print("FOUND", name, wrong, flush=True)

    options = (f"-max_total_time={int(seconds)}", "-timeout=60", "-rss_limit_mb=3000", "-max_len=65536")
    quiet = (
        "-verbosity=0",
        "-print_final_stats=1",
        f"-seed={seed}",
        f"-artifact_prefix={folder}/{name}-died-",
    )
    atheris.Setup([sys.argv[0], str(corpus), *options, *quiet], one)
    atheris.Fuzz()


def main() -> None:
    """Run one kind and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=TARGETS)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("findings"))
    options = parser.parse_args()
    options.findings.mkdir(parents=True, exist_ok=True)
    if atheris:
        led_by_coverage(options.kind, options.seconds, options.seed, options.findings)
        return
    count, found = run(options.kind, options.seconds, options.seed)
    for number, (wrong, data) in enumerate(found.items()):
        (options.findings / f"{options.kind}-{number}.bin").write_bytes(data)
        print("FOUND", options.kind, wrong)
    print(f"{count} inputs, {len(found)} findings")


if __name__ == "__main__":
    main()
