"""Which shard and which part a patient is in, from version to version."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from radrelease.records.release import Split
from radrelease.stages.cohort.homes import Home, Resident, draw_borders, give_homes, shards_of


def patient(name, split=Split.TRAIN, studies=1):
    rank = (
        hash(name)
        if isinstance(name, int)
        else sum(ord(sign) * 997**place for place, sign in enumerate(name))
    )
    return Resident(("d", str(name)), rank, split, studies, 2 * studies)


def homes_of(residents, kept=None, largest=4, parts=3):
    borders = draw_borders(residents, kept or {}, largest)
    return give_homes(residents, kept or {}, borders, parts)


people = st.dictionaries(
    st.integers(0, 200), st.tuples(st.sampled_from(list(Split)), st.integers(1, 6)), max_size=60
)
versions = st.lists(people.filter(bool), min_size=1, max_size=4)


def residents_of(cohort):
    return [patient(name, split, studies) for name, (split, studies) in cohort.items()]


@given(versions, st.integers(1, 9), st.integers(1, 5), st.randoms())
def test_nobody_moves_without_a_reason_and_everybody_is_in_one_shard(cohorts, largest, parts, random):
    kept = {}
    for cohort in cohorts:
        residents = residents_of(cohort)
        homes = homes_of(residents, kept, largest, parts)
        random.shuffle(residents)
        assert homes_of(residents, kept, largest, parts) == homes, "the order of the input is of no matter"
        listed = [key for _, _, keys in shards_of(homes) for key in keys]
        assert sorted(listed) == sorted(one.key for one in residents)
        assert len(listed) == len(set(listed))
        names = [(split, number) for split, number, _ in shards_of(homes)]
        assert len(names) == len(set(names)), "a shard is one stretch"
        for one in residents:
            home, old = homes[one.key], kept.get(one.key)
            assert home.split is one.split
            assert (home.part is not None) == one.split.public
            assert home.part is None or 0 <= home.part < parts
            if old is not None and old.split is one.split:
                assert home == old
        last = {
            split: max((h.shard for h in kept.values() if h.split is split), default=-1) for split in Split
        }
        for one in residents:
            if one.key not in kept or kept[one.key].split is not one.split:
                assert homes[one.key].shard > last[one.split], "new patients are behind all others"
        kept = homes


@given(people.filter(bool), people.filter(bool), st.integers(1, 9))
def test_no_shard_is_above_the_largest_size_but_for_one_patient_or_new_studies(first, second, largest):
    kept = homes_of(residents_of(first), None, largest)
    homes = homes_of(residents_of(second), kept, largest)
    size = {one.key: one.studies for one in residents_of(second)}
    before = {one.key: one.studies for one in residents_of(first)}
    for _, _, keys in shards_of(homes):
        stay = [key for key in keys if kept.get(key) == homes[key]]
        assert stay in ([], keys), "old and new patients share no shard"
        grown = sum(max(0, size[key] - before[key]) for key in stay)
        assert sum(size[key] for key in keys) <= largest + grown or len(keys) == 1


def test_a_first_version_has_parts_of_one_size_and_each_part_is_one_stretch():
    residents = [patient(number) for number in range(40)]
    parts = [home.part for home in homes_of(residents, largest=7, parts=4).values()]
    assert parts == sorted(parts)
    assert set(Counter(parts).values()) == {10}


def test_new_patients_go_to_the_last_part_until_it_is_full_and_then_to_the_one_before():
    residents = [patient(number) for number in range(40)]
    first = homes_of(residents, parts=4)
    few = homes_of(residents + [patient(f"new {number}") for number in range(4)], first, parts=4)
    assert {few[key].part for key in few.keys() - first.keys()} == {3}
    many = homes_of(residents + [patient(f"new {number}") for number in range(30)], first, parts=4)
    held = Counter(home.part for home in many.values())
    assert held == {0: 10, 1: 10, 2: 24, 3: 26}
    assert all(many[key] == home for key, home in first.items())


def test_another_number_of_parts_cuts_the_archive_anew_and_leaves_the_shards():
    residents = [patient(number) for number in range(40)]
    first = homes_of(residents, parts=4)
    again = homes_of(residents, first, parts=2)
    assert Counter(home.part for home in again.values()) == {0: 20, 1: 20}
    assert {key: home.shard for key, home in again.items()} == {
        key: home.shard for key, home in first.items()
    }


def test_who_gets_another_split_goes_behind_all_others_of_it():
    residents = [patient(number) for number in range(10)]
    first = homes_of(residents)
    moved = [patient(0, Split.TEST), *residents[1:]]
    again = homes_of(moved, first)
    assert again["d", "0"].split is Split.TEST
    assert {key: home for key, home in again.items() if key != ("d", "0")} == {
        key: home for key, home in first.items() if key != ("d", "0")
    }
    back = homes_of(residents, again)
    assert back["d", "0"].shard == 1 + max(home.shard for home in first.values() if home.split is Split.TRAIN)


def test_borders_that_were_drawn_before_hold_for_who_moves_later():
    """A study fails, a patient moves in to make good for it, and nobody else is in another shard."""
    train = [patient(number, Split.TRAIN) for number in range(20)]
    valid = [patient(f"valid {number}", Split.VALID) for number in range(5)]
    borders = draw_borders(train + valid, {}, 4)
    before = give_homes(train + valid, {}, borders, 3)
    moved = [patient("valid 0", Split.TRAIN), *valid[1:]]
    after = give_homes(train + moved, {}, borders, 3)
    shards = defaultdict(set)
    for homes in (before, after):
        for split, number, keys in shards_of(homes):
            shards[split, number].add(tuple(keys))
    assert sum(len(contents) > 1 for contents in shards.values()) <= 2


def test_an_emptied_shard_leaves_a_gap():
    residents = [patient(number) for number in range(20)]
    first = homes_of(residents)
    gone = {key for key, home in first.items() if home.shard == 1}
    again = homes_of([one for one in residents if one.key not in gone] + [patient("new")], first)
    assert [number for _, number, _ in shards_of(again)] == [0, 2, 3, 4, 5]
    assert again["d", "new"] == Home(Split.TRAIN, 5, 2, 3)
