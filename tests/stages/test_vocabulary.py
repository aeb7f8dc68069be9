"""What nobody knows does not leave, and what many use does."""

from __future__ import annotations

from collections import Counter

import pytest
from one_report import scrubbed, spans_of
from sample_records import make_release_study, make_study

from radrelease.identifiers import Mrn, RawUid
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_roles
from radrelease.records.exhibits import Exhibit
from radrelease.records.private import Identifier, IdentifierKind, Patient, Redaction
from radrelease.rejections import Reason
from radrelease.stages.audit.words import find_unlisted
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.release.residual_risk import assess, reading_bounds, remains_of
from radrelease.stages.scrub.layers import layer_of
from radrelease.stages.scrub.objections import is_published_word
from radrelease.stages.scrub.word_counts import give_back, unlisted_words
from radrelease.stages.text.prose import judge_prose
from radrelease.testing.reports import make_reports


def removed(text, **options):
    return [text[span.start : span.end] for span in spans_of(text, **options)]


def patient(number, report):
    study = make_study(patient_id=Mrn(str(number)), study_uid=RawUid(f"1.{number}"), report=report)
    return Patient(domain="s", patient_id=Mrn(str(number)), identifiers=(), studies=(study, study))


@pytest.mark.parametrize(
    "word",
    ["baldinger", "nghia", "binh", "villard", "enderby", "yorkshire", "amrit", "kentucky", "tennessee"],
)
def test_breeds_and_states_are_no_terms(word):
    """PS3.16 codes the breeds of animals, which are the surnames and villages of people."""
    assert not is_published_word(word, frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "The tip is seen by Wojciechowska today.",
        "Old films were kept in Zwolle by mistake.",
        "Discussed with kowalczyk from the ward.",
        "Grace was notified.",
        "Will reviewed the films.",
        "Faith (RN) aware. Bill called back.",
        "Lungs clear. Field ARNP called.",
        "Lungs clear; Rose texted the ward.",
        "Filed with 48215 and forgotten.",
        "Known to Dũng since then.",
        "lives at 18 Possum Trot with a dog.",
        "She was moved to 412 by porters.",
        "The lungs are clear. Uddin was told. Seen with Noguchi on call.",
        "THE LUNGS ARE CLEAR. KARELIN ADVISED REST.",
        "The lungs are clear. RAO was told at noon.",
        "The lungs are clear; ALI (RN) aware.",
        "The lungs are clear. She is 92.",
        '"I am 95." The lungs are clear.',
    ],
)
def test_a_name_that_no_rule_sees_does_not_leave(text):
    assert removed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Case reviewed. Will follow up. Will review. Small was called. Bill to follow. June film.",
        "Brown sputum. Long segment of stenosis. Stone in the gallbladder. It may represent atelectasis.",
        "Cobb angle of 14 degrees. Ewing's sarcoma was considered. Rockwood III injury.",
        "Swan-Ganz catheter, Dobhoff tube and Jackson-Pratt drain are in place.",
        "Nodule of 7 x 5 mm, 120 HU, SpO2 of 94%, T12 wedge, 18F tube, 350 mL drained.",
        "HILL-SACHS DEFORMITY. LONG SEGMENT. NO ACUTE DISEASE.",
    ],
)
def test_clinical_words_that_are_names_too_stay(text):
    assert removed(text) == []


@pytest.mark.parametrize(
    "number", ["12 34 65 78", "KB7_4_2_9_1_1_3", "31|27|54", "5/81/518", "44.95.51", "9 1 4 4 2 7 1"]
)
def test_a_long_number_in_short_pieces_does_not_leave(number):
    """Each piece alone is a count; a patient's number of another hospital is typed so."""
    left = "".join(removed(f"The lungs are clear. Seen under {number} there."))
    assert all(sign in left for sign in number if sign.isdigit())


@pytest.mark.parametrize(
    "text",
    [
        "Fractures of ribs 3-4-5-6-7-8, and T5-6-7-8-9-10.",
        "Nodules of 12 9 10 mm. Motor 5/5/5/5/5/5. Brixia score 2-1-3-1-2-0.",
        "Vent settings 14/450/5/50. Coded R07.9, I10. 3 of 10, 4 of 10.",
    ],
)
def test_levels_scores_and_settings_are_no_long_numbers(text):
    assert removed(text) == []


