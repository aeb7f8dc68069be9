"""Reports written by hands that did not know the rules: how much of them stays may only become less."""

from itertools import product

import pytest
from one_report import covered, is_whole

from radrelease.testing.reports import HANDS
from radrelease.testing.written import MANNERS, written_reports

STAYS = {
    ("ordinary", "tuned"): (0.01, 0.01),
    ("ordinary", "set_aside"): (0.01, 0.015),
    ("adversarial", "tuned"): (0.025, 0.065),
    ("adversarial", "set_aside"): (0.05, 0.085),
}
"""Shares of the names, and of all identifiers, that may stay in part."""

EVERY = list(product(MANNERS, HANDS))

LEAKY = {"tuned": 0.025, "set_aside": 0.04}
"""Shares of the ordinary reports in which anything may stay."""


def kept_of(report):
    """What stays of the identifiers of a report, by kind."""
    found = covered(report)
    return [(item.kind, not is_whole(report, item, found)) for item in report.phi]


@pytest.mark.parametrize(("manner", "half"), EVERY)
def test_little_stays_of_what_others_wrote(manner, half):
    kept = [kept_of(report) for report in written_reports(manner, half)]
    names = [stays for report in kept for kind, stays in report if kind == "person"]
    stays = [stays for report in kept for _, stays in report]
    assert len(names) >= 200
    assert sum(names) / len(names) <= STAYS[manner, half][0]
    assert sum(stays) / len(stays) <= STAYS[manner, half][1]
    if manner == "ordinary":
        assert sum(any(stays for _, stays in report) for report in kept) / len(kept) <= LEAKY[half]


@pytest.mark.parametrize(("manner", "half"), EVERY)
def test_every_mark_of_a_written_report_is_read(manner, half):
    reports = list(written_reports(manner, half))
    hands = {"ordinary": {"tuned": 52, "set_aside": 32}, "adversarial": {"tuned": 20, "set_aside": 20}}
    assert len({report.hand for report in reports}) == hands[manner][half]
    assert not any("{{" in report.text or "}}" in report.text for report in reports)
    assert all(report.text[item.start : item.end] == item.text for report in reports for item in report.phi)
    assert sum(len(report.traps) for report in reports) > 300
