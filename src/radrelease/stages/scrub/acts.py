"""What people do, behind the name of who does it, and what is said of findings."""

from __future__ import annotations

import re

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.scrub.reading import Reading

__all__ = ["acts_as_person", "acts_in_capitals", "does_something", "is_said_of_finding"]

_ACT = re.compile(
    r"(?i) (?:on|at|from|in) the (?:desk|floor|ward|phone|unit)\b"
    r"| (?:from|in|on|of) (?:the )?\w{2,11} (?:rang|called|paged|phoned|texted|informed|notified|aware)\b"
    r"| from (?:the )?(?:film (?:library|room)|file room|front desk|(?:medical )?records|registration"
    r"|reception|switchboard|transport|admissions|scheduling|bookings?|billing|dispatch|security)\b"
    r"| (?:was|is|has been) (?:told|informed|notified|aware|advised)\b"
    r"| (?:agrees|acknowledged|says|said)\b"
)
_MORE_ACTS = re.compile(
    r" (?:(?:reviewed|called|paged|texted|phoned|asked|wants|wanted|requested|concurs|concurred|confirmed"
    r"|aware|accepted|signed|dictated|agreed)(?!-)\b|at bedside\b|\((?:RN|MD|NP|PA|RT)\)"
    r"|\((?i:(?:his|her|the) )?(?i:wife|husband|mother|father|mom|mum|dad|son|daughter|sister|brother"
    r"|aunt|uncle|niece|nephew|cousin|partner|carer|caregiver|friend|neighbou?r|nok|teacher|nurse|tech|clerk|sitter)\b)"
)
"""The same, where cases and pages are not reviewed and called too."""
_ACT_OF_NAMES = re.compile(
    r"(?i),?(?: (?:rn|np|pa|md|rt|do),?)?"
    r" (?:(?:called|calls)(?: (?:back|at|to|in|from|for|with|re|about|me|us)\b|\s?[.,;])|rang\b|knows\b"
    r"|(?:paged|texted|phoned|wants|wanted|requests|requested|concurs|speaks|escorted|accompanying|died)\b"
    r"|(?:asked|sat with|read (?:it |this )?back|rounding|(?:is )?aware|informed|notified|told|agrees)\b"
    r"|will (?:call|follow|fix|see|review|scope|document|admit|order|tell|let|aware)\b"
    r"|to (?:follow|call|see|review|scope|biopsy|re-explore)\b|has been (?:called|told|paged)\b)"
)
"""The same, of words that are names too, in lines of one case: "STONE CALLED BACK", "hunter wants film"."""
_ACT_OF_CAPITALS = re.compile(
    r" (?:(?:was|has been) (?:told|informed|notified|advised)|(?:is|was|made) aware|agrees|acknowledged|says"
    r"|said|concurs|called back|notified|informed|aware)\b| \((?:RN|MD|NP|PA|RT|PGY)"
)
"""What people do whose names are written in capitals, as sites do that write all surnames so."""
_ADDRESSED = re.compile(
    r" (?:should|must|will|may|has|is to|was) (?:be |been )?(?:told|informed|notified|advised|warned)\b"
    r"| please (?:send|call|note|advise|tell|inform|ring|contact)\b"
)
"""What is said to or of who has sent somebody."""
_SEEN = re.compile(r"(?i) (?:is|are) (?:not |now )?(?:noted|identified|visuali[sz]ed|visible|unchanged)\b")
"""What is said of findings; patients are seen too."""


def acts_in_capitals(reading: Reading, index: int) -> bool:
    """Whether an abbreviation is a name that does something: "RAO was told", and not "RAO view"."""
    return _ACT_OF_CAPITALS.match(reading.text, reading.ends[index]) is not None


def acts_as_person(reading: Reading, index: int) -> bool:
    """Whether what follows is done by people: "stone called back"."""
    return any(act.match(reading.text, reading.ends[index]) for act in (_ACT, _ACT_OF_NAMES))


def is_said_of_finding(reading: Reading, index: int) -> bool:
    """Whether what follows is said of findings: "STONE IS NOTED"."""
    return _SEEN.match(reading.text, reading.ends[index]) is not None


def _is_called_and_short(word: str) -> bool:
    """Whether an abbreviation of medicine is what people are called too: "Mac", "Pat"."""
    return len(word) > 2 and word in load_lexicon().acronyms and word in load_nicknames()


def does_something(reading: Reading, index: int) -> bool:
    """Whether a word that is also a name begins a sentence about what somebody does: "June was told"."""
    word, caseless, lexicon = reading.words[index], reading.is_caseless(index), load_lexicon()
    is_both = caseless and (word in lexicon.ambiguous or _is_called_and_short(word))  # "MAC ON THE FLOOR"
    is_titled = word in lexicon.acronyms and reading.written(index).istitle()  # "Tia will document"
    if not caseless and word in lexicon.english and _is_uncommon(word):
        return _is_addressed(reading, index)
    if word not in load_name_rules().also_given and not is_both and not is_titled:
        return False
    acts = [_ACT]
    acts += [_MORE_ACTS] if word in lexicon.english else []
    acts += [_ACT_OF_NAMES] if caseless or is_titled else []
    is_act = any(act.match(reading.text, reading.ends[index]) for act in acts)
    return is_act and reading.is_capitalised(index) and reading.begins_sentence(index)


def _is_uncommon(word: str) -> bool:
    """Whether reports do not use the word, nor say so what somebody is: "Amazon", and not "Veteran"."""
    lexicon, rules = load_lexicon(), load_name_rules()
    plain = (lexicon.everyday, lexicon.clinical, lexicon.acronyms, rules.before_people, rules.also_given)
    return not any(word in words for words in plain)


def _is_addressed(reading: Reading, index: int) -> bool:
    """Whether a firm that begins a clause is told something: "Amazon should be told"."""
    begins = reading.is_capitalised(index) and reading.begins_sentence(index)
    return begins and _ADDRESSED.match(reading.text, reading.ends[index]) is not None
