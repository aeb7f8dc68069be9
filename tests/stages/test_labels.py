"""The account of what a model said: agreement with the rules, faults, and what it costs."""

from __future__ import annotations

import json

import pytest

from radrelease.records.endpoints import Spending
from radrelease.records.labels import Fault, LabelAnswer, Usage
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind
from radrelease.stages.labels.label_costs import estimate_cost
from radrelease.stages.labels.labelled import request_of
from radrelease.stages.labels.labels import Labels, account_of, judge_answer
from radrelease.stages.sections import find_sections
from radrelease.stages.text.spans import ScrubbedText
from radrelease.stages.text.units import digest_of_text

TEXT = "FINDINGS: Clear. No effusion.\nIMPRESSION: Normal."
USAGE = Usage(prompt=100, completion=10)


def judged(*kinds, study="1", text=TEXT, fault=None, content=None):
    said = json.dumps({"labels": kinds}) if content is None else content
    answer = LabelAnswer(content=said, fault=fault, usage=USAGE)
    return judge_answer(study, text, find_sections(text), answer)


ALIKE = ("furniture", "Findings", "Findings", "furniture", "Impression")
MOVED = ("furniture", "Findings", "Impression", "furniture", "Impression")


def test_labels_that_say_what_the_rules_say_agree():
    row = judged(*ALIKE)
    assert row.fault is None
    assert set(row.sections_equal) == set(SectionName)
    assert set(row.sections_present) == {SectionName.FINDINGS, SectionName.IMPRESSION}
    assert (row.units_equal, row.units) == (3, 3)


def test_one_sentence_elsewhere_is_one_unit_and_two_sections():
    row = judged(*MOVED)
    assert set(row.sections_equal) == {SectionName.INDICATION, SectionName.COMPARISON}
    assert (row.units_equal, row.units) == (2, 3)


@pytest.mark.parametrize(
    ("content", "fault", "found"),
    [
        ("x", None, Fault.NOT_JSON),
        ("x", Fault.REFUSED, Fault.REFUSED),
        ("", Fault.UNAVAILABLE, Fault.UNAVAILABLE),
    ],
)
def test_a_fault_of_the_way_comes_before_one_of_the_words(content, fault, found):
    row = judged(content=content, fault=fault)
    assert (row.fault, row.kinds, row.units) == (found, (), 0)
    assert Labels.of([row]) == Labels({}, {})


def test_the_account_adds_up():
    rows = [judged(*ALIKE), judged(*MOVED, study="2"), judged(content="x", study="3")]
    account = account_of(rows, 9, Usage(prompt=300, completion=30), 1.5)
    assert (account.reports, account.asked, account.labelled) == (9, 3, 2)
    assert account.faults == ((Fault.NOT_JSON, 1),)
    agreement = account.agreement
    assert (agreement.reports, agreement.whole, agreement.units, agreement.units_equal) == (2, 1, 6, 5)
    by_name = {row.name: row for row in agreement.sections}
    findings, comparison = by_name[SectionName.FINDINGS], by_name[SectionName.COMPARISON]
    assert (findings.equal, findings.present, findings.equal_present) == (1, 2, 1)
    assert (comparison.equal, comparison.present, comparison.equal_present) == (2, 0, 0)


def test_only_a_patients_own_labels_count_in_the_patients_shard():
    other = "FINDINGS: Nodule."
    kinds = (PartKind.FURNITURE, PartKind.FINDINGS)
    labels = Labels.of([judged(*ALIKE), judged(*kinds, study="2", text=other)])
    own = labels.within(["2", "unknown"])
    assert own.by_text == {digest_of_text(other): kinds}
    assert own.fingerprint() == Labels.of([judged(*kinds, study="2", text=other)]).fingerprint()
    assert own.fingerprint() != labels.fingerprint()
    assert Labels.of([judged(*ALIKE)]).fingerprint() != Labels.of([judged(*MOVED)]).fingerprint()
    assert labels.within(["unknown"]).fingerprint() == Labels({}, {}).fingerprint()


def test_an_estimate_is_the_sample_times_the_rest():
    request = request_of(ScrubbedText(TEXT, ((0, 0),)))
    prices = Spending(cap=50.0, prompt_price=2.5, completion_price=10.0)
    estimate = estimate_cost([request] * 30, 200, 170_000, prices, batch=False)
    assert estimate.questions == 25_500
    sent = len(request.system) + len(request.user) + len(request.schema)
    assert estimate.usage.prompt == round(25_500 * sent / 4)
    assert estimate.cost == pytest.approx(estimate.usage.prompt * 2.5e-6 + estimate.usage.completion * 10e-6)
    half = estimate_cost([request] * 30, 200, 170_000, prices, batch=True)
    assert half.cost == pytest.approx(estimate.cost / 2)
    assert estimate_cost([], 0, 0, prices, batch=False).cost == 0
