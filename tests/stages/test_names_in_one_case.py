"""Names that are words, where case does not tell: lines of capitals and of small letters."""

import one_report
import pytest

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.known_terms import compile_patient


def scrubbed(text, *patient):
    known = compile_patient(Identifier(IdentifierKind.PATIENT_NAME, name) for name in patient)
    return one_report.scrubbed(text, patient=known, placeholder="typed")


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr West in bed.",
        "Mr Little from security sat with her.",
        "Mr Day accompanying.",
        "Mr Black seen in clinic.",
        "Stone called back at night.",
        "Hunter wants lat film.",
        "Black was informed of the result.",
        "Black: new right effusion.",
        "Park: needs repeat.",
        "Case requests lateral.",
        "Surname is fountain.",
        "Verified by CN.",
        "Examined by Dra. Joy.",
        "Asked me to tell hill.",
        "Doc Brown rounding.",
    ],
)
def test_in_one_case_the_sentence_goes_in_which_a_word_can_only_be_a_name(sentence):
    text = f"Lungs clear, no effusion seen. {sentence} Heart normal in size."
    for line in (text.upper(), text.lower()):
        first, last = line[:30], line[-22:]
        assert scrubbed(line) == f"{first} [SENTENCE] {last.strip()}"


@pytest.mark.parametrize(
    "sentence",
    [
        "MR chest recommended.",
        "MR brain with contrast was negative.",
        "MR long axis views were obtained.",
        "Renal stone is seen again.",
        "Renal stone called on prior CT.",
        "Long standing scarring at the apex.",
        "Ground glass to follow up in 6 weeks.",
        "Lung fields are clear.",
        "Field of view is limited.",
        "Hand overlies the left base.",
        "Nurse informed.",
        "Doctor told.",
        "Wife aware.",
        "Per protocol.",
        "Thanks for the referral.",
        "May represent scar.",
        "Will follow.",
    ],
)
def test_words_stay_where_they_are_words(sentence):
    text = f"Lungs clear, no effusion seen. {sentence} Heart normal in size."
    for line in (text, text.upper(), text.lower()):
        assert scrubbed(line) == line


def test_a_known_name_in_small_letters_goes_where_it_begins_a_sentence():
    text = "The lungs are clear. wells will call. Wells score is low."
    assert scrubbed(text, "WELLS^JANE") == "The lungs are clear. [NAME] will call. Wells score is low."


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Lungs clear. Tia will document.", "Lungs clear. [UNKNOWN] will document."),
        ("Lungs clear. PK", "Lungs clear. [NAME]"),
        ("Lungs clear. CHF.", "Lungs clear. CHF."),
        ("Seen by US. Reviewed by CT.", "Seen by US. Reviewed by CT."),
        ("Lungs clear. Read by AI.", "Lungs clear. Read by AI."),
        ("Clerk: Happy. Lungs clear.", "Clerk: [NAME]. Lungs clear."),
        ("Driver: none. Clerk: yes.", "Driver: none. Clerk: yes."),
        ("Her brother Min-jun is here.", "Her brother [NAME] is here."),
        ("Zenker-like pouch.", "Zenker-like pouch."),
        ("[09:15] Rad_AK: yes, tip ok", "[09:15] [NAME]: yes, tip ok"),
        ("Can you look again? thx T", "Can you look again? thx [NAME]"),
    ],
)
def test_names_and_initials_where_people_sign_and_speak(text, published):
    assert scrubbed(text) == published
