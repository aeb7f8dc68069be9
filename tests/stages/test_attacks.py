"""Attacks must succeed where a release is weak, or their silence would mean nothing."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest

from radrelease.attacking import attack_release
from radrelease.identifiers import Secret, pseudonym
from radrelease.stages.audit.attacks import Shown, guess_order, guess_pseudonyms, guess_shifts, single_out

NUMBERS = [f"{number:08d}" for number in range(1000, 1040)]
ORIGINALS = [("patient", "site", number) for number in NUMBERS]
RATE = 1e6


def shown(patient, day, shift, traits=("F", "050Y")):
    return Shown(patient_id=patient, study_date=day + timedelta(days=shift), true_date=day, traits=traits)


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("length", [8, 12, 32])
def test_a_digest_without_a_key_is_undone(name, length):
    published = {
        f"RADR{hashlib.new(name, number.encode()).hexdigest()[:length].upper()}" for number in NUMBERS
    }
    attack = guess_pseudonyms(published, ORIGINALS, "RADR", RATE)
    assert not attack.holds
    assert attack.result.startswith("40 names found")


def test_a_weak_key_is_undone():
    published = {pseudonym(Secret(b"secret"), "patient", "RADR", "site", number) for number in NUMBERS}
    assert not guess_pseudonyms(published, ORIGINALS, "RADR", RATE).holds


def test_a_strong_key_holds():
    key = Secret(b"0123456789abcdef" * 4)
    published = {pseudonym(key, "patient", "RADR", "site", number) for number in NUMBERS}
    assert guess_pseudonyms(published, ORIGINALS, "RADR", RATE).holds


def test_one_shift_for_all_and_no_shift_give_way():
    days = [date(2019, 3, 4) + timedelta(days=7 * number) for number in range(5)]
    same = [shown(f"p{number}", day, 40) for number, day in enumerate(days)]
    assert not guess_shifts(same, 365).holds
    none = [shown(f"p{number}", day, 30 * number) for number, day in enumerate(days)]
    assert not guess_shifts(none, 365).holds
    own = [shown(f"p{number}", day, 30 * number + 11) for number, day in enumerate(days)]
    assert guess_shifts(own, 365).holds


def test_a_patient_examined_on_every_working_day_gives_the_class_of_the_shift():
    monday = date(2019, 3, 4)
    week = [shown("p1", monday + timedelta(days=day), 12) for day in range(5)]
    assert "pin the shifts of 1 patients" in guess_shifts(week, 365).result


def test_the_order_of_the_export_is_recognised():
    assert not guess_order([(f"{place:04d}", place) for place in range(50)]).holds
    assert not guess_order([(f"{place:04d}", 50 - place) for place in range(50)]).holds
    assert guess_order([(f"{place:04d}", place * 37 % 101) for place in range(100)]).holds


def test_rare_combinations_are_counted_and_left_to_a_person():
    studies = [shown(f"p{number}", date(2019, 3, 4), 5, ("F",)) for number in range(9)]
    attack = single_out([*studies, shown("alone", date(2019, 3, 4), 5, ("O",))], 10)
    assert attack.holds is None
    assert attack.result == "1 of 10 patients have one of their own, 10 one of fewer than 10"


@pytest.mark.xdist_group("release")
def test_the_demo_release_holds(place):
    attacks = attack_release(place.config)
    assert len(attacks) == 4
    assert not [attack for attack in attacks if attack.holds is False]
