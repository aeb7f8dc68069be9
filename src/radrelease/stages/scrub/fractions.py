"""What looks like a day and a month and is none: "grade 2/6", "pain 8/10", "review in 3/12"."""

from __future__ import annotations

import re

__all__ = ["is_fraction"]

_FRACTION_BEFORE = re.compile(
    r"(?i)\b(?:grade|strength|motor|murmur|profusion|ilo|reading|category|silicosis|pneumoconiosis|[p-u]/[p-u]|upper|lower|middle|mid|distal|proximal|inner|outer|brixia|rale|confidence|cycle|gcs|power|score|scale|stage|apgars?|lobes?|vertebra|ribs?|bp|lumens?|teeth|(?:nyha|functional|killip|asa)\sclass|dp|type|mallampati|reflexes|pulses|level|q?sofa|bang)\b[\s:#,]{1,2}$"
)
_ONE_OF_SEVERAL_BEFORE = re.compile(r"(?i)\b(?:series|image|img|se|im|views?|page|pg)\b[\s:#,]{1,2}$")
"""Before "2/3", the second of three, and not before "3/2", which can only be a day."""

_WHOLE_NUMBER_BEFORE = re.compile(r"(?<![\d/.-])\d{1,5}[ ]$")
_WINDOW = 20
"""Letters before the numbers that hold the longest of these words: "functional class "."""
_OF_WEEKS = re.compile(r"(?i)\s?(?:weeks?|wks?|w)\b")
_ILO_BEFORE = re.compile(
    r"(?i)\b(?:profusion|ilo|category)\s(?:about|around|of|is|was|at|approximately|roughly)\s$"
)
_DATE_BEFORE = re.compile(
    r"(?i)\b(?:on|since|from|dated|until|through|before|after|by|film|study|exam|cxr|ct|seen|visit|here|done)\s$"
)
_FRACTION_AFTER = re.compile(
    r"(?i)\s?(?:of|strength|power|murmur|pain|lobes?|motor|inch|in\b|sternal|ns\b|normal|saline|systolic|holosystolic|diastolic|reflexes|pulses|sem|sutures|cup|pack|ppd|way)\b"
)
_PAIN_BEFORE = re.compile(r"(?i)\b(?:pain|cp|nrs|vas|severity|rated|borg)\b[\s:#,]{1,2}$")
"""Before points of ten; a month is not the tenth so often as pain is out of ten."""

_IN_TIME = re.compile(
    r"(?i)\b(?:review|repeat|follow[\s-]?up|f/u|fu|rpt|recheck|return|reimage|rescan)"
    r"(?:\s[a-z-]{2,12}){0,2}\s(?:in|at)\s$|\d?\b[x×]\s?$"
    r"|\b(?:clinic|opd|opa|appointment|appt)\sin\s$"
    r"|\b(?:over|for|in|within|during)\sthe\s(?:last|past)\s$"
    r"|\b(?:unwell|ill|poorly|cough(?:ing)?|fevers?|febrile|pyrexi[ac]l?|pain|sob|sobar|dyspn[o]?ea|breathless(?:ness)?"
    r"|wheez[ey](?:ing)?|vomiting|diarrh[o]?ea|ha?emoptysis|sputum|symptoms?|rigors?|malaise|letharg(?:y|ic)|swelling"
    r"|rash|headaches?|hoarse(?:ness)?|chemo|antibiotics?|abx|steroids|prednisolone|amoxicillin|doxycycline|co-amoxiclav"
    r"|clarithromycin|augmentin|tazocin)\sfor\s$"
)
"""What tells such a time before it. "For 3/7" alone may be an appointment, and "since 3/7" is a day."""

_AGO = re.compile(r"(?i)\s(?:ago|later|duration|history|hx|of\shistory|course\sof)\b")
_DAYS_OF_WEEK = 7
_PERIODS = frozenset({_DAYS_OF_WEEK, 12})
"""Days in a week and months in a year, over which British hands write how long: "5/7", "3/12"."""


def is_fraction(text: str, found: re.Match[str]) -> bool:
    """Whether two numbers with a stroke are a grade, a share or a time, and not a day and a month."""
    groups = found.groupdict()
    if groups.get("b") is None or groups.get("s") is not None:
        return False
    first, second = int(groups["a"] or 0), int(groups["b"] or 0)
    if _WHOLE_NUMBER_BEFORE.search(text, max(0, found.start() - 6), found.start()) and (
        first < second <= 4 or (second == _DAYS_OF_WEEK and _OF_WEEKS.match(text, found.end()))
    ):
        return True  # "2 1/2", "27 5/7 weeks"
    if min(first, second) > 12 or _is_time(text, found, second):
        return True
    if _DATE_BEFORE.search(text, max(0, found.start() - 12), found.start()):
        return False
    if (
        second == 10
        and first <= second
        and _PAIN_BEFORE.search(text, max(0, found.start() - 12), found.start())
    ):
        return True
    before = _FRACTION_BEFORE.search(text, max(0, found.start() - _WINDOW), found.start())
    before = before or _ILO_BEFORE.search(text, max(0, found.start() - 32), found.start())
    if first <= second:
        before = before or _ONE_OF_SEVERAL_BEFORE.search(text, max(0, found.start() - _WINDOW), found.start())
    return before is not None or _FRACTION_AFTER.match(text, found.end()) is not None


def _is_time(text: str, found: re.Match[str], second: int) -> bool:
    """Whether the numbers are days over 7 or months over 12: "review in 3/12", "x 5/7", "2/12 ago"."""
    if second not in _PERIODS:
        return False
    before = _IN_TIME.search(text, max(0, found.start() - 45), found.start())
    return before is not None or _AGO.match(text, found.end()) is not None
