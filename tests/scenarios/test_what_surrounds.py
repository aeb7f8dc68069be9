"""What a release could give away beside its values: names, times, owners, notes, chunks and order."""

from __future__ import annotations

import io
import json
import re
import socket
import struct
import tarfile
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from radrelease.adapters.rendering import templates
from radrelease.adapters.vault import read_vault
from radrelease.config.pictures import Images
from radrelease.describing import _drawn_range
from radrelease.planning import crosswalk_of
from radrelease.rejections import SENTENCES, Reason
from radrelease.stages.release.flow import Excluded, Flow, FlowStep

pytestmark = pytest.mark.xdist_group("release")

SPLITS = "(train|validation|valid|test)"
NAMES = re.compile(
    rf"""(SHA256SUMS|manifest\.json|report\.html
    |(native|rexgradient)/(README\.md|LICENSE|DATASHEET\.md|CITATION\.cff|croissant\.json|SHA256SUMS|manifest\.json|figures/[a-z_]+\.svg)
    |native/data/{SPLITS}-\d{{5}}\.parquet|native/(studies|images)/{SPLITS}\.parquet
    |rexgradient/deid_png(\.part\d\d|_index\.csv)|rexgradient/metadata/{SPLITS}_metadata(_view_position)?\.(json|csv)
    )""",
    re.VERBOSE,
)
MEMBER = re.compile(
    r"deid_png/TEST[A-Z0-9]{12}/TEST[A-Z0-9]{12}/studies/[\d.]{64}/series/[\d.]{64}/instances/[\d.]{64}\.png"
)


def members(place):
    folder = place.release / "rexgradient"
    joined = b"".join(path.read_bytes() for path in sorted(folder.glob("deid_png.part*")))
    tar = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(joined), read_across_frames=True).read()
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [(member, archive.extractfile(member).read()) for member in archive]


def tables(place):
    return [
        path
        for folder in (place.release, place.folder / "private_test")
        for path in folder.rglob("*.parquet")
    ]


def rows_of(place, split):
    return pq.read_table(place.release / f"native/studies/{split}.parquet").to_pylist()


def test_files_have_the_names_of_their_kind_and_no_other(place):
    """A DICOMDIR, a text or a picture that lies in the export has no way in."""
    assert {row.reason for row in place.gold.rejections} >= {"dicomdir", "not_dicom"}
    names = [p.relative_to(place.release).as_posix() for p in place.release.rglob("*") if p.is_file()]
    assert names
    assert [name for name in names if not NAMES.fullmatch(name)] == []


def test_members_of_the_archive_are_pseudonyms_without_time_or_owner(place):
    found = members(place)
    assert len(found) == place.built.description.images
    for member, _ in found:
        assert MEMBER.fullmatch(member.name)
        assert (member.mtime, member.uid, member.gid, member.uname, member.gname, member.mode) == (
            0,
            0,
            0,
            "",
            "",
            0o644,
        )
        assert member.isreg()
        assert not member.pax_headers


def test_pictures_are_three_kinds_of_chunks(place):
    pictures = [data for _, data in members(place)]
    for path in (place.release / "native/data").glob("*.parquet"):
        pictures += [item["bytes"] for row in pq.read_table(path)["images"].to_pylist() for item in row]
    assert len(pictures) == 2 * place.built.description.images
    for data in pictures:
        kinds, at = [], 8
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at : at + 8])
            kinds.append(kind)
            at += 12 + length
        assert at == len(data)
        assert kinds[0] == b"IHDR"
        assert kinds[-1] == b"IEND"
        assert set(kinds[1:-1]) == {b"IDAT"}


def test_tables_hold_no_notes_but_the_schema_and_the_features(place):
    for path in tables(place):
        with pq.ParquetFile(path) as file:
            notes = file.metadata.metadata or {}
            assert set(notes) <= {b"ARROW:schema", b"huggingface"}, path.name
            assert re.fullmatch(r"parquet-cpp-arrow version [\d.]+", file.metadata.created_by)
            schema = file.schema_arrow
            assert set(schema.metadata or {}) <= {b"huggingface"}
            assert all(not field.metadata or set(field.metadata) <= {b"PARQUET:field_id"} for field in schema)
            assert not any(
                pa.types.is_timestamp(field.type) or pa.types.is_time(field.type) for field in schema
            )


