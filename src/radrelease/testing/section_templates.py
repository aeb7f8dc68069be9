"""Ways to print a report from its four sections, with the truth about where they then stand.

In a template, ``{indication}``, ``{comparison}``, ``{findings}`` and ``{impression}`` are places, each at
most once; ``{both}`` is findings, then impression, and the truth is then that all of it is findings. A
place may have modifiers, "{findings:lines,indent}", applied in this order: ``lines`` (a sentence a line),
``spaced`` (a blank line between), ``numbered`` ("1. "), ``parens`` ("1) "), ``bullets`` ("- "), ``stars``
("* "), ``indent`` (four blanks), ``wrap`` (at 60 characters), ``upper``, ``lower``, ``quoted`` ("> "). A
block ``[[ ... ]]`` is printed only where every section named in it has words.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from radrelease.records.release import SectionName

__all__ = [
    "SectionDataError",
    "SectionGold",
    "Style",
    "check_template",
    "is_fit",
    "print_report",
    "sentences_of",
]

MODIFIERS = (
    "lines", "spaced", "numbered", "parens", "bullets", "stars", "indent", "wrap", "upper", "lower", "quoted",
)  # fmt: skip
_LISTS = frozenset(MODIFIERS[:6])
_WIDTH = 60
_BOTH = "both"
_NAMES = frozenset({*(name.value.lower() for name in SectionName), _BOTH})
_PLACE = re.compile(r"\{([a-z]+)(?::([^{}\n]*))?\}")
_BLOCK = re.compile(r"\[\[(.*?)\]\](?!\])", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bvs\.)(?<!\b\d\.)\s+")
_NUMBER = re.compile(r"^\d{1,2}[.)]\s+")


class SectionDataError(ValueError):
    """A style or a hard case is not written as it should be; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionGold:
    """A report and what its four sections are; one that is not there is None."""

    text: str
    sections: Mapping[SectionName, str | None]

    def is_met_by(self, found: Mapping[SectionName, str | None]) -> bool:
        """Whether all four are found exactly, but for blanks around them."""
        return all(_bare(found.get(name)) == _bare(self.sections[name]) for name in SectionName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way to print a report; ``absent`` stands for a section without words, ``newline`` for a break."""

    hand: str
    name: str
    template: str
    absent: str
    newline: str


def is_fit(sections: Mapping[SectionName, str]) -> bool:
    """Whether a report can be printed with a truth.

    It says what was seen, and no section of it begins with a header or holds a note on who was told.
    """
    said = bool(sections[SectionName.FINDINGS].strip() or sections[SectionName.IMPRESSION].strip())
    return said and not any(_HEADED.match(words) or _TOLD.search(words) for words in sections.values())


_TOLD = re.compile(r"\b(?:discussed|notified|notification|telephone|thanks)\b", re.IGNORECASE)
_HEADED = re.compile(rf"\s*(?:{'|'.join(SectionName)})s?\s*:", re.IGNORECASE)


def print_report(style: Style, sections: Mapping[SectionName, str]) -> SectionGold:
    """The report in this style. Its sections as printed; what the style has no place for is None."""
    words = _words(sections)
    printed = dict.fromkeys(SectionName, "")

    def fill(place: re.Match[str]) -> str:
        value = words[place[1]]
        text = _arranged(value, _modifiers(place)) if value else style.absent
        printed[_section(place[1])] = text.removeprefix("> ") if "quoted" in _modifiers(place) else text
        return text

    def block(found: re.Match[str]) -> str:
        return found[1] if all(words[place[1]] for place in _PLACE.finditer(found[1])) else ""

    text = _PLACE.sub(fill, _BLOCK.sub(block, style.template))
    return SectionGold(
        text=text.replace("\n", style.newline),
        sections={name: _bare(value.strip().replace("\n", style.newline)) for name, value in printed.items()},
    )


def _words(sections: Mapping[SectionName, str]) -> dict[str, str]:
    words = {name.value.lower(): sections.get(name, "").strip() for name in SectionName}
    return words | {_BOTH: f"{words['findings']} {words['impression']}".strip()}


def _section(name: str) -> SectionName:
    return SectionName.FINDINGS if name == _BOTH else SectionName(name.capitalize())


def _modifiers(place: re.Match[str]) -> list[str]:
    return [] if place[2] is None else [word.strip() for word in place[2].split(",")]


def _arranged(value: str, modifiers: list[str]) -> str:
    for modifier in MODIFIERS:
        if modifier in modifiers:
            value = _listed(value, modifier) if modifier in _LISTS else _shaped(value, modifier)
    return value


def _listed(value: str, modifier: str) -> str:
    """The sentences, each on a line of its own; numbers that they already have give way to marks."""
    sentences = sentences_of(value)
    if modifier in {"lines", "spaced"}:
        return ("\n" if modifier == "lines" else "\n\n").join(sentences)
    marks = {"numbered": "{}. ", "parens": "{}) ", "bullets": "- ", "stars": "* "}
    bare = (_NUMBER.sub("", sentence) for sentence in sentences)
    return "\n".join(marks[modifier].format(number) + words for number, words in enumerate(bare, 1))


def _shaped(value: str, modifier: str) -> str:
    if modifier in {"upper", "lower"}:
        return value.upper() if modifier == "upper" else value.lower()
    lines = value.split("\n")
    if modifier == "wrap":
        return "\n".join(_wrapped(line) for line in lines)
    return "\n".join(("> " if modifier == "quoted" else "    ") + line for line in lines)


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return "\n".join(textwrap.wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False)) or line


def sentences_of(value: str) -> list[str]:
    """The sentences of a section, without blanks around them; "1. Clear." is one."""
    return [sentence for sentence in _SENTENCE_END.split(value.strip()) if sentence]


def _bare(value: str | None) -> str | None:
    return (value or "").strip() or None


def check_template(where: str, template: str) -> None:
    """Raise :class:`SectionDataError`, naming ``where``, for a template that cannot be printed."""
    for problem in _problems(template):
        raise SectionDataError(f"{where}: {problem}")


def _problems(template: str) -> Iterator[str]:
    places = list(_PLACE.finditer(template))
    names = [place[1] for place in places]
    unknown = [name for name in names if name not in _NAMES]
    if unknown:
        yield f"there is no section {{{unknown[0]}}}"
    if len(set(names)) < len(names):
        yield "a section stands in two places"
    if _BOTH in names and {"findings", "impression"} & set(names):
        yield "{both} stands beside {findings} or {impression}"
    if not {"findings", "impression", _BOTH} & set(names):
        yield "neither findings nor impression has a place"
    for place in places:
        yield from _wrong_modifiers(place)
    yield from _wrong_blocks(template)


def _wrong_modifiers(place: re.Match[str]) -> Iterator[str]:
    modifiers = _modifiers(place)
    unknown = [word for word in modifiers if word not in MODIFIERS]
    if unknown:
        yield f"there is no modifier {unknown[0]!r} ({place[0]})"
    if len(_LISTS & set(modifiers)) > 1 or {"upper", "lower"} <= set(modifiers):
        yield f"modifiers contradict each other ({place[0]})"


def _wrong_blocks(template: str) -> Iterator[str]:
    for found in _BLOCK.finditer(template):
        if "[[" in found[1]:
            yield "an optional block stands in another"
        if not _PLACE.search(found[1]):
            yield "an optional block names no section"
    rest = _BLOCK.sub("", template)
    if "[[" in rest or "]]" in rest:
        yield "an optional block does not begin or does not end"
