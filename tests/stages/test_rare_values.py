"""What identifies by being rare, after the rule of k has been applied to it."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.profiles.header_profile import load_header_profile
from radrelease.stages.audit.small_cells import ShownStudy, find_rare_shown
from radrelease.stages.headers.rare_values import find_rare

TREATMENTS = {rule.keyword: rule.rare for rule in load_header_profile("rexgradient").rules if rule.rare}

AGES = st.one_of(
    st.integers(0, 90).map("{:03d}Y".format),
    st.integers(0, 40).map("{:03d}M".format),
    st.integers(0, 30).map("{:03d}W".format),
    st.integers(0, 60).map("{:03d}D".format),
)
TRAITS = st.one_of(
    st.tuples(st.just("PatientAge"), AGES),
    st.tuples(st.just("PatientWeight"), st.integers(1, 150).map(str)),
    st.tuples(st.just("InstitutionName"), st.sampled_from("ABCDEFG")),
    st.tuples(st.just("EthnicGroup"), st.sampled_from(["ASIAN", "WHITE", "OTHER"])),
)
PATIENTS = st.lists(st.frozensets(TRAITS, max_size=5), max_size=40)
SITE = "InstitutionName"


def group(count, *traits):
    return [frozenset(traits)] * count


def ages(*counts):
    return [frozenset({("PatientAge", age)}) for age, count in counts for _ in range(count)]


def shown(patients, rare):
    """The patients as the release shows them, a study for each value."""
    rows = []
    for traits in patients:
        ages = rare.ages(value for keyword, value in traits if keyword == "PatientAge")
        after = {(k, ages[v] if k == "PatientAge" else rare.instead_of(k, v)) for k, v in traits}
        rows.append({(keyword, now) for keyword, now in after if now})
    return rows


@settings(max_examples=300)
@given(PATIENTS, PATIENTS, st.integers(2, 8))
def test_of_every_value_that_is_left_k_patients_are_found_by_another_count(public, private, k):
    unseen = [trait for traits in private for trait in traits]
    rare = find_rare(public, k, TREATMENTS, unseen)
    studies = [
        ShownStudy(
            patient_id=f"{is_public} {number}",
            public=is_public,
            year=2020,
            values={} if keyword == SITE else {keyword: value},
            per_image={SITE: [value]} if keyword == SITE else {},
        )
        for is_public, patients in ((True, public), (False, private))
        for number, traits in enumerate(shown(patients, rare))
        for keyword, value in traits
    ]
    assert list(find_rare_shown(studies, k)) == []


@given(PATIENTS, st.integers(2, 8))
def test_what_twice_k_patients_share_is_never_touched_but_for_the_tails(patients, k):
    holders = defaultdict(set)
    for number, traits in enumerate(patients):
        for trait in traits:
            holders[trait].add(number)
    rare = find_rare(patients, k, TREATMENTS)
    for (keyword, value), who in holders.items():
        if len(who) >= 2 * k and keyword not in ("PatientAge", "PatientWeight"):
            assert rare.instead_of(keyword, value) == value
        assert (keyword, value) not in rare.rows or rare.rows[keyword, value].patients == len(who)


@given(PATIENTS, st.integers(0, 1))
def test_none_and_one_turn_it_off(patients, k):
    assert find_rare(patients, k, TREATMENTS).rows == {}


def test_a_clinic_with_two_patients_is_not_named():
    rare = find_rare(group(2, (SITE, "small")) + group(30, (SITE, "large")) + group(9), 5, TREATMENTS)
    assert rare.instead_of(SITE, "small") is None
    assert rare.instead_of(SITE, "large") == "large"


def test_a_lone_small_clinic_is_joined_by_the_next_smallest():
    """Else the patients without a site would all be the small clinic's."""
    patients = group(2, (SITE, "small")) + group(6, (SITE, "next")) + group(40, (SITE, "large"))
    rare = find_rare(patients, 5, TREATMENTS)
    assert {value for _, value in rare.rows} == {"small", "next"}


def test_half_the_patients_are_not_hidden_for_the_sake_of_two():
    rare = find_rare(group(2, ("PatientSex", "O")) + group(40, ("PatientSex", "F")), 5, TREATMENTS)
    assert {value for _, value in rare.rows} == {"O"}


