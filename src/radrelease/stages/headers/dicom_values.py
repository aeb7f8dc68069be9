"""Values of DICOM elements to values that may leave: one function per rule of the header profile.

Each takes what a file says and gives what may be written, or nothing. A value is never repaired:
what is not known to be safe does not leave.
"""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date, timedelta

import numpy as np

from radrelease.profiles.dicom_profile import DicomRule
from radrelease.records.dicom_elements import RawHeader
from radrelease.records.dicom_values import parse_date

__all__ = [
    "image_type",
    "is_monotonic",
    "is_written_number",
    "lut_descriptor",
    "moved_date",
    "number_text",
    "orientation",
    "public_numbers",
    "public_values",
    "public_words",
]

Values = tuple[str, ...]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORD = re.compile(r"[^\W_]+")
_DIRECTIONS = re.compile(r"(?!.*(.).*\1)[APLRHF]{1,3}")
_WHOLE = frozenset({"IS", "US", "SS", "US or SS"})
_LONGEST = {"CS": 16, "SH": 16, "LO": 64}
_SHORTEST_CODE = 5
"""A number of fewer digits is a measurement more often than somebody's number."""


def public_values(values: Values, rule: DicomRule) -> Values:
    """The values as ``rule.values`` spells them, if each is one of those in any case."""
    spelled = {value.upper(): value for value in rule.values}
    known = 0 < len(values) <= rule.most and all(value.upper() in spelled for value in values)
    return tuple(spelled[value.upper()] for value in values) if known else ()


def public_words(values: Values, rule: DicomRule, vocabulary: Set[str]) -> Values:
    """The text, if every word of it is in the vocabulary."""
    text = "\\".join(values)
    words = _WORD.findall(text.upper())
    known = bool(words) and text.isascii() and "\\" not in text and vocabulary >= set(words)
    return (text,) if known and len(text) <= _LONGEST.get(rule.vr, 64) else ()


def public_numbers(values: Values, rule: DicomRule, codes: Set[str]) -> Values:
    """The numbers to six digits, if each lies within ``rule.within`` and is no number of the patient's."""
    if not 0 < len(values) <= rule.most or not all(_NUMBER.fullmatch(value) for value in values):
        return ()
    numbers = [float(value) for value in values]
    low, high = rule.within
    if not all(low <= number <= high for number in numbers):
        return ()
    written = tuple(number_text(number, whole=rule.vr in _WHOLE) for number in numbers)
    return () if any(_is_code(text, codes) for text in written) else written


def number_text(number: float, *, whole: bool = False) -> str:
    """The number as IS or DS, to six significant digits (whole numbers of IS in full)."""
    if whole and number.is_integer():
        return str(int(number))
    text = f"{number:.6g}"
    return text if not whole else str(round(number))


def is_written_number(text: str, rule: DicomRule) -> bool:
    """Whether the text is a number as :func:`public_numbers` writes it."""
    return bool(_NUMBER.fullmatch(text)) and public_numbers((text,), rule, frozenset()) == (text,)


def moved_date(values: Values, study_date: date, shift_days: int, nearest_days: int) -> Values:
    """The date moved by ``shift_days``, if it is near the true ``study_date``."""
    day = parse_date(values[0]) if len(values) == 1 else None
    if day is None or abs((day - study_date).days) > nearest_days:
        return ()
    return (f"{day + timedelta(days=shift_days):%Y%m%d}",)


def orientation(values: Values) -> Values:
    """Patient Orientation (PS3.3 C.7.6.1.1.1): two values of up to three letters, none twice."""
    written = tuple(value.upper() for value in values)
    return written if len(written) == 2 and all(_DIRECTIONS.fullmatch(value) for value in written) else ()


def image_type(values: Values, rule: DicomRule, *, derived: bool) -> Values:
    """Image Type (PS3.3 C.7.6.1.1.2): known values up to the first unknown one; the first two always."""
    written = tuple(value.upper() for value in values)
    pixels = "DERIVED" if derived or written[:1] != ("ORIGINAL",) else "ORIGINAL"
    patient = "SECONDARY" if written[1:2] == ("SECONDARY",) else "PRIMARY"
    more: list[str] = []
    for value in written[2 : rule.most]:
        if value and value not in rule.values:
            break
        more.append(value)
    while more and not more[-1]:
        more.pop()
    return (pixels, patient, *more)


def lut_descriptor(item: RawHeader) -> Values:
    """LUT Descriptor (PS3.3 C.11.1.1): entries, first value, bits; nothing unless the table is as it says."""
    texts, table = item.texts.get("LUTDescriptor", ()), item.tables.get("LUTData")
    if table is None or len(texts) != 3 or not all(re.fullmatch(r"-?\d{1,5}", text) for text in texts):
        return ()
    entries, _first, bits = map(int, texts)
    fits = len(table) == (entries or 1 << 16) and 8 <= bits <= 16 and int(table.max(initial=0)) < 1 << bits
    return texts if fits and is_monotonic(item) else ()


def is_monotonic(item: RawHeader) -> bool:
    """Whether the table rises or falls throughout: a text in its place would not."""
    steps = np.diff(item.tables["LUTData"].astype(np.int32))
    return bool((steps >= 0).all() or (steps <= 0).all())


def _is_code(text: str, codes: Set[str]) -> bool:
    digits = "".join(filter(str.isdigit, text))
    return len(digits) >= _SHORTEST_CODE and bool({digits, digits.lstrip("0")} & codes)
