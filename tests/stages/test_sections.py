"""The four parts of a report under the headers that sites use."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrelease.records import SectionName
from radrelease.stages.sections import find_sections, section_text

REPORTS = Path(__file__).parents[3] / "shared/data/reports/openi_reports.csv"
PARTS = ("indication", "comparison", "findings", "impression")

# The rules were tuned on the first group only; the second was printed for the first time when they were done.
TUNED = {
    "capitals": "INDICATION: {indication}\n\nCOMPARISON: {comparison}\n\nFINDINGS: {findings}\n\nIMPRESSION: {impression}",
    "title": "Indication: {indication}\nComparison: {comparison}\nFindings: {findings}\nImpression: {impression}",
    "alone": "HISTORY\n{indication}\nCOMPARISON\n{comparison}\nFINDINGS\n{findings}\nCONCLUSION\n{impression}",
    "one line": "INDICATION: {indication} COMPARISON: {comparison} FINDINGS: {findings} IMPRESSION: {impression}",
}
SET_ASIDE = {
    "bold": "**Clinical History:** {indication}\n\n**Comparison:** {comparison}\n\n**Findings:** {findings}\n\n**Impression:** {impression}",
    "numbered": "1) REASON FOR STUDY: {indication}\n2) PRIOR EXAM: {comparison}\n3) FINDINGS: {findings}\n4) OPINION: {impression}",
    "with technique": "EXAM: CXR\nCLINICAL INDICATION: {indication}\nTECHNIQUE: PA and lateral\nCOMPARISON: {comparison}\nFINDINGS:\n{findings}\nIMPRESSION:\n{impression}\n\nElectronically signed by [NAME], MD",
    "dashes": "Reason for exam - {indication}\nPrevious studies - {comparison}\nObservations - {findings}\nConclusion - {impression}",
}


def cut(text):
    sections = find_sections(text)
    return {name: section_text(text, sections, name) for name in SectionName}


def exact_share(style):
    if not REPORTS.is_file():
        pytest.skip("the Open-i reports are not beside the checkout")
    right = total = 0
    with REPORTS.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not all((row[part] or "").strip() for part in ("findings", "impression")):
                continue
            values = {part: (row[part] or "").strip() or "None." for part in PARTS}
            found = cut(style.format(**values))
            total += 4
            right += sum(found[SectionName(part.capitalize())] == values[part] for part in PARTS)
    return right / total


@pytest.mark.parametrize("name", [*TUNED, *SET_ASIDE])
def test_real_reports_are_cut_where_their_authors_cut_them(name):
    share = exact_share((TUNED | SET_ASIDE)[name])
    assert share > 0.97, f"{name}: {share:.4f}"


def test_a_report_without_headers_has_no_sections():
    assert find_sections("The lungs are clear. No effusion.") == ()


def test_findings_are_consistent_is_a_sentence():
    text = "IMPRESSION: Findings are consistent with edema.\nFindings discussed."
    assert cut(text)[SectionName.FINDINGS] is None


def test_findings_and_impression_under_one_header_are_findings():
    assert cut("FINDINGS AND IMPRESSION: Clear.")[SectionName.FINDINGS] == "Clear."


def test_the_signature_does_not_belong_to_the_impression():
    text = "IMPRESSION: Clear.\n\nElectronically signed by: [NAME], MD on 02/02/2019"
    assert cut(text)[SectionName.IMPRESSION] == "Clear."


def test_an_addendum_is_no_part_of_the_impression():
    assert cut("IMPRESSION: Clear.\n\nADDENDUM: Left, not right.")[SectionName.IMPRESSION] == "Clear."


def test_a_header_without_words_is_absent():
    assert cut("INDICATION:\nFINDINGS: Clear.")[SectionName.INDICATION] is None


def test_subheaders_stay_in_their_section():
    text = "FINDINGS:\nHEART: Normal.\nLUNGS: Clear.\nIMPRESSION: Normal."
    assert cut(text)[SectionName.FINDINGS] == "HEART: Normal.\nLUNGS: Clear."


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="FINDINGSMPRESOf:. \n-*1[]", max_size=200))
def test_sections_are_stretches_apart_and_in_order(text):
    sections = find_sections(text)
    assert all(0 <= part.start < part.end <= len(text) for part in sections)
    assert all(a.end <= b.start for a, b in zip(sections, sections[1:], strict=False))