def test_no_file_tells_the_machine_the_folder_or_the_day_it_was_made(place):
    day = datetime.now(tz=UTC).date()
    words = [str(place.folder), rf"\b{re.escape(socket.gethostname())}\b", f"{day:%Y-%m-%d}", f"{day:%Y%m%d}"]
    texts = [
        path
        for path in place.release.rglob("*")
        if path.suffix in {".json", ".md", ".cff", ".html", ".svg", ".csv"}
    ]
    texts += [place.folder / "private_test/manifest.json"]
    assert len(texts) > 10
    for path in texts:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"base64,[\w+/=]+|[\d.]{64}", "", text)
        assert not [word for word in words if re.search(word, text)], path.name


def test_the_time_of_day_is_in_no_column_and_no_text(place):
    for split in ("train", "validation", "test"):
        for row in rows_of(place, split):
            assert not [name for name in row if "Time" in name]
            for section in ("Indication", "Comparison", "Findings", "Impression", "StudyDescription"):
                assert not re.search(
                    r"\b\d{1,2}:\d{2}\b|\b\d{1,2} ?[ap]\.?m\b", row[section] or "", re.IGNORECASE
                )


def test_rows_and_pictures_stand_in_the_order_of_keyed_numbers(place):
    crosswalk = crosswalk_of(place.config, place.secret)
    rank = {
        row.pseudonym: crosswalk.rank(row.domain, row.original)
        for row in read_vault(place.folder / "work/vault.age", place.secret)
        if row.kind == "patient"
    }
    for split in ("train", "validation", "test"):
        rows = rows_of(place, split)
        order = [(rank[row["PatientID"]], row["StudyDate"], row["StudyInstanceUid"]) for row in rows]
        assert order == sorted(order)
        for row in rows:
            pictures = list(zip(row["SeriesInstanceUid"], row["SOPInstanceUid"], strict=True))
            assert pictures == sorted(pictures)


def test_the_order_of_pictures_is_not_that_of_the_original_numbers(place):
    names = {row.pseudonym: row.original for row in read_vault(place.folder / "work/vault.age", place.secret)}
    kept = [
        originals == sorted(originals)
        for split in ("train", "validation", "test")
        for row in rows_of(place, split)
        if len(row["SOPInstanceUid"]) == 2
        for originals in [[names[uid] for uid in row["SOPInstanceUid"]]]
    ]
    assert 0.2 < sum(kept) / len(kept) < 0.8


def test_the_legacy_tables_have_the_same_order(place):
    for split, legacy in (("train", "train"), ("validation", "valid"), ("test", "test")):
        document = json.loads((place.release / f"rexgradient/metadata/{legacy}_metadata.json").read_text())
        assert list(document) == [row["id"] for row in rows_of(place, split)]


@pytest.mark.parametrize(
    ("images", "words"),
    [
        ({}, "the full range"),
        ({"percentiles": (0.5, 99)}, "what is between percentiles 0.5 and 99"),
        ({"window": "dicom"}, "what the VOI LUT or window of the file shows, and without one the full range"),
    ],
)
def test_the_card_says_which_range_is_drawn(images, words):
    assert _drawn_range(Images(**images)) == words


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("count", [1, 123456])
def test_every_reason_and_its_numbers_stay_inside_their_box_of_the_flow_diagram(tmp_path, reason, count):
    one = Excluded(reason=reason, sentence=SENTENCES[reason], files=count, reports=count, studies=count)
    steps = (FlowStep(title="Linked", excluded=(one, one), files=1, reports=1),)
    report = ET.fromstring(_flow_svg(Flow(files=2, reports=2, steps=steps)))  # noqa: S314 (ours)
    texts = report.findall(".//{*}text[@x='352']")
    assert len(texts) == 2
    for text in texts:
        (amounts,) = list(text)
        beside = [] if amounts.get("dy") else [amounts.text]
        assert len(" ".join([text.text.strip(), *beside])) <= 84
    box = next(item for item in report.findall("{*}rect") if item.get("x") == "340")
    lines = [float(text.get("y")) + float(next(iter(text)).get("dy") or 0) for text in texts]
    assert max(lines) < float(box.get("y")) + float(box.get("height"))


def _flow_svg(flow):
    return str(templates(escaped=True).get_template("charts.j2").module.flow(flow))
