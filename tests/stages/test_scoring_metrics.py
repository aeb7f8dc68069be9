"""BLEU-2, ROUGE-L, RadCliQ and the finding-mention F1, against values of the packages they must equal."""

from __future__ import annotations

import importlib
import re
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.errors import ConfigError
from radrelease.profiles.findings import load_finding_rules
from radrelease.records.benchmark import TRAITS, ExternalScores, Metric, MetricStatus
from radrelease.stages.scoring import bleu
from radrelease.stages.scoring.bleu import bleu_2, shared_bigrams
from radrelease.stages.scoring.findings import NO_FINDING, Mention, findings_of, mentions
from radrelease.stages.scoring.measuring import measure
from radrelease.stages.scoring.radcliq import PARTS, misleads, radcliq, reciprocal
from radrelease.stages.scoring.rouge import rouge_l

# reference, text, BLEU-2 by fast-bleu 0.0.90 (nltk 3.9 with method1 gives the same), rougeL by rouge-score 0.1.2
GOLD = (
    ("The heart is normal. The lungs are clear.", "The heart is normal. The lungs are clear.", 1.0, 1.0),
    (
        "The heart is normal. The lungs are clear.",
        "The heart is enlarged. The lungs are clear.",
        0.836660026534,
        0.875,
    ),
    ("The heart is normal. The lungs are clear.", "Lungs clear.", 0.068569536062, 0.4),
    ("The heart is normal.", "the the the the the the the", 0.048795003647, 0.181818181818),
    ("No pneumothorax.", "Small effusion", 0.0, 0.0),
    ("No pneumothorax.", "pneumothorax no", 0.191801835542, 0.5),
    ("No pneumothorax", "Pneumothorax", 0.116333693845, 0.666666666667),
    ("Tube 3.5 cm above the carina...", "tube 3.5cm above carina.", 0.29642151188, 0.666666666667),
    ("Small\neffusion on the left.", "small effusion on the left.", 0.632455532034, 1.0),
    ("Effusion à gauche. ÉPANCHEMENT.", "effusion à gauche . épanchement .", 1.0, 1.0),
    ("Clear.", "", 0.0, 0.0),
    ("", "Clear.", 0.0, 0.0),
)
REFERENCES, TEXTS, BLEU, ROUGE = map(list, zip(*GOLD, strict=True))
TEXT = st.text(st.sampled_from("aB. \n\téΣ\x00x"), max_size=60)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=8)


def test_bleu_2_has_the_values_of_fast_bleu():
    assert bleu_2(REFERENCES, TEXTS) == pytest.approx(BLEU, abs=1e-9)


def test_rouge_l_has_the_values_of_rouge_score():
    assert rouge_l(REFERENCES, TEXTS) == pytest.approx(ROUGE, abs=1e-9)


@given(PAIRS)
def test_the_fall_back_counts_what_the_compiled_library_counts(pairs):
    references, texts = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    by_default = shared_bigrams(references, texts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bleu, "library", lambda: None)
        assert shared_bigrams(references, texts).tolist() == by_default.tolist()


@pytest.mark.skipif(find_spec("nltk") is None, reason="nltk is not installed")
@given(PAIRS)
def test_bleu_2_has_the_values_of_nltk(pairs):
    nltk = importlib.import_module("nltk.translate.bleu_score")
    smooth = nltk.SmoothingFunction().method1
    for reference, text in pairs:
        first, second = ([w for w in t.lower().replace(".", " .").split(" ") if w] for t in (reference, text))
        if first and second:
            theirs = nltk.sentence_bleu([first], second, weights=(0.5, 0.5), smoothing_function=smooth)
            assert bleu_2([reference], [text]) == pytest.approx([theirs], abs=1e-9)


@given(TEXT)
def test_a_report_of_two_words_or_more_is_its_own_best_match(text):
    if len(re.findall(r"[a-z0-9]+", text.lower())) > 1 and shared_bigrams([text], [text])[0, 3] > 1:
        assert bleu_2([text], [text]) == pytest.approx([1.0])
        assert rouge_l([text], [text]) == pytest.approx([1.0])


