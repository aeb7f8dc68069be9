"""A submission scored as a whole: the denominator, intervals, subgroups, and what may leave."""

from __future__ import annotations

import dataclasses
import random
import typing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.adapters.result_cards import card_json
from radrelease.errors import BrokenPromise, ConfigError
from radrelease.records.benchmark import (
    Contamination,
    Evaluation,
    ExternalScores,
    Metric,
    MetricScore,
    MetricStatus,
    Reference,
    Replicates,
    ResultCard,
    ScoringSettings,
)
from radrelease.records.release import View
from radrelease.stages.scoring.assessing import assess, evaluate, reference_text
from radrelease.stages.scoring.bootstrap import draws, fixed_point, interval, resampled, seed_of
from radrelease.stages.scoring.contamination import copies_among, echoes, holds_canary
from radrelease.stages.scoring.ranking import rank
from radrelease.stages.scoring.subgroups import age_band, groups_of, views_in_words
from radrelease.stages.scoring.summing import decimals

SETTINGS = ScoringSettings(commitment="c0ffee", replicates=200)
SENTENCES = (
    "The heart is mildly enlarged.",
    "The lungs are clear.",
    "No pleural effusion or pneumothorax.",
    "Small left pleural effusion.",
    "Patchy opacity at the right base.",
    "Endotracheal tube 4 cm above the carina.",
    "Mild pulmonary edema.",
)


def reference(number, *, patient=None, site="A", sex="F", **changes):
    rng = random.Random(number)
    values = {
        "id": f"s{number:03d}",
        "patient_id": f"p{number // 2 if patient is None else patient}",
        "findings": " ".join(rng.sample(SENTENCES, 4)),
        "impression": rng.choice(SENTENCES),
        "context": "Fever and a cough for a week",
        "site": site,
        "sex": sex,
        "age": f"{20 + number:03d}Y",
        "views": (View.FRONTAL_PA, View.LATERAL),
    }
    return Reference(**values | changes)


REFERENCES = [reference(number, sex="FM"[number % 2]) for number in range(40)]


def answers(quality, seed=1):
    rng = random.Random(seed)
    return {
        one.id: reference_text(one, "report")
        if rng.random() < quality
        else " ".join(rng.sample(SENTENCES, 3))
        for one in REFERENCES
    }


def test_perfect_answers_score_one():
    done = evaluate(REFERENCES, answers(1.0), SETTINGS)
    for metric in (Metric.BLEU_2, Metric.ROUGE_L, Metric.FINDING_F1):
        score = done.score(metric)
        assert (score.value, score.low, score.high) == (1.0, 1.0, 1.0)
    assert done.score(Metric.GREEN).status is MetricStatus.NOT_RUN
    assert (done.studies, done.patients, done.missing) == (40, 20, 0)


def test_leaving_out_the_hard_half_does_not_help():
    whole = answers(0.5)
    right = {
        id_: text for id_, text in whole.items() if text == reference_text(REFERENCES[int(id_[1:])], "report")
    }
    done, picked = evaluate(REFERENCES, whole, SETTINGS), evaluate(REFERENCES, right, SETTINGS)
    assert picked.missing == 40 - len(right)
    assert picked.studies == 40
    for metric in (Metric.BLEU_2, Metric.ROUGE_L, Metric.FINDING_F1):
        assert picked.score(metric).value < done.score(metric).value


@pytest.mark.parametrize("nothing", [None, "", " \n\t"])
def test_absent_none_and_blank_predictions_are_all_missing(nothing):
    some = answers(1.0)
    fewer = {id_: text for id_, text in some.items() if id_ != "s003"}
    done = evaluate(REFERENCES, {**some, "s003": nothing}, SETTINGS)
    assert done == evaluate(REFERENCES, fewer, SETTINGS)
    assert done.missing == 1
    assert done.score(Metric.BLEU_2).value < 1


