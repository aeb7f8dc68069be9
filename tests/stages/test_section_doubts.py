"""Reports that are cut without their author's header, and say so."""

from __future__ import annotations

import pytest

from radrelease.records.release import SectionName
from radrelease.records.sections import Doubt
from radrelease.stages.sections import find_sections
from radrelease.testing.section_styles import HANDS, is_set_aside, load_styles, print_report

INDICATION, COMPARISON, FINDINGS, IMPRESSION = SectionName
SAID = {
    INDICATION: "Cough for two weeks.",
    COMPARISON: "None.",
    FINDINGS: "The heart is normal in size. The lungs are clear. No pleural effusion.",
    IMPRESSION: "No acute disease.",
}
SEEN = "FINDINGS: The lungs are clear.\nIMPRESSION: Normal chest."


def doubts(text):
    return set(find_sections(text).doubts)


# ------------------------------------------------------------------------------- marked as headers are


UNKNOWN_AMONG_KNOWN = {
    "an equals sign": "HX = Cough.\nTOTE = None.\nFINDINGS = The lungs are clear.\nIMP = Normal chest.",
    "two blanks": "HISTORY  Cough.\nTOTE  None.\nFINDINGS  The lungs are clear.\nIMPRESSION  Normal chest.",
    "a tab": "History\tCough.\nTote\tNone.\nFindings\tThe lungs are clear.\nImpression\tNormal chest.",
    "a dash": "HISTORY - Cough.\nTOTE - None.\nFINDINGS - The lungs are clear.\nIMPRESSION - Normal chest.",
    "a bar": "History | Cough.\nTote | None.\nFindings | The lungs are clear.\nImpression | Normal chest.",
    "a full stop": "History. Cough.\nTote. None.\nFindings. The lungs are clear.\nConclusion. Normal chest.",
    "a frame": "== hx ==\nCough.\n== tote ==\nNone.\n== findings ==\nThe lungs are clear.\n== imp ==\nNormal chest.",
    "small letters": "hx: cough.\ntote: none.\nfindings: the lungs are clear.\nimpression: normal chest.",
    "numbers": "1. HISTORY\nCough.\n2. TOTE\nNone.\n3. FINDINGS\nThe lungs are clear.\n4. IMPRESSION\nNormal chest.",
    "lines of their own": "History\nCough.\nTote\nNone.\nFindings\nThe lungs are clear.\nImpression\nNormal chest.",
    "words known in part": "HISTORY: Cough.\nTOTE BACKGROUND: None.\n" + SEEN,
    "one line": "CXR; hx: cough; tote: none; findings: the lungs are clear; impression: normal chest",
    "one line of capitals": "HISTORY: Cough TOTE: None FINDINGS: The lungs are clear. IMPRESSION: Normal chest.",
}


@pytest.mark.parametrize("mark", UNKNOWN_AMONG_KNOWN)
def test_an_unknown_header_that_is_marked_as_the_known_ones_is_told(mark):
    assert doubts(UNKNOWN_AMONG_KNOWN[mark]) & {Doubt.UNKNOWN_HEADER, Doubt.UNSURE_HEADER}


@pytest.mark.parametrize("mark", UNKNOWN_AMONG_KNOWN)
def test_the_same_report_without_it_is_accepted(mark):
    text = UNKNOWN_AMONG_KNOWN[mark]
    for word, known in (("TOTE BACKGROUND", "COMPARISON"), ("TOTE", "COMPARISON"), ("Tote", "Comparison")):
        text = text.replace(word, known)
    assert doubts(text.replace("tote", "comparison")) == set()


def test_a_line_of_an_indication_that_stands_alone_is_no_header():
    text = "HISTORY\nCHEST PAIN\nCOMPARISON\nNONE\nFINDINGS\nLUNGS ARE CLEAR.\nIMPRESSION\nNORMAL CHEST."
    assert doubts(text) == set()


def test_a_sub_header_of_findings_is_no_header_that_is_missed():
    text = "HX - Cough.\nFINDINGS - As below.\nLungs - Clear.\nHeart - Normal.\nIMPRESSION - Normal chest."
    assert Doubt.UNKNOWN_HEADER not in doubts(text)


def test_a_label_before_a_name_is_no_header_that_matters():
    assert doubts(f"HISTORY: Cough.\nTote: [NAME], MD\n{SEEN}") == set()
    assert doubts(f"HISTORY: Cough.\nTote: Broken.\n{SEEN}") == {Doubt.UNKNOWN_HEADER}


