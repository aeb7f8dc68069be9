"""Short numbers that identify by what stands beside them go; those of medicine, written alike, stay."""

from __future__ import annotations

from datetime import date

import pytest

from radrelease.stages.knowledge.known_terms import compile_export, compile_patient
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.text.spans import apply_spans

NOBODY, EXPORT = compile_patient(()), compile_export(())
DATES = DateRules(shift_days=-100, study_date=date(2022, 3, 15), order="mdy")


def scrubbed(text):
    spans = scrub(text, patient=NOBODY, export=EXPORT, dates=DATES)
    return apply_spans(text, spans, placeholder="typed").text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("CT arranged for Friday 18th.", "18th"),
        ("Seen on Friday the 18th with cough.", "18th"),
        ("flying home fri 18.", "18"),
        ("To review film Wed 16.3.", "16.3"),
        ("Told at 2.30 am on 13th.", "13th"),
        ("Told at 2.30 am on 13th.", "2.30"),
        ("The scheduler will move the CT to the 22nd.", "22nd"),
        ("Compared with the film of the 8th is clear.", "8th"),
        ("Prior 14-iii-22.", "14-iii-22"),
        ("compared with march one.", "one"),
        ("In hospital 3-8/3/22 elsewhere.", "8/3"),
        ("No change. 3 15 22", "15"),
        ("Booked for the 22nd.", "22nd"),
        ("Away 14th to 16th.", "14th"),
        ("Admitted 12.3 with cough.", "12.3"),
    ],
)
def test_a_day_goes_however_it_is_told(text, day):
    assert day not in scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Fractures of the left 4th and 5th ribs.",
        "Callus on 4th and 5th ribs.",
        "Seen from the 2nd to the 8th ribs.",
        "Sat 98.",
        "Better on the second.",
        "March fracture of the foot.",
        "The fifth may represent a fracture.",
        "The 3-12 cm range.",
        "Weight on the 22nd percentile.",
        "A small 13th rib.",
        "Drain output on 16.3 mL.",
    ],
)
def test_what_is_no_day_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "3/7 history of cough.",
        "Cough for 3/7.",
        "On antibiotics for 5/7, better.",
        "Seen twice over the last 2/12.",
        "Clinic in 3/12.",
    ],
)
def test_days_over_7_and_months_over_12_are_how_long(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize("text", ["Film for 3/7.", "Cough since 3/7.", "Improved over 3/7.", "3/7 cough."])
def test_a_day_that_looks_so_goes(text):
    assert "3/7" not in scrubbed(text)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Called at (620) 555-0107 x12.", "Called at [PHONE]."),
        ("Site callback 805 555 0133 opt 2. Clear.", "Site callback [PHONE]. Clear."),
        ("Paged 5149 x2, no answer.", "Paged [PHONE] x2, no answer."),
        ("Discrepancy line 1-800-555-RADS.", "Discrepancy line [PHONE]."),
        ("The lungs are clear. Call ext 41.", "The lungs are clear. Call ext [PHONE]."),
        ("The lungs are clear, bleep 77.", "The lungs are clear, bleep [PHONE]."),
        ("Images on sftp://10.40.2.17/night are clear.", "Images on [ID] are clear."),
    ],
)
def test_what_is_dialled_goes_to_its_end(text, published):
    assert scrubbed(text) == published


@pytest.mark.parametrize(
    "text",
    [
        "Two views x2.",
        "The ext fixator.",
        "Ext 45 degrees of the elbow.",
        "Repeat x3, 2 views.",
        "The CT, level 4, x2.",
    ],
)
def test_what_is_not_dialled_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Seen with ID 44, clear.", "Seen with ID [ID], clear."),
        ("His MRN is 12. Clear.", "His MRN is [ID]. Clear."),
        ("Badge (44) was seen.", "Badge ([ID]) was seen."),
        ("The old file no c 71 was lost.", "The old file no [ID] was lost."),
        ("Call was put down in log #77.", "Call was put down in log #[ID]."),
        ("Our ref: MB/9/114.", "Our ref: [ID]."),
        ("The letter no p/med/3 was sent.", "The letter no [ID] was sent."),
        ("Incident report IR-07 filed.", "Incident report [ID] filed."),
        ("Screened as patient P3-09.", "Screened as patient [ID]."),
        ("An employee no. 61 fell.", "An employee no. [ID] fell."),
        ("His mobile number ends 71.", "His mobile number ends [ID]."),
        ("The last two digits are 44.", "The last two digits are [ID]."),
        ("A jockey, rider no 14.", "A jockey, rider no [ID]."),
    ],
)
def test_a_short_number_goes_after_its_label(text, published):
    assert scrubbed(text) == published


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Emirates ID 784 1995 0912331 4.", "4"),
        ("Medicare 2428 77813 1/2. Clear.", "1"),
        ("Fell from tractor BR 07 GA 4410.", "BR 07"),
        ("Token B 217.", "B"),
        ("Passport PA 0991223.", "PA"),
        ("A white car, LD19 plates.", "LD19"),
        ("The number is D X seven seven one.", "D X"),
        ("Number A B 7 7 1 2 0.", "A B"),
    ],
)
def test_nothing_of_a_number_stays_beside_it(text, left):
    assert left not in scrubbed(text).split("[")[0].split() + scrubbed(text).split("]")[-1].split()