def test_no_prediction_at_all_is_scored_too():
    done = evaluate(REFERENCES, {}, SETTINGS)
    assert done.missing == 40
    assert done.score(Metric.BLEU_2).value == 0.0
    assert done.contamination.context_copies == 0


def test_the_order_of_references_and_predictions_changes_nothing():
    given_ = answers(0.5)
    first = assess(REFERENCES, given_, SETTINGS)
    second = assess(REFERENCES[::-1], dict(reversed(given_.items())), SETTINGS)
    assert first.evaluation == second.evaluation
    for metric, values in first.replicates.values.items():
        assert values.tolist() == second.replicates.values[metric].tolist()


def test_scores_are_those_of_the_whole_and_of_resamples_of_patients():
    done = assess(REFERENCES, answers(0.5), SETTINGS)
    values = done.replicates.values[Metric.BLEU_2]
    assert values.shape == (200,)
    assert values.mean() == pytest.approx(done.replicates.scores[Metric.BLEU_2], abs=0.05)
    score = done.evaluation.score(Metric.BLEU_2)
    assert score.low < score.value < score.high


def test_one_patient_drawn_is_all_of_the_patients_studies():
    both = [reference(0, patient=1), reference(1, patient=1)]
    alone = dataclasses.replace(SETTINGS, smallest_cell=0)
    done = assess(both, {"s000": reference_text(both[0], "report"), "s001": "wrong"}, alone)
    assert len(set(done.replicates.values[Metric.ROUGE_L].tolist())) == 1


def test_unknown_and_repeated_ids_and_empty_targets_are_refused():
    with pytest.raises(ConfigError, match="1 ids are of no study"):
        evaluate(REFERENCES, {"other": "text"}, SETTINGS)
    with pytest.raises(BrokenPromise, match="one id"):
        evaluate([*REFERENCES, REFERENCES[0]], {}, SETTINGS)
    bare = [reference(1, findings=None)]
    with pytest.raises(ConfigError, match="no reference has findings"):
        evaluate(bare, {}, dataclasses.replace(SETTINGS, target="findings"))


def test_the_target_names_what_is_compared():
    one = reference(1, findings="Clear.", impression=None)
    assert reference_text(one, "report") == "Findings: Clear."
    assert reference_text(one, "findings") == "Clear."
    assert (
        reference_text(reference(1, findings="A.", impression="B."), "report")
        == "Findings: A. Impression: B."
    )


def test_studies_without_the_text_aimed_at_are_not_in_the_denominator():
    some = [*REFERENCES, reference(90, findings=None)]
    done = evaluate(some, {"s090": "anything"}, dataclasses.replace(SETTINGS, target="findings"))
    assert done.studies == 40


# ---------------------------------------------------------------------------------- resampling


def test_draws_are_pinned():
    (block,) = draws(seed_of("a", "b"), 5, 2)
    assert block.tolist() == [[0, 3, 2, 0, 0], [1, 1, 2, 1, 0]]
    assert block.sum(axis=1).tolist() == [5.0, 5.0]


def test_every_patient_is_drawn_about_once():
    counts = np.concatenate(list(draws(1, 50, 400)))
    assert counts.shape == (400, 50)
    assert np.abs(counts.mean(axis=0) - 1).max() < 0.25
    assert counts.var() == pytest.approx(1 - 1 / 50, abs=0.1)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    st.integers(0, 2**32),
)
def test_sums_over_resamples_are_exact_in_any_order(values, seed):
    sums = np.array(values)[:, None]
    whole, units = fixed_point(sums)
    assert np.abs(whole * units - sums).max() <= units[0]
    assert np.abs(whole).max() * len(values) < 2**53
    order = np.random.default_rng(seed).permutation(len(values))
    for block in draws(seed, len(values), 3):
        exact = [sum(int(n) * int(v) for n, v in zip(row, whole[:, 0], strict=True)) for row in block]
        assert (block @ whole)[:, 0].tolist() == exact
        assert (block[:, order] @ whole[order])[:, 0].tolist() == exact