def test_an_account_is_told_from_a_code_of_medicine():
    """A typist's account stands beside the date of typing; gases, levels, scores and lobes have such codes too."""
    assert removed("Clear. Typed in jroe12 and in smith2.") == ["jroe12", "smith2"]
    assert removed("The SpO2, FEV1, T12, PGY3, LUL2, seg6, Apgar9, SvO2, NYHA3 and HER2 are known.") == []


@pytest.mark.parametrize("line", ["GRACE STONE", "LONG, HOPE", "WINTER HARVEST", "MARK FIELD", "H. LONG"])
def test_who_signs_in_capitals_on_a_line_of_his_own_is_no_heading(line):
    assert removed(f"The lungs are clear.\n\n{line}\nRadiologist")
    assert removed(f"{line}\nThe lungs are clear.")


def test_headings_in_capitals_stay():
    for heading in (
        "LONG BONES",
        "LINES AND TUBES",
        "CHEST WALL",
        "ART LINE",
        "WET READ",
        "OLD FILMS",
        "STABLE",
    ):
        assert removed(f"The lungs are clear.\n{heading}\nIntact as before.") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lungs clear, d/w stone at noon.", "stone"),
        ("Lungs clear. Spoke with winter by phone.", "winter"),
        ("Lungs clear. His wife rose, who called.", "rose"),
        ("Lungs clear. PCP banks notified.", "banks"),
    ],
)
def test_a_hurried_hand_names_people_in_small_letters(text, name):
    assert removed(text) == [name]
    assert removed("Agree with long segment of rib fracture, d/w ward team. Wife short of breath.") == []


def test_an_abbreviation_in_capitals_is_no_person():
    assert removed("The RAO view is clear. No ALI was found. PEG confirmed in place. ALT was raised.") == []


def test_who_has_the_name_of_a_term_goes_after_a_title():
    text = "Seen by Dr. Frederick Miller. Frederick-Miller tube in place, and a Jackson-Pratt drain."
    assert removed(text) == ["Frederick Miller"]


@pytest.mark.parametrize(
    "text",
    [
        "ETT and pacer wires in situ. Situs solitus. Prone ventilation, APRV; deproned since.",
        "Saline bolus given, abdominal viscera unremarkable. Reddish sputum and slough. Calcified bursa.",
        "Meds: vanc. Atx vs early opac at the bases, unch. Trops neg, plts low, lytes normal.",
        "Hypokalaemia and hyponatraemia; haemangiomas, segmentectomies, thoracoscopies. Necrotising granulomata.",
        "Known HLHS, post hemifontan. s/p FEVAR. AECOPD. Tracer uptake is photopenic, non-FDG-avid.",
        "Pulmonary Koch's suspected, old Koch's on the right. Holt-Oram syndrome. Denver shunt in place.",
        "Gray-white differentiation is kept. Mobile AP erect film. Macklin effect.",
        "A retired lagger and joiner with asbestos exposure.",
        "On anticoagulation, intubated, cannulated. Serosanguinous fluid. Resected. Axillae clear, diverticula noted.",
        "NSCLC cT2aN1M0, EGFR L858R. Birth weight 850 g. Day 112 after transplant. PaO2/FiO2 ratio 180.",
        "There is a Small effusion. The ET Tube is high. Right Upper Lobe opacity, Mild cardiomegaly.",
        "Graves' disease. Suspected Kawasaki. History of Kasai. Findings consistent with Pancoast.",
        "PUO, ASD and LQTS known; MCUG done. SNHL. On DOACs, MRONJ, TBSA 20%. Hx of CPPD.",
        "Insp and exp films, bronch advised; cardiac surg aware, tidal vols low. Reticulonod opac, scolio, osteop.",
        "Erosions of the odontoid, subluxed. Infarcted lobe; torsions and regurgitations.",
    ],
)
def test_words_that_no_dictionary_of_medicine_had_stay(text):
    assert removed(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "s/p sternocostoclavicular resection. Pleurovesical fistula, epithelioid haemangioendothelioma.",
        "On daxilizumab, then lazertinib; teneligliptin added. Pseudoachondroplasia, nonaggressive.",
        "HISTORY OF HAEMANGIOENDOTHELIOMA. THERE IS A LYMPHOEPITHELIOMA.",
        "Exophytic, serpiginous and trabeculated; the vessel is filiform, the ridge endosteal.",
    ],
)
def test_a_word_that_is_made_as_terms_are_stays_though_no_list_has_it(text):
    assert removed(text) == []


