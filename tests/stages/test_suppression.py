"""No table that is published gives away a group of fewer than k patients, by itself or by subtraction."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_records import make_release_study

from radrelease.records.release import Split
from radrelease.stages.release.binning import AGE_BANDS, FIGURES, SEXES, label_of
from radrelease.stages.release.suppression import Cell, merged, redesigned, shown_count
from radrelease.stages.release.tables import counted, describe

K = 3
PUBLIC = (Split.TRAIN, Split.VALID, Split.TEST)


@st.composite
def tables(draw, rows=3):
    """A table of cells, each of a few patients with one or more studies."""
    labels = [f"c{number}" for number in range(draw(st.integers(1, 6)))]
    names = [(f"r{number}",) for number in range(rows)]
    table = {}
    for row in names:
        table[row] = {}
        for label in labels:
            cell = Cell(K)
            for patient in range(draw(st.integers(0, 5))):
                for _ in range(draw(st.integers(1, 3))):
                    cell.add(f"{row}{label}{patient}")
            table[row][label] = cell
    return table


@given(tables(), st.booleans())
def test_every_cell_of_a_redesigned_table_is_empty_or_of_k_patients_and_nothing_is_lost(table, ordered):
    found = redesigned(table, K, ordered=ordered)
    labels = list(next(iter(table.values())))
    for row, cells in found.items():
        assert all(cell.safe for cell in cells.values())
        assert sorted(label for group in cells for label in group) == sorted(labels)
        assert sum(cell.count for cell in cells.values()) == sum(cell.count for cell in table[row].values())
        for group in cells if ordered else ():
            at = labels.index(group[0])
            assert group == tuple(labels[at : at + len(group)]), "neighbours alone are joined"
    safe = all(cell.safe for cells in table.values() for cell in cells.values())
    assert not safe or all(len(cells) == len(labels) for cells in found.values()), "large cells stay apart"


@given(tables(rows=1), st.booleans())
def test_a_figure_of_too_few_patients_is_not_drawn(table, ordered):
    (cells,) = table.values()
    everybody = len(set().union(*(cell.patients for cell in cells.values())))
    assert bool(merged(cells, K, ordered=ordered)) == (everybody == 0 or everybody >= K)


@st.composite
def cohorts(draw):
    """Studies of up to 40 patients in three splits; each patient has one sex and mostly one age."""
    studies = []
    for patient in range(draw(st.integers(0, 40))):
        split = draw(st.sampled_from((*PUBLIC, Split.TRAIN, Split.TRAIN)))
        sex = draw(st.sampled_from(("M", "F", "F", "M", "O", None)))
        for number in range(draw(st.integers(1, 3))):
            age = draw(st.sampled_from(("007M", "030Y", "045Y", "050Y", "070Y", "090Y", None)))
            studies.append(study(f"P{patient}", number, split, sex, age))
    return studies


def study(patient, number, split, sex, age):
    return make_release_study(
        id=f"{patient}-{number}",
        split=split,
        patient_id=patient,
        sex=sex,
        age=age,
        study_date=date(2015 + number, 1, 1),
        findings="clear " * (3 * number),
        days_since_prior=None if number == 0 else 40 * number,
    )


def groups_of(name):
    """Every group that a label may stand for, by the label."""
    labels = AGE_BANDS if name == "ages" else SEXES
    ordered = FIGURES[name].ordered
    if ordered:
        groups = [labels[a:b] for a in range(len(labels)) for b in range(a + 1, len(labels) + 1)]
    else:
        groups = [group for size in range(1, 5) for group in combinations(labels, size)]
    return {label_of(tuple(group), ordered=ordered): set(group) for group in groups}


def equations(description, name):
    """All that is said of age or sex: which cells of split and label are summed. Sums of splits too."""
    labels = AGE_BANDS if name == "ages" else SEXES
    cells = [(split.value, label) for split in PUBLIC for label in labels]
    known = groups_of(name)

    def sum_of(splits, group):
        return [split in splits and label in group for split, label in cells]

    said = [sum_of({split.value}, set(labels)) for split in PUBLIC]
    for row in description.demographics:
        splits = {split.value for split in PUBLIC} if row.split == "all" else set(row.split.split(" and "))
        said += [sum_of(splits, known[label]) for label in getattr(row, name)]
    for chart in description.charts:
        if chart.name == name:
            said += [sum_of({split.value for split in PUBLIC}, known[label]) for label, _ in chart.bars]
    return cells, np.array(said, float), sum_of


@settings(max_examples=60)
@given(cohorts(), st.sampled_from(("ages", "sexes")))
def test_no_group_of_few_patients_follows_from_what_is_published(cohort, name):
    """A count follows if it is a combination of those that are said: sums, differences, and theirs."""
    from radrelease.stages.release.binning import OF_STUDIES, labels_of

    description = describe(map(counted, cohort), K)
    labels = AGE_BANDS if name == "ages" else SEXES
    _, said, sum_of = equations(description, name)
    rank = np.linalg.matrix_rank(said)
    for size in (1, 2, 3):
        for splits in combinations([split.value for split in PUBLIC], size):
            for label in labels:
                asked = np.array([sum_of(set(splits), {label})], float)
                if np.linalg.matrix_rank(np.vstack([said, asked])) == rank:
                    patients = {
                        one.patient_id
                        for one in cohort
                        if one.split.value in splits and labels_of(one)[OF_STUDIES.index(name)] == label
                    }
                    assert not 0 < len(patients) < K, (splits, label)


@settings(max_examples=40)
@given(cohorts())
def test_every_figure_adds_up_and_repeats_no_patient_too_few(cohort):
    description = describe(map(counted, cohort), K)
    for chart in description.charts:
        whole = {
            "studies": description.studies, "images": description.images, "patients": description.patients
        }[chart.unit]  # fmt: skip
        assert sum(count for _, count in chart.bars) == whole
        assert len({label for label, _ in chart.bars}) == len(chart.bars)
        assert whole == 0 or all(count == 0 or count >= K for _, count in chart.bars)


def test_a_large_cohort_has_the_table_of_the_paper():
    ages = ("010Y", "030Y", "050Y", "070Y", "085Y", None)
    cohort = [
        study(f"{split}{sex}{age}{number}", 0, split, sex, age)
        for split in PUBLIC for sex in ("M", "F", "O", None) for age in ages for number in range(4)
    ]  # fmt: skip
    description = describe(map(counted, cohort), 5)
    assert [row.split for row in description.demographics] == ["train", "valid", "test"]
    for row in description.demographics:
        assert tuple(row.ages) == AGE_BANDS
        assert tuple(row.sexes) == SEXES
        assert row.sexes["M"] == 25.0


def test_a_cohort_of_fewer_than_k_patients_is_counted_and_not_described():
    description = describe([counted(study("P", 0, Split.TRAIN, "M", "030Y"))] * 9, 5)
    assert (description.studies, description.patients) == (9, 1)
    assert description.demographics == description.charts == ()
    assert set(description.sizes[0].mean_words.values()) == {None}


@pytest.mark.parametrize("k", [0, 1])
def test_smallest_cell_0_or_1_merges_nothing(k):
    description = describe([counted(study("P", 0, Split.TRAIN, "M", "030Y"))], k)
    assert dict(description.charts[0].bars)["20-40"] == 1


def test_a_number_that_stands_alone_is_shown_unless_it_is_small():
    assert [shown_count(n, 5) for n in (0, 1, 4, 5, 60)] == ["0", "fewer than 5", "fewer than 5", "5", "60"]
    assert shown_count(1, 0) == "1"
