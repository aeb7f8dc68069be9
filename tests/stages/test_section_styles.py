"""Reports printed in a style, and hard cases, carry the truth about their sections."""

from __future__ import annotations

import pytest

from radrelease.records.release import SectionName
from radrelease.testing import section_styles
from radrelease.testing.section_styles import (
    HANDS,
    SectionDataError,
    is_fit,
    is_set_aside,
    load_cases,
    load_styles,
    parse_cases,
    parse_styles,
    print_report,
)

INDICATION, COMPARISON, FINDINGS, IMPRESSION = SectionName
WORDS = {
    INDICATION: "Chest pain.",
    FINDINGS: "The lungs are clear. No effusion. Seen by Dr. XXXX today.",
    IMPRESSION: "1. No acute disease. 2. Stable.",
}


def printed(template, words=WORDS, more=""):
    (style,) = parse_styles("academic", f"[[style]]\nname = 'a'\ntext = '''\n{template}\n'''\n{more}")
    return print_report(style, words)


def test_a_report_is_printed_with_its_sections_as_they_stand():
    gold = printed(
        "Indication: {indication}\n[[Comparison: {comparison}\n]]FINDINGS\n{findings:lines}\n\n"
        "IMPRESSION:\n{impression:numbered}\n\nSigned by [NAME]"
    )
    assert gold.text == (
        "Indication: Chest pain.\nFINDINGS\nThe lungs are clear.\nNo effusion.\nSeen by Dr. XXXX today.\n\n"
        "IMPRESSION:\n1. No acute disease.\n2. Stable.\n\nSigned by [NAME]"
    )
    assert gold.sections == {
        INDICATION: "Chest pain.",
        COMPARISON: None,
        FINDINGS: "The lungs are clear.\nNo effusion.\nSeen by Dr. XXXX today.",
        IMPRESSION: "1. No acute disease.\n2. Stable.",
    }


@pytest.mark.parametrize(
    ("modifiers", "shown"),
    [
        ("spaced", "The lungs are clear.\n\nNo effusion."),
        ("parens", "1) The lungs are clear.\n2) No effusion."),
        ("bullets", "- The lungs are clear.\n- No effusion."),
        ("stars,upper", "* THE LUNGS ARE CLEAR.\n* NO EFFUSION."),
        ("lower", "the lungs are clear. no effusion."),
        ("lines,indent", "    The lungs are clear.\n    No effusion."),
        ("indent, lines", "    The lungs are clear.\n    No effusion."),
        ("lines,quoted", "> The lungs are clear.\n> No effusion."),
    ],
)
def test_sentences_are_arranged(modifiers, shown):
    gold = printed(f"F\n{{findings:{modifiers}}}\nend", {FINDINGS: "The lungs are clear. No effusion."})
    assert gold.text == f"F\n{shown}\nend"
    assert gold.sections[FINDINGS] == shown.removeprefix("> ").strip()


def test_wrapped_lines_keep_their_indent_and_all_words():
    words = "No acute cardiopulmonary abnormality is seen " * 4
    gold = printed("F\n{findings:indent,wrap}", {FINDINGS: words})
    lines = gold.text.splitlines()[1:]
    assert len(lines) > 2
    assert all(len(line) <= 60 and line.startswith("    ") for line in lines)
    assert " ".join(gold.text.split()) == f"F {words.strip()}"


def test_a_section_without_words_is_printed_as_the_style_says():
    gold = printed("C: {comparison}\nF: {findings:upper}")
    assert gold.sections[COMPARISON] == "None."
    assert printed("C: {comparison}\nF: {findings}", more="absent = 'n/a'").text.startswith("C: n/a\n")
    nothing = printed("C: {comparison}\nF: {findings}", more="absent = ''")
    assert nothing.sections[COMPARISON] is None


def test_both_under_one_header_are_findings():
    gold = printed("FINDINGS/IMPRESSION: {both:lines}", {FINDINGS: "Clear.", IMPRESSION: "Normal."})
    assert gold.sections[FINDINGS] == "Clear.\nNormal."
    assert gold.sections[IMPRESSION] is None


def test_every_line_break_is_written_as_the_style_says():
    gold = printed("F:\n{findings:lines}", more="newline = '\\.br\\'")
    assert "\n" not in gold.text
    assert gold.sections[FINDINGS] in gold.text
    assert r"clear.\.br\No" in gold.text