@pytest.mark.parametrize(
    "text",
    [
        "Chest tube #2 was removed.",
        "No 14 Fr chest tube is seen.",
        "The image no 12 of series 3.",
        "Film no 2.",
        "The trach no 8.",
        "Fracture of the #7 rib.",
        "This is case 1 of 3.",
        "Changes at T4/5.",
        "In this case 12 views.",
        "There is no 3 mm nodule.",
        "The tube ends 4 cm above the carina.",
        "Patient 2 days after surgery.",
        "The film of POD #2.",
        "Serial x3 films.",
        "The ID 8 tube.",
        "Left ribs L 4 5 6 7 broken.",
        "PA 2 views.",
    ],
)
def test_what_is_counted_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("She is next door in trauma 2. Clear.", "She is next door in trauma [PLACE]. Clear."),
        ("The pilgrim in tent 12/44 coughs.", "The pilgrim in tent [PLACE] coughs."),
        ("The triplets are in pods 3 and 5.", "The triplets are in pods [PLACE]."),
        ("He is in bays 6, 7 and 8 now.", "He is in bays [PLACE] now."),
        ("Told the nurse on 5W. Clear.", "Told the nurse on [PLACE]. Clear."),
        ("A crash on the M6, seat belt mark.", "A crash on the [PLACE], seat belt mark."),
        ("Her bed is twelve, by the window.", "Her bed is [PLACE], by the window."),
        ("In room number nine today.", "In room number [PLACE] today."),
        ("The patient in bed b 12 is well.", "The patient in bed [PLACE] is well."),
        ("Mom is in L&D 4. Clear.", "Mom is in [UNKNOWN]&[UNKNOWN] [PLACE]. Clear."),
        ("He was hurt at 4 shaft.", "He was hurt at [PLACE]."),
        ("The patient in 6 is desatting.", "The patient in [PLACE] is desatting."),
        ("Fall in East 7. Lungs clear.", "Fall in [PLACE]. Lungs clear."),
        ("Told Ms. Roe in cath lab B today.", "Told Ms. [NAME] in cath lab B today."),
        ("The nurse in cath lab B, by phone.", "The nurse in cath lab [PLACE], by phone."),
        ("He was thrown off the A66, no belt.", "He was thrown off the [PLACE], no belt."),
        ("She takes the number 14 bus.", "She takes the number [PLACE]."),
        ("Hit by a lorry on NH-48, two wheeler.", "Hit by a lorry on [PLACE], two wheeler."),
    ],
)
def test_a_place_that_is_called_by_a_number_goes(text, published):
    assert scrubbed(text) == published


def test_a_number_after_the_name_of_a_unit_goes_with_it():
    assert "6" not in scrubbed("Handed over on Gold 6 (he knows).")


@pytest.mark.parametrize(
    "text",
    [
        "Seen in 5 views.",
        "Grade 2 and zone 3.",
        "Level 4 and stage 2.",
        "Blunt trauma 2 weeks ago.",
        "Level 1 trauma. 2 views.",
        "Segment 6 of the liver.",
        "Clinic 2 weeks later.",
        "Clot on the A1 segment.",
        "Clot off the M1, right.",
        "The bed a patient is in.",
        "Wears the N95 mask.",
        "On 2L oxygen.",
        "The post op day 2 film.",
        "Seen in the ED. 2 views.",
        "Left base 2 cm to the west.",
        "Heart block 2 days ago.",
        "The patient in 2 views.",
    ],
)
def test_what_is_no_place_stays(text):
    assert scrubbed(text) == text
