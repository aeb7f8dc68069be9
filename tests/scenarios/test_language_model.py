"""A release for which a language model labelled what the rules doubted, by an endpoint on this machine."""

from __future__ import annotations

import importlib.util
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from release_settings import read_settings, write_settings

from radrelease import labelling, pipeline
from radrelease.cli import commands
from radrelease.pipeline import build
from radrelease.progress import Silent
from radrelease.records.labels import Fault
from radrelease.stages.sections import find_sections
from radrelease.testing import make_export

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("openai") is None, reason="openai is not installed"),
    pytest.mark.xdist_group("llm"),
]


@dataclass
class Endpoint:
    """What it was asked, and how it answers."""

    port: int
    bodies: list[str] = field(default_factory=list)
    garble: bool = False

    def questions(self):
        return [json.loads(body)["messages"][1]["content"] for body in self.bodies]


def label(line):
    if re.match(r"(In summary|Also)\b", line):
        return "Impression"
    return "signature" if "signed" in line else "Findings"


@contextmanager
def endpoint(garble=False):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            state.bodies.append(body)
            lines = [
                line.partition("| ")[2] for line in json.loads(body)["messages"][1]["content"].split("\n")
            ]
            labels = [label(line) for line in lines]
            if state.garble:
                labels[0] = "Ruth Abernathy has a mass."
            message = {"role": "assistant", "content": json.dumps({"labels": labels})}
            answer = {
                "id": "1", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
            }  # fmt: skip
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Endpoint(server.server_port, garble=garble)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def prepare(folder, port, *, sectioner="rules+llm", processes=2):
    """An export of which one system dictates without headers; its settings and its truth."""
    gold = make_export(folder, patients=9, image_side=96)
    path = folder / "export/northmoor/reports.jsonl"
    bodies = {study.accession: study for study in gold.studies if study.source == "northmoor"}
    lines = path.read_text().split("\n")
    for place, line in enumerate(lines):
        study = bodies.get(line[15:].partition('"')[0])
        if study is not None and json.loads(line)["body"] == study.report:
            body = (
                f"{study.sections['Findings']} Reviewed with {study.phi[0].text}.\n\n"
                f"In summary, this is stable.\nElectronically signed by {study.phi[-2].text}, MD"
            )
            lines[place] = json.dumps(json.loads(line) | {"body": body})
    path.write_text("\n".join(lines))
    settings(folder, port, sectioner=sectioner, processes=processes)
    return gold


def settings(folder, port, *, sectioner="rules+llm", processes=2):
    write_settings(
        folder,
        release={"name": "labelled", "layouts": ["native"]},
        split={"valid": 1, "test": 1},
        reports={"sectioner": sectioner},
        llm={
            "base_url": f"http://127.0.0.1:{port}/v1",
            "model": "/models/labeller-7b",
            "price_in": 2.5,
            "price_out": 10,
            "retries": 0,
            "timeout_s": 20,
        },
        workers={"processes": processes},
    )


def built(folder, progress=None):
    return build(*read_settings(folder), progress)


def published(folder):
    """The studies of the release by their findings' first words, as rows."""
    tables = sorted((folder / "release/native/data").glob("*.parquet"))
    return [row for table in tables for row in pq.read_table(table).drop_columns(["images"]).to_pylist()]


def labels(folder):
    return pq.read_table(folder / "work/labels.parquet").to_pylist()


def sums(folder):
    return (folder / "release/SHA256SUMS").read_text()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llm")
    with endpoint() as server:
        gold = prepare(folder, server.port)
        assert built(folder).findings == ()
    return folder, gold, server


def test_a_report_without_headers_is_cut_by_its_labels(made):
    folder, _, server = made
    cut = [row for row in published(folder) if row["Impression"] == "In summary, this is stable."]
    asked = labels(folder)
    assert len(cut) == sum("Impression" in row["kinds"] for row in asked) > 3
    assert all(row["fault"] is None for row in asked)
    for row in cut:
        assert row["Findings"]
        assert "In summary" not in row["Findings"]
        assert "signed" not in row["Findings"]
    assert len(server.bodies) == len({row["text_sha256"] for row in asked})


def test_reports_of_which_the_rules_are_sure_are_not_sent(made):
    folder, gold, server = made
    elsewhere = [study for study in gold.studies if study.source != "northmoor"]
    sure = {study.study_uid for study in elsewhere if find_sections(study.report).accepted}
    assert len(sure) > len(elsewhere) / 2
    assert not sure & {row["study_uid"] for row in labels(folder)}
    assert len(server.bodies) <= len(gold.studies) - len(sure) + 1  # one more is among the bad inputs


def test_nothing_that_was_not_scrubbed_is_on_the_wire(made):
    _, gold, server = made
    wire = "\n".join(server.questions()).casefold()
    planted = {
        span.text for study in gold.studies for span in study.phi if span.kind in {"NAME", "ID", "PHONE"}
    }
    planted |= {value for kind, value in gold.identifiers if kind in {"patient_id", "accession", "phone"}}
    planted |= {study.study_uid for study in gold.studies} | {study.mrn for study in gold.studies}
    assert len(planted) > 50
    assert [text for text in planted if text.casefold() in wire] == []
    assert "reviewed with [name]" in wire
    assert not any(str(made[0]) in body for body in server.bodies)


