"""Identifiers in the wording of hands unlike those that the rules were made with, and what must stay beside them."""

from __future__ import annotations

import pytest
from one_report import scrubbed

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.known_terms import compile_patient


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In bed 2/2/19-2/5/19, then home.", "In bed 2/19/19-2/22/19, then home."),
        ("In bed 2/2/2019-2/5/2019, then home.", "In bed 2/19/2019-2/22/2019, then home."),
        ("In bed 2/2/19\u20132/5/19, then home.", "In bed 2/19/19\u20132/22/19, then home."),
        ("In bed 2/2/19to2/5/19, then home.", "In bed 2/19/19to2/22/19, then home."),
        ("In bed 2.2.2019-2.5.2019, then home.", "In bed 2.19.2019-2.22.2019, then home."),
        ("In bed 2.2.19-2.5.19, then home.", "In bed 2.19.19-2.22.19, then home."),
        ("Film 1/3/18-1 is clear. Ribs 8/9/10-12 are old.", "Film #-1 is clear. Ribs 8/9/10-12 are old."),
        ("In bed Feb 2-5, 2019 and 2-5 Feb 2019.", "In bed # and #."),
        ("In bed Feb 2 to 5, then home; dates Mar4.", "In bed #, then home; dates #."),
        ("Last CXR 2018-W49-2.", "Last CXR #."),
        ("Treated 12/16-06/17 and since 10/2-10/9.", "Treated #-# and since #-#."),
        ("Hospitalised from the 2nd to the 9th.", "Hospitalised from the #."),
        ("On 3-1, and dated 3-3; seen on 2-3 L of oxygen.", "On #, and dated #; seen on 2-3 L of oxygen."),
        ("Typed 5 iii 19. Worse Jan and Feb '19.", "Typed #. Worse #."),
        ("On the ship as of the 3rd.", "On the ship as of the #."),
    ],
)
def test_both_ends_of_a_span_of_days_move_or_go(text, expected):
    """Those of "2/2/19-2/5/19" stood as they were, and the second of others stood beside the moved first."""
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Film of \u0663/\u0664/\u0661\u0669 is clear.", "Film of 3/21/19 is clear."),
        ("Film of \uff13\uff0f\uff14\uff0f\uff11\uff19 is clear.", "Film of 3/21/19 is clear."),
        ("Film of 3\u00b74\u00b719 and 3\u30fb4\u30fb19.", "Film of 3.21.19 and 3.21.19."),
        ("Aged \u0669\u0664 years, \uff19\uff14 y.", "Aged # years, # y."),
        ("Film of 3/\u200b4/\u200b19, clear.", "Film of #/\u200b#/\u200b#, clear."),
        ("Seen by Dr. Hop\u200fe. No pneumo\u00adthorax of 2\u00b75 cm.", None),
        ("Seen 14 mars 2019, 14 mai 51, 14. M\u00e4rz and 14/Ago/1951.", "Seen #, #, # and #."),
        ("Stated dob-14.3.51, film-2019-03-04.", "Stated dob-#, film-2019-03-21."),
    ],
)
def test_dates_and_names_of_other_scripts_and_tongues(text, expected):
    """An Arabic, a Japanese and a pasted date stood as they were, and so did the day beside "mars"."""
    if expected is None:
        expected = text.replace("Hop\u200fe", "#")
    assert scrubbed(text) == expected