@given(PAIRS)
def test_scores_lie_between_0_and_1(pairs):
    references, texts = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    for scores in (bleu_2(references, texts), rouge_l(references, texts)):
        assert all(0 <= score <= 1 for score in scores)


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="1 references and 2 texts"):
        bleu_2(["a"], ["a", "b"])


def test_many_words_and_memory_that_grows_between_reports():
    long = " ".join(f"word{number}" for number in range(5000))
    counts = shared_bigrams(["a b", long, "a b"], ["a b", long, "b a"])
    assert counts.tolist() == [[2, 1, 2, 2], [5000, 4999, 5000, 5000], [2, 0, 2, 2]]


# BLEU, BERTScore, SembScore, RadGraph, and 1/RadCliQ-v1 as ReXrank's board of private test reports prints them
PUBLISHED = (
    (0.093, 0.305, 0.366, 0.080, 0.674),
    (0.210, 0.431, 0.498, 0.202, 1.008),
    (0.043, 0.182, 0.142, 0.029, 0.507),
    (0.205, 0.436, 0.462, 0.187, 0.963),
    (0.291, 0.538, 0.576, 0.298, 1.622),
)


@pytest.mark.parametrize(("bleu_score", "bert", "semb", "graph", "printed"), PUBLISHED)
def test_radcliq_gives_what_is_published(bleu_score, bert, semb, graph, printed):
    assert reciprocal(radcliq(graph, bert, semb, bleu_score)) == pytest.approx(printed, abs=0.006)


def test_a_perfect_report_has_a_reciprocal_below_that_of_the_worst():
    perfect, poor = radcliq(1.0, 1.0, 1.0, 1.0), radcliq(0.0, 0.0, 0.0, 0.0)
    assert perfect == pytest.approx(-1.44, abs=0.005)
    assert reciprocal(perfect) == pytest.approx(-0.69, abs=0.005)
    assert reciprocal(perfect) < reciprocal(poor)
    assert (misleads(perfect), misleads(poor)) == (True, False)
    assert reciprocal(0.0) is None


def test_the_bounds_of_radcliq_are_those_of_its_parts():
    worst = radcliq(*(TRAITS[part].worst for part in PARTS))
    assert (worst, radcliq(1.0, 1.0, 1.0, 1.0)) == pytest.approx(
        (TRAITS[Metric.RADCLIQ].worst, TRAITS[Metric.RADCLIQ].least), abs=0.01
    )


def test_radcliq_of_the_means_is_the_mean_of_radcliq():
    parts = np.random.default_rng(3).random((4, 50))
    assert radcliq(*parts).mean() == pytest.approx(radcliq(*parts.mean(axis=1)))


RULES = load_finding_rules().findings


@pytest.mark.parametrize(("name", "text"), [(rule.name, text) for rule in RULES for text in rule.examples])
def test_a_finding_that_is_affirmed_is_found(name, text):
    assert name in findings_of(text)


@pytest.mark.parametrize(("name", "text"), [(rule.name, text) for rule in RULES for text in rule.traps])
def test_a_finding_that_is_denied_is_not(name, text):
    assert name not in findings_of(text)


def test_there_are_the_fourteen_labels_of_chexpert():
    assert len(RULES) == 13
    assert all(len(rule.examples) >= 3 and len(rule.traps) >= 3 for rule in RULES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No effusion. Later: small effusion.", {"Pleural Effusion": Mention.PRESENT}),
        ("Pneumonia cannot be excluded.", {"Pneumonia": Mention.POSSIBLE}),
        ("No effusion, but mild edema.", {"Pleural Effusion": Mention.ABSENT, "Edema": Mention.PRESENT}),
        ("NO\nPNEUMOTHORAX", {"Pneumothorax": Mention.ABSENT}),
        ("", {}),
    ],
)
def test_what_is_said_of_a_finding(text, expected):
    assert mentions(text) == expected