def test_intervals_are_of_finite_values_alone():
    values = np.array([*range(1000), np.nan, np.inf], dtype=float)
    found = interval(values)
    assert (found.low, found.high) == (25, 974)
    assert interval(np.array([np.nan, 1.0])) is None


def test_an_interval_of_95_percent_holds_the_truth_about_as_often():
    rng = np.random.default_rng(11)
    held = 0
    for trial in range(200):
        sums = np.stack([rng.normal(0.3, 0.2, 60), np.ones(60)], axis=1)
        over = resampled(sums, trial, 300)
        found = interval(over[:, 0] / over[:, 1])
        held += found.low <= 0.3 <= found.high
    assert 0.88 <= held / 200 <= 0.99


@pytest.mark.parametrize(
    ("deviation", "expected"), [(0.0034, 3), (0.001, 3), (0.02, 2), (3.0, 0), (1e-9, 4), (0, 4)]
)
def test_a_score_has_as_many_decimals_as_it_is_sure_of(deviation, expected):
    assert decimals(deviation, 1e-9) == expected


@pytest.mark.parametrize(
    ("influence", "expected"), [(1 / 10_000, 4), (1 / 600, 3), (1 / 25, 2), (1 / 24, 1), (1, 0)]
)
def test_one_report_moves_a_score_by_four_units_at_most(influence, expected):
    assert decimals(1e-9, influence) == expected
    assert expected in (0, 4) or influence <= 4.001 * 10**-expected


def test_who_answers_one_study_alone_does_not_learn_its_score():
    shown = set()
    for text in ("The lungs.", "The lungs are clear.", reference_text(REFERENCES[7], "report")):
        done = evaluate(REFERENCES, {one.id: "x" for one in REFERENCES} | {"s007": text}, SETTINGS)
        scores = [*done.scores, *(score for group in done.subgroups for score in group.scores)]
        shown.add(tuple(score.value for score in scores if score.metric is Metric.ROUGE_L))
    assert all(value in {0.0, 0.01, 0.02, 0.03, 0.1, 0.2} for row in shown for value in row)


def test_a_split_of_very_few_patients_is_not_scored():
    with pytest.raises(ConfigError, match="fewer than 5 patients"):
        evaluate(REFERENCES[:8], {}, SETTINGS)


# ----------------------------------------------------------------------------------- subgroups


def cells(references, smallest=5):
    texts = [reference_text(one, "report") for one in references]
    return {(group.attribute, group.cell): group for group in groups_of(references, texts, smallest)}


def test_every_study_is_in_one_cell_of_each_attribute():
    found = cells(REFERENCES)
    for attribute in ("site", "sex", "age", "view", "reference"):
        places = [place for (kind, _), group in found.items() if kind == attribute for place in group.studies]
        assert sorted(places) == list(range(40))


def test_a_small_site_is_hidden_and_the_next_one_with_it():
    sites = ["A"] * 20 + ["B"] * 8 + ["C"] * 2
    some = [reference(number, patient=number, site=site) for number, site in enumerate(sites)]
    found = cells(some)
    assert [found["site", site].shown for site in "ABC"] == [True, False, False]


def test_two_small_sites_that_are_many_together_hide_no_other():
    sites = ["A"] * 20 + ["B"] * 3 + ["C"] * 4
    some = [reference(number, patient=number, site=site) for number, site in enumerate(sites)]
    assert [cells(some)["site", site].shown for site in "ABC"] == [True, False, False]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 12)), min_size=1, max_size=60),
    st.integers(2, 6),
)
def test_what_is_hidden_is_never_one_small_group(rows, smallest):
    some = [reference(number, patient=patient, site=site) for number, (site, patient) in enumerate(rows)]
    for attribute in ("site", "age"):
        own = [group for (kind, _), group in cells(some, smallest).items() if kind == attribute]
        hidden = [group for group in own if not group.shown]
        assert all(group.patients >= smallest for group in own if group.shown)
        if hidden and len(hidden) < len(own):
            patients = {some[place].patient_id for group in hidden for place in group.studies}
            assert len(hidden) > 1
            assert len(patients) >= smallest


