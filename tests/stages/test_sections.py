"""A report in parts: what a radiologist would point at, and what is in doubt."""

from __future__ import annotations

import csv
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.release import SectionName
from radrelease.records.sections import Doubt, PartKind
from radrelease.stages.sections import find_sections
from radrelease.stages.sections.names import name_of
from radrelease.testing.section_styles import (
    HANDS,
    is_fit,
    is_set_aside,
    load_cases,
    load_styles,
    print_report,
)

REPORTS = Path(__file__).parents[3] / "shared/data/reports/openi_reports.csv"
INDICATION, C, F, M = SectionName
"""Indication, Comparison, Findings, Impression."""


def cut(text):
    return find_sections(text).sections(text)


def doubts(text):
    return set(find_sections(text).doubts)


def kinds(text):
    return [part.kind for part in find_sections(text).parts if part.kind is not PartKind.FURNITURE]


# ------------------------------------------------------------------------------- styles and hard cases


@cache
def real_reports():
    if not REPORTS.is_file():
        pytest.skip("the Open-i reports are not beside the checkout")
    with REPORTS.open(newline="", encoding="utf-8") as file:
        rows = [{name: row[name.value.lower()] or "" for name in SectionName} for row in csv.DictReader(file)]
    return [row for row in rows if is_fit(row)][::160]


def scored(golds):
    """Shares of exact, of accepted, and of wrong among accepted."""
    exact = accepted = wrong = total = 0
    for gold in golds:
        found = find_sections(gold.text)
        right = gold.is_met_by(found.sections(gold.text))
        total, exact, accepted = total + 1, exact + right, accepted + found.accepted
        wrong += found.accepted and not right
    return exact / total, accepted / total, wrong / max(1, accepted)


def styles(*, aside):
    return [
        print_report(style, report)
        for hand in HANDS
        for style in load_styles(hand)
        if is_set_aside(hand, "style", style.name) is aside
        for report in real_reports()
    ]


def cases(*, aside):
    rows = [case for hand in HANDS for case in load_cases(hand)]
    return [case.gold for case in rows if is_set_aside(case.hand, "case", case.name) is aside]


@pytest.mark.parametrize(("aside", "least"), [(False, 0.95), (True, 0.9)])
def test_real_reports_in_the_styles_of_many_departments(aside, least):
    exact, accepted, wrong = scored(styles(aside=aside))
    assert exact > least, exact
    assert accepted > 0.85, accepted
    assert wrong < 0.02, wrong


@pytest.mark.parametrize(("aside", "least"), [(False, 0.9), (True, 0.75)])
def test_hard_cases(aside, least):
    exact, _, _ = scored(cases(aside=aside))
    assert exact > least, exact


# ------------------------------------------------------------------------------------- what is pointed at


def test_numbers_of_a_list_stay_and_the_header_goes():
    assert cut("IMPRESSION:\n1. No pneumonia.\n2. Stable nodule.")[M] == "1. No pneumonia.\n2. Stable nodule."


@pytest.mark.parametrize("header", ["FINDINGS AND IMPRESSION", "Findings/Impression", "Report & Opinion"])
def test_findings_and_impression_under_one_header_are_findings(header):
    found = cut(f"{header}: The lungs are clear. Normal chest.")
    assert found[F] == "The lungs are clear. Normal chest."
    assert found[M] is None


def test_see_findings_is_what_the_impression_says():
    assert cut("FINDINGS: Lungs are clear.\nIMPRESSION: See findings.")[M] == "See findings."


@pytest.mark.parametrize(
    "closing",
    [
        "Electronically signed by: [NAME], MD on 02/02/2019",
        "I have personally reviewed the images and agree with the above.",
        "Dictated by [NAME], PGY-3",
        "Findings were discussed with Dr. [NAME] by telephone at 3:40 pm.",
        "RECOMMENDATION: CT chest.",
        "ADDENDUM: The technique was portable.",
        "With kind regards,\nDr [NAME], Consultant Radiologist",
    ],
)
def test_what_is_signed_agreed_told_or_recommended_is_not_the_impression(closing):
    assert cut(f"FINDINGS: Lungs are clear.\n\nIMPRESSION: Normal chest.\n\n{closing}")[M] == "Normal chest."


