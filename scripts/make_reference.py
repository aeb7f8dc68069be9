"""Writes the pages of docs/reference from the code, or checks them (``--check``)."""

from __future__ import annotations

import dataclasses
import re
import sys
import typing
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import licences
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from radrelease.cli import commands
from radrelease.config import Config
from radrelease.profiles.annex_e import in_words, load_annex_e, row_of
from radrelease.profiles.dicom_profile import load_dicom_profile
from radrelease.profiles.header_profile import load_header_profile, profile_names
from radrelease.profiles.markers import load_markers
from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.release import ReleaseImage, ReleaseStudy
from radrelease.rejections import SENTENCES

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Written by scripts/docs from the code. -->\n\n"


def table(header: list[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def rejections() -> str:
    rows = ([f"`{reason.value}`", sentence] for reason, sentence in SENTENCES.items())
    return "# Why an input is turned away\n\n" + table(["reason", "sentence"], rows)


def columns() -> str:
    parts = ["# Columns of a release\n"]
    for record, title in ((ReleaseStudy, "Per study"), (ReleaseImage, "Per image")):
        data = [field.metadata for field in dataclasses.fields(record) if field.name != "images"]
        rows = [[row["column"], row["meaning"], row["tag"], row["unit"]] for row in data]
        parts.append(f"\n## {title}\n\n" + table(["column", "meaning", "DICOM tag", "unit"], rows))
    return "".join(parts)


def profiles() -> str:
    parts = ["# Header profiles\n"]
    for name in profile_names():
        profile = load_header_profile(name)
        rows = [[r.keyword, r.action, r.rule, r.vocabulary, r.rare, r.meaning] for r in profile.rules]
        header = ["element", "action", "rule", "vocabulary", "where rare", "meaning"]
        parts.append(
            f"\n## {name}\n\n{profile.title}. Actions as in {profile.standard}.\n\n" + table(header, rows)
        )
        for vocabulary, words in sorted(profile.vocabularies.items()):
            parts.append(f"\n`{vocabulary}`: {', '.join(sorted(words))}\n")
    return "".join(parts) + markers()


def markers() -> str:
    rows = [
        [f"`{name}`", ", ".join(sorted(group.words)), ", ".join(group.examples)]
        for name, group in load_markers().items()
    ]
    title = "\n# Markers that may stay burned into a picture\n\nBy group of `[pixel_text] markers`.\n\n"
    return title + table(["group", "words", "examples"], rows)


def section_headers() -> str:
    rules = load_section_rules()
    parts = [
        [
            name,
            ", ".join(word for word, other in rules.heads.items() if other == name),
            ", ".join(phrase for phrase, other in rules.phrases.items() if other == name),
        ]
        for name in sorted({*rules.phrases.values(), *rules.heads.values()})
    ]
    counts = [[f"`{header}`", f"{count:,}"] for header, count in rules.counts.items()]
    return (
        "# Headers of sections\n\n"
        "A header is known as a whole, or by its words: each must be known, one at least must head a part,\n"
        "and others may stand beside it ([decision 16](../decisions/0016-sections.md)).\n\n"
        + table(["part", "words that head it", "whole headers"], parts)
        + f"\nWords that may stand beside a head: {', '.join(sorted(rules.qualifiers))}.\n"
        "\n## How often\n\nOf the 227,835 reports of MIMIC-CXR, as its published section parser states them\n"
        "(MIT-LCP/mimic-cxr, `txt/section_parser.py`):\n\n" + table(["header", "reports"], counts)
    )


def dicom() -> str:
    profile = load_dicom_profile()
    annex_e = load_annex_e(profile.table)
    named = {rule.tag for rule in profile.rules} | {0x00020003}  # the file meta information is our own
    hexadecimal = {f"{tag:08X}" for tag in named}
    absent = [row for row in annex_e.values() if row.tag not in hexadecimal]
    counts = Counter(row.basic for row in absent)
    parts = [
        f"# Header profile of DICOM files\n\n{profile.title}, after {profile.standard}: the Basic",
        " Application Level Confidentiality Profile with the options that are stated in (0012,0064):\n\n",
        table(
            ["code", "meaning", "when"], ([m.code, m.meaning, m.when or "always"] for m in profile.methods)
        ),
        "\nRetain Device Identity, Retain UIDs, Retain Safe Private and Retain Institution Identity are off.",
        " An element that is not in this list is in no file, at any depth.\n\n",
        f"The column *E.1-1* says what the standard's table ({profile.table}, {len(annex_e)} rows) does",
        " with the element: the Basic Profile, then the options",
        " followed. A test compares every row. Of the table's attributes, "
        f"{len(annex_e) - len(absent)} are named here; the other {len(absent)} ("
        + ", ".join(f"{count} {basic}" for basic, count in sorted(counts.items()))
        + ") are absent by construction.\n",
    ]
    for section in dict.fromkeys(rule.section for rule in profile.rules):
        rows = [
            [
                rule.keyword + "".join(f", in {place}" for place in rule.inside),
                f"({rule.tag >> 16:04X},{rule.tag & 0xFFFF:04X})",
                rule.action,
                in_words(row_of(rule.tag, annex_e), profile.options),
                rule.rule,
                rule.vocabulary,
                rule.meaning + (f" ({rule.when} pixels only)" if rule.when else ""),
            ]
            for rule in profile.rules
            if rule.section == section
        ]
        header = ["element", "tag", "action", "E.1-1", "rule", "values", "meaning"]
        parts.append(f"\n## {section.capitalize()}\n\n" + table(header, rows))
    codes = [
        [code.sequence, code.scheme, code.value, meaning] for code, meaning in sorted(profile.codes.items())
    ]
    parts.append("\n## Codes\n\n" + table(["sequence", "scheme", "code", "meaning written"], codes))
    return "".join(parts)


def configuration() -> str:
    rows = [[f"`{name}`", default, meaning] for name, default, meaning in settings("", Config)]
    return "# release.toml\n\n" + table(["setting", "default", "meaning"], rows)


def settings(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        inner = model_of(field)
        if inner is not None:
            yield from settings(f"{prefix}{name}.", inner)
        else:
            default = "required" if field.is_required() else repr(field.default)
            yield prefix + name, default, field.description or ""


def model_of(field: FieldInfo) -> type[BaseModel] | None:
    for kind in (field.annotation, *typing.get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def verbs_of(group: click.Group) -> dict[str, click.Command]:
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: verb for name, verb in found.items() if verb is not None}


def command_line() -> str:
    codes = "0 fine, 1 findings, faults or a defect, 2 bad usage, 3 nothing to release, 4 storage failed"
    parts = [f"# Command line\n\nExit codes: {codes}.\n"]
    for name, verb in verbs_of(commands).items():
        inner = verbs_of(verb) if isinstance(verb, click.Group) else {}
        verbs = {name: verb} | {f"{name} {within}": command for within, command in inner.items()}
        for full, command in verbs.items():
            context = click.Context(command, info_name=f"radrelease {full}", max_content_width=100)
            text = re.sub(r"[ \t]+\n", "\n", command.get_help(context))
            parts.append(f"\n## {full}\n\n```text\n{text}\n```\n")
    return "".join(parts)


def licence_page() -> str:
    packages = licences.packages().values()
    base = [row for row in packages if licences.BASE in row.needed_by]
    lesser = [row.name for row in base if licences.is_lgpl(row.licence)]
    strict = [row.name for row in packages if licences.is_gpl(row.licence)]
    rows = ([row.name, row.licence, row.source, row.note] for row in base)
    added = (
        [row.name, ", ".join(sorted(row.needed_by)), row.licence, row.source, row.note]
        for row in packages
        if licences.BASE not in row.needed_by
    )
    return (
        "# Licences\n\nradrelease is under Apache-2.0. What else an install brings is listed here, for every"
        " platform. `scripts/docs --check` and a test hold the lists against what is installed, and fail"
        " where the base install has a package, a bundled library or a component of a wheel's bill of"
        " materials under the GPL or AGPL.\n\n## Base install\n\nNo package is under the GPL or AGPL. Under"
        f" the LGPL: {', '.join(lesser) or 'none'}.\n\n"
        + table(["package", "licence", "where it is stated", "note"], rows)
        + bundled_libraries()
        + "\n## Extras\n\nPackages that the extras add. Under the GPL or AGPL:"
        f" {', '.join(strict) or 'none'}. The wheels of PyTorch for Linux, which `ner-transformers` installs,"
        " bring libraries of NVIDIA that are not free software. `readers`, `test`, `test-llm` and `lint` are"
        " for work on radrelease itself.\n\n"
        + table(["package", "extra", "licence", "where it is stated", "note"], added)
    )


def bundled_libraries() -> str:
    called = licences.called()
    rows = (
        [row.package, row.library, ", ".join(sorted(row.codecs & called)), row.licence, row.source, row.note]
        for row in licences.bundled()
        if row.carried
    )
    absent = [f"{row.library} ({row.package}; {row.source})" for row in licences.bundled() if not row.carried]
    return (
        "\n## Codecs and libraries inside the wheels of the base install\n\nAs in the wheels for Linux."
        " *Called* are the functions of imagecodecs by which the code uses the library. The runtime libraries"
        " of GCC are under the GPL with an exception that allows them in programs of any licence.\n\n"
        + table(["package", "library", "called", "licence", "where it is stated", "note"], rows)
        + f"\nNot in the wheels, though named by their projects: {'; '.join(absent)}.\n"
    )


PAGES = {
    "rejections.md": rejections,
    "columns.md": columns,
    "profiles.md": profiles,
    "dicom.md": dicom,
    "section-headers.md": section_headers,
    "configuration.md": configuration,
    "command-line.md": command_line,
    "licences.md": licence_page,
}


def main() -> int:
    stale = []
    for name, make in PAGES.items():
        path = ROOT / "docs" / "reference" / name
        text = NOTE + make()
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    links = [f"{page.name}: {link}" for page in pages() for link in broken_links(page)]
    outdated = [f"{name} is not what the code says; run scripts/docs" for name in stale]
    found = [*outdated, *links, *licences.problems()]
    for problem in found:
        print(problem)
    return 1 if found else 0


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md")]


def broken_links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not (page.parent / link).exists():
            yield f"there is no {link}"


if __name__ == "__main__":
    sys.exit(main())