def test_suppressed_cells_carry_no_number():
    some = [
        reference(number, patient=number, site="ABC"[number % 2 if number else 2]) for number in range(30)
    ]
    done = evaluate(some, {}, SETTINGS)
    hidden = [group for group in done.subgroups if group.suppressed]
    assert {(group.attribute, group.cell) for group in hidden} >= {("site", "C")}
    assert all(group.patients is None and group.scores == () for group in hidden)


@pytest.mark.parametrize(
    ("age", "band"),
    [("019Y", "0-19"), ("020Y", "20-39"), ("007M", "0-19"), ("090Y", "80+"), (None, "unknown")],
)
def test_ages_are_banded(age, band):
    assert age_band(age) == band


def test_views_are_named():
    assert views_in_words((View.LATERAL, View.FRONTAL_AP)) == "frontal AP and lateral"
    assert views_in_words((View.OTHER,)) == "other or unknown"


# -------------------------------------------------------------------------------- contamination


def test_copies_of_training_reports_are_counted_beside_those_to_expect():
    training = [reference_text(one, "report") for one in REFERENCES[:10]]
    own = {one.id: training[0] + " and more" for one in REFERENCES}
    done = evaluate(REFERENCES, own, SETTINGS, training=iter(training)).contamination
    assert done.training_reports == 10
    assert done.training_copies == 1.0
    assert done.expected_copies >= 0.25
    assert evaluate(REFERENCES, own, SETTINGS).contamination.training_copies is None


def test_a_copy_is_near_and_not_only_alike():
    rng = random.Random(5)
    long = [" ".join(f"w{rng.randrange(500)}" for _ in range(60)) for _ in range(3000)]
    near = long[7] + " end"
    count, copied = copies_among([near, " ".join(long[7].split()[:30]), "w1 w2", "", "..."], iter(long))
    assert count == 3000
    assert copied.tolist() == [True, False, False, False, False]
    assert copies_among(["Lungs clear.", ""], ["LUNGS  CLEAR", "", "!"])[1].tolist() == [True, False]
    assert copies_among([], [])[0] == 0
    assert copies_among(["a"], [])[1].tolist() == [False]


def test_the_context_handed_back_is_told():
    own = {one.id: "FEVER, and a cough for a week." for one in REFERENCES}
    assert evaluate(REFERENCES, own, SETTINGS).contamination.context_copies == 1.0
    assert not echoes("Chest pain.", "chest pain")
    assert not echoes("", "Fever and a cough for a week")
    assert not echoes(
        "Lungs clear. Fever and a cough for a week are noted before anything else",
        "Fever and a cough for a week",
    )


def test_planted_strings_are_found_however_they_are_set():
    assert holds_canary("see canary 7f3A-\n11 here", ["CANARY7f3a-11"])
    assert not holds_canary("see", ["CANARY"])
    planted = dataclasses.replace(SETTINGS, canaries=("CANARY-1",))
    assert evaluate(REFERENCES, {"s001": "the canary-1"}, planted).contamination.canaries_found == 1


# -------------------------------------------------------------------------------- what may leave