def test_findings_that_stand_under_the_technique():
    text = (
        "TECHNIQUE: PA and lateral views.\n\nThe lungs are clear. No effusion.\n\nIMPRESSION: Normal chest."
    )
    assert cut(text)[F] == "The lungs are clear. No effusion."


def test_a_comparison_that_opens_the_findings():
    text = "FINDINGS: Comparison is made with the radiograph of 3/2/2019. The lungs are clear."
    assert cut(text)[C] == "Comparison is made with the radiograph of 3/2/2019."
    assert cut(text)[F] == "The lungs are clear."


def test_a_comparison_within_a_finding_stays():
    text = "FINDINGS: Compared to the prior, the effusion has grown. Heart is normal.\nIMPRESSION: Effusion."
    assert cut(text)[F] == "Compared to the prior, the effusion has grown. Heart is normal."


def test_an_addendum_that_corrects_the_impression_adds_to_it():
    text = "IMPRESSION: Clear.\n\nADDENDUM: An error. Impression should read: Left effusion."
    assert cut(text)[M] == "Clear.\n\nLeft effusion."
    assert not find_sections(text).accepted


def test_a_wet_read_gives_way_to_the_final_report():
    text = (
        "WET READ\nFINDINGS: ?Opacity.\nIMPRESSION: Pneumonia.\n\nFINAL REPORT\n"
        "FINDINGS: The lungs are clear.\nIMPRESSION: Normal chest."
    )
    assert cut(text)[F] == "The lungs are clear."
    assert cut(text)[M] == "Normal chest."


def test_two_exams_of_one_report_give_both():
    text = "CHEST\nFINDINGS: Clear lungs.\nIMPRESSION: Normal.\n\nABDOMEN\nFINDINGS: No free air.\nIMPRESSION: Ileus."
    assert cut(text)[F] == "Clear lungs.\n\nNo free air."
    assert cut(text)[M] == "Normal.\n\nIleus."


def test_a_page_break_within_the_findings():
    text = "FINDINGS: Heart is large.\n\n(Over)\nPatient [NAME]\n(Cont)\n\nLungs are clear.\n\nIMPRESSION: Large heart."
    assert cut(text)[F] == "Heart is large.\n\nLungs are clear."


@pytest.mark.parametrize("break_", [r"\.br\ ".strip(), "<br/>", "\r\n", "</p><p>"])
def test_line_breaks_of_other_systems(break_):
    text = break_.join(["INDICATION: Cough.", "FINDINGS:", "Lungs are clear.", "IMPRESSION: Normal."])
    assert cut(text)[INDICATION] == "Cough."
    assert cut(text)[F] == "Lungs are clear."


@pytest.mark.parametrize(
    "header",
    [
        "**Findings:** {}", "1) FINDINGS: {}", "Findings\n--------\n{}", "<b>FINDINGS</b>: {}", "FINDINGS - {}",
        "== FINDINGS ==\n{}", "[FINDINGS] {}", "FINDINGS {}", "Radiographic findings: {}", "Findngs: {}",
        "REPORT:\n{}", "CHEST, TWO VIEWS: {}", "Findings (by the resident): {}", "FINDINGS:- {}", "F I N D I N G S".replace(" ", "") + ".\n{}",
    ],
)  # fmt: skip
def test_headers_in_many_forms(header):
    words = "The lungs are clear. There is no effusion."
    text = "INDICATION: Cough.\n\n" + header.format(words) + "\n\nIMPRESSION: Normal chest."
    assert cut(text)[F] == words
    assert cut(text)[M] == "Normal chest."


