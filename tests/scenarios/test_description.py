"""What a researcher reads, and a program loads, before any picture is looked at."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict

import pyarrow.parquet as pq
import pytest

from radrelease.adapters.checksums import write_checksums
from radrelease.adapters.parquet import read_records
from radrelease.auditing import TruePatient, audit_folders
from radrelease.config.card import Author, Card
from radrelease.progress import Silent
from radrelease.records.private import IdentifierKind

pytestmark = [
    pytest.mark.xdist_group("release"),
    pytest.mark.filterwarnings("default"),  # of readers that are not ours
]

LAYOUTS = ("native", "rexgradient")


def rows_of(place):
    return [
        row
        for path in sorted((place.release / "native/studies").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_hubs_own_client_reads_the_card(place, layout):
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(place.release / layout / "README.md", ignore_metadata_errors=False)
    data = card.data.to_dict()
    assert data["pretty_name"] == "test release"
    assert (data["license"], data["license_name"], data["license_link"]) == (
        "other",
        "data-use-agreement",
        "LICENSE",
    )
    assert data["size_categories"] == ["n<1K"]
    assert set(data["extra_gated_fields"].values()) == {"text", "checkbox"}
    assert data["extra_gated_prompt"].startswith("You agree not to try to identify")
    configs = MetadataConfigs.from_dataset_card_data(card.data)
    assert configs.get_default_config_name() == ("studies" if layout == "native" else "metadata")
    for config in configs.values():
        for file in config["data_files"]:
            assert list((place.release / layout).glob(file["path"])), file


def test_one_line_loads_the_metadata_of_the_legacy_layout(place, tmp_path):
    from datasets import load_dataset

    loaded = load_dataset(str(place.release / "rexgradient"), cache_dir=str(tmp_path))
    rows = {row["id"]: row for row in rows_of(place)}
    assert list(loaded) == ["train", "validation", "test"]
    assert sum(split.num_rows for split in loaded.values()) == len(rows)
    for split in loaded.values():
        for row in split:
            whole = rows[row["id"]]
            assert row["StudyDate"] == f"{whole['StudyDate']:%Y%m%d}"
            for name in ("Indication", "Comparison", "Findings", "Impression", "PatientAge"):
                assert row[name] == whole[name], "text stays text, and None a word"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_croissant_is_valid_and_its_records_are_those_of_the_tables(place, layout):
    import mlcroissant

    dataset = mlcroissant.Dataset(place.release / layout / "croissant.json")
    context = dataset.metadata.ctx
    assert context.is_v1_1()
    assert not context.issues.errors
    assert {re.sub(r".*/(\w+)\".*", r"\1", text) for text in context.issues.warnings} <= {
        "citeAs",
        "datePublished",
    }
    assert dataset.metadata.data_biases
    assert dataset.metadata.personal_sensitive_information
    rows = {row["id"]: row for row in rows_of(place)}
    found = list(dataset.records("studies"))
    assert {record["studies/id"].decode() for record in found} == set(rows)
    for record in found:
        row = rows[record["studies/id"].decode()]
        assert (record["studies/Findings"] or b"").decode() == (row["Findings"] or "")
        assert record["studies/Split"].decode() == row["Split"]
    pictures = list(dataset.records("pictures"))
    if layout == "native":
        assert (
            len(list(dataset.records("images")))
            == place.built.description.images
            == len([image for record in pictures for image in record["pictures/images"]])
        )
        assert {image.mode for record in pictures for image in record["pictures/images"]} == {"I;16"}
    else:
        assert len(pictures) == place.built.description.images


@pytest.mark.parametrize("layout", LAYOUTS)
def test_croissant_states_the_digest_of_every_file_of_data(place, layout):
    folder = place.release / layout
    sums = {
        name.removeprefix(f"{layout}/"): digest
        for digest, name in (
            line.split("  ") for line in (place.release / "SHA256SUMS").read_text().splitlines()
        )
    }
    document = json.loads((folder / "croissant.json").read_text())
    objects = [one for one in document["distribution"] if one["@type"] == "cr:FileObject"]
    data = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix not in {".md", ".cff", ".svg", ""}
        and path.name not in {"croissant.json", "manifest.json", "SHA256SUMS"}
    }
    assert {one["contentUrl"] for one in objects} == data
    for one in objects:
        assert one["sha256"] == sums[one["contentUrl"]]
        assert one["contentSize"] == f"{(folder / one['contentUrl']).stat().st_size} B"
    assert document["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"
    ]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_citation_file_is_valid_and_invents_no_author(place, layout):
    from cffconvert import Citation

    citation = Citation((place.release / layout / "CITATION.cff").read_text())
    citation.validate()
    assert citation.cffobj["authors"] == [{"name": "not stated"}]
    assert (citation.cffobj["title"], citation.cffobj["type"]) == ("test release", "dataset")


def test_the_datasheet_answers_every_part_and_says_what_nobody_stated(place):
    sheet = (place.release / "native/DATASHEET.md").read_text()
    assert re.findall(r"^## (.+)$", sheet, re.MULTILINE) == [
        "Motivation", "Composition", "Collection", "Preprocessing", "Uses", "Distribution", "Maintenance",
    ]  # fmt: skip
    assert "**Who funded it?** Not stated" in sheet
    assert f"{place.built.description.studies} studies with" in sheet
    answers = re.findall(r"^\*\*.+?\*\*(.*)$", sheet, re.MULTILINE)
    assert len(answers) > 35


def test_no_figure_shows_a_group_of_fewer_than_five_patients(place):
    """Counted again from the published rows: each bar that stands for one value, and Table 2."""
    patients: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows_of(place):
        patients["sexes", row["PatientSex"] or "unknown"].add(row["PatientID"])
        patients["years", str(row["StudyDate"].year)].add(row["PatientID"])
        for view, maker in zip(row["View"], row["Manufacturer"], strict=True):
            patients["views", view].add(row["PatientID"])
            patients["manufacturers", maker or "not named"].add(row["PatientID"])
    charts = json.loads((place.release / "manifest.json").read_text())["cohort"]["charts"]
    judged = [
        (chart["name"], label, patients[chart["name"], label])
        for chart in charts
        for label, count in chart["bars"]
        if (chart["name"], label) in patients and count
    ]
    assert len(judged) > 8
    assert [(name, label) for name, label, who in judged if len(who) < 5] == []


def test_card_and_report_have_the_same_figures_and_each_is_in_the_folder(place):
    names = {chart.name for chart in place.built.description.charts}
    assert names >= {
        "ages",
        "sexes",
        "sites",
        "views",
        "years",
        "words_findings",
        "images_per_study",
        "days_since_prior",
    }
    for layout in LAYOUTS:
        folder = place.release / layout
        shown = set(re.findall(r"\]\(figures/(\w+)\.svg\)", (folder / "README.md").read_text()))
        assert shown == names | {"flow"} == {path.stem for path in (folder / "figures").glob("*.svg")}
    page = (place.release / "report.html").read_text()
    assert [chart.title for chart in place.built.description.charts if chart.title not in page] == []


def test_a_radiologist_may_be_an_author_and_is_still_searched_for_everywhere_else(place, tmp_path):
    """The export knows the name as one of its staff."""
    known = (
        one
        for truth in read_records(place.folder / "work/truth.parquet", TruePatient)
        for one in truth.identifiers
    )
    staff = (one.value for one in known if one.kind is IdentifierKind.STAFF_NAME)
    family, given = next(re.split(r"[\^,] ?", value)[:2] for value in staff if re.search(r"[\^,]", value))
    name = f"{family}, {given}"
    shutil.copytree(place.release, tmp_path / "release")
    card = tmp_path / "release/native/README.md"
    card.write_text(card.read_text() + f"\n- Authors: {name}\n")
    write_checksums(tmp_path / "release")

    def checks(config):
        private = place.folder / "private_test"
        return {found.check for found in audit_folders(tmp_path / "release", private, config, Silent())}

    assert checks(place.config) == {"name or place"}
    stated = place.config.model_copy(update={"card": Card(authors=(Author(name=name),))})
    assert checks(stated) == set()
    page = tmp_path / "release/native/figures/flow.svg"
    page.write_text(page.read_text().replace("</svg>", f"<text>{name}</text></svg>"))
    write_checksums(tmp_path / "release")
    assert checks(stated) == {"name or place"}
