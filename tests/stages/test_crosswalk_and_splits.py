"""Pseudonyms, shifts and splits."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrelease.config import SplitQuotas
from radrelease.errors import PseudonymCollision
from radrelease.identifiers import Mrn, RawUid, Secret
from radrelease.records.release import Split
from radrelease.stages.cohort.crosswalk import Crosswalk, Pair, check_collisions
from radrelease.stages.cohort.splits import Candidate, assign, studies_wanted

CROSSWALK = Crosswalk(Secret(b"k" * 32), "RADR", 365)
texts = st.text(min_size=1, max_size=30)


@given(texts, texts)
def test_pseudonyms_have_the_form_of_the_contract(domain, value):
    assert re.fullmatch(r"RADR[A-Z0-9]{12}", CROSSWALK.patient(domain, Mrn(value)))
    uid = CROSSWALK.uid(RawUid(value))
    assert re.fullmatch(r"1\.2\.826\.0\.1\.3680043\.8\.498\.[1-9]\d{37}", uid)
    assert 1 <= abs(CROSSWALK.shift(domain, Mrn(value))) <= 365


@given(texts, texts, texts)
def test_one_number_in_two_systems_is_two_patients(domain, other, value):
    same = CROSSWALK.patient(domain, Mrn(value)) == CROSSWALK.patient(other, Mrn(value))
    assert same == (domain == other)


def test_shifts_are_uniform_and_never_zero():
    counts = Counter(CROSSWALK.shift("d", Mrn(str(number))) for number in range(73_000))
    assert set(counts) == set(range(-365, 366)) - {0}
    chi_square = sum((count - 100) ** 2 / 100 for count in counts.values())
    assert chi_square < 900  # 729 degrees of freedom; p < 1e-5 beyond


def test_another_key_gives_other_pseudonyms():
    other = Crosswalk(Secret(b"j" * 32), "RADR", 365)
    assert CROSSWALK.patient("d", Mrn("1")) != other.patient("d", Mrn("1"))


def test_two_originals_with_one_pseudonym_stop_the_run():
    pairs = [Pair("patient", "a", "1", "RADRX"), Pair("patient", "a", "2", "RADRX")]
    with pytest.raises(PseudonymCollision, match="another key") as raised:
        check_collisions(pairs)
    assert "RADRX" not in str(raised.value)
    check_collisions(pairs[:1] * 2)


cohorts = st.lists(st.integers(0, 6), min_size=1, max_size=60)


def candidates(sizes):
    return [
        Candidate(
            rank=CROSSWALK.rank("d", Mrn(str(number))), domain="d", patient_id=str(number), studies=size
        )
        for number, size in enumerate(sizes)
    ]


@given(cohorts, st.randoms())
def test_splits_do_not_depend_on_the_order_of_the_input(sizes, random):
    wanted = studies_wanted(SplitQuotas(valid=0.2, test=0.2, private_test=0.1), sum(sizes))
    people = candidates(sizes)
    first = assign(people, wanted)
    random.shuffle(people)
    assert assign(people, wanted) == first


@given(cohorts)
def test_no_split_exceeds_its_quota_and_train_takes_the_rest(sizes):
    total = sum(sizes)
    wanted = studies_wanted(SplitQuotas(valid=0.2, test=0.2, private_test=0.1), total)
    done = assign(candidates(sizes), wanted)
    assert all(done.reached[split] <= wanted[split] for split in Split)
    counted = Counter()
    for person in candidates(sizes):
        if person.key in done.splits:
            counted[done.splits[person.key]] += person.studies
    assert {split: counted[split] for split in Split} == dict(done.reached)


@given(st.lists(st.integers(1, 5), min_size=8, max_size=50))
def test_a_quota_is_met_exactly_when_single_study_patients_allow_it(sizes):
    sizes += [1] * 12
    wanted = studies_wanted(SplitQuotas(valid=4, test=4, private_test=4), sum(sizes))
    done = assign(candidates(sizes), wanted)
    for split in (Split.VALID, Split.TEST, Split.PRIVATE_TEST):
        assert done.reached[split] == 4


def test_whole_patients_may_make_a_quota_impossible():
    done = assign(candidates([3, 3, 3]), studies_wanted(SplitQuotas(valid=2, test=0), 9))
    assert done.reached[Split.VALID] == 0