# ------------------------------------------------------------------------------------ what is missing


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (f"CHEST X-RAY\nTote: Cough.\n{SEEN}", Doubt.UNKNOWN_HEADER),
        (f"CHEST X-RAY\n\nCough and fever.\n\n{SEEN}", Doubt.UNHEADED_TEXT),
        (f"CHEST X-RAY\nRALES;\n{SEEN}", Doubt.UNHEADED_TEXT),
        (f"STUDY: cough and fever\n{SEEN}", Doubt.UNHEADED_TEXT),
        (f"HISTORY: Cough.\nIMAGES: None.\n{SEEN}", Doubt.UNSURE_HEADER),
        ("HISTORY: Cough.\nTWO VIEW CHEST: None.\nIMPRESSION: Normal.", Doubt.UNHEADED_TEXT),
        ("HISTORY: Cough.\nTECHNIQUE: PA view.\n\nNone.\n\nIMPRESSION: Normal.", Doubt.UNHEADED_TEXT),
        ("HISTORY: Cough.\nFINDINGS: The lungs are clear.\n\nNormal chest.", Doubt.UNHEADED_TEXT),
        ("HISTORY: Cough.\nFINDINGS: The lungs are clear.\nNormal chest.", Doubt.UNHEADED_TEXT),
        ("HISTORY: Cough.\nFINDINGS: Clear lungs.\nCopy: no effusion, clear lungs.", Doubt.ODD_CONTENT),
    ],
)
def test_where_a_section_is_missing_what_may_hold_it_is_told(text, doubt):
    assert doubt in doubts(text)


@pytest.mark.parametrize(
    "text",
    [
        f"CHEST X-RAY\n{SEEN}",
        f"CHEST X-RAY\nMRN: 12\nLocation: [NAME]\n{SEEN}",
        f"STUDY: Chest, two views, 3/4/2015\n{SEEN}",
        "HISTORY: Cough.\nFINDINGS AND IMPRESSION: The lungs are clear.\n\nNormal chest.",
        "HISTORY: Cough.\nFINDINGS: The lungs are clear.",
    ],
)
def test_a_section_that_is_missing_is_no_doubt_by_itself(text):
    assert doubts(text) == set()


# ------------------------------------------------------------------------------------- what is odd


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (f"HISTORY: Cough.\n\nHe is an anxious man.\n\n{SEEN}", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough.\nConsent was given.\n{SEEN}", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough\nBrought by bed\n{SEEN}", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough.\nCOMPARISON: None\nNo prior\n{SEEN}", Doubt.ODD_CONTENT),
        (f"INDICATION: CHEST 2 VIEWS\n{SEEN}", Doubt.ODD_CONTENT),
        ("HISTORY: Cough.\nFINDINGS: Chest, two views\nIMPRESSION: Normal chest.", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough.\n{SEEN}\n\nKnown or minor", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough.\n{SEEN}\n\nPlease bring this paper to your next visit.", Doubt.ODD_CONTENT),
        (f"HISTORY: Cough.\nFINDINGS: Comparison [DATE]. {SEEN[10:]}", Doubt.UNSURE_HEADER),
        ("HISTORY: Cough.\nINTERPRETATION: The lungs are clear.", Doubt.UNSURE_HEADER),
        (f"History\nWhy we looked at this patient\n{SEEN}", Doubt.UNSURE_HEADER),
        (
            "HISTORY\nCOUGH.\nFINDINGS\nTHERE ARE SMALL OPACITIES IN BOTH OF THE LUNGS THAT ARE\nPRIOR\nOPACITIES.",
            Doubt.UNSURE_HEADER,
        ),
    ],
)
def test_what_is_odd_under_a_header_is_told(text, doubt):
    assert doubt in doubts(text)


def test_a_name_that_was_taken_out_is_nothing_odd():
    text = "HISTORY: As asked by [NAME].\nFINDINGS: Clear lungs.\nIMPRESSION: A mass, as agreed with [NAME]."
    assert doubts(text) == set()


def test_wrapped_lines_of_an_indication_are_nothing_odd():
    text = f"HISTORY: Cough and fever for two weeks in a man who has asthma and\nsmokes.\n{SEEN}"
    assert doubts(text) == set()


# ----------------------------------------------------------------------------- headers that nobody knows


STRANGE = {INDICATION: "TROGG", COMPARISON: "BLARN", FINDINGS: "SKELM", IMPRESSION: "VOOST"}
MARKS = (
    "{}: {}\n",
    "{}\n{}\n\n",
    "{} = {}\n",
    "{} -- {}\n",
    "{}  {}\n",
    "*** {} ***\n{}\n",
    "[{}] {}\n",
    "{}: {} ",
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("name", SectionName)
def test_a_section_under_a_strange_header_is_not_accepted_wrongly(mark, name):
    words = {each: each.value.upper() for each in SectionName} | {name: STRANGE[name]}
    text = "".join(mark.format(words[each], SAID[each]) for each in SectionName).rstrip()
    found = find_sections(text)
    assert not found.accepted or found.sections(text) == SAID


def test_tuned_styles_accept_a_plain_report():
    styles = [
        style for hand in HANDS for style in load_styles(hand) if not is_set_aside(hand, "style", style.name)
    ]
    accepted = sum(find_sections(print_report(style, SAID).text).accepted for style in styles)
    assert accepted > 0.85 * len(styles)
