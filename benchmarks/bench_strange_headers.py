"""How often a report is accepted wrongly of which one section stands under a header that nobody listed.

    python benchmarks/bench_strange_headers.py --openi FILE [--per-style 5]

In each tuned style the header of one section is replaced by invented words in the same case; where the words
before a place are no known header of its section, the style is left out. It tells what to expect of headers
unseen, without a look at the styles that are set aside.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench_sections import openi_reports, sampled

from radrelease.records.release import SectionName
from radrelease.stages.sections import find_sections
from radrelease.stages.sections.names import name_of
from radrelease.testing.section_styles import HANDS, Style, is_set_aside, load_styles, print_report

STRANGE = {
    SectionName.INDICATION: (
        *("Sent for", "Presenting issue", "Ask", "Case background", "Trigger", "Grobnitz"),
        "Why we looked",
    ),
    SectionName.COMPARISON: (
        *("Looked at alongside", "Against", "Earlier work", "Benchmark", "Grobnitz", "Set beside"),
    ),
    SectionName.FINDINGS: (
        *("Radiographic commentary", "What is visible", "Evidence", "Picture", "Grobnitz", "Details"),
        "Reading room text",
    ),
    SectionName.IMPRESSION: (
        *("Final thoughts", "Wrap-up", "Upshot", "Closing remark", "Grobnitz", "Essence", "Answer in brief"),
    ),
}
"""Words for a header that the rules do not list, or not as that of this section."""

HEADER = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z'/ \-]{1,38}[A-Za-z])"
    r"[^A-Za-z{}\[\]]{0,60}(?:\n[^A-Za-z{}\[\]]{0,60})?\Z"
)
"""What stands before the place of a section."""


def strange_styles() -> Iterator[tuple[SectionName, Style]]:
    """Each tuned style with the header of one section replaced."""
    tuned = [style for hand in HANDS for style in load_styles(hand) if not _aside(style)]
    count = 0
    for style in tuned:
        for name, words in STRANGE.items():
            place = re.search(rf"\{{{name.value.lower()}(?::[^}}]*)?\}}", style.template)
            found = HEADER.search(style.template[: place.start()]) if place else None
            named = name_of(found["name"]) if found else None
            if found is None or named is None or named.kind.section is not name:
                continue
            count += 1
            start, end = found.span("name")
            header = _in_case_of(found["name"], words[count % len(words)])
            yield name, replace(style, template=style.template[:start] + header + style.template[end:])


def _aside(style: Style) -> bool:
    return is_set_aside(style.hand, "style", style.name)


def _in_case_of(known: str, words: str) -> str:
    if known.isupper() or known.islower():
        return words.upper() if known.isupper() else words.lower()
    titled = len(known.split()) > 1 and all(word[0].isupper() for word in known.split() if word[0].isalpha())
    return words.title() if titled else words


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--openi", type=Path, required=True, help="table of the Open-i reports")
    parser.add_argument("--per-style", type=int, default=5, help="reports printed in each style")
    options = parser.parse_args()
    rows = openi_reports(options.openi)
    counts: dict[SectionName, list[tuple[bool, bool]]] = defaultdict(list)
    for number, (name, style) in enumerate(strange_styles()):
        for row in sampled(rows, options.per_style, number):
            if row[name]:
                gold = print_report(style, row)
                found = find_sections(gold.text)
                counts[name].append((gold.is_met_by(found.sections(gold.text)), found.accepted))
    print(
        "| strange header of | reports | all four exact | accepted | accepted and wrong |\n"
        + "|---" * 5
        + "|"
    )
    for name, scores in counts.items():
        exact, accepted = (sum(score[place] for score in scores) for place in (0, 1))
        wrong = sum(taken and not right for right, taken in scores)
        shares = " | ".join(f"{share / len(scores):.1%}" for share in (exact, accepted, wrong))
        print(f"| {name.value} | {len(scores):,} | {shares} |")


if __name__ == "__main__":
    main()
