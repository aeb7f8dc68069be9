"""How exactly reports are cut into their four sections, how often without a doubt, and at what cost.

    python benchmarks/bench_sections.py [--openi FILE] [--per-style 40] [--styles] [--rivals PYTHON]

A report counts as exact where all four sections are, to the letter, but for blanks around them. ``--openi``
takes the public Open-i reports as a table (columns indication, comparison, findings, impression), which are
printed in every style; without it only the hard cases are scored. Styles and cases that are set aside were
seen by nobody who works on the rules, and only totals of them are shown. ``PYTHON`` is an interpreter with
the packages of the others (see README.md here); what it lacks is told. Times are CPU seconds of one core.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.release import SectionName
from radrelease.stages.sections import find_sections
from radrelease.testing.section_styles import (
    HANDS,
    SectionGold,
    is_fit,
    is_set_aside,
    load_cases,
    load_styles,
    print_report,
)

OURS = "radrelease"
RIVALS = {
    "plain": "plain regular expression",
    "radreport": "radreport",
    "medspacy": "medspaCy, its own rules",
    "medspacy-words": "medspaCy, our header words",
}
HOSTILE_BYTES = 20_000
HOSTILE = {
    "underscores": "_",
    "colons": ":",
    "blanks": " ",
    "tabs": "\t",
    "line feeds": "\n",
    "carriage returns": "\r",
    "digits": "7",
    "numbers of a list": "1. ",
    "brackets": "[",
    "parentheses": "(",
    "stars": "*",
    "dashes": "-",
    "dots": ".",
    "slashes": "/",
    "capitals": "A",
    "words": "pneumonia ",
    "lines of a word": "pneumonia\n",
    "header words": "FINDINGS ",
    "small header words": "findings and impression ",
    "headers in a row": "FINDINGS: ",
    "header lines": "IMPRESSION:\n",
    "slashed headers": "FINDINGS/IMPRESSION/",
    "numbered headers": "1) FINDINGS: a\n",
    "bold headers": "**FINDINGS** ",
    "addenda": "ADDENDUM:\nIMPRESSION: a\n",
    "comparisons": "Comparison is made with the radiograph. ",
    "signatures": "Electronically signed by ",
    "quotes": "> ",
    "HL7 breaks": "\\.br\\",
    "tags": "<br>",
    "placeholders": "[NAME] ",
    "bars": "|",
    "tags and rules": "#<br>",
    "lines of letters": "A " * 38 + "1\n",
    "wide lines": "RADIOLOGY REPORT" + 40 * " " + "PAGE 001\n",
}
"""What 20 kB of a line are made of that should take no longer than other 20 kB."""

Sections = Mapping[SectionName, str | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Reports that are scored together; ``names`` says of each its style or case."""

    title: str
    aside: bool
    names: tuple[str, ...]
    reports: tuple[SectionGold, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What one system made of all reports, in their order; ``accepted`` is None where it has no doubts."""

    system: str
    sections: Sequence[Sections]
    accepted: Sequence[bool] | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over reports; ``each`` section's are of this section alone."""

    reports: int
    exact: int
    accepted: int | None
    wrong: int | None
    each: tuple[int, ...]


def openi_reports(path: Path) -> list[dict[SectionName, str]]:
    """The sections of every report that can be printed."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            {name: (row[name.value.lower()] or "").strip() for name in SectionName}
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if is_fit(row)]


def sampled(
    rows: Sequence[Mapping[SectionName, str]], count: int, number: int
) -> list[Mapping[SectionName, str]]:
    """``count`` rows at even distances; others for each style ``number``."""
    step = max(1, len(rows) // count)
    return [rows[(number + place * step) % len(rows)] for place in range(min(count, len(rows)))]


def make_groups(rows: Sequence[Mapping[SectionName, str]], per_style: int) -> Iterator[Group]:
    """Tuned and set-aside styles, then cases; those without reports are left out."""
    styles = [
        (style, is_set_aside(style.hand, "style", style.name))
        for hand in HANDS
        for style in load_styles(hand)
    ]
    cases = [
        (case, is_set_aside(case.hand, "case", case.name)) for hand in HANDS for case in load_cases(hand)
    ]
    for aside, half in ((False, "tuned"), (True, "set aside")):
        chosen = [style for style, apart in styles if apart is aside]
        pairs = [
            (f"{style.hand}/{style.name}", print_report(style, row))
            for number, style in enumerate(chosen)
            for row in sampled(rows, per_style, number)
        ]
        yield from _group(f"styles, {half}: {len(chosen)}", pairs, aside=aside)
    for aside, half in ((False, "tuned"), (True, "set aside")):
        found = [(f"{case.hand}/{case.name}", case.gold) for case, apart in cases if apart is aside]
        yield from _group(f"hard cases, {half}", found, aside=aside)


def _group(title: str, pairs: Sequence[tuple[str, SectionGold]], *, aside: bool) -> Iterator[Group]:
    if pairs:
        names, reports = zip(*pairs, strict=True)
        yield Group(title, aside, names, reports)


def cut_ours(texts: Sequence[str]) -> Cut:
    """The product's own rules."""
    find_sections(texts[0])
    began = time.process_time()
    found = [find_sections(text) for text in texts]
    seconds = time.process_time() - began
    sections = [each.sections(text) for each, text in zip(found, texts, strict=True)]
    return Cut(OURS, sections, [each.accepted for each in found], seconds)


def cut_by(python: str, rival: str, texts: Sequence[str]) -> Cut | str:
    """What a rival finds, or why it did not run."""
    script = str(Path(__file__).with_name("section_rivals.py"))
    question = json.dumps({"texts": texts, "words": header_words()})
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            [python, script, rival], input=question, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}"
    if not done.stdout:
        return (done.stderr.strip().splitlines() or ["no answer"])[-1][:160]
    answer = json.loads(done.stdout)
    if "error" in answer:
        return str(answer["error"])
    sections = [dict(zip(SectionName, found, strict=True)) for found in answer["sections"]]
    return Cut(f"{RIVALS[rival]} ({answer['version']})", sections, None, answer["seconds"])


