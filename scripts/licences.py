"""Licences of what radrelease installs: tables kept by hand, and what is installed held against them.

packages.csv names every package of the base install and of each extra, on any platform, so that the page is
the same wherever it is made. bundled.csv names the libraries that wheels of the base install carry inside.
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TABLES = Path(__file__).with_name("licences")
BASE = "base"
_PLATFORMS = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_GPL = re.compile(r"\bA?GPL|(?<!Lesser )General Public|Affero", re.IGNORECASE)
_LGPL = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)
_EXEMPT = "WITH GCC-exception"
_GROUP = re.compile(r"\(([^()]*\s(?:AND|OR)\s[^()]*)\)")
_CALL = re.compile(r"\bimagecodecs\.(\w+)_(?:en|de)code\b")


@dataclass(frozen=True, slots=True)
class Package:
    """A row of packages.csv; ``needed_by`` are "base" and the names of extras."""

    name: str
    needed_by: frozenset[str]
    licence: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Bundled:
    """A row of bundled.csv; ``codecs`` are the functions of imagecodecs that call the library."""

    package: str
    library: str
    files: tuple[str, ...]
    codecs: frozenset[str]
    carried: bool
    licence: str
    source: str
    note: str


def packages() -> dict[str, Package]:
    rows = _rows("packages.csv")
    return {
        row["package"]: Package(
            row["package"], frozenset(row["needed by"].split()), row["licence"], row["source"], row["note"]
        )
        for row in rows
    }


def bundled() -> list[Bundled]:
    return [
        Bundled(
            row["package"],
            row["library"],
            tuple(row["files"].split()),
            frozenset(row["codecs"].split()),
            row["carried"] == "yes",
            row["licence"],
            row["source"],
            row["note"],
        )
        for row in _rows("bundled.csv")
    ]


def is_gpl(licence: str) -> bool:
    """Whether an SPDX expression, or what metadata say otherwise, leaves no way around the GPL or AGPL.

    The runtime libraries of GCC do not count: an exception allows them in programs of any licence.
    """
    while group := _GROUP.search(licence):
        licence = (
            f"{licence[: group.start()]}{'GPL' if is_gpl(group[1]) else 'other'}{licence[group.end() :]}"
        )
    offered = (re.split(r"\s+AND\s+", one) for one in re.split(r"\s+OR\s+", licence))
    return all(any(_GPL.search(term) and _EXEMPT not in term for term in one) for one in offered)


def is_lgpl(licence: str) -> bool:
    return bool(_LGPL.search(licence))


def parts() -> dict[str, list[str]]:
    """What pyproject.toml asks for: the base install and each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {BASE: project["dependencies"], **project["optional-dependencies"]}


def closure(requirements: Iterable[str]) -> frozenset[str]:
    """All packages that these bring on any platform, as far as the metadata that is installed here says."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in {"", *wanted.extras}:
            if (name, extra) not in found:
                found.add((name, extra))
                waiting += _requires(name, extra)
    return frozenset(name for name, _ in found)


def _requires(name: str, extra: str) -> list[Requirement]:
    try:
        stated = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [wanted for wanted in map(Requirement, stated) if _applies(wanted, extra)]


def _applies(wanted: Requirement, extra: str) -> bool:
    if wanted.marker is None:
        return not extra
    if extra and "extra" not in str(wanted.marker):
        return False
    return any(
        wanted.marker.evaluate(
            {
                "sys_platform": system,
                "platform_system": platform,
                "os_name": os_name,
                "python_version": python,
                "python_full_version": f"{python}.0",
                "extra": extra,
            }
        )
        for (system, platform, os_name), python in product(_PLATFORMS, _PYTHONS)
    )


def stated(name: str) -> str:
    """What the installed metadata say of the licence; empty where they or the package are absent."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    words = [metadata["License-Expression"] or "", *(metadata["License"] or "").strip().splitlines()[:1]]
    words += [text for text in metadata.get_all("Classifier", []) if text.startswith("License ::")]
    return "; ".join(text.strip() for text in words if text.strip())


def problems() -> Iterator[str]:
    """Where the tables do not say what is so, or what is so may not be."""
    table = packages()
    for part, requirements in parts().items():
        for name in sorted(closure(requirements)):
            row = table.get(name)
            if row is None or part not in row.needed_by:
                words = stated(name) or "nothing; look it up"
                yield f"packages.csv lacks {name}, needed by {part}; its metadata say {words}"
    yield from (problem for row in table.values() for problem in _problems_of(row))
    yield from (
        f"bundled.csv: {row.library} in {row.package} is under {row.licence}"
        for row in bundled()
        if is_gpl(row.licence) and row.carried
    )
    for name in sorted(row.name for row in table.values() if BASE in row.needed_by):
        yield from _unlisted_libraries(name)
        yield from _gpl_components(name)
    known = frozenset().union(*(row.codecs for row in bundled()))
    yield from (f"bundled.csv does not say what {name} calls" for name in sorted(called() - known))


def _problems_of(row: Package) -> Iterator[str]:
    if not row.licence or not row.source:
        yield f"packages.csv: {row.name} has no licence or no source"
    words = stated(row.name)
    if words and (is_gpl(words), is_lgpl(words)) != (is_gpl(row.licence), is_lgpl(row.licence)):
        yield f"packages.csv: {row.name} is {row.licence}, but its metadata say {words}"
    if is_gpl(row.licence) and (BASE in row.needed_by or not row.note):
        yield f"{row.name} is under {row.licence}"


def _unlisted_libraries(name: str) -> Iterator[str]:
    """Shared libraries that a repaired wheel carries, beside the package in NAME.libs."""
    known = tuple(prefix for item in bundled() if item.package == name for prefix in item.files)
    for path in _files(name):
        if path.parts[0].endswith(".libs") and not path.name.startswith(known):
            yield f"bundled.csv lacks {path.name} of {name}"


def _gpl_components(name: str) -> Iterator[str]:
    """Components that a wheel's own bill of materials (CycloneDX, PEP 770) puts under the GPL alone."""
    absent = {item.library for item in bundled() if item.package == name and not item.carried}
    for path in _files(name):
        if path.parent.name == "sboms" and path.suffix == ".json":
            for component in json.loads(path.locate().read_text(encoding="utf-8")).get("components", []):
                words = [_component_licence(one) for one in component.get("licenses", [])]
                if any(map(is_gpl, words)) and component["name"] not in absent:
                    yield f"{name} bundles {component['name']}, which is under {', '.join(words)}"


def _component_licence(stated: dict[str, Any]) -> str:
    one = stated.get("license", {})
    return str(stated.get("expression") or one.get("id") or one.get("name") or "")


def _files(name: str) -> list[importlib.metadata.PackagePath]:
    try:
        return importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def called() -> frozenset[str]:
    """The codecs of imagecodecs that the source calls."""
    sources = (ROOT / "src").rglob("*.py")
    return frozenset(name for path in sources for name in _CALL.findall(path.read_text(encoding="utf-8")))


def _rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