def leaves(kind):
    """Every type that a field of a public record can hold, at any depth."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return {kind}.union(*(leaves(hint) for hint in hints.values()))
    arguments = typing.get_args(kind)
    return {typing.get_origin(kind) or kind}.union(*(leaves(argument) for argument in arguments))


def test_a_card_has_no_place_for_the_score_of_one_study():
    held = leaves(ResultCard)
    assert {Evaluation, MetricScore, Contamination} <= held
    assert held.isdisjoint({Replicates, Reference, ExternalScores, np.ndarray, dict, list})


def test_a_card_names_no_study_and_no_patient():
    done = evaluate(REFERENCES, answers(0.5), SETTINGS)
    card = ResultCard(
        dataset="d", dataset_version="1", team="t", model="m", model_url="", date="2026-01-01",
        submission_sha256="0" * 64, log_head="0" * 64, evaluation=done,
    )  # fmt: skip
    text = card_json(card).decode()
    assert not any(one.id in text or f'"{one.patient_id}"' in text for one in REFERENCES)
    assert not any(sentence in text for sentence in SENTENCES)


# ------------------------------------------------------------------------------------- ranking


def replicates(score, *, noise=0.01, seed=0, drawn="same"):
    rng = np.random.default_rng(seed)
    values = score + np.random.default_rng(0).normal(0, 0.1, 400) + rng.normal(0, noise, 400)
    return Replicates(drawn=drawn, scores={Metric.RADCLIQ: score}, values={Metric.RADCLIQ: values})


def test_the_lower_radcliq_is_first_and_shared_noise_does_not_hide_a_difference():
    ranking = rank({"b": replicates(1.1, seed=1), "a": replicates(1.0, seed=2)}, Metric.RADCLIQ)
    assert [(one.name, one.rank, one.groups) for one in ranking.standings] == [("a", 1, "a"), ("b", 2, "b")]
    (pair,) = ranking.comparisons
    assert pair.told_apart
    assert pair.low < pair.difference < pair.high < 0


def test_models_that_cannot_be_told_apart_share_rank_and_letter():
    ranking = rank({"a": replicates(1.0, seed=1), "b": replicates(1.005, seed=2)}, Metric.RADCLIQ)
    assert [(one.rank, one.groups) for one in ranking.standings] == [(1, "a"), (1, "a")]


def test_a_model_between_two_others_is_in_both_groups():
    models = {name: replicates(1 + 0.03 * place, seed=place + 1) for place, name in enumerate("abc")}
    standings = rank(models, Metric.RADCLIQ).standings
    assert [one.groups for one in standings] == ["a", "a b", "b"]
    assert [one.rank for one in standings] == [1, 1, 2]


@given(
    st.lists(st.tuples(st.floats(0.8, 1.2), st.integers(1, 9)), min_size=1, max_size=7), st.floats(0.001, 0.2)
)
@settings(max_examples=60)
def test_two_models_share_a_letter_exactly_if_they_are_not_told_apart(scores, noise):
    models = {
        f"m{place}": replicates(score, noise=noise, seed=seed) for place, (score, seed) in enumerate(scores)
    }
    ranking = rank(models, Metric.RADCLIQ)
    letters = {one.name: set(one.groups.split()) for one in ranking.standings}
    better = dict.fromkeys(models, 1)
    for pair in ranking.comparisons:
        assert pair.told_apart == letters[pair.first].isdisjoint(letters[pair.second])
        better[pair.second] += pair.told_apart
    assert {one.name: one.rank for one in ranking.standings} == better
    assert [one.rank for one in ranking.standings] == sorted(better.values())


def test_equal_submissions_are_not_told_apart():
    ranking = rank({"a": replicates(1.0, noise=0), "b": replicates(1.0, noise=0)}, Metric.RADCLIQ)
    assert [one.rank for one in ranking.standings] == [1, 1]
    assert ranking.comparisons[0].p == 1.0


def test_models_of_other_resamples_or_metrics_are_not_ranked_together():
    with pytest.raises(ConfigError, match="another sealed split"):
        rank({"a": replicates(1.0), "b": replicates(1.0, drawn="other")}, Metric.RADCLIQ)
    with pytest.raises(ConfigError, match="not scored on GREEN"):
        rank({"a": replicates(1.0)}, Metric.GREEN)


def test_the_resamples_depend_on_split_and_settings_and_not_on_the_model():
    drawn = assess(REFERENCES, answers(0.5), SETTINGS).replicates.drawn
    assert assess(REFERENCES, answers(0.1), SETTINGS).replicates.drawn == drawn
    assert assess(REFERENCES, {}, dataclasses.replace(SETTINGS, commitment="other")).replicates.drawn != drawn
