"""Stand-ins: of the same shape, the same for one original, and never the original or anybody known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_report import spans_of

from radrelease.config import SURROGATES
from radrelease.errors import ConfigError
from radrelease.identifiers import PatientId, Secret
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.section_rules import header_phrases
from radrelease.profiles.surrogates import load_pools
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.records.exhibits import Exhibit
from radrelease.records.private import Identifier, IdentifierKind, Span
from radrelease.stages.audit.words import find_unlisted
from radrelease.stages.knowledge.known_terms import compile_patient
from radrelease.stages.scrub.drawing import LEAST, Drawing, given_words, usable_pools
from radrelease.stages.scrub.surrogates import with_surrogates
from radrelease.stages.text.spans import apply_spans
from radrelease.stages.text.tokens import words_of

K = IdentifierKind
POOLS = load_pools()
KNOWN = (
    Identifier(K.PATIENT_NAME, "ROE^JANE^Q"),
    Identifier(K.STAFF_NAME, "Xiu^Peter"),
    Identifier(K.PATIENT_ID, "00123456"),
    Identifier(K.INSTITUTION, "Quayside University Hospital"),
    Identifier(K.ADDRESS, "12 Elm Grove, Fernhollow, OH 43210"),
)
TYPED_ONLY = ("DATE", "TIME", "AGE", "UNKNOWN")
DRAWN = ("NAME", "PLACE", "INSTITUTION", "PHONE", "ID")


def drawing(patient="TESTA", key=b"k" * 32, known=KNOWN, numbers=()):
    return Drawing(
        secret=Secret(key),
        patient=PatientId(patient),
        pools=usable_pools(POOLS, known),
        given=given_words(known),
        known_numbers=(frozenset(numbers),),
    )


def stand_in(text, kind, **of):
    span = Span(start=0, end=len(text), kind=kind, rule="test")
    return with_surrogates(text, [span], drawing(**of))[0].replacement


def pool(word):
    return {name for name in ("families", "given", "towns", "institutions") if word.lower() in lowered(name)}


def lowered(name):
    return {word.lower() for word in getattr(POOLS, name)}


def test_a_name_keeps_its_order_punctuation_and_case():
    family, given_name, middle = re.fullmatch(
        r"([A-Z]+)\^([A-Z]+)\^([A-Z])", stand_in("ROE^JANE^Q", "NAME")
    ).groups()
    assert pool(family) == {"families"}
    assert pool(given_name) == {"given"}
    assert middle != "Q"
    assert stand_in("Jane Roe", "NAME") == f"{given_name.capitalize()} {family.capitalize()}"
    assert stand_in("jane roe's", "NAME") == f"{given_name} {family}'s".lower()
    assert stand_in("Roe, Jane Q.", "NAME") == f"{family.capitalize()}, {given_name.capitalize()} {middle}."
    assert pool(stand_in("Zebrowski", "NAME")) == {"families"}
    assert stand_in("Müller", "NAME") == stand_in("Muller", "NAME") == stand_in("Mu\u0308ller", "NAME")


def test_a_title_outside_the_span_stays():
    text = "Seen by Dr. Xiu."
    spans = spans_of(text, patient=compile_patient(KNOWN))
    out = apply_spans(text, with_surrogates(text, spans, drawing()), placeholder=SURROGATES).text
    assert re.fullmatch(r"Seen by Dr\. [A-Z][a-z]+\.", out)
    assert "Xiu" not in out


def test_a_number_keeps_its_shape_and_is_one_number_in_all_its_spellings():
    assert re.fullmatch(r"[1-9]\d\d-\d{3}-\d\d", stand_in("001-234-56", "ID"))
    assert stand_in("00123456", "ID") == stand_in("001 234 56", "ID").replace(" ", "")
    assert re.fullmatch(r"[A-Z]{2}-\d\d-\d{3}[a-z]", stand_in("ZX-99-881b", "ID"))
    letters = stand_in("ZX-99-881b", "ID")[:2]
    assert letters in POOLS.codes
    assert re.fullmatch(r"\d{3}[A-Z]", stand_in("412B", "PLACE"))


@pytest.mark.parametrize(
    ("original", "shape"),
    [
        ("(676) 123-8003", r"\([1-9]\d\d\) 555-01\d\d"),
        ("6761238003", r"[1-9]\d\d55501\d\d"),
        ("555-8003", r"555-01\d\d"),
        ("+49 30 123 4567", r"\+[1-9]\d \d\d 555 01\d\d"),
        ("4432", r"[1-9]\d{3}"),
    ],
)
def test_a_telephone_is_one_that_nobody_has(original, shape):
    assert re.fullmatch(shape, stand_in(original, "PHONE"))
    taken = {"".join(words_of(stand_in(original, "PHONE")))}
    assert "".join(words_of(stand_in(original, "PHONE", numbers=taken))) not in taken


def test_places_and_institutions_are_others():
    assert re.fullmatch(r"[1-9]\d [A-Z][a-z]+ [A-Z][a-z]+, [A-Z][a-z]+, [A-Z]{2} [1-9]\d{4}",
                        stand_in("14 Old Mill Road, Fernhollow, OH 43210", "PLACE"))  # fmt: skip
    whole, short = (
        stand_in("Quayside University Hospital", "INSTITUTION"),
        stand_in("quayside", "INSTITUTION"),
    )
    assert whole.lower().startswith(f"{short} ")
    assert not {"quayside", "university", "hospital"} & set(words_of(whole))
    assert re.fullmatch(r"[a-z]+\.[a-z]+@example\.org", stand_in("jane.roe@site.example", "EMAIL"))
    assert re.fullmatch(r"https://example\.org/[a-z]+", stand_in("https://pacs.example/x?id=3", "URL"))


@pytest.mark.parametrize("kind", TYPED_ONLY)
def test_what_cannot_be_drawn_in_kind_keeps_its_placeholder(kind):
    spans = with_surrogates("since 2017", [Span(start=6, end=10, kind=kind, rule="test")], drawing())
    assert apply_spans("since 2017", spans, placeholder=SURROGATES).text == f"since [{kind}]"


def test_a_stand_in_never_grows_into_a_word_beside_it():
    spans = with_surrogates("Roefoo", [Span(start=0, end=3, kind="NAME", rule="test")], drawing())
    assert apply_spans("Roefoo", spans, placeholder=SURROGATES).text == "[NAME]foo"


words = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Mn", "Lo")), min_size=1, max_size=9)
pieces = st.one_of(
    words, st.sampled_from((*POOLS.families[:9], *POOLS.towns[:9], "Hospital", "OH", "555", "Road"))
)
originals = st.lists(
    st.tuples(pieces, st.sampled_from((" ", "-", ", ", "^", "'", ". ", "\n"))), min_size=1, max_size=5
)


@settings(max_examples=300)
@given(originals, st.sampled_from(DRAWN))
def test_no_word_of_the_original_is_left_in_its_place(parts, kind):
    original = "".join(part + gap for part, gap in parts).strip()
    made = stand_in(original, kind)
    assert made == stand_in(original, kind)
    if kind in {"PLACE", "INSTITUTION"}:  # several words become one
        made_at, original_at = [tuple(words_of(made))], [tuple(words_of(original))]
        assert made_at != original_at
    else:
        pairs = zip(words_of(made), words_of(original), strict=False)
        assert all(new != old or new in ({"555"} if kind == "PHONE" else {"s"}) for new, old in pairs)
    exhibit = Exhibit("", "", f"Seen by {made} today.", "", free_text=True)
    assert not list(find_unlisted([exhibit], drawing().pools.words))
    assert list(find_unlisted([exhibit], frozenset())) or not set(words_of(made)) & POOLS.words


@settings(max_examples=100)
@given(st.lists(st.tuples(originals, st.sampled_from((*DRAWN, *TYPED_ONLY))), max_size=4))
def test_every_character_outside_a_span_is_where_it_came_from(rows):
    text, spans = "", []
    for parts, kind in rows:
        text += "Lungs are clear. "
        original = "".join(part + gap for part, gap in parts)
        spans.append(Span(start=len(text), end=len(text) + len(original), kind=kind, rule="test"))
        text += original + " "
    spans = with_surrogates(text, spans, drawing())
    out = apply_spans(text, spans, placeholder=SURROGATES)
    inserted = sum(len(span.replacement or f"[{span.kind}]") - (span.end - span.start) for span in spans)
    assert len(out.text) == len(text) + inserted
    replaced = {place for span in spans for place in range(span.start, span.end)}
    kept = [place for place in range(len(out.text)) if out.source_offset(place) not in replaced]
    assert "".join(out.text[place] for place in kept) == "".join(
        sign for place, sign in enumerate(text) if place not in replaced
    )
    assert all(out.text[place] == text[out.source_offset(place)] for place in kept)


def test_another_patient_or_key_gives_other_stand_ins():
    names = [f"Name{letter}{other}" for letter in "abcdefghij" for other in "klmnopqrst"]
    one = [stand_in(name, "NAME") for name in names]
    for other in ({"patient": "TESTB"}, {"key": b"l" * 32}):
        same = sum(
            a == b for a, b in zip(one, (stand_in(name, "NAME", **other) for name in names), strict=True)
        )
        assert same < 6
    assert len(set(one)) > 75


def test_what_the_export_knows_stands_in_for_nobody():
    known = [
        Identifier(K.STAFF_NAME, f"{POOLS.families[0]}^{POOLS.given[0]}"),
        Identifier(K.ADDRESS, f"1 {POOLS.towns[3]} Road"),
    ]
    usable = usable_pools(POOLS, known)
    assert usable.families == POOLS.families[1:]
    assert usable.given == POOLS.given[1:]
    assert POOLS.towns[3] not in usable.towns
    assert not usable.words & {word.lower() for word in (POOLS.families[0], POOLS.given[0], POOLS.towns[3])}


def test_an_export_that_knows_too_much_of_a_pool_is_told_so_without_a_name():
    known = [Identifier(K.PATIENT_NAME, f"{name}^Ann") for name in POOLS.families[LEAST["families"] - 1 :]]
    with pytest.raises(ConfigError, match="families that 99 of") as caught:
        usable_pools(POOLS, known)
    assert not [name for name in POOLS.families if name in str(caught.value)]


def test_the_pools_are_large_and_of_words_that_no_report_needs():
    lexicon = load_lexicon()
    listed = lexicon.clinical | lexicon.english | lexicon.ambiguous | lexicon.acronyms
    sizes = {"families": 300, "given": 300, "towns": 100, "institutions": 60}
    for name, least in sizes.items():
        assert len(lowered(name)) == len(getattr(POOLS, name)) >= least
    words = POOLS.words - set(POOLS.domain.split("."))
    assert all(word.isascii() and word.isalpha() for word in words)
    headers = {word for phrase in header_phrases() for word in words_of(phrase)}
    assert not words & (listed | load_roles().every | headers)
    invented = words - lexicon.names
    for name, least in LEAST.items():
        assert len(lowered(name) & invented) >= least, (
            "an export that knows every common name has enough left"
        )
    assert not [word for ending in POOLS.endings for word in words_of(ending) if word not in listed]
    assert load_name_rules().institution_generic.issuperset(
        word for ending in POOLS.endings for word in words_of(ending)
    )
    assert {street.lower() for street in POOLS.streets} <= POOLS.street_words & listed
