"""Names of places and people that are made of everyday words, and clinical words that look like them."""

from __future__ import annotations

import re

import one_report
import pytest

from radrelease.profiles.section_rules import published_headers
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.scrub.sentence_cuts import Cut


def scrubbed(text, patient=()):
    """The text, with one sign for what goes together."""
    out = one_report.scrubbed(text, patient=compile_patient(patient), cut=Cut.ALONE)
    return re.sub(r"#(?:[ ,&]+#)+", "#", out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moved here from Medicine Hat last year.", "Moved here from # last year."),
        ("Old films are with The Bone & Joint Group, two years.", "Old films are with #, two years."),
        ("He was sent by Dr. Rao's office today.", "He was sent by # today."),
        ("Films went to Winston-Salem by post.", "Films went to # by post."),
        ("Lives near Wells-next-the-Sea with a son.", "Lives near # with a son."),
        ("Copy to Dripping Springs ISD, please.", "Copy to #, please."),
        ("A visitor from Paris, TX. Cough.", "A visitor from #. Cough."),
        ("Letter to 31 1/2 Front Alley, Globe 85501.", "Letter to #."),
        ("Letter to HC 61 Box 12, Early.", "Letter to #."),
        ("Letter to 4820, rue Saint-Zotique Est.", "Letter to #."),
        ("| 412 | Friendship | portable |", "| # | # | portable |"),
        ("Seen in the Riverina by a nurse.", "Seen in # by a nurse."),
        ("WORKS AT STAGECOACH FREIGHT. NO COUGH.", "WORKS AT #. NO COUGH."),
        ("FILMS ARE AT NEPEAN HILLS PRIVATE. CLEAR LUNGS.", "FILMS ARE AT #. CLEAR LUNGS."),
        ("THE CAR, THK 4111, WAS HIT.", "THE CAR, #, WAS HIT."),
        ("READ AT 14:30 NOVEMBER 15TH, 2021.", "READ AT # DECEMBER 2ND, 2021."),
        ("Zip code 98610\ncc: file", "Zip #\ncc: file"),
        ("Cough. Happy Valley Quarrymen sent him.", "Cough. # sent him."),
        ("Cough. Seen at Green Valley Clinic today.", "Cough. Seen at # today."),
        ("Copy to the Riverina nurse.", "Copy to # nurse."),
        ("Referred by: Zwolle district, by post.", "Referred by: #, by post."),
        ("COUGH. FILM OF SUMMIT ROOFING. CLEAR.", "COUGH. FILM OF #. CLEAR."),
        ("THE LATTER IS FROM BUFFALO. NO COUGH.", "THE LATTER IS FROM #. NO COUGH."),
        ("OLD FILMS ARE AT THE BEECHES. CLEAR.", "OLD FILMS ARE AT #. CLEAR."),
        ("A CT AT U OF KASKASKIA MED CTR WAS CLEAR.", "A CT AT # WAS CLEAR."),
        ("WORKED AT ACME TOOL AND DIE, NO COUGH.", "WORKED AT #, NO COUGH."),
        ("BILL TO NORTHERN STAR PAPER MILL. NO COUGH.", "BILL TO #. NO COUGH."),
        ("Invoice to: Amazon, by post.", "Invoice to: #, by post."),
        ("The old film is from Des Moines, two years.", "The old film is from #, two years."),
        ("Copies to Les Aciéries Bouchard by post.", "Copies to # by post."),
        ("Letter to him of No. 14, MG Extension, Bhilai.", "Letter to him of #."),
        ("A wet read, typed by T.J. in the pool.", "A wet read, typed by # in the pool."),
        ("NO KINK. MARTIN ON THE FLOOR WAS TOLD OF IT.", "NO KINK. # THE FLOOR WAS TOLD OF IT."),
        ("The film is labelled Verma in the corner.", "The film is labelled # in the corner."),
        ("One of the readers, Ionescu, agrees.", "One of the readers, #, agrees."),
        ("Installation: Our Lady of Lourdes Parish", "Installation: #"),
        ("Served in 7th Bn, Wessex Fusiliers until then.", "Served in # until then."),
        ("One copy to 2 PARA nurse.", "One copy to # nurse."),
        ("May be cleared by P.S. 418.", "May be cleared by #."),
        ("The jacket is stamped\nSt. V's, by hand.", "The jacket is stamped\n#, by hand."),
        ("It can be done in Cairo, IL if closer.", "It can be done in # if closer."),
        ("DR\nHOPE WAS TOLD.", "DR\n# WAS TOLD."),
        ("TECH HARPREET JONES SPOKE TO HIM.", "TECH # SPOKE TO HIM."),
        ("PHONED TO GLADYS MA, WHO AGREES.", "PHONED TO #, WHO AGREES."),
        ("CC: Helen Ng MD", "CC: # MD"),
        ("pt transferred from mercy west, sob and cough.", "pt transferred from #, sob and cough."),
        (
            "FINDINGS: Clear.\nhx: works at acme tool and die, cough",
            "FINDINGS: Clear.\nhx: works at #, cough",
        ),
        (
            "THE LATTER IS FROM BUFFALO.\nThe lungs are clear.",
            "THE LATTER IS FROM #.\nThe lungs are clear.",
        ),
        (
            "lives at 12 old mill rd, chest pain since may 3, 2018",
            "lives at #, chest pain since may 20, 2018",
        ),
        ("SURGEON WILL SCHELLEKENS. NONE.", "SURGEON #. NONE."),
        ("Deployed with VX-31 until May.", "Deployed with # until #."),
        ("Copies: SBT-12; family doctor.", "Copies: #; family doctor."),
        ("9 Ferry Loop, Truth or\nConsequences 25503.", "#."),
        ("14 Elm Row, Mobile 13710", "#"),
        ("Rd^^Show Low^^22284|047", "Rd^^#^^#|#"),
        ("Flat 7, Neem Court, K.G.\nRoad, Pune.", "#."),
        ("Works at O'Hara Bros.\nMasonry, no cough.", "#.\n#, no cough."),
        ("Lodging at No.\n9, Tank Road, with an aunt.", "Lodging at #, with an aunt."),
        ("Hit by a grey Astra, HCG 7868, in fog.", "Hit by a grey Astra, #, in fog."),
        ("Sen/Keijser March 5th, 2007", "# March 22nd, 2007"),
        ("Fairview Open MRI sent a disc.", "# sent a disc."),
        ("Disc of Open MRI of Quincy Point, by post.", "#, by post."),
        ("Birchwood SNF film, by hand.", "# film, by hand."),
        ("FILMS ARE AT SILVER YEARS MEMORY CARE. CLEAR.", "FILMS ARE AT #. CLEAR."),
        ("COMPARISON: HEAD & NECK GROUP FILMS.", "COMPARISON: # FILMS."),
        ("COMPARISON: COUNTY GENERAL FILMS.", "COMPARISON: # FILMS."),
        ("Mass Gen film, by hand.", "# film, by hand."),
        ("FILMS ARE AT KING'S AND ST THOMAS'. CLEAR.", "FILMS ARE AT #'. CLEAR."),
        ("Steps to Recovery 7/4, report only.", "#, report only."),
        ("Sent by A Woman's Place OB/GYN.", "Sent by #/#."),
        ("Copies: Tri-Am Pipe & Supply; file.", "Copies: #; file."),
        ("Community: Medicine Hat, by rail.", "Community: #, by rail."),
        ("Seen. Tamil Nadu sent him.", "Seen. # sent him."),
        ("Copies: file; Lac qui Parle nurse.", "Copies: file; # nurse."),
        ("Clear; Red Mesa Elementary was rung.", "Clear; # was rung."),
        ("Clear; Amazon should be told.", "Clear; # should be told."),
        ("|EMR|The\nWillows|x", "|EMR|#|x"),
        ("Boston (the Hunter Valley), by rail.", "# (#), by rail."),
    ],
)
def test_a_place_goes_whole(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Hickman catheter ends in the right atrium. 16 Fr drain on the left.",
        "The Art line is not seen. A Whipple is planned. Cobb angle 12 degrees.",
        "Hgb 6.1 and CRP 212. Seretide 250 twice a day. Coded 71046.",
        "Lungs are clear. Stage III disease. ILO reading 1/1. May represent scar.",
        "Children s/p Rastelli and s/p Wiberg; the Doppler signal, Scarpa fascia, stage III disease.",
        "Young-Burgess injury, Westermark sign, Lady Windermere syndrome.",
        "Silicosis, category B. Appearances are unchanged.",
        "Upper 1/3 of both lungs. 2 1/2 cm nodule.",
        "LUNGS ARE CLEAR. HEART SIZE IS NORMAL. NO EFFUSION AT THE LEFT BASE.",
        "SHORTNESS OF BREATH. MEDIASTINAL CONTOURS NORMAL, PERIHILAR MARKINGS PROMINENT, NO NODULES.",
        "LEFT BASE ATELECTASIS. RIGHT BASE AIRSPACE DISEASE MAY REPRESENT SCAR. QUALITY LIMITED.",
        "PREOP KNEE SURGERY. MULTILEVEL SPURRING AND FLATTENING. AORTIC KNOB CALCIFIED.",
        "Clinic called. Heart size normal. Family notified; Lungs clear. Team informed\n- Heart normal.",
        "shortness of breath, lle swelling, known lower lobe nodule, rule out pe",
        "2 para-aortic nodes. PS 10, PEEP 5. 7th rib fracture. ST elevation.",
        "Status post Norwood, Glenn and now a Fontan. Bentall and David procedures. S/p Ivor Lewis.",
        "Prior Heller with Dor. Previous Ross. Old Nissen. Exclude Pancoast; rule out Horner.",
        "Tip of the Hickman overlies the SVC. Swan in the right lower lobe PA. Right IJ Quinton, 16 Fr Blake.",
        "2 CHEST TUBES IN PLACE, 16 FR TUBE IN PLACE. TIP AT THE EXPECTED LOCATION OF THE BODY OF THE STOMACH.",
        "Opacity at the R base Streaky and dense. XR 71046 and CT 71250.",
        "See Series 4, Image 45 and Phase 2. TC 71046. Seen in ED 3/52 ago.",
        "28 French chest tube, tip high. May need CT. COPD GOLD 3; COPD, GOLD 2. Lead via RIJ, report per ACR.",
        "History colon Young man with cough. Findings colon Long segment period Stone in the gallbladder.",
        "Performed on an open MRI. Lives in memory care. Upright Open MRI of the Knee.",
        "PERFORMED ON OPEN MRI. IN GENERAL, UNDER GENERAL ANESTHESIA. THE AGE GROUP. FROM MEMORY CARE.",
        "Mass general effect. Discharge to home. Heart size normal; Ewing's sarcoma.",
        "A CURB-65 of 2 with COVID-19; clone SP-142, by ICD-10, VP-16 was given. VP shunt intact.",
        "Comparison: No.\nThere is a red line, BNP 1200.",
        "Left subclavian Hickman, tip in the SVC. Foley in place. 38 degrees by Cobb. A Rose\ncriterion.",
    ],
)
def test_what_medicine_writes_with_a_capital_stays(text):
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s/p CABG, Ross was called.", "s/p CABG, # was called."),
        ("Prior Ross Clinic film.", "Prior # film."),
        ("Seen by Hickman, tip noted.", "Seen by #, tip noted."),
        ("Possible Brown called us.", "# called us."),
        ("The patient left Blake early.", "The patient left # early."),
        ("Told Norwood and Glenn.", "Told #."),
        ("Old Norwood films were seen, prior Glenn study too.", "# films were seen, prior # study too."),
        ("Dr. Hickmann line is out.", "Dr. # line is out."),
        ("Compared with Marlow HRCT.", "Compared with # HRCT."),
        ("Per JRS, via Ross.", "Per #, via #."),
        ("Plate THK 4111. Findings colon Young called.", "Plate #. Findings colon # called."),
        ("Spoke with Dr. Heller with Dor there.", "Spoke with Dr. # with # there."),
        ("Sent by gp Winterbottom, by post.", "Sent by gp #, by post."),
        ("Told Williams Campbell rn in trauma.", "Told # rn in trauma."),
        ("The readers, McGonigle and Ng, agree.", "The readers, #, agree."),
        ("REGISTERED BY PEARL, CLERK 4. CLEAR.", "REGISTERED BY #. CLEAR."),
        ("SCANNED BY ROSE, PORTER. CLEAR.", "SCANNED BY #. CLEAR."),
        ("Dawn from the file room called.", "# from the file room called."),
        ("Autumn (his wife) was seen.", "# (his wife) was seen."),
        ("MAC ON THE FLOOR WAS TOLD.", "# THE FLOOR WAS TOLD."),
        ("County sheriff dep. Knee was there.", "County sheriff dep. # was there."),
        ("Resident colon Bill Uzoma period", "Resident colon # period"),
        ("REPORT FILED UNDER IVY SMALL. CLEAR.", "REPORT FILED UNDER #. CLEAR."),
        ("PRE OP. SURGEON MAC MILLER. CLEAR.", "PRE OP. SURGEON #. CLEAR."),
        ("HIS WIFE MA. TERESA WAS TOLD.", "HIS WIFE # WAS TOLD."),
        ("Gives her name as June only.", "Gives her name as # only."),
        ("Corner label is Lê again.", "Corner label is # again."),
    ],
)
def test_who_is_called_like_an_operation_goes(text, expected):
    assert scrubbed(text) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("SWIFT^WANDA", "PATIENT W. SWIFT, COUGH.", "PATIENT #, COUGH."),
        (
            "GRAHAM^ANNA",
            "Film flashed Graham; agrees with the order.",
            "Film flashed #; agrees with the order.",
        ),
        ("GRAHAM^ANNA", "Graham Steell murmur, 2/6.", "Graham Steell murmur, 2/6."),
        ("ROE^IDA^T", "Label reads IT, two views.", "Label reads IT, two views."),
        ("TIPPER^INA", "Label for IT, two views.", "Label for #, two views."),
        ("RANGI^AIHA^TE", "Imaging of aiha te rangi, seen.", "#, seen."),
        ("LENGYEL^CHANDRIKA^J", "Lengyel, Chandrika\nJ|1994", "#|#"),
        ("Te Rangi^Aisha", "Imaging\naiha te rangi, seen on CT", "Imaging\n#, seen on CT"),
        ("KELLY^SAHIL", "Sail Kelly was seen.", "# was seen."),
        ("KELLY^SAHIL", "A sail sign. Kelly was seen.", "A sail sign. # was seen."),
        ("ROE^HOLLY", "MILD FAILURE. PATIENT HOLY TO RETURN.", "MILD FAILURE. PATIENT # TO RETURN."),
        ("ROE^WILLS", "MILD FAILURE. PATIENT WILL RETURN.", "MILD FAILURE. PATIENT WILL RETURN."),
        ("DEAN^AMY", "Day shift QA: Dean final, signed.", "Day shift QA: # final, signed."),
        ("BIRD^AMY", "Day shift QA: Bird final, signed.", "Day shift QA: # final, signed."),
        ("LONG^AMY", "Impression: Long stent segment.", "Impression: Long stent segment."),
        ("WRIGHT^AMY", "UPPER CORNER IS FLASHED WRIGHT JULY 29.", "UPPER CORNER IS FLASHED #."),
        ("PARKER^DOROTHEA", "Name: dorothea parer\nA parer by trade.", "Name: #\nA parer by trade."),
        ("PARKER^DOROTHEA", "Told dorothea; parer by trade.", "Told #; parer by trade."),
        ("PARKER^DOROTHEA", "A good parer. dorothea was told.", "A good parer. # was told."),
        ("PARKER^DOROTHEA", "Name | dorothea | parer | x", "Name | # | # | x"),
        ("DO^XIOMARA^TRUNG", "Image 1 labeled Do. X. T. D. could do it.", "Image 1 labeled #. could do it."),
        ("ADAMS^PAUL", "chest | PA | 54 woman | ER", "chest | # | 54 woman | ER"),
        ("ADAMS^PAUL", "PA view of the chest, (PA).", "PA view of the chest, (#)."),
        (
            "NORRIS^GAIL",
            "Film with NG marker. The NG tube is in place.",
            "Film with # marker. The NG tube is in place.",
        ),
        ("MOSS^PETER", "Film marked with PM in pencil at 3 PM.", "Film marked with # in pencil at #."),
    ],
)
def test_the_patient_is_told_from_a_term(name, text, expected):
    assert scrubbed(text, [Identifier(IdentifierKind.PATIENT_NAME, name)]) == expected


