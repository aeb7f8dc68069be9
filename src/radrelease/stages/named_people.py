"""Names that nothing in the export states, found by the words around them.

"Dr. X", "discussed with X Y, RN", "Electronically signed by ...", "Mercy Hospital": the titles,
cues and heads are data (``scrub_rules.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from radrelease.profiles.report_rules import load_name_rules, load_protected_terms
from radrelease.records import Span
from radrelease.stages.tokens import Token, words_of

__all__ = ["find_named_people"]

_LONGEST_NAME = 4
_LONGEST_CUE = 4


def find_named_people(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """The spans of names after titles and cues, before credentials, and of places of care."""
    capitals = _is_all_capitals(text)
    for index, token in enumerate(tokens):
        if token.word in load_name_rules().titles and _is_title(text, tokens, index):
            yield from _run(text, tokens, index + 1, "titled name", capitals=capitals, certain=True)
        start = _after_cue(text, tokens, index)
        if start is not None:
            yield from _run(text, tokens, start, "name after a cue", capitals=capitals, certain=False)
        if _is_credential(text, tokens, index):
            yield from _run_back(text, tokens, index, "NAME", "name with credentials", capitals=capitals)
        head = _institution_head(text, tokens, index)
        if head:
            yield from _run_back(
                text, tokens, index, "INSTITUTION", "place of care", capitals=capitals, head_words=head
            )


@cache
def _protected() -> frozenset[str]:
    return frozenset(word for term in load_protected_terms() for word in words_of(term))


def _is_all_capitals(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return sum(sign.isupper() for sign in letters) > 0.8 * len(letters)


def _is_title(text: str, tokens: Sequence[Token], index: int) -> bool:
    """Tell titles from words: MR is also magnetic resonance, and nurse a verb."""
    token = tokens[index]
    written, following = text[token.start : token.end], text[token.end : token.end + 1]
    if token.word == "mr":
        return following == "." or written == "Mr"
    if token.word in {"nurse", "miss"}:
        return written[0].isupper() and following == " "
    return following in {".", " ", "'"}


def _after_cue(text: str, tokens: Sequence[Token], index: int) -> int | None:
    """The index of the first token after a cue that begins at ``index``."""
    rules = load_name_rules()
    for length in range(min(_LONGEST_CUE, len(tokens) - index), 0, -1):
        cue = tuple(token.word for token in tokens[index : index + length])
        if cue in rules.cues:
            after = text[tokens[index + length - 1].end :][:3].lstrip(" *_")
            if cue in rules.colon_cues and not after.startswith((":", "-")):
                continue
            return index + length
    return None


def _run(
    text: str, tokens: Sequence[Token], first: int, rule: str, *, capitals: bool, certain: bool
) -> Iterator[Span]:
    """The name that begins at token ``first``; ``certain`` when a title stands before it."""
    rules = load_name_rules()
    for _ in range(_LONGEST_CUE):  # "signed by Dr. Prof. X"
        if first < len(tokens) and tokens[first].word in rules.titles | {"by", "with"}:
            first += 1
    last = first
    longest = 2 if capitals else _LONGEST_NAME
    while last < len(tokens) and last - first < longest:
        token = tokens[last]
        if last > first and not _joins(text[tokens[last - 1].end : token.start]):
            break
        if last == first and tokens[first].start - (tokens[first - 1].end if first else 0) > 6:
            break
        if not _may_be_name(text, token, capitals=capitals, certain=certain and last == first):
            break
        last += 1
    if last > first:
        yield Span(start=tokens[first].start, end=tokens[last - 1].end, kind="NAME", rule=rule)
        following = text[tokens[last - 1].end : tokens[last - 1].end + 5]
        if certain and following.startswith((" and ", " or ", " & ")) and last + 1 < len(tokens):
            joined = last if following.startswith(" & ") else last + 1
            yield from _run(text, tokens, joined, rule, capitals=capitals, certain=False)


def _joins(gap: str) -> bool:
    """Whether words with ``gap`` between them may be parts of one name."""
    return gap in {" ", ". ", ".", ", ", "-", "'", "’", "  "} or (gap.strip(" ") == "," and len(gap) < 3)


def _may_be_name(text: str, token: Token, *, capitals: bool, certain: bool) -> bool:
    rules, written = load_name_rules(), text[token.start : token.end]
    if token.word in rules.stops or not written.isalpha():
        return False
    if certain:
        return True
    if token.word in rules.particles and not capitals:
        return True
    if not written[0].isupper():
        return False
    return not (capitals and token.word in _protected())


def _is_credential(text: str, tokens: Sequence[Token], index: int) -> bool:
    rules, token = load_name_rules(), tokens[index]
    if not index:
        return False
    gap, written = text[tokens[index - 1].end : token.start], text[token.start : token.end]
    comma = "," in gap and len(gap) <= 2
    if token.word == "m" and text[token.start : token.start + 4].upper() == "M.D.":
        return comma or gap == " "
    if token.word in rules.credentials:
        return (comma or gap == " ") and written[0].isupper()
    return token.word in rules.comma_credentials and comma and written.isupper() and len(written) < 4


def _institution_head(text: str, tokens: Sequence[Token], index: int) -> int:
    """How many words from ``index`` on are the head of an institution's name."""
    heads = load_name_rules().institution_heads
    pair = tuple(token.word for token in tokens[index : index + 2])
    if not text[tokens[index].start].isupper():
        return 0
    return 2 if pair in heads else int(pair[:1] in heads)


def _run_back(
    text: str,
    tokens: Sequence[Token],
    head: int,
    kind: str,
    rule: str,
    *,
    capitals: bool,
    head_words: int = 0,
) -> Iterator[Span]:
    """The name that ends before token ``head``; the head's words are taken into it."""
    first = head
    longest = 2 if capitals else _LONGEST_NAME
    while first and head - first < longest:
        token, gap = tokens[first - 1], text[tokens[first - 1].end : tokens[first].start]
        if not _joins(gap) or (kind == "INSTITUTION" and gap not in {" ", ". ", "'", "’", "-"}):
            break
        if not _may_be_name(text, token, capitals=capitals, certain=False) and token.word != "s":
            break
        if not text[token.start].isupper() and token.word != "s":
            break
        first -= 1
    if first < head and any(len(token.word) > 1 for token in tokens[first:head]):
        end = tokens[head + head_words - 1].end
        yield Span(start=tokens[first].start, end=end, kind=kind, rule=rule)
