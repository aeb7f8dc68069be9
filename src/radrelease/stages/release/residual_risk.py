"""What may still identify after scrubbing, ranked for a person to read. Private.

Counts say what each rule did; rare words say what the vocabulary cost; survivors are the published
words that come nearest to a name; and a table says how many reports must be read without finding a
leak to bound the share of leaking reports.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from radrelease.identifiers import RawUid
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import MONTHS
from radrelease.records.private import Redaction
from radrelease.records.release import ReleaseStudy, SectionName
from radrelease.stages.scrub.layers import layer_of_rule
from radrelease.stages.scrub.reading import Reading, read
from radrelease.stages.text.tokens import words_of

__all__ = [
    "Often",
    "ReadingBound",
    "Remains",
    "RemovedWord",
    "ResidualRisk",
    "RuleCount",
    "SurvivingWord",
    "Survivor",
    "assess",
    "reading_bounds",
    "remains_of",
]

_MOST_SHOWN = 300
_CONTEXT = 40
_EXAMPLES = 3
"""Surroundings shown of a word that survived: more of the same would hide the next word."""

_UNSURE = frozenset(
    {"capital inside a sentence", "name by its place", "beside a name", "place after a cue"}
    | {"model: person", "model: place"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How often a rule removed something."""

    layer: int
    kind: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedWord:
    """Something a rule that is not sure of itself removed, and in how many patients' reports it stands."""

    text: str
    rule: str
    count: int
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A published word that could be a name, with what stands around it."""

    study_id: str
    why: str
    word: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivingWord:
    """A word that survived, how often, and a few of its different surroundings."""

    why: str
    word: str
    count: int
    examples: tuple[Survivor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Often:
    """Two words that belong together, and how often: a rule and what it took for, or a doubt and a word."""

    of: str
    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What some studies add to the residual risk: counts, and of each word that survived some examples."""

    rules: tuple[Often, ...]  # by rule and kind
    removed: tuple[Often, ...]  # by rule and text, of rules that are not sure
    survived: tuple[Often, ...]  # by doubt and word
    survivors: tuple[Survivor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBound:
    """Reports to read without finding a leak, for that upper bound on the share that leak (95%)."""

    upper_bound: float
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualRisk:
    """Everything a person who answers for the release should look at."""

    rules: tuple[RuleCount, ...]
    words: tuple[RemovedWord, ...]
    unsure: tuple[RemovedWord, ...]
    survivors: tuple[SurvivingWord, ...]
    bounds: tuple[ReadingBound, ...]


def remains_of(
    redactions: Iterable[Redaction],
    studies: Iterable[ReleaseStudy],
    given_back: Set[str],
    published: Callable[[RawUid], str],
) -> Remains:
    """What these studies add: what was removed from them, and what of them is published.

    ``published`` gives a study's published UID.
    """
    counts: Counter[tuple[str, str]] = Counter()
    removed: Counter[tuple[str, str]] = Counter()
    drawn: defaultdict[str, set[str]] = defaultdict(set)  # numbers that stand in for others
    for row in redactions:
        counts[row.rule, row.kind] += 1
        if row.kind == "UNKNOWN" or row.rule in _UNSURE:
            removed[row.rule, row.original] += 1
        if row.kind != "DATE" and (numbers := set(filter(str.isdigit, words_of(row.replacement)))):
            drawn[published(row.study_uid)] |= numbers
    survivors = _Survivors()
    for study in studies:
        for survivor in _of_study(study, given_back):
            if survivor.word not in drawn.get(study.study_id, ()):
                survivors.often[survivor.why, survivor.word.lower()] += 1
                survivors.hold(survivor)
    return Remains(
        rules=_counted(counts),
        removed=_counted(removed),
        survived=_counted(survivors.often),
        survivors=tuple(survivors.held()),
    )


def _counted(counts: Mapping[tuple[str, str], int]) -> tuple[Often, ...]:
    return tuple(Often(of=of, what=what, count=count) for (of, what), count in sorted(counts.items()))


def assess(remains: Iterable[Remains], word_counts: Mapping[str, int]) -> ResidualRisk:
    """The residual risk of a release, from what all of its studies add."""
    counts: Counter[tuple[str, str]] = Counter()
    removed: Counter[tuple[str, str]] = Counter()
    survivors = _Survivors()
    for part in remains:
        counts.update({(row.of, row.what): row.count for row in part.rules})
        removed.update({(row.of, row.what): row.count for row in part.removed})
        survivors.often.update({(row.of, row.what): row.count for row in part.survived})
        for survivor in part.survivors:
            survivors.hold(survivor)
    rules = (
        RuleCount(layer=layer_of_rule(rule, kind), kind=kind, rule=rule, count=count)
        for (rule, kind), count in counts.items()
    )
    rows = [
        RemovedWord(text=text, rule=rule, count=count, patients=word_counts.get(text.lower(), 0))
        for (rule, text), count in sorted(removed.items(), key=lambda row: (-row[1], row[0][::-1]))
    ]
    return ResidualRisk(
        rules=tuple(sorted(rules, key=lambda row: (row.layer, -row.count, row.rule, row.kind))),
        words=tuple(row for row in rows if row.rule not in _UNSURE)[:_MOST_SHOWN],
        unsure=tuple(row for row in rows if row.rule in _UNSURE)[:_MOST_SHOWN],
        survivors=tuple(survivors.rarest()),
        bounds=tuple(reading_bounds()),
    )


def reading_bounds() -> Iterator[ReadingBound]:
    """With no leak in n reports, the share that leak is below p with 95% if (1 - p)^n is below 5%."""
    for bound in (0.05, 0.01, 0.005, 0.001):
        yield ReadingBound(upper_bound=bound, reports=math.ceil(math.log(0.05) / math.log(1 - bound)))


class _Survivors:
    """The words that survived, as they come, with a few examples of each, the same in any order."""

    def __init__(self) -> None:
        self.often: Counter[tuple[str, str]] = Counter()  # by doubt and word
        self._held: defaultdict[tuple[str, str], dict[str, Survivor]] = defaultdict(dict)  # and by context

    def hold(self, survivor: Survivor) -> None:
        """Keep it if it is one of the first studies with that word in other surroundings."""
        examples = self._held[survivor.why, survivor.word.lower()]
        same = examples.get(survivor.context)
        if same is None or survivor.study_id < same.study_id:
            examples[survivor.context] = survivor
        if len(examples) > _EXAMPLES:
            del examples[max(examples, key=lambda context: _order(examples[context]))]

    def held(self) -> Iterator[Survivor]:
        """All that are kept, in order."""
        for key in sorted(self._held):
            yield from sorted(self._held[key].values(), key=_order)

    def rarest(self) -> Iterator[SurvivingWord]:
        """The rarest first: what stands in one report only is likeliest to be somebody's."""
        for key in sorted(self._held, key=lambda key: (self.often[key], key))[:_MOST_SHOWN]:
            examples = sorted(self._held[key].values(), key=_order)
            yield SurvivingWord(
                why=key[0], word=examples[0].word, count=self.often[key], examples=tuple(examples)
            )


def _order(survivor: Survivor) -> tuple[str, str]:
    return survivor.study_id, survivor.context


def _of_study(study: ReleaseStudy, given_back: Set[str]) -> Iterator[Survivor]:
    for name in SectionName:
        text = getattr(study, name.value.lower())
        if not text:
            continue
        reading = read(text)
        for index in reading.marks:
            start, end = reading.starts[index], reading.ends[index]
            if text[start - 1 : start] == "[" and text[end : end + 1] == "]":
                continue  # a placeholder
            why = _doubt(reading, index, given_back)
            if why:
                yield Survivor(
                    study_id=study.id,
                    why=why,
                    word=reading.written(index),
                    context=text[max(0, start - _CONTEXT) : end + _CONTEXT],
                )


def _doubt(reading: Reading, index: int, given_back: Set[str]) -> str:
    word, lexicon = reading.words[index], load_lexicon()
    if word in MONTHS:  # of a date that was moved
        return ""
    if word in given_back:
        return "outside the lexicon, used by many"
    if word in lexicon.eponyms and word in lexicon.ambiguous:
        return "eponym that is a common name"
    if word in lexicon.ambiguous and reading.is_capitalised(index):
        return "word that is a common name"
    is_telling = not reading.is_caseless(index) and not reading.begins_sentence(index)
    if word in lexicon.english and reading.is_capitalised(index) and is_telling:
        return "everyday word with a capital"
    is_year = len(word) == 4 and word[:2] in {"19", "20"}  # of a date that was moved; others are gone
    return "number" if word.isdigit() and len(word) > 2 and not is_year else ""