def test_only_blanks_around_a_section_may_differ():
    gold = printed("F: {findings}", {FINDINGS: "Clear."})
    assert gold.is_met_by({FINDINGS: " Clear.\n", IMPRESSION: ""})
    assert not gold.is_met_by({FINDINGS: "Clear"})
    assert not gold.is_met_by({FINDINGS: "Clear.", IMPRESSION: "Clear."})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{finding}", "no section {finding}"),
        ("{findings} {findings}", "two places"),
        ("{findings} {both}", "stands beside"),
        ("{indication}", "neither findings nor impression"),
        ("{findings:sorted}", "no modifier 'sorted'"),
        ("{findings:}", "no modifier ''"),
        ("{findings:lines,bullets}", "contradict"),
        ("[[ {findings} [[ {impression} ]] ]]", "in another"),
        ("{findings} [[NAME]]", "names no section"),
        ("[[ {findings} ", "does not end"),
    ],
)
def test_a_template_that_cannot_be_printed_is_told_with_its_name(template, message):
    with pytest.raises(SectionDataError, match=r"^academic, style a: ") as told:
        printed(template)
    assert message in str(told.value)


CASE = "[[case]]\nname = 'c'\nwhy = 'odd'\ntext = '''\n{}\n'''\n"


def test_marks_of_a_case_are_taken_out_and_give_the_truth():
    (case,) = parse_cases(
        "community",
        CASE.format("HISTORY: <<I|Cough.>>\n>>> READ <<<\n<<F|Clear.\n>>IMP: <<M|Normal.>>\nADD: <<M|Old.>>"),
    )
    assert case.gold.text == "HISTORY: Cough.\n>>> READ <<<\nClear.\nIMP: Normal.\nADD: Old."
    assert list(case.gold.sections.values()) == ["Cough.", None, "Clear.", "Normal.\n\nOld."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CASE.format("<<X|a>>"), "no mark 'X'"),
        (CASE.format("<<F|a <<M|b>> >>"), "in another"),
        (CASE.format("<<F| >>"), "no words"),
        (CASE.format("<<F|a"), "does not end"),
        (CASE.format("a").replace("odd", ""), "does not say why"),
        (CASE.format("a").replace("'c'", "'Not Kebab'"), "kebab-case"),
        (CASE.format("a") * 2, "two of .* named c"),
        (CASE.format("a").replace("why", "wy"), "wy is no string"),
        ("[[case]]\ntext = 'a'", "case number 1: it has no name"),
        ("[[stile]]\nname = 'a'", "no .*stile"),
        ("[[case]", "not TOML"),
    ],
)
def test_a_malformed_case_is_told(text, message):
    with pytest.raises(SectionDataError, match=message):
        parse_cases("community", text)


def test_whole_hands_and_a_third_of_two_are_set_aside():
    styles = [(hand, style.name) for hand in HANDS for style in load_styles(hand)]
    aside = [row for row in styles if is_set_aside(row[0], "style", row[1])]
    assert len(styles) >= 180
    assert len(aside) * 3 >= len(styles)
    assert {"commonwealth", "regional", "international"} <= {hand for hand, _ in aside}
    assert not is_set_aside("county", "style", styles[0][1])
    assert is_set_aside("commonwealth", "case", "whatever")


def test_a_report_whose_sections_begin_with_headers_is_not_printed():
    said = dict.fromkeys(SectionName, "") | {FINDINGS: "Clear."}
    assert is_fit(said)
    assert not is_fit(said | {SectionName.INDICATION: "INDICATION: Cough."})
    assert not is_fit(said | {SectionName.IMPRESSION: "Mass. Discussed with the resident."})
    assert not is_fit(dict.fromkeys(SectionName, " "))


@pytest.mark.parametrize("hand", HANDS)
def test_every_hand_prints_whole_and_partial_reports(hand):
    if not section_styles._folder().joinpath(f"{hand}.toml").is_file():
        pytest.skip("this hand has not been written")
    assert load_cases(hand)
    for style in load_styles(hand):
        for words in ({FINDINGS: "Clear. Normal heart."}, {IMPRESSION: "Normal."}, WORDS):
            gold = print_report(style, words)
            shown = [section for section in gold.sections.values() if section]
            assert shown
            assert all(section in gold.text for section in shown)
