"""The commitment, the log of openings and the checks of a submission."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.adapters.predictions_file import parse_predictions
from radrelease.errors import ConfigError
from radrelease.records.sealing import SealedStudy
from radrelease.stages.sealed.commitment import commit, merkle_root
from radrelease.stages.sealed.openings import Request, chain_holds, free_again, is_plain_name, next_opening
from radrelease.stages.sealed.submissions import LONGEST, Record, Trouble, check

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTEXTS = {"a": "Indication: cough and fever for three days", "b": "", "c": ""}

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The trees that logs of Certificate Transparency are tested with."""


def study(number=0, **changes):
    made = SealedStudy(
        id=f"s{number}",
        patient_id="P",
        findings="Clear.",
        impression=None,
        context="",
        site=None,
        sex="F",
        age="040Y",
        views=("lateral",),
        pixel_sha256=("ab",),
        salt="00" * 32,
    )
    return replace(made, **changes)


def chain(*requests):
    log = []
    for request in requests:
        log.append(next_opening(log, request, NOW + timedelta(minutes=len(log))))
    return log


def asked(team="Lab", purpose="score"):
    return Request(purpose=purpose, commitment="0" * 64, team=team, model="M", submission_sha256="1" * 64)


def test_the_tree_is_that_of_certificate_transparency():
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(leaf)).digest() for leaf in LEAVES]
    assert [merkle_root(leaves[:n]).hex() for n in range(1, 9)] == ROOTS
    assert merkle_root([]) == hashlib.sha256(b"").digest()


@given(st.permutations(range(7)))
def test_the_order_of_studies_does_not_matter(order):
    assert commit(map(study, order)) == commit(map(study, range(7)))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"patient_id": "Q"},
        {"findings": "Clear"},
        {"findings": None, "impression": "Clear."},
        {"context": "Indication: cough"},
        {"site": "S"},
        {"sex": None},
        {"age": "041Y"},
        {"views": ()},
        {"pixel_sha256": ("ab", "cd")},
        {"salt": "01" * 32},
    ],
)
def test_whatever_bears_on_a_score_changes_the_root(change):
    assert commit([study(), study(1)]) != commit([study(**change), study(1)])


def test_a_whole_log_holds_and_every_change_of_it_shows():
    log = chain(asked("A"), asked("B"), asked("", "verify"))
    assert chain_holds([])
    assert chain_holds(log)
    assert chain_holds(log[:2])  # which a card of the third entry shows
    assert not chain_holds(log[1:])
    assert not chain_holds([log[0], log[2]])
    assert not chain_holds([log[1], log[0], log[2]])
    for name, value in asdict(log[1]).items():
        other = value + 1 if isinstance(value, int) else value + "0"
        assert not chain_holds([log[0], replace(log[1], **{name: other}), log[2]]), name


@pytest.mark.parametrize("name", ["Lab A", "Universität Köln (2)", "放射線科", "a/b-c@d+e#1 & f's"])
def test_names_that_people_have_are_taken(name):
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " Lab",
        "Lab\n",
        'Lab\n{"n":2,"purpose":"verify"}',
        "Lab\x1b[2J",
        "Lab\r",
        "Lab\u202egro",
        "Lab\u2028x",
        "<b>Lab</b>",
        "=1+1",
        'Lab"',
        "L" * 81,
        "Lab\\",
        "e\u0301cole",
        "{{ 7 * 7 }}",
    ],
)
def test_a_name_cannot_prompt_the_log_or_a_screen(name):
    assert not is_plain_name(name)


def test_a_team_scores_as_often_as_it_may_in_thirty_days():
    log = chain(asked("Lab"), asked("Other"), asked("LAB"), asked("", "verify"))
    assert free_again(log, "lab", 3, NOW) is None
    assert free_again(log, "lab", None, NOW) is None
    free = free_again(log, "lab", 2, NOW + timedelta(hours=1))
    assert free == NOW + timedelta(days=30)
    assert free_again(log, "lab", 2, free) is None


def records(**predictions):
    return [Record(key, text) for key, text in predictions.items()]


def test_everything_wrong_with_a_submission_is_told_together():
    checked = check(
        [
            Record("a", "The lungs are clear."),
            Record("z", "Of no study."),
            Record("a", "Again."),
            Record(None, "Of nobody."),
            Record("b", float("nan")),
            Record("b", None),
            Record("b", "x" * (LONGEST + 1)),
            Record("b", "\ud800"),
            Record("c", " \n"),
        ],
        CONTEXTS,
    )
    assert not checked.usable
    assert (checked.studies, checked.missing) == (3, 2)
    assert checked.troubles == {
        Trouble.NO_ID: (4,),
        Trouble.UNKNOWN: (2,),
        Trouble.TWICE: (3,),
        Trouble.NO_TEXT: (5, 6),
        Trouble.TOO_LONG: (7,),
        Trouble.NOT_PRINTABLE: (8,),
        Trouble.EMPTY: (9,),
    }


def test_a_copy_of_the_context_and_an_empty_prediction_are_scored_and_told():
    checked = check(records(a=CONTEXTS["a"], b="", c="Clear."), CONTEXTS)
    assert checked.usable
    assert checked.missing == 1
    assert checked.troubles == {Trouble.EMPTY: (2,), Trouble.ECHO: (1,)}


ROWS = [("a", "One."), ("b", 'Two, "quoted".')]
FORMS = {
    "rexrank.json": json.dumps({key: {"context": "?", "model_prediction": text} for key, text in ROWS}),
    "plain.json": json.dumps(dict(ROWS)),
    "list.json": json.dumps([{"study_id": key, "model_prediction": text} for key, text in ROWS]),
    "lines.jsonl": "".join(json.dumps({"id": key, "model_prediction": text}) + "\n" for key, text in ROWS),
    "table.csv": 'id,model_prediction\na,One.\nb,"Two, ""quoted""."\n',
    "rexrank.CSV": '\ufeffstudy_id,report\r\na,One.\r\nb,"Two, ""quoted""."\r\n',
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read_alike(name):
    assert list(parse_predictions(FORMS[name].encode(), name)) == [Record(*row) for row in ROWS]


def test_a_study_that_is_there_twice_is_seen_in_an_object_too():
    assert len(list(parse_predictions(b'{"a": "One.", "a": "Two."}', "x.json"))) == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.txt", b"{}"),
        ("x.json", b"{"),
        ("x.json", b'"text"'),
        ("x.json", b"[" * 100_000),
        ("x.json", '{"a": "é"}'.encode("latin-1")),
        ("x.json", b"1" * 5000),
        ("x.jsonl", b"{}\n{"),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.csv", b'id,report\na,"open\n'),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_message(name, data):
    with pytest.raises(ConfigError):
        list(parse_predictions(data, name))


def test_a_csv_row_of_another_length_and_a_record_that_is_none_are_records_without_an_id():
    assert list(parse_predictions(b"id,report\na\n", "x.csv")) == [Record(None, None)]
    assert list(parse_predictions(b"[1]", "x.json")) == [Record(None, None)]
    twice = b'{"id": "a", "model_prediction": "One.", "model_prediction": "Two."}'
    assert list(parse_predictions(twice, "x.jsonl")) == [Record("a", None)]