def header_words() -> dict[str, list[str]]:
    """The spellings of headers that we know, by section; those of others under ""."""
    words: dict[str, list[str]] = {}
    published = {name.value for name in SectionName}
    rules = load_section_rules()
    for spelling, name in (*rules.phrases.items(), *rules.heads.items()):
        words.setdefault(name if name in published else "", []).append(spelling)
    return words


def score(reports: Sequence[SectionGold], cut: Cut, places: Iterable[int]) -> Score:
    """Of the reports at ``places``."""
    chosen = list(places)
    exact = [reports[place].is_met_by(cut.sections[place]) for place in chosen]
    each = tuple(
        sum(_bare(cut.sections[place][name]) == _bare(reports[place].sections[name]) for place in chosen)
        for name in SectionName
    )
    if cut.accepted is None:
        return Score(len(chosen), sum(exact), None, None, each)
    accepted = [cut.accepted[place] for place in chosen]
    wrong = sum(taken and not right for taken, right in zip(accepted, exact, strict=True))
    return Score(len(chosen), sum(exact), sum(accepted), wrong, each)


def _bare(words: str | None) -> str | None:
    return (words or "").strip() or None


def cells(found: Score) -> list[str]:
    """A score as percentages."""
    shares = [f"{found.exact / found.reports:.1%}"]
    if found.accepted is None or found.wrong is None:
        shares += ["", ""]
    else:
        share = found.wrong / found.accepted if found.accepted else 0.0
        shares += [f"{found.accepted / found.reports:.1%}", f"{share:.2%} ({found.wrong})"]
    return shares + [f"{right / found.reports:.1%}" for right in found.each]


def print_table(heading: str, first: str, rows: Iterable[tuple[str, Score]]) -> None:
    """One table."""
    columns = [
        first,
        "all four exact",
        "accepted",
        "wrong among accepted",
        *(name.value for name in SectionName),
    ]
    print(f"\n{heading}\n\n| {' | '.join(columns)} |\n" + "|---" * len(columns) + "|")
    for name, found in rows:
        print(f"| {' | '.join([name, *cells(found)])} |", flush=True)


def print_groups(groups: Sequence[Group], reports: Sequence[SectionGold], cuts: Sequence[Cut]) -> None:
    """A table for each group, a row for each system."""
    begin = 0
    for group in groups:
        places = range(begin, begin := begin + len(group.reports))
        heading = f"{group.title} ({len(group.reports)} reports)"
        print_table(heading, "system", [(cut.system, score(reports, cut, places)) for cut in cuts])


def print_styles(groups: Sequence[Group], reports: Sequence[SectionGold], cut: Cut) -> None:
    """A row for each tuned style or case of which a report is not exact; of the others, how many."""
    begin = 0
    for group in groups:
        places = range(begin, begin := begin + len(group.reports))
        if group.aside:
            continue
        rows = {
            name: score(
                reports, cut, [place for place, own in zip(places, group.names, strict=True) if own == name]
            )
            for name in dict.fromkeys(group.names)
        }
        wrong = {name: row for name, row in rows.items() if row.exact < row.reports}
        print_table(f"{group.title}; exact throughout: {len(rows) - len(wrong)}", "name", wrong.items())


def print_hostile() -> None:
    """The longest times of reports made to be slow."""
    times = {}
    for name, piece in HOSTILE.items():
        for where, before in (("", ""), (" under a header", "FINDINGS:\n")):
            text = (before + piece * HOSTILE_BYTES)[:HOSTILE_BYTES]
            began = time.process_time()
            find_sections(text)
            times[name + where] = 1000 * (time.process_time() - began)
    longest = sorted(times.items(), key=lambda pair: -pair[1])[:3]
    print(f"\nOf {len(times)} hostile reports of {HOSTILE_BYTES:,} signs the slowest:")
    print(", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in longest))


def print_rates(cuts: Sequence[Cut], count: int) -> None:
    """Reports per second of one core."""
    print(f"\nReports/s of one core, over the same {count:,} reports\n\n| system | reports/s |\n|---|---|")
    for cut in cuts:
        print(f"| {cut.system} | {count / cut.seconds:,.0f} |")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--openi", type=Path, help="table of the Open-i reports")
    parser.add_argument("--per-style", type=int, default=40, help="reports printed in each style")
    parser.add_argument("--styles", action="store_true", help="a row for each tuned style and case")
    parser.add_argument("--rivals", metavar="PYTHON", help="interpreter with the packages of the others")
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    options = arguments()
    rows = openi_reports(options.openi) if options.openi else []
    groups = list(make_groups(rows, options.per_style))
    reports = [report for group in groups for report in group.reports]
    texts = [report.text for report in reports]
    cuts = [cut_ours(texts)]
    for rival in RIVALS if options.rivals else ("plain",):
        found = cut_by(sys.executable if rival == "plain" else options.rivals, rival, texts)
        if isinstance(found, str):
            print(f"{RIVALS[rival]}: not run, {found}")
        else:
            cuts.append(found)
    print_groups(groups, reports, cuts)
    if options.styles:
        print_styles(groups, reports, cuts[0])
    print_rates(cuts, len(reports))
    print_hostile()


if __name__ == "__main__":
    main()
