"""Headers before a colon: those that are known, and what is in no list and stands as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from radrelease.stages.sections.forms import Case, Form, Header
from radrelease.stages.sections.layout import MOST_WORDS, Line, follows_end
from radrelease.stages.sections.names import is_organ, is_title, name_of

__all__ = ["AFTER_COLON", "before_colon", "before_question_mark"]

_CLOSE: Final = r"[\s*_\]\)}>\"']{0,4}(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\){0,2}"
AFTER_COLON: Final = re.compile(
    r"(?:[ \t]?:|-(?=\s|$)(?<=:-)|\*{1,3}|_{1,3}(?=[\s*])|</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\|[\]\)}>])*"
)
"""What may follow the colon of a header before its content."""

_IN_NAME: Final = r"[^:|<>\t=\n(]"
_COLON: Final = re.compile(
    rf"(?P<name>[A-Za-z]{_IN_NAME}{{0,69}}?(?:\([^()\n]{{0,9}}\){_IN_NAME}{{0,40}}?)?)"
    rf"(?:[ ]?\([^()\n]{{0,120}}\))?{_CLOSE}\s?:"
)
_SIMPLE: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z ]{0,68}[A-Za-z]):")
"""What most of the headers are that :data:`_COLON` finds, which is slower."""

_QUESTION: Final = re.compile(r"(?P<name>(?i:what|why|was|who)\b[^?:\n]{3,50})\?[ \t]*")
_FEW_WORDS: Final = 3
_NAME: Final = re.compile(r"(?:[A-Za-z '\u2019/&()+,#\-0-9]|\.(?!\s)|\[[A-Z]+\])+")


def before_colon(text: str, line: Line, end: int, case: Case) -> Header | None:
    """The header that ends with the first colon of the line."""
    if not _begins_anew(text, line, case):
        return None
    found = _SIMPLE.match(text, line.body, end) or _COLON.match(text, line.body, end)
    if found is None or (found["name"][-1].isdigit() and text[found.end() : found.end() + 1].isdigit()):
        return None  # a time
    close = AFTER_COLON.match(text, found.end(), line.end)
    content = close.end() if close else found.end()
    return _known(found["name"], line, content) or _unknown(text, found, line, content)


def before_question_mark(text: str, line: Line, end: int) -> Header | None:
    """A header for patients: "What did we see?"."""
    found = _QUESTION.match(text, line.body, end)
    named = name_of(found["name"]) if found else None
    return Header(line.start, found.end(), line.body, Form.COLON, named) if found and named else None


def _begins_anew(text: str, line: Line, case: Case) -> bool:
    """Whether the line does not go on with a sentence, as one that begins with a small letter does."""
    if line.apart or text[line.body].isupper() or case is Case.SMALL:
        return True
    return follows_end(text, line)


def _known(phrase: str, line: Line, content: int) -> Header | None:
    named = name_of(phrase)
    if named is not None:
        return Header(line.start, content, line.body, Form.COLON, named)
    organ, title = is_organ(phrase), is_title(phrase)
    if organ or title:
        return Header(line.start, content, line.body, Form.COLON, organ=organ, title=title)
    return None


def _unknown(text: str, found: re.Match[str], line: Line, content: int) -> Header | None:
    """What has the form of a header, and is in no list."""
    name = found["name"]
    if not _looks_like_name(name, anew=line.apart) or text[content - 1 : content + 1].isdigit():
        return None
    if any(_stands_behind(name, place) for place in _starts_of_words(name)):
        return None  # a header stands behind what is none
    return Header(line.start, content, line.body, Form.COLON)


def _looks_like_name(name: str, *, anew: bool) -> bool:
    words = name.split()
    if not words[0][0].isupper() or len(words) > MOST_WORDS or " - " in name or not _NAME.fullmatch(name):
        return False
    return len(words) <= _FEW_WORDS or anew or _is_capitalised(name)


def _is_capitalised(phrase: str) -> bool:
    """Whether all words but the short ones begin with a capital."""
    return all(word[0].isupper() or len(word) < 4 or not word[0].isalpha() for word in phrase.split())


def _stands_behind(name: str, place: int) -> bool:
    """Whether a part's own header begins at ``place`` of the words before a colon."""
    named = name_of(name[place:]) if place and name[place].isupper() else None
    return named is not None and named.sure and named.kind.section is not None


def _starts_of_words(name: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(r"\S+", name))