@pytest.mark.parametrize(
    ("counts", "age", "published"),
    [
        ([("003D", 1), ("002D", 5), ("060Y", 9)], "003D", None),  # alone in months and years too
        ([("003D", 3), ("009D", 2), ("060Y", 9)], "003D", "000M"),
        ([("003D", 3), ("009D", 2), ("060Y", 9)], "009D", "000M"),
        ([("003D", 2), ("007M", 3), ("060Y", 9)], "003D", "000Y"),
        ([("005W", 2), ("001M", 3), ("060Y", 9)], "005W", "001M"),
        ([("003D", 6), ("060Y", 9)], "003D", "003D"),
        ([("030M", 1), ("060Y", 9)], "030M", "002Y"),
        ([("002Y", 1), ("060Y", 9)], "002Y", "002Y"),
        ([("060Y", 9), ("090Y", 5)], "090Y", "090Y"),
        ([("060Y", 9), ("088Y", 3), ("090Y", 2)], "090Y", "088Y"),
        ([("060Y", 9), ("088Y", 2), ("090Y", 2)], "090Y", "060Y"),
        ([("000M", 9), ("070Y", 2)], "070Y", None),  # no baby stands for the aged
    ],
)
def test_the_newborn_and_the_oldest(counts, age, published):
    assert find_rare(ages(*counts), 5, TREATMENTS).ages([age]) == {age: published}


def test_the_heaviest_patients_are_one_group():
    patients = [frozenset({("PatientWeight", str(kg))}) for kg in (*range(40, 100), 141, 149)]
    rare = find_rare(patients, 5, TREATMENTS)
    assert rare.instead_of("PatientWeight", "149") == rare.instead_of("PatientWeight", "99") == "97"
    assert rare.instead_of("PatientWeight", "40") == "44"
    assert rare.instead_of("PatientWeight", "60") == "60"


def test_what_is_rare_elsewhere_does_not_touch_a_shard():
    here = [(SITE, "A"), ("PatientSex", "F")]
    before = find_rare(group(20, *here) + group(2, (SITE, "B")) + group(9), 5, TREATMENTS)
    after = find_rare(
        group(21, *here) + group(3, (SITE, "B")) + group(1, (SITE, "C")) + group(9), 5, TREATMENTS
    )
    assert before.rows != after.rows
    assert before.within(here).fingerprint() == after.within(here).fingerprint() == "[]"
    there = [(SITE, "B")]
    assert before.within(there).fingerprint() == after.within(there).fingerprint() != "[]"


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        (("084Y", "090Y"), (None, "090Y")),  # six years later: 90 exactly
        (("090Y",), ("090Y",)),
        (("084Y", "089Y"), ("084Y", "089Y")),
        (("003D", "020D", "004Y"), ("003D", "020D", "004Y")),
    ],
)
def test_an_age_over_89_takes_the_younger_ages_of_the_patient_whatever_k_is(stated, published):
    assert find_rare([], 0, TREATMENTS).ages(stated) == dict(zip(stated, published, strict=True))


def test_a_coarser_age_is_not_undone_by_a_finer_one_of_the_same_patient():
    one = frozenset({("PatientAge", "003D"), ("PatientAge", "013D")})
    patients = [one, *ages(("013D", 6), ("009D", 4), ("060Y", 9))]
    rare = find_rare(patients, 5, TREATMENTS)
    assert rare.ages(["013D"]) == {"013D": "013D"}
    assert rare.ages(["003D", "013D"]) == {"003D": "000M", "013D": "000M"}


def test_the_infant_whose_age_is_left_out_shows_none_later():
    patients = [frozenset({("PatientAge", "003D"), ("PatientAge", "004Y")}), *ages(("004Y", 6), ("060Y", 9))]
    assert find_rare(patients, 5, TREATMENTS).ages(["003D", "004Y"]) == {"003D": None, "004Y": None}


def test_the_oldest_show_no_younger_age():
    patients = [frozenset({("PatientAge", "081Y"), ("PatientAge", "088Y")}), *ages(("081Y", 9), ("085Y", 4))]
    rare = find_rare(patients, 5, TREATMENTS)
    assert rare.ages(["081Y", "088Y"]) == {"081Y": None, "088Y": "085Y"}
    assert rare.ages(["081Y"]) == {"081Y": "081Y"}