def test_sections_on_one_line():
    text = "INDICATION: Cough. COMPARISON: None. FINDINGS: Lungs are clear. IMPRESSION: Normal."
    assert cut(text) == {INDICATION: "Cough.", C: "None.", F: "Lungs are clear.", M: "Normal."}


@pytest.mark.parametrize(
    "sentence",
    [
        "Findings are consistent with edema.",
        "Impression on the trachea by the aorta.",
        "Comparison of the two sides shows asymmetry.",
        "History of lobectomy is noted.",
    ],
)
def test_a_sentence_that_begins_with_the_word_of_a_header(sentence):
    text = f"FINDINGS: The heart is large.\n{sentence}\nIMPRESSION: Edema."
    assert cut(text)[F] == f"The heart is large.\n{sentence}"


def test_subheaders_stay_in_their_section():
    text = "FINDINGS:\nHEART: Normal.\nLUNGS: Clear.\nIMPRESSION: Normal."
    assert cut(text)[F] == "HEART: Normal.\nLUNGS: Clear."


def test_a_placeholder_is_a_word():
    text = "INDICATION: ___-year-old man\nCOMPARISON: ___\nFINDINGS: [NAME] tube ends above the carina."
    assert cut(text)[INDICATION] == "___-year-old man"
    assert cut(text)[C] == "___"
    assert cut(text)[F] == "[NAME] tube ends above the carina."


def test_a_header_without_words_is_absent():
    assert cut("INDICATION:\nFINDINGS: Clear.")[INDICATION] is None


def test_a_diagnosis_before_the_findings_is_that_of_the_referrer():
    text = "DIAGNOSIS: Asthma.\nFINDINGS: Lungs are clear.\nIMPRESSION: Normal."
    assert cut(text)[INDICATION] == "Asthma."


# --------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Relevant clinical history and indication", PartKind.INDICATION),
        ("Reason for Exam", PartKind.INDICATION),
        ("Clinical summary / diagnosis", PartKind.INDICATION),
        ("Previous imaging reviewed", PartKind.COMPARISON),
        ("COMPARISON STUDIES", PartKind.COMPARISON),
        ("Radiologist's opinion", PartKind.IMPRESSION),
        ("Imprression", PartKind.IMPRESSION),
        ("Summary code", PartKind.ADMINISTRATIVE),
        ("Exam date", PartKind.EXAM),
        ("Reported by", PartKind.SIGNATURE),
        ("Recommendation(s)", PartKind.RECOMMENDATION),
    ],
)
def test_what_a_header_heads(header, kind):
    assert name_of(header).kind is kind


@pytest.mark.parametrize("words", ["The lungs are clear", "Heart", "No acute disease", "x" * 71, "", "@#"])
def test_what_is_no_header(words):
    assert name_of(words) is None


def test_the_commonest_headers_of_a_great_collection_are_known():
    counts = load_section_rules().counts
    unknown = [header for header in counts if name_of(header) is None]
    assert unknown == ["chest, two views"], "a title, and no header by its words"


def test_headers_that_a_source_has_of_its_own():
    own = (("Tote", PartKind.FINDINGS), ("WHAT IT MEANS", PartKind.IMPRESSION), ("Log", PartKind.OTHER))
    text = "History: Cough.\nTOTE: Lungs are clear. What it means: Normal chest.\nLog = 12\nLogs are kept."
    found = find_sections(text, own).sections(text)
    assert found[F] == "Lungs are clear."
    assert found[M] == "Normal chest."
    assert find_sections(text).sections(text) != found


# ---------------------------------------------------------------------------------------------- doubts