def test_the_private_page_has_the_account(made):
    folder, _, server = made
    page = (folder / "work/labels.html").read_text()
    count = len(server.bodies)
    assert f'<td class="n">{100 * count}</td>' in page
    assert f'<td class="n">{(100 * 2.5 + 10 * 10) * count / 1e6:.2f}</td>' in page
    assert "Every answer could be used." in page
    assert (folder / "work/labels.html").stat().st_mode & 0o077 == 0


def test_the_release_says_which_model_labelled_and_not_where_it_lies(made):
    folder, _, _ = made
    manifest = json.loads((folder / "release/manifest.json").read_text())
    assert manifest["language_model"] == "labeller-7b"
    card = (folder / "release/native/README.md").read_text()
    assert "the language model labeller-7b" in card
    for text in (card, json.dumps(manifest)):
        assert "/models" not in text
        assert "127.0.0.1" not in text


def test_a_run_that_is_killed_while_asking_pays_for_nothing_twice_and_gives_the_same_bytes(made, tmp_path):
    class Impatient(Silent):
        """Is interrupted after three answers."""

        left = 3

        def step(self, title, total):
            self.asking = "asking" in title.lower()
            return super().step(title, total)

        def advance(self, count=1):
            self.left -= count if self.asking else 0
            if self.left < 0:
                self.left = 1_000
                raise KeyboardInterrupt

    folder, _, first = made
    with endpoint() as server:
        prepare(tmp_path, server.port, processes=1)
        with pytest.raises(KeyboardInterrupt):
            built(tmp_path, Impatient())
        assert 3 <= len(server.bodies) < len(first.bodies)
        assert not (tmp_path / "release").exists()
        assert built(tmp_path).findings == ()
    assert sorted(server.questions()) == sorted(first.questions())
    assert len(set(server.questions())) == len(server.questions())
    assert sums(tmp_path) == sums(folder)


def test_a_rerun_asks_nothing_even_with_the_server_gone(made, tmp_path, monkeypatch):
    folder, _, _ = made
    before, shards = sums(folder), {path.name for path in (folder / "work/shards").iterdir()}
    monkeypatch.setattr(pipeline, "assemble", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        built(folder)
    monkeypatch.undo()
    assert built(folder).findings == ()
    assert sums(folder) == before
    assert {path.name for path in (folder / "work/shards").iterdir()} == shards


def test_without_the_server_the_rules_stand_in_and_say_why(tmp_path):
    with endpoint() as server:
        port = server.port
    prepare(tmp_path, port)
    assert built(tmp_path).findings == ()
    rows = labels(tmp_path)
    assert rows
    assert {row["fault"] for row in rows} == {Fault.UNAVAILABLE.value}
    assert not any("In summary" in (row["Impression"] or "") for row in published(tmp_path))
    assert Fault.UNAVAILABLE.value in (tmp_path / "work/labels.html").read_text()
    # when it is back, a rerun asks again and only the shards that this changes are made anew
    before = {path.name for path in (tmp_path / "work/shards").iterdir()}
    with endpoint() as server:
        settings(tmp_path, server.port)
        built(tmp_path)
        assert server.bodies
    assert before & {path.name for path in (tmp_path / "work/shards").iterdir()} != before
    assert any(row["Impression"] == "In summary, this is stable." for row in published(tmp_path))


def test_words_of_the_model_never_get_into_a_release(tmp_path):
    with endpoint(garble=True) as server:
        prepare(tmp_path, server.port, sectioner="llm")
        assert built(tmp_path).findings == ()
    rows = labels(tmp_path)
    assert {row["fault"] for row in rows} == {Fault.WRONG_LABEL.value}
    assert len(rows) > len(published(tmp_path)) / 2
    for path in (tmp_path / "release").rglob("*"):
        assert not path.is_file() or b"has a mass" not in path.read_bytes()
    assert all("has a mass" not in str(row) for row in published(tmp_path))


def test_the_plan_says_what_it_will_cost_and_asks_nothing(made):
    folder, _, server = made
    asked = len(server.bodies)
    words = (folder / "work/words.txt").stat().st_mtime_ns
    done = CliRunner().invoke(commands, ["plan", str(folder / "release.toml")])
    assert done.exit_code == 0, done.output
    said = re.search(r"asked about some (\d+) of (\d+) reports", done.output)
    assert int(said[1]) == len(labels(folder))
    assert "Cost: about 0." in done.output
    assert "capped at 50.00" in done.output
    assert len(server.bodies) == asked
    assert (folder / "work/words.txt").stat().st_mtime_ns == words  # by them the release is audited
    assert not (folder / "work/estimate").exists()


def test_rules_alone_ask_nothing_and_need_no_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(labelling, "_ask", None)
    with endpoint() as server:
        prepare(tmp_path, server.port, sectioner="rules")
        assert built(tmp_path).findings == ()
        assert server.bodies == []
    assert not (tmp_path / "work/labels.parquet").exists()
    assert not (tmp_path / "work/answers.sqlite").exists()
    assert json.loads((tmp_path / "release/manifest.json").read_text())["language_model"] is None