@pytest.mark.parametrize("spell", [str.title, str.upper, str.capitalize])
@pytest.mark.parametrize("after", [":", "\n", ": "])
def test_no_header_of_a_section_is_taken_for_a_name(spell, after):
    headers = published_headers()
    others = [
        "final report",
        "radiology report",
        "lungs and pleura",
        "two views of the chest",
        "lines and tubes",
    ]
    for header in (*headers, *others):
        text = f"{spell(header)}{after}The lungs are clear. There is no effusion or pneumothorax today."
        assert scrubbed(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "PAIN SINCE HE WORKED WITH SPECIAL OIL FACTORY, NO FEVER.",
        "PAIN. SENT HERE WITH ORCHARD VIEW LODGE STAFF.",
        "PAIN SINCE HE WORKED FOR GENERAL GAS AIRLINES.",
    ],
)
def test_what_says_what_a_place_is_takes_along_the_plain_words_before_it_among_capitals(text):
    assert "#" in scrubbed(text)
    assert not {"OIL", "VIEW", "GAS"} & set(scrubbed(text).split())


@pytest.mark.parametrize(
    "text",
    [
        "PAIN IN THE LEFT LUNG BASE.",
        "FRACTURE AT THE JUNCTION OF MID AND DISTAL THIRDS.",
        "SEEN WITH SURGICAL HARDWARE OF THE SPINE.",
        "PATIENT WITH POOR RESERVE ON MECHANICAL VENTILATION.",
        "PATIENT FROM NURSING HOME WITH COUGH.",
        "LIVES IN A GROUP HOME. REFERRED FROM ASSISTED LIVING.",
        "SENT FROM SKILLED NURSING FACILITY FOR HEALTH MAINTENANCE EXAM.",
        "from dialysis center, fever",
    ],
)
def test_terms_and_places_that_are_anybodys_stay_among_capitals(text):
    assert scrubbed(text) == text


def test_a_place_with_a_name_goes_among_capitals():
    assert scrubbed("PATIENT FROM ELMWOOD NURSING HOME WITH COUGH.") == "PATIENT FROM # WITH COUGH."


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Marker seen at T7. Clear.", "Marker seen at T7. Clear."),
        ("TIP SEEN AT T4-5. LUNGS CLEAR.", "TIP SEEN AT T4-5. LUNGS CLEAR."),
        ("Seen at T7 level.", "Seen at T7 level."),
        ("Read at T4 Clinic today.", "Read at # today."),
        ("Lives at C7, Rose Court.", "Lives at #."),
    ],
)
def test_a_level_of_the_spine_is_no_place(text, published):
    assert scrubbed(text) == published


def test_what_is_a_persons_is_still_told_to_be_somebodys():
    roe = [Identifier(IdentifierKind.PATIENT_NAME, "ROE^JANE")]
    assert scrubbed("Roe's left hemidiaphragm is raised.", patient=roe) == "#'s left hemidiaphragm is raised."