DOUBTFUL = {
    Doubt.NO_HEADER: "The lungs are clear. There is no effusion.",
    Doubt.NO_FINDINGS: "INDICATION: Cough.\nTECHNIQUE: PA.",
    Doubt.UNKNOWN_HEADER: "INDICATION: Cough.\nTOTE: Rest is needed.\nFINDINGS: Lungs are clear.",
    Doubt.UNSURE_HEADER: "INDICATION: Cough.\nFINDINGS: Lungs are clear. Impression of a nodule.",
    Doubt.UNHEADED_TEXT: "TECHNIQUE: Two views. The lungs are clear. There is no effusion.\nIMPRESSION: Normal.",
    Doubt.OUT_OF_ORDER: "FINDINGS: Lungs are clear.\nIMPRESSION: Normal.\nINDICATION: Cough.",
    Doubt.REPEATED: "FINDINGS: Clear lungs.\nIMPRESSION: Normal.\nFINDINGS: No free air.",
    Doubt.ODD_CONTENT: "COMPARISON: The lungs are clear. There is no effusion.\nFINDINGS: Heart is normal.",
    Doubt.ODD_LENGTH: "INDICATION: " + "cough and " * 60 + "\nFINDINGS: Lungs are clear.",
    Doubt.CORRECTED: "FINDINGS: Lungs are clear.\nIMPRESSION: Normal.\n\nADDENDUM: There was an error.",
    Doubt.SEVERAL_REPORTS: "WET READ\nFINDINGS: Opacity.\nIMPRESSION: ?\nFINAL REPORT\nFINDINGS: Clear lungs.",
}


@pytest.mark.parametrize("doubt", Doubt)
def test_every_doubt_has_a_report_that_raises_it(doubt):
    assert doubt in doubts(DOUBTFUL[doubt])


def test_a_plain_report_is_accepted():
    text = "INDICATION: Cough.\n\nFINDINGS: The lungs are clear.\n\nIMPRESSION: Normal chest."
    assert find_sections(text).accepted
    assert find_sections(text).confidence == 1


def test_doubts_lower_the_confidence():
    one, two = find_sections(DOUBTFUL[Doubt.REPEATED]), find_sections(DOUBTFUL[Doubt.SEVERAL_REPORTS])
    assert 1 > one.confidence >= two.confidence > 0


# ------------------------------------------------------------------------------------------ invariants


PIECES = st.sampled_from(
    [
        *("FINDINGS", "IMPRESSION:", "Findings ", "History: ", "ADDENDUM", "WET READ", "(Over)", "(Cont)", "FINAL REPORT"),
        *(": ", "\n", "\n\n", r"\.br\ ".strip(), "<br>", "~", "|", "--", "1. ", "**", "> ", "___", "\x0c", "\u2028"),
        *("Lungs are clear.", "No effusion", "[NAME]", "Dr [NAME], MD", "Signed by ", "CHEST, 2 VIEWS", "Ł", "é", "中"),
    ]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=30).map("".join))
@example("")
@example("\ud800")
@example("a" * 3000)
def test_parts_tile_the_report_whatever_it_is(text):
    found = find_sections(text)
    place = 0
    for part in found.parts:
        assert part.start == place < part.end
        place = part.end
    assert place == len(text)
    for name, words in found.sections(text).items():
        if words is not None:
            pieces = words.split("\n\n")
            assert all(piece in text for piece in pieces), name
            assert words == words.strip()


@pytest.mark.parametrize(
    "piece",
    ["A " * 38 + "1\n", "RADIOLOGY REPORT" + 40 * " " + "PAGE 001\n", "|", "#<br>", "a: ", "FINDINGS/"],
)
def test_the_time_is_linear_in_a_hostile_report(piece):
    def seconds(size):
        text = (piece * size)[:size]
        began = time.process_time()
        find_sections(text)
        return time.process_time() - began

    short, long = (min(seconds(size) for _ in range(3)) for size in (5_000, 20_000))
    assert long < min(0.5, 12 * short + 0.02)  # four times the text; 16 times were a square


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=20).map("".join))
def test_the_same_report_is_cut_the_same(text):
    assert find_sections(text) == find_sections(text)
