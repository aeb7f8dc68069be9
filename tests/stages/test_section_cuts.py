"""Where the sections of reports end that departments, typists, scanners and systems have decorated."""

from __future__ import annotations

import pytest

from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind
from radrelease.stages.sections import find_sections
from radrelease.stages.sections.names import name_of

INDICATION, COMPARISON, FINDINGS, IMPRESSION = SectionName
SEEN = "FINDINGS: The lungs are clear.\nIMPRESSION: No acute disease."


def cut(text):
    return find_sections(text).sections(text)


@pytest.mark.parametrize(
    "closing",
    [
        "\n\nKnown / Minor\nReported by: [NAME]",
        "\nReader no. XXXX",
        "\n\nMEDICAL CLEARANCE (to be completed by the clinic)\n[ ] Cleared   [ ] Hold\nRestrictions: ____",
        "\n\nFront desk, [FACILITY] Family Practice",
        "\n\nPlease do not hesitate to telephone should you wish to discuss it.\n\nWith compliments,\nDr [NAME]",
        " Signed electronically by [NAME] MD on [DATE]",
        " End dictation. Thank you.",
        " New paragraph.",
    ],
)
def test_last_lines_of_an_office_are_no_impression(closing):
    assert cut(f"HISTORY: Cough.\n{SEEN}{closing}")[IMPRESSION] == "No acute disease."


@pytest.mark.parametrize(
    "last",
    [
        "\n\nRecommend CT scan for further evaluation of the mass.",
        "\n\nOld granuloma",
        "\nStable\nUnchanged",
        " Seen again in\nXXXX.",
    ],
)
def test_last_lines_of_findings_stay_with_the_impression(last):
    text = f"HISTORY: Cough.\nFINDINGS: Clear.\nIMPRESSION: A nodule.{last}"
    assert cut(text)[IMPRESSION] == f"A nodule.{last}"


def test_an_indication_that_is_left_empty_takes_no_label_of_the_office():
    text = f"Clinical History:\n\nReport Status: Verified\n\n{SEEN}"
    assert cut(text)[INDICATION] is None
    assert cut(f"Clinical History: MRN [ID]: asthma\n{SEEN}")[INDICATION] == "MRN [ID]: asthma"
    underlined = "Clinical information\n--------------------\nMRN [ID]: asthma"
    assert cut(f"{underlined}\n\n{SEEN}")[INDICATION] == "MRN [ID]: asthma"


def test_a_technique_without_a_header_is_no_indication():
    text = f"Your notes: Cough.\n\nTwo projections were obtained.\n\n{SEEN}".replace("Your notes", "History")
    assert cut(text)[INDICATION] == "Cough."


def test_the_word_of_the_open_section_is_no_second_header_without_a_colon():
    assert cut(f"CLIN HX = ASTHMA. HISTORY EMPHYSEMA.\n{SEEN}")[INDICATION] == "ASTHMA. HISTORY EMPHYSEMA."


def test_what_says_no_is_no_header():
    text = f"HISTORY\nCough\nCOMPARISON\nNo comparisons are available\n{SEEN}"
    assert cut(text)[COMPARISON] == "No comparisons are available"
    assert name_of("No. of views").kind is PartKind.TECHNIQUE


def test_the_last_words_of_a_sentence_in_capitals_are_no_header():
    text = "FINDINGS:\nTHE MASS APPEARS LARGER THAN ON\nPRIOR STUDY.\nTHERE ARE NO BONY\nFINDINGS.\nIMPRESSION: MASS."
    assert (
        cut(text)[FINDINGS] == "THE MASS APPEARS LARGER THAN ON\nPRIOR STUDY.\nTHERE ARE NO BONY\nFINDINGS."
    )


def test_tags_before_digits_and_small_letters():
    text = "<HISTORY>cough</HISTORY>\n<FINDINGS>Clear.</FINDINGS>\n<IMPRESSION>1. Normal chest.</IMPRESSION>"
    assert list(cut(text).values()) == ["cough", None, "Clear.", "1. Normal chest."]


def test_items_of_a_list_that_name_a_region_stay():
    text = "IMPRESSION:\n1. CHEST.\n2. No disease.\n3. ABDOMEN.\n4. Normal gas.\nHISTORY: Pain.\nFINDINGS: Clear."
    assert cut(text)[IMPRESSION] == "1. CHEST.\n2. No disease.\n3. ABDOMEN.\n4. Normal gas."


def test_an_interpretation_alone_is_the_findings():
    text = "HISTORY: Cough.\nINTERPRETATION:\nThe lungs are clear. The heart is normal."
    assert cut(text)[FINDINGS] == "The lungs are clear. The heart is normal."
    both = "HISTORY: Cough.\nFINDINGS: Clear.\nINTERPRETATION: Normal."
    assert cut(both)[IMPRESSION] == "Normal."


def test_a_short_paragraph_that_opens_findings_under_a_title():
    text = (
        "HISTORY: Cough.\n\nCHEST X-RAY\n\nLow lung volumes.\n\nThere is no effusion. Heart size is normal."
    )
    assert cut(text)[FINDINGS] == "Low lung volumes.\n\nThere is no effusion. Heart size is normal."


def test_spoken_headers_need_no_full_stop_before_them():
    text = (
        "two view chest indication wheezing comparison none findings lungs are clear. impression no disease."
    )
    assert list(cut(text).values()) == ["wheezing", "none", "lungs are clear.", "no disease."]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("FlNDlNGS", PartKind.FINDINGS),
        ("lMPRESSlON", PartKind.IMPRESSION),
        ("C0MPARIS0N", PartKind.COMPARISON),
        ("Radiology Imaging study [Impression]", PartKind.IMPRESSION),
        ("Findings (comparison)", PartKind.FINDINGS),
        ("Date of last film", PartKind.COMPARISON),
        ("Exam date", PartKind.EXAM),
    ],
)
def test_what_a_header_heads(header, kind):
    assert name_of(header).kind is kind


def test_letters_that_a_scanner_took_for_others():
    text = "Hx; cough\nFlNDlNGS; Clear lungs.\n\nlMPRESSlON; Normal chest."
    assert list(cut(text).values()) == ["cough", None, "Clear lungs.", "Normal chest."]


def test_titles_of_a_clinical_document():
    text = (
        "<section><title>Reason for study</title><text>Cough.</text></section>\n"
        "<section><title>Radiology Study observation</title><text>Clear lungs.</text></section>\n"
        "<section><title>Radiology Imaging study [Impression]</title><text>Normal.</text></section>"
    )
    assert list(cut(text).values()) == ["Cough.", None, "Clear lungs.", "Normal."]
