"""No GPL in the base install, and every package, codec and bundled library on the licence page."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import licences
import pytest
from PIL import features


def test_the_tables_say_what_is_installed():
    assert list(licences.problems()) == []


def test_the_base_install_is_followed_to_its_ends():
    base = licences.closure(licences.parts()[licences.BASE])
    assert {"imagecodecs", "numpy", "pydantic-core", "markupsafe"} <= base  # the last two nobody names
    assert not {"pytest", "datasets"} & base
    assert {"colorama"} <= licences.closure(["pytest"])  # on Windows only, and absent here


def test_codecs_under_the_gpl_are_not_in_the_wheels():
    assert importlib.util.find_spec("imagecodecs._heif") is None  # libheif with x265
    assert not features.check("libimagequant")


@pytest.mark.parametrize(
    ("licence", "gpl", "lgpl"),
    [
        ("MIT", False, False),
        ("GPL-3.0-or-later", True, False),
        ("GPLv2", True, False),
        ("AGPL-3.0-only", True, False),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True, False),
        ("GNU Affero General Public License v3", True, False),
        ("LGPL-3.0-or-later", False, True),
        ("LGPL; License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)", False, True),
        ("BSD-3-Clause OR GPL-2.0-only", False, False),
        ("MIT AND GPL-2.0-only", True, False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False, False),
        ("MIT AND GPL-3.0-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1", True, False),
        ("(MIT OR Apache-2.0) AND GPL-2.0-only", True, False),
    ],
)
def test_what_counts_as_gpl(licence, gpl, lgpl):
    assert (licences.is_gpl(licence), licences.is_lgpl(licence)) == (gpl, lgpl)


def problems_with(monkeypatch, **changed):
    """The problems if packages.csv had these rows instead; None takes a row away."""
    table = licences.packages() | changed
    kept = {name: row for name, row in table.items() if row is not None}
    monkeypatch.setattr(licences, "packages", lambda: kept)
    return list(licences.problems())


def test_a_package_that_is_not_listed_is_found(monkeypatch):
    found = problems_with(monkeypatch, jinja2=None)
    assert (
        "packages.csv lacks jinja2, needed by base; its metadata say License :: OSI Approved :: BSD License"
        in found
    )


def test_a_package_that_is_listed_for_an_extra_only_is_found(monkeypatch):
    row = licences.packages()["rich"]
    found = problems_with(monkeypatch, rich=replace(row, needed_by=row.needed_by - {"base"}))
    assert [text.partition(";")[0] for text in found] == ["packages.csv lacks rich, needed by base"]


def test_a_package_whose_metadata_say_otherwise_is_found(monkeypatch):
    row = replace(licences.packages()["jinja2"], licence="LGPL-3.0-or-later")
    (problem,) = problems_with(monkeypatch, jinja2=row)
    assert problem.startswith("packages.csv: jinja2 is LGPL-3.0-or-later, but its metadata say")


def test_gpl_is_found_in_the_base_install_and_in_an_extra_without_a_warning(monkeypatch):
    table = licences.packages()
    strict = {name: replace(table[name], licence="GPL-3.0-only", note="") for name in ("rich", "torch")}
    found = problems_with(monkeypatch, **strict)
    assert {"rich is under GPL-3.0-only", "torch is under GPL-3.0-only"} <= set(found)


@pytest.mark.parametrize("dropped", ["libgomp-", "libopenjp2-"])
def test_a_bundled_library_that_is_not_listed_is_found(monkeypatch, dropped):
    rows = [row for row in licences.bundled() if dropped not in row.files or row.package != "imagecodecs"]
    carried = [path.name for path in licences._files("imagecodecs") if path.name.startswith(dropped)]
    if not carried:
        pytest.skip("the wheel of this platform keeps its libraries elsewhere")
    monkeypatch.setattr(licences, "bundled", lambda: rows)
    assert f"bundled.csv lacks {carried[0]} of imagecodecs" in list(licences.problems())


def test_a_codec_that_is_called_and_not_listed_is_found(monkeypatch):
    monkeypatch.setattr(licences, "called", lambda: frozenset({"jpegls", "heif"}))
    assert list(licences.problems()) == ["bundled.csv does not say what heif calls"]


def test_a_component_under_the_gpl_is_found_in_a_bill_of_materials(monkeypatch):
    if not any(path.parent.name == "sboms" for path in licences._files("pillow")):
        pytest.skip("this wheel has no bill of materials")
    rows = [row for row in licences.bundled() if row.library != "libimagequant"]
    monkeypatch.setattr(licences, "bundled", lambda: rows)
    assert list(licences.problems()) == ["pillow bundles libimagequant, which is under GPL-3.0-or-later"]
