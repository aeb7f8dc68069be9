"""What a report asks of the whole export, and when it may be taken over from an earlier version."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_report import moving_dates, spans_of

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.audit.search import residual
from radrelease.stages.headers.free_text import objection_to_text
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge, Watched
from radrelease.stages.knowledge.known_terms import compile_export, compile_patient

K = IdentifierKind
OWN = [Identifier(K.PATIENT_NAME, "Swift^Mary^J"), Identifier(K.PATIENT_ID, "00412345")]
PATIENT = compile_patient(OWN)
DATES = moving_dates(-30, patient=PATIENT)

NAMES = [
    "long",
    "stone",
    "hargrove",
    "hargrave",
    "mary",
    "james",
    "rose",
    "papadakis",
    "chest",
    "ganz",
    "may",
]
PLACES = ["quayside hospital", "12 elm grove", "fernhollow clinic", "stone county hospital"]
NUMBERS = ["123456", "00412", "4123456", "0099887766", "555-8003", "AB12345", "12-34-56", "1.2.840.99.1"]
FILLERS = ["long", "lungs", "clear", "dr", "Dr.", "seen", "by", "zygomatic", "wibble", "the", "12", "mm", "."]
WORDS = [
    *FILLERS,
    *NAMES,
    *(name.title() for name in NAMES),
    *(w for p in PLACES for w in p.split()),
    *NUMBERS,
]

texts = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
people = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).map("^".join)
identifiers = st.one_of(
    st.builds(Identifier, st.sampled_from([K.PATIENT_NAME, K.STAFF_NAME]), people),
    st.builds(Identifier, st.sampled_from([K.INSTITUTION, K.ADDRESS]), st.sampled_from(PLACES)),
    st.builds(
        Identifier, st.sampled_from([K.PATIENT_ID, K.ACCESSION, K.PHONE, K.UID]), st.sampled_from(NUMBERS)
    ),
)
knowledges = st.builds(
    lambda known, words: knowledge(known, words),
    st.lists(identifiers, max_size=8),
    st.sets(st.sampled_from(["wibble", "zygomatic", "papadakis"])),
)


def knowledge(known, words=frozenset()):
    return ExportKnowledge(
        terms=compile_export(known), given_back=frozenset(words), vocabulary=build_vocabulary([("", known)])
    )


def result(text, known):
    """All that a shard asks of the export about a text."""
    spans = spans_of(text, patient=PATIENT, export=known.terms, dates=DATES, given_back=known.given_back)
    allowed = known.given_back
    objection = objection_to_text(text, patient=PATIENT, export=known.terms, allowed=allowed)
    return spans, objection, residual([text], [], known.vocabulary)


@given(texts, knowledges)
def test_that_it_is_watched_changes_nothing(text, known):
    assert result(text, Watched(known).knowledge) == result(text, known)


@settings(max_examples=300)
@given(texts, knowledges, knowledges)
def test_equal_answers_give_equal_results(text, known, later):
    watched = Watched(known)
    before = result(text, watched.knowledge)
    if known.answers(watched.asked) == later.answers(watched.asked):
        assert result(text, later) == before


@settings(max_examples=300)
@given(texts, knowledges, identifiers)
def test_one_more_person_matters_only_where_the_answers_say_so(text, known, person):
    """As above, of knowledge that grows by one: far more often with equal answers."""
    everybody = [*OTHERS, person]
    known, later = knowledge(OTHERS, known.given_back), knowledge(everybody, known.given_back)
    watched = Watched(known)
    before = result(text, watched.knowledge)
    if known.answers(watched.asked) == later.answers(watched.asked):
        assert result(text, later) == before


OTHERS = [
    Identifier(K.STAFF_NAME, "Hargrove^Lucinda"),
    Identifier(K.PATIENT_NAME, "Kolokotronis^Ann"),
    Identifier(K.INSTITUTION, "Northmoor Infirmary"),
    Identifier(K.PATIENT_ID, "77000001"),
]


@pytest.mark.parametrize(
    ("text", "person", "words"),
    [
        ("Seen by Mary Papadakis.", Identifier(K.PATIENT_NAME, "Papadakis^Mary"), ()),
        ("Compared by hargrave.", Identifier(K.STAFF_NAME, "Hargrave^Tom"), ()),
        ("Compared by hargravr.", Identifier(K.STAFF_NAME, "Hargrave^Tom"), ()),
        ("Chart AB 12-345 seen.", Identifier(K.OTHER_ID, "AB12345"), ()),
        ("Sent to Quayside Clinic.", Identifier(K.INSTITUTION, "Quayside Clinic"), ()),
        ("The wibble is clear.", None, ("wibble",)),
    ],
)
def test_what_bears_on_the_text_changes_the_answers(text, person, words):
    known, later = knowledge(OTHERS), knowledge([*OTHERS, *filter(None, [person])], words)
    watched = Watched(known)
    result(text, watched.knowledge)
    assert known.answers(watched.asked) != later.answers(watched.asked)
    again = Watched(later)
    result(text, again.knowledge)
    assert known.answers(again.asked) != later.answers(again.asked), "nor is the way back a way round"


def test_a_namesake_of_another_surname_does_not_matter():
    known = knowledge(OTHERS)
    later = knowledge([*OTHERS, Identifier(K.PATIENT_NAME, "Papadakis^Mary")])
    watched = Watched(known)
    result("Seen by Mary.", watched.knowledge)
    assert known.answers(watched.asked) == later.answers(watched.asked)


def test_what_is_watched_cannot_be_gone_through():
    watched = Watched(knowledge(OTHERS, {"wibble"})).knowledge
    wholes = [watched.terms.words, watched.terms.phrases, watched.terms.codes, watched.given_back]
    wholes += [watched.vocabulary.phrases, watched.vocabulary.codes, watched.vocabulary.uids]
    for whole in wholes:
        for look in (list, len):
            with pytest.raises(TypeError):
                look(whole)
    with pytest.raises(TypeError):
        ("1950", "1", "1") in watched.vocabulary.birth_dates  # noqa: B015
    with pytest.raises(ValueError, match="of one patient"):
        ExportKnowledge(terms=PATIENT, given_back=frozenset(), vocabulary=build_vocabulary([])).answers(set())