def test_a_report_without_findings_is_labelled_so_and_an_empty_one_is_not():
    assert findings_of("Heart and lungs are normal.") == {NO_FINDING}
    assert findings_of("The tube is in place.") == {NO_FINDING, "Support Devices"}
    assert findings_of("Mild edema.") == {"Edema"}
    assert findings_of(" \n") == frozenset()


def external(metric, values, *, official=True):
    return ExternalScores(
        metric=metric, values={f"s{number}": value for number, value in enumerate(values)}, official=official
    )


@given(
    st.lists(st.one_of(st.none(), st.sampled_from([*TEXTS, " "])), min_size=len(TEXTS), max_size=len(TEXTS))
)
def test_no_answer_scores_less_than_none(predictions):
    ids = [f"s{number}" for number in range(len(TEXTS))]
    values = [
        external(metric, [TRAITS[metric].least] * len(ids)) for metric in Metric if TRAITS[metric].column
    ]
    given_all = measure(ids, REFERENCES, predictions, values)
    missing = measure(ids, REFERENCES, [None] * len(ids), values)
    for metric, ours in given_all.items():
        difference = ours.above / np.maximum(ours.below, 1) - missing[metric].above / np.maximum(
            missing[metric].below, 1
        )
        assert (
            difference * (-1 if TRAITS[metric].lower_is_better else 1) >= -1e-9
        ).all()  # BLEU weighs 4e-12 in RadCliQ, the wrong way


def test_a_wrong_answer_is_no_worse_than_a_missing_one_for_labels():
    wrong = measure(["s0"], ["Mild edema."], ["Large mass."], [])[Metric.FINDING_F1]
    missing = measure(["s0"], ["Mild edema."], [None], [])[Metric.FINDING_F1]
    assert (wrong.above.tolist(), wrong.below.tolist()) == ([0.0], [2.0])
    assert (missing.above.tolist(), missing.below.tolist()) == ([0.0], [14.0])


def test_radcliq_is_official_only_if_all_its_parts_are():
    parts = [external(metric, [0.5]) for metric in (Metric.RADGRAPH_F1, Metric.SEMB_SCORE)]
    for official, status in ((True, MetricStatus.OFFICIAL), (False, MetricStatus.SUBSTITUTE)):
        bert = external(Metric.BERT_SCORE, [0.5], official=official)
        made = measure(["s0"], ["Clear."], ["Clear."], [*parts, bert])
        assert made[Metric.RADCLIQ].status is status
        assert made[Metric.RADGRAPH_F1].status is MetricStatus.OFFICIAL
    assert Metric.RADCLIQ not in measure(["s0"], ["Clear."], ["Clear."], parts)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([external(Metric.GREEN, [])], "1 studies with a prediction have no value"),
        ([external(Metric.GREEN, [0.5, 0.5])], "1 ids are of no study"),
        ([external(Metric.GREEN, [1.5])], "1 values are outside the range"),
        ([external(Metric.GREEN, [float("nan")])], "1 values are outside the range"),
        ([external(Metric.GREEN, [0.5])] * 2, "given twice"),
        ([external(Metric.BLEU_2, [0.5])], "computed here"),
        ([external(Metric.RADCLIQ, [0.5])], "computed here"),
    ],
)
def test_external_values_that_cannot_be_used_are_refused(scores, message):
    with pytest.raises(ConfigError, match=message):
        measure(["s0"], ["Clear."], ["Clear."], scores)


def test_a_missing_prediction_needs_no_external_value_and_takes_none():
    made = measure(["s0", "s1"], ["Clear."] * 2, ["Clear.", None], [external(Metric.SEMB_SCORE, [0.5])])
    assert made[Metric.SEMB_SCORE].above.tolist() == [0.5, -1.0]
    with_value = measure(
        ["s0", "s1"], ["Clear."] * 2, ["Clear.", None], [external(Metric.SEMB_SCORE, [0.5, 0.9])]
    )
    assert with_value[Metric.SEMB_SCORE].above.tolist() == [0.5, -1.0]
