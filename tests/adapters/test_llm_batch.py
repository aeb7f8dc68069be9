"""Questions in batches: sent once, found again after a kill, and what becomes of batches that fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llm_batches import Batches, answered
from llm_endpoint import Asked, Reply, endpoint_at, question, said

from radrelease.adapters.llm import batch as batches_module
from radrelease.adapters.llm.label_cache import LabelCache, cache_key
from radrelease.adapters.llm.labelling import label_all, tokens_used
from radrelease.progress import Silent
from radrelease.records.endpoints import Spending
from radrelease.records.labels import Fault, LabelAnswer, Usage
from radrelease.stages.labels.spending import cost_of, worst_usage

REPORTS = [f"report {n:02}" for n in range(6)]


class Remarks(Silent):
    def __init__(self):
        self.said = []

    def say(self, remark):
        self.said.append(remark)


@pytest.fixture
def api(server):
    return Batches(server)


def at(api, **changes):
    return endpoint_at(api.server.url, poll_s=0.02, **{"batch_wait_s": 20.0, **changes})


def ask(endpoint, cache_path, reports=REPORTS, *, batch=True, spending=None, progress=None):
    answers = label_all(
        {report: question(report) for report in reports},
        endpoint,
        cache_path=cache_path,
        spending=spending,
        progress=progress or Silent(),
        batch=batch,
    )
    assert list(answers) == list(reports)
    return answers


def labels(answers: dict[str, LabelAnswer]) -> list[str]:
    assert {answer.fault for answer in answers.values()} == {None}
    return [json.loads(answer.content)["labels"][0] for answer in answers.values()]


def open_batches(cache_path):
    with LabelCache(cache_path) as cache:
        return cache.open_batches()


def test_a_batch_brings_every_report_its_own_answer(api, cache_path):
    endpoint = at(api)
    assert labels(ask(endpoint, cache_path)) == REPORTS
    lines = api.lines()
    assert [line["custom_id"] for line in lines] == [cache_key(question(text), endpoint) for text in REPORTS]
    assert [line["body"]["messages"][1]["content"] for line in lines] == REPORTS
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
    assert api.batches["batch-0"]["endpoint"] == "/v1/chat/completions"
    assert sorted(api.deleted) == sorted(api.files)  # nothing stays at the endpoint
    assert open_batches(cache_path) == []
    assert tokens_used(cache_path) == Usage(prompt=600, completion=60)
    assert labels(ask(endpoint, cache_path)) == REPORTS
    assert len(api.batches) == 1


def test_a_line_of_a_batch_asks_what_is_asked_one_by_one(api, cache_path, tmp_path):
    ask(at(api), cache_path, REPORTS[:1])
    (line,) = api.lines()
    api.fault = lambda asked: Reply(said())
    ask(at(api), tmp_path / "other.sqlite", REPORTS[:1], batch=False)
    assert api.server.asked[-1].json == line["body"]


RUN = """
import sys
from pathlib import Path
from llm_endpoint import endpoint_at, question
from radrelease.adapters.llm.labelling import label_all
from radrelease.progress import Silent
requests = {text: question(text) for text in sys.argv[3:]}
endpoint = endpoint_at(sys.argv[1], poll_s=0.02)
label_all(requests, endpoint, cache_path=Path(sys.argv[2]), spending=None, progress=Silent(), batch=True)
"""


def killed_when(reached, api, cache_path):
    """A run in a process of its own, killed at that moment."""
    command = [sys.executable, "-c", RUN, api.server.url, str(cache_path), *REPORTS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    ("method", "path", "begun"),
    [
        ("POST", "/v1/files", 0),
        ("POST", "/v1/batches", 1),
        ("GET", "/v1/batches/", 1),
        ("GET", "/v1/files/", 1),
    ],
    ids=["uploading", "beginning", "waiting", "fetching"],
)
def test_killed_anywhere_a_batch_is_begun_and_paid_for_once(api, cache_path, method, path, begun):
    reached = threading.Event()

    def until_here(asked):
        if asked.method == method and asked.path.startswith(path):
            api.usual(asked)  # it is carried out, and the answer never arrives
            reached.set()
            api.server.ending.wait(5)
            return Reply(b"", drop=True)
        return None

    api.fault = until_here
    killed_when(reached, api, cache_path)
    api.fault = lambda asked: None
    assert len(api.batches) == begun
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert len(api.batches) == 1
    assert tokens_used(cache_path) == Usage(prompt=600, completion=60)


def test_stopped_while_storing_what_is_stored_stays(api, cache_path):
    class Stopping(Silent):
        done = 0

        def advance(self, count=1):
            self.done += count
            if self.done == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(at(api), cache_path, progress=Stopping())
    (batch,) = open_batches(cache_path)
    assert len(batch.charges) == 3
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert len(api.batches) == 1
    assert tokens_used(cache_path) == Usage(prompt=600, completion=60)


def test_among_many_batches_its_own_is_found(api, cache_path):
    for _ in range(5):
        api.usual(of_others())

    def begun_and_cut_off(asked):
        if (asked.method, asked.path) != ("POST", "/v1/batches"):
            return None
        api.usual(asked)
        return Reply(b"", drop=True)

    api.fault = begun_and_cut_off
    answers = ask(at(api, retries=1), cache_path)  # it may have been begun: it is not begun again
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    api.fault = lambda asked: None
    for _ in range(5):
        api.usual(of_others())
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert len(api.batches) == 11
    assert api.asked_for("GET", "/v1/batches?") >= 3  # of two batches each


def of_others() -> Asked:
    body = {"metadata": {"radrelease": "another"}, "input_file_id": "file-of-others"}
    return Asked("POST", "/v1/batches", {}, json.dumps(body).encode())


@pytest.mark.parametrize("status", ["expired", "cancelled", "failed"])
def test_a_batch_that_ends_early_is_said_to_and_its_rest_asked_again(api, cache_path, status):
    api.status = status
    api.line = lambda line: answered(line) if line["body"]["messages"][1]["content"] < "report 02" else None
    remarks = Remarks()
    answers = ask(at(api), cache_path, progress=remarks)
    done = 0 if status == "failed" else 2
    assert [answer.fault for answer in answers.values()] == [None] * done + [Fault.UNAVAILABLE] * (6 - done)
    assert remarks.said == [f"A batch ended as {status}, {6 - done} questions unanswered; a rerun asks them."]
    assert tokens_used(cache_path) == Usage(prompt=100 * done, completion=10 * done)
    api.status, api.line = "completed", answered
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert len(api.lines("batch-1")) == 6 - done


def test_a_batch_that_is_not_done_in_time_is_left_and_gone_on_with(api, cache_path):
    api.status = "in_progress"
    remarks = Remarks()
    answers = ask(at(api, batch_wait_s=0.2), cache_path, progress=remarks)
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    assert len(remarks.said) == 1
    api.status = "completed"
    assert (
        labels(ask(at(api), cache_path, batch=False)) == REPORTS
    )  # one by one, it is waited for all the same
    assert len(api.batches) == 1
    assert api.asked_for("POST", "/v1/chat") == 0


def test_a_batch_that_is_gone_is_given_up_and_stays_counted(api, cache_path):
    api.status = "in_progress"
    ask(at(api, batch_wait_s=0.1), cache_path)
    api.batches.clear()
    remarks = Remarks()
    answers = ask(at(api), cache_path, progress=remarks)
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    assert remarks.said == ["A batch ended as gone, 6 questions unanswered; a rerun asks them."]
    api.status = "completed"
    assert labels(ask(at(api), cache_path)) == REPORTS
    worst = worst_usage(question(REPORTS[0]), 200)
    assert tokens_used(cache_path) == Usage(prompt=6 * worst.prompt + 600, completion=6 * 200 + 60)


def test_results_that_cannot_be_fetched_are_fetched_by_a_rerun(api, cache_path):
    api.fault = lambda asked: Reply(b"", status=500) if asked.path.endswith("/content") else None
    answers = ask(at(api), cache_path)
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    api.fault = lambda asked: None
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert len(api.batches) == 1


def test_looks_that_fail_now_and_then_do_not_matter(api, cache_path):
    looks = Counter()

    def sometimes(asked):
        looks["n"] += asked.path.startswith("/v1/batches/")
        return Reply(b"<html>", status=502) if looks["n"] % 3 else None

    api.fault = lambda asked: sometimes(asked) if asked.path.startswith("/v1/batches/") else None
    assert labels(ask(at(api), cache_path)) == REPORTS


def test_an_endpoint_that_takes_no_batches_is_said_to_fail(api, cache_path):
    api.fault = lambda asked: Reply(b"{}", status=404)
    answers = ask(at(api), cache_path)
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    api.fault = lambda asked: None
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert tokens_used(cache_path) == Usage(prompt=600, completion=60)


def test_lines_of_all_kinds_are_told_apart(api, cache_path):
    other = cache_key(question("never asked"), at(api))
    too_long = {"error": {"code": "context_length_exceeded"}}
    kinds = {
        "report 00": answered,
        "report 01": lambda line: answered(line, json.loads(said(None, refusal="no"))),
        "report 02": lambda line: answered(line, too_long, status=400),
        "report 03": lambda line: answered(line, too_long),
        "report 04": lambda line: (
            b'\xff{"custom_id": \n' + json.dumps({**answered(line), "custom_id": other}).encode()
        ),
        "report 05": lambda line: "\n".join(map(json.dumps, [answered(line), answered(line, {})])).encode(),
    }
    api.line = lambda line: kinds[line["body"]["messages"][1]["content"]](line)
    answers = ask(at(api), cache_path)
    assert [answer.fault for answer in answers.values()] == [
        None,
        Fault.REFUSED,
        Fault.TOO_LONG,
        Fault.UNAVAILABLE,
        Fault.UNAVAILABLE,
        None,
    ]
    with LabelCache(cache_path) as cache:
        assert cache.answer(other) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(results=st.binary(max_size=300), batch=st.binary(max_size=100))
def test_no_results_raise_an_exception(api, tmp_path_factory, results, batch):
    path = tmp_path_factory.mktemp("llm") / "answers.sqlite"
    api.line = lambda line: results
    assert {answer.fault for answer in ask(at(api), path, REPORTS[:1]).values()} <= {*Fault}
    api.fault = lambda asked: None if asked.path == "/v1/files" else Reply(batch)
    answers = ask(at(api, batch_wait_s=0.05), path, REPORTS[1:2])
    assert {answer.fault for answer in answers.values()} == {Fault.UNAVAILABLE}
    api.fault = lambda asked: None


def test_large_jobs_are_cut_into_several_batches(api, cache_path, monkeypatch):
    monkeypatch.setattr(batches_module, "_MOST_QUESTIONS", 4)
    assert labels(ask(at(api), cache_path)) == REPORTS
    assert [len(api.lines(name)) for name in api.batches] == [4, 2]
    monkeypatch.setattr(batches_module, "_MOST_BYTES", 1000)
    others = [f"{'lung ' * 100}{n}" for n in range(3)]
    assert labels(ask(at(api), cache_path, others)) == others
    assert [len(api.lines(name)) for name in api.batches] == [4, 2, 1, 1, 1]


PRICES = Spending(cap=1.0, prompt_price=2.5, completion_price=10.0, batch_share=0.5)


def test_no_batch_is_sent_that_could_pass_the_cap(api, cache_path):
    one = cost_of(worst_usage(question(REPORTS[0]), 200), PRICES, batch=True)
    answers = ask(at(api), cache_path, spending=replace(PRICES, cap=4.5 * one))
    assert [answer.fault for answer in answers.values()] == [None] * 4 + [Fault.SPENT] * 2
    assert len(api.lines()) == 4
    assert labels(ask(at(api), cache_path, spending=PRICES)) == REPORTS


def test_a_batch_under_way_counts_against_the_cap(api, cache_path):
    api.status = "in_progress"
    one = cost_of(worst_usage(question(REPORTS[0]), 200), PRICES, batch=True)
    spending = replace(PRICES, cap=6.5 * one)
    ask(at(api, batch_wait_s=0.05), cache_path, spending=spending)
    (answer,) = ask(at(api), cache_path, ["another report"], spending=spending).values()
    assert answer.fault is Fault.SPENT


def test_batches_of_another_endpoint_are_left_alone(api, cache_path, other_server):
    api.status = "in_progress"
    ask(at(api, batch_wait_s=0.05), cache_path)
    other = Batches(other_server)
    assert labels(ask(at(other), cache_path)) == REPORTS
    assert [batch.home for batch in open_batches(cache_path)] == [api.server.url]