def test_surnames_that_end_as_terms_do_are_no_terms():
    names = ("moraitis", "adomaitis", "mccaine", "nakasone", "giacolone", "politis", "andronic", "theodosis")
    assert not any(is_published_word(name, frozenset()) for name in names)
    assert removed("Seen at Osteovascular Partners. IN THE CARE OF PULMONIX.") != []


def test_a_capital_says_nothing_of_brands_that_nothing_else_is_called_by():
    assert (
        removed("There is known use of Zelboraf, Apidra and Evrysdi. A Cefolac course, Lipex nightly.") == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "Known Gorlin-Goltz syndrome.",
        "HISTORY OF MUCKLE-WELLS SYNDROME. EVIDENCE OF A HILL-SACHS LESION. FEATURES OF EMERY-DREIFUSS.",
        "There is Churg-Strauss. Features of Rosai-Dorfman, and Hamman-Rich.",
        "Findings suggest Siewert II, Fontaine IIb, Ann Arbor IIB.",
    ],
)
def test_whoever_a_syndrome_is_called_by_stays(text):
    assert removed(text) == []


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Told to Okonkwor sign out.", "Okonkwor"),
        ("Please have Okonkwo sign the report.", "Okonkwo"),
        ("Known to the Okonkwo syndrome clinic.", "Okonkwo"),
        ("Told by Dr. Okonkwor syndrome is likely.", "Okonkwor"),
        ("Removed the Okonkwo catheter.", "Okonkwo"),
        ("Reviewed with John Okonkwor syndrome clinic.", "Okonkwor"),
    ],
)
def test_who_stands_before_a_word_of_medicine_is_a_person_all_the_same(text, gone):
    assert gone in " ".join(removed(text))


def test_what_a_name_is_called_by_goes_where_the_patient_is_called_so():
    known = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "OKONKWOR^ANNA")])
    assert removed("Known Okonkwor sign.", patient=known) == ["Okonkwor"]


def test_codes_with_digits_after_of_are_no_places():
    assert removed("History of SpO2 91%, HbA1c 11.2. Evidence of T2bN1M0. Mutation of PTPN11.") == []
    assert removed("NO EVIDENCE OF KDIGO 3 IS SEEN ON THIS VIEW. EVIDENCE OF K+ LOSS.") == []


def test_a_name_of_several_words_is_a_term_only_with_its_head():
    assert removed("Vein seen by dos Santos, De Vega and O'Brien.") != []
    assert removed("A De Vega annuloplasty, Del Nido cardioplegia, Da Costa syndrome.") == []


def test_what_dictation_made_of_an_eponym_stays_unless_it_is_the_patient():
    text = "Carly B lines. The Swan Gans catheter and a Dobb Hoff tube. Nissan fundoplication, Goner complex."
    assert removed(text) == []
    known = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "ROE^CARLY")])
    assert removed("Carly B lines. Gans was told.", patient=known) == ["Carly", "Gans"]


def test_a_capital_says_nothing_of_words_that_only_medicine_has():
    assert removed("There is no Pleural effusion. A new Pneumothorax and some Cardiomegaly are seen.") == []
    assert removed("Moved to Pine Ridge Dialysis.") == ["Pine Ridge Dialysis"]


def test_a_name_that_is_a_rare_word_of_medicine_too_goes_with_a_capital():
    assert removed("Seen by Saline on the ward. Told Slough at once. Mr. Truss was well.") == [
        "Saline",
        "Slough",
        "Truss",
    ]


def test_the_name_of_this_patient_is_told_from_the_word():
    known = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "LONG^GRACE")])
    text = "Mr. Long has a long segment. Long segment again. Seen with long, grace and Long. Long seen in clinic."
    assert removed(text, patient=known) == ["Long", "long, grace", "Long", "Long"]


@pytest.mark.parametrize("text", ["Ms. Wood-\nbrook was seen.", "Seen with Stone-\n  brook today."])
def test_a_name_that_is_broken_at_the_end_of_a_line_goes_whole(text):
    assert "brook" in "".join(removed(text))
    assert removed("Hilar broncho-\npneumonia. Hill-\nSachs lesion.") == []