def test_a_month_goes_after_a_word_for_when():
    assert scrubbed("Worse since November, less in March. LAST MAY IT WAS CLEAR.") == (
        "Worse since #, less in #. LAST # IT WAS CLEAR."
    )
    kept = "Dec. in size. MAR reviewed. March fracture. It may be scar. THIS MAY BE SCAR."
    assert scrubbed(kept) == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lives at shady oaks w her sister. No change.", "Lives at # w her sister. No change."),
        ("Lives at the pines with her son. Clear.", "Lives at the # with her son. Clear."),
        ("He grew up in orange. Clear.", "He grew up in #. Clear."),
        ("Outside films from mercy. Clear.", "Outside films from #. Clear."),
        ("Ward: Bluebell. No change.", "Ward: #. No change."),
        ("Facility note; wing: Bluebell. No change.", "Facility note; wing: #. No change."),
        ("Seen at 12 bis rue des Lilas before.", "Seen at # before."),
    ],
)
def test_a_place_that_is_a_word_goes_after_a_cue(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "She lives at home. He lives in a group home. He lives in independent living, alone in a house.",
        "Transferred from the ward. Films from outside. Discharged to rehab. Born in breech position.",
        "The patient may benefit from CT. Mother may have TB. Sister may be a carrier. Pt may need CT.",
        "Ng tube in place. Ng and OG tubes. In the RAO view. Given by p.o. route, by i.v. push.",
        "Lt. effusion noted. Lt lung clear, Lt. CP angle blunted. Rt. and Lt. lungs. Grade 3/6-4/6 murmur.",
        "LT. EFFUSION NOTED. LT LUNG CLEAR. RT. AND LT. LUNGS. Det. by CT. I-131 therapy, I-123 scan.",
        "Surgeon: N/A. Clear lungs. Feeding via NG. Sent to CT. Mother: HIV+. Brother with CF. Per ACR.",
        "Fractures from the 2nd to the 9th ribs. P.A. view. Small from the start.",
        "Rescue 2 puffs. Q4 hours. Day 3 of 7, week 24 visit. Seat belt sign. FYI 22.",
    ],
)
def test_what_looks_like_it_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stern disagrees. Sharp thinks it is scar.", "# disagrees. # thinks it is scar."),
        ("Radiographer: ST. Checked: MO. Nil acute.", "Radiographer: #. Checked: #. Nil acute."),
        ("Tech: ST. Clair aware.", "Tech: # aware."),
        ("Seen by Dr. ST. CLAIR today.", "Seen by Dr. # today."),
        ("Told Lt. Stone and Lt. Green.", "Told Lt. # and Lt. #."),
        ("LT. STONE TOLD.\nLungs are clear.", "LT. # TOLD.\nLungs are clear."),
        ("Small from ICU rang at two.", "# from ICU rang at two."),
        ("K.T. 3/1/19. Agree with above (J.R.).", "# 3/18/19. Agree with above (#)."),
        ("Ng was told. Do agrees. Lungs clear.", "# was told. # agrees. Lungs clear."),
        ("Per nurse bright the tube is out. Clear.", "Per nurse # the tube is out. Clear."),
        ("Told by mom rose. Clear.", "Told by mom #. Clear."),
        ("Tele-read by M. Day. E. Coli is known.", "Tele-read by #. E. Coli is known."),
        ("Please send it to @sam.hill now, 94% @2L.", "Please send it # now, 94% @2L."),
        ("Kept by RAO overnight.", "Kept by # overnight."),
        ("Typed by m.a. in the pool.", "Typed by # in the pool."),
        ("Films of roe,jane are old.", "Films of # are old."),
    ],
)
def test_people_who_are_called_as_words_are(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to grace at hope dot org for it", "#"),
        ("LUNGS CLEAR.\nSEE STONE.COM/X", "LUNGS CLEAR.\n#"),
        ("See pacs.hilltop.local/v/8 for it.", "See # for it."),
        ("Mail: mrs.stone(at)hope(dot)co(dot)uk. Clear.", "Mail: #. Clear."),
        ("Handed over by Medic 71 and Ambulance 4.", "Handed over by #."),
        ("Subject US-014-003, docket CV-20-884, call sign HZ41.", "Subject #, docket #, call sign #."),
        ("Found near I-95 at mile 212. In cabin 417.", "Found near # at #. In cabin #."),
        ("Her card A123456(7). Alien no. A 208 114 377.", "Her card #. Alien no. #."),
    ],
)
def test_numbers_and_addresses_in_unusual_forms(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize("name", ["Nguy-en", "Ngu yen", "N guyen", "Nguy- en"])
def test_a_name_of_the_export_that_is_torn_in_two_goes_whole(name):
    patient = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "NGUYEN^TOP")])
    assert scrubbed(f"Seen with {name} today.", patient=patient) == "Seen with # today."
    hand = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "HANDLUNG^TOP")])
    assert scrubbed("The hand lung syndrome.", patient=hand) == "The hand lung syndrome."


def test_what_follows_a_letter_that_was_written_as_its_code_goes():
    """Of "Ren\'e9e" in RTF and of "H=F6lz" in a mail, "e9e" and "F6lz" passed for short codes of medicine."""
    assert scrubbed(r"Seen by Ren\'e9e now. EF=55, size=5cm.") == r"Seen by #\'# now. EF=55, size=5cm."
    assert "lz" not in scrubbed("Seen by H=F6lz now.")
    assert "e9e" not in scrubbed(r"Seen by Ren\u00e9e now.")


@pytest.mark.parametrize(
    ("kind", "value", "text", "expected"),
    [
        (IdentifierKind.PATIENT_ID, "AB77120", "Number A B 7 7 1 2 0 again.", "Number # again."),
        (IdentifierKind.ACCESSION, "XR-1190", "Film X-R 1190 is here.", "Film # is here."),
        (IdentifierKind.PATIENT_ID, "OPD-22-00419", "Bautista 22-419 seen.", "# # seen."),
        (IdentifierKind.PATIENT_ID, "OPD-22-00419", "OPD-22-419 seen; 22-00419 too.", "# seen; # too."),
        (
            IdentifierKind.INSTITUTION,
            "Cherry Hill Manor",
            "Mobile chest at cherry hill.",
            "Mobile chest at #.",
        ),
        (
            IdentifierKind.STAFF_NAME,
            "LOVE^TASHA",
            "Told Tasha, and love read it back.",
            "Told #, and # read it back.",
        ),
        (IdentifierKind.STAFF_NAME, "LOVE^TASHA", "He would love it.", "He would love it."),
    ],
)
def test_what_the_export_knows_is_found_as_hurried_hands_write_it(kind, value, text, expected):
    assert scrubbed(text, patient=compile_patient((Identifier(kind, value),))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Her room is on Zandwyk 6.", "Her room is on #."),
        ("Told of QZW-8. Lungs clear.", "Told of #. Lungs clear."),
        ("Held at Zandwyk/4, then sent.", "Held at #/#, then sent."),
        ("Seen by Dr. Roe 3 days ago.", "Seen by Dr. # 3 days ago."),
        ("The quorbel 4 mm nodule.", "The # 4 mm nodule."),
    ],
)
def test_a_number_that_ends_a_clause_goes_with_the_name_before_it(text, expected):
    assert scrubbed(text) == expected