def test_the_number_and_the_initials_before_what_goes_go_too():
    assert removed("Plumber with 1-183rd Cavalry Squadron.") == ["1-183rd Cavalry Squadron"]
    assert removed("The sign of G.W.\nTuttle Mem. Hosp. is gone.") == ["G.W", "Tuttle Mem. Hosp"]


def test_words_of_many_patients_are_given_back_and_names_never_are():
    words = unlisted_words(["A frobnicated lobe beside kowalczyk and zorblax of 7 mm"])
    plain = dict.fromkeys(words.plain, 10)
    known = [Identifier(IdentifierKind.STAFF_NAME, "ZORBLAX^ANN")]
    assert give_back(plain, {}, 10, known, []) == {"frobnicated"}
    assert give_back(plain, {}, 11, known, []) == frozenset()
    assert give_back(plain, {}, 11, known, ["Zorblax", "kowalczyk"]) == {"kowalczyk"}


def test_a_word_written_only_with_a_capital_is_not_counted():
    for report in ("Seen by Frobnik.", "FROBNIK IS CLEAR AND WELL.", "pt of frobnik, cough and fever"):
        assert not unlisted_words([report]).plain


@pytest.mark.parametrize(
    "report",
    [
        "Findings d/w frobnik at once.",
        "Seen with dr frobnik today.",
        "Now lives in frobnik with a son.",
        "The copy is for Frobnik too.",
        "Seen by Frobnik.",
        "Lungs clear. Frobnik notified at once.",
        "The team told frobnik so.",
        "Lungs clear.\nT: frobnik",
        "Lungs clear.\nfrobnik 3/5/2019 0712",
    ],
)
def test_a_local_doctor_whom_everybody_writes_in_small_letters_is_not_given_back(report):
    plain, named = Counter(), Counter()
    for text in (*["A frobnik lobe is seen."] * 60, *[report] * 6):
        words = unlisted_words([text])
        plain.update(words.plain)
        named.update(words.named)
    assert give_back(plain, named, 10, [], []) == frozenset()
    assert give_back(plain, {}, 10, [], []) == {"frobnik"}


def test_a_term_in_a_list_of_findings_is_no_name():
    words = unlisted_words(
        ["Frobnicated lobe. A frobnicated lobe: frobnicated.", "Lungs: frobnicated\nHeart: normal"]
    )
    assert words.plain == {"frobnicated"}
    assert not words.named


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ("The lungs are clear. No pleural effusion. The heart is normal in size.", None),
        ("Clear.", None),
        (
            "Die Lungen sind frei belüftet, kein Nachweis eines Pleuraergusses, Herz normal gross.",
            Reason.REPORT_NOT_ENGLISH,
        ),
        (
            "Poumons clairs sans foyer de condensation ni épanchement pleural, coeur de taille normale.",
            Reason.REPORT_NOT_ENGLISH,
        ),
        ("12 | 14 | 15 | 16 | 3.4 | 22 | 18 | 91 | lungs", Reason.REPORT_NOT_PROSE),
        ("JVBERi0xLjQKJ 8J+YgA 3q2+7w AAECAw 4pyTIMOg a1b2c3 d4e5f6 00ff11 9a8b7c", Reason.REPORT_NOT_PROSE),
    ],
)
def test_what_is_not_english_prose_is_recognised(report, reason):
    assert judge_prose(report) == reason


def test_no_report_of_any_hand_is_taken_for_another_language():
    for half in ("tuned", "set_aside"):
        assert not [report.text for report in make_reports(half, 400) if judge_prose(report.text)]


def test_every_removal_names_its_layer():
    known = compile_patient([Identifier(IdentifierKind.PATIENT_NAME, "ROE^JANE")])
    text = "Roe was seen by Dr. Xiu near the frobnik."
    spans = spans_of(text, patient=known)
    assert [layer_of(span) for span in spans] == [1, 2, 3]


def published_study(number, findings):
    return make_release_study(id=f"p{number}", study_id=str(number), findings=findings)


@pytest.mark.parametrize("size", [1, 250, 699])
def test_the_private_page_does_not_tell_where_shards_ended(size):
    rows = [
        published_study(n, f"Brown sputum {n % 9}, {n % 7}00." + " Grace period." * (n % 5 == 0))
        for n in range(700)
    ]
    redactions = [
        Redaction(
            study_uid=RawUid(str(n)), kind="UNKNOWN", rule="word of unknown use", original=f"frob{n % 3}",
            replacement="[UNKNOWN]" if n % 11 else "400",
        )
        for n in range(700)
    ]  # fmt: skip
    whole = assess([remains_of(redactions, rows, frozenset(), str)], {"frob1": 7})
    pieces = (
        remains_of(redactions[start : start + size], rows[start : start + size], frozenset(), str)
        for start in range(0, 700, size)
    )
    brown = next(row for row in whole.survivors if row.word == "Brown")
    assert (brown.count, len(brown.examples), len({row.context for row in brown.examples})) == (700, 3, 3)
    assert assess(pieces, {"frob1": 7}) == whole


def test_a_placeholder_is_no_word_that_survived():
    rows = [published_study(1, "[SENTENCE] Clear lungs. [PLACE]. Grace period.")]
    risk = assess([remains_of([], rows, frozenset(), str)], {})
    assert [row.word for row in risk.survivors] == ["Grace"]


def test_the_private_page_ranks_the_rarest_survivor_first():
    rows = [
        published_study(n, "Brown sputum since Mar 4, 2019, in 417." + (" Grace period." if n == 2 else ""))
        for n in range(3)
    ]
    redactions = [
        Redaction(
            study_uid=RawUid("1"),
            kind="UNKNOWN",
            rule="word of unknown use",
            original="frobnik",
            replacement="[UNKNOWN]",
        ),
        Redaction(
            study_uid=RawUid("1"),
            kind="NAME",
            rule="known of the patient",
            original="Roe",
            replacement="[NAME]",
        ),
        *(
            Redaction(study_uid=RawUid(n), kind="PLACE", rule="room or bed", original="9", replacement="417")
            for n in "01"
        ),
    ]
    risk = assess([remains_of(redactions, rows, frozenset(), str)], {"frobnik": 7})
    assert [(row.word, row.count) for row in risk.survivors] == [("417", 1), ("Grace", 1), ("Brown", 3)]
    assert risk.survivors[0].examples[0].study_id == "p2"  # in the others it was drawn
    assert len(risk.survivors[2].examples) == 2  # two of the three reports read the same
    assert [(row.layer, row.rule) for row in risk.rules] == [
        (1, "known of the patient"),
        (2, "room or bed"),
        (3, "word of unknown use"),
    ]
    assert [(row.text, row.patients) for row in risk.words] == [("frobnik", 7)]


def test_how_many_reports_bound_the_leak_rate():
    assert {row.upper_bound: row.reports for row in reading_bounds()}[0.01] == 299
    for row in reading_bounds():
        assert (1 - row.upper_bound) ** row.reports <= 0.05 < (1 - row.upper_bound) ** (row.reports - 1)


def test_a_name_is_no_word_because_a_rule_looks_at_it():
    lexicon, roles = load_lexicon(), load_roles()
    called = [word for word in roles.every & lexicon.names - roles.titles if word.isalpha() and len(word) > 2]
    assert {"victoria", "alf", "jan", "vic"} <= set(called)
    kept = [word for word in called if word.title() in scrubbed(f"Lungs clear. Then {word.title()} laughed.")]
    assert kept == []


@pytest.mark.parametrize(
    "text",
    [
        "Lungs clear. Victoria laughed.",
        "LUNGS CLEAR. FAX TO MARIA PLEASE.",
        "CHEST CLEAR. SEEN W/ CAMPBELL.",
        "ett low, told faith in ct.",
        "LUNGS CLEAR. RE: B. HALL  DOB 5/12/52   CHEST FILM.",
        "CHEST\nLungs clear.\ntech: grace",
    ],
)
def test_names_that_are_words_go_where_a_person_is_meant(text):
    name = next(n for n in ("victoria", "maria", "campbell", "faith", "hall", "grace") if n in text.lower())
    assert name not in scrubbed(text).lower()


def test_the_audit_knows_the_month_of_a_date_and_no_other():
    def unlisted(text):
        exhibit = Exhibit(path="p", place="Findings", text=text, patient_id="P", free_text=True)
        return [finding.detail for finding in find_unlisted([exhibit], frozenset())]

    assert unlisted("Compared with 25-Sep-2016, and with Jan 4.") == []
    assert unlisted("Then Jan came.") == ["Jan"]
