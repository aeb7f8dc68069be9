"""croissant.json: the layout described in Croissant 1.1 (MLCommons, 2026-01-29) with the RAI extension 1.0.

Record sets are read from the files beside it, so no address of a hub is in it. A table is a FileSet of its
splits; every file that is not one of thousands is also a FileObject with its SHA-256.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from radrelease.adapters.files import sha256_of
from radrelease.adapters.rexgradient import CSV_COLUMNS, INDEX_COLUMNS
from radrelease.records.release import ReleaseImage, ReleaseStudy, SectionName
from radrelease.stages.release import statements
from radrelease.stages.release.about import About

__all__ = ["write_croissant"]

Node = dict[str, Any]

_PARQUET, _CSV = "application/x-parquet", "text/csv"
_FORMATS = {".parquet": _PARQUET, ".csv": _CSV, ".json": "application/json"}
_TYPES = {int: "sc:Integer", float: "sc:Float", bool: "sc:Boolean", date: "sc:Date"}
_KEYS = ("id", "PatientID", "Split")
"""Columns of a study that each row of the table of pictures begins with."""

_CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field"),
            *("fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset"),
            *("jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
            *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
"""Appendix 1 of the specification."""


def write_croissant(
    folder: Path, layout: str, about: About, licence: str, known: Mapping[str, str]
) -> dict[str, str]:
    """Write croissant.json for a layout with all its data; ``licence`` is an address or a file's name.

    Returns the SHA-256 of each file that it lists, by its name; ``known`` are those that were made with it.
    """
    files = list(_file_objects(folder, known))
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        **_about(about, licence),
        **_responsible(about),
        "distribution": [*files, *_file_sets(layout)],
        "recordSet": list(_record_sets(layout)),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / "croissant.json").write_text(text, encoding="utf-8")
    return {file["name"]: file["sha256"] for file in files}


def _about(about: About, licence: str) -> Node:
    card = about.card
    stated = {
        "name": about.name,
        "description": card.description or statements.summary(about),
        "version": about.version,
        "license": licence,
        "url": card.url or (f"https://doi.org/{card.doi}" if card.doi else None),
        "datePublished": card.released.isoformat() if card.released else None,
        "creator": [_creator(author.name, author.affiliation, author.orcid) for author in card.authors],
        "citeAs": statements.citation(about),
        "inLanguage": "en",
        "keywords": ["chest radiograph", "radiology report", "de-identified", "DICOM"],
    }
    return {name: value for name, value in stated.items() if value}


def _creator(name: str, affiliation: str | None, orcid: str | None) -> Node:
    kind = "sc:Person" if "," in name else "sc:Organization"
    creator: Node = {"@type": kind, "name": name}
    if affiliation:
        creator["affiliation"] = {"@type": "sc:Organization", "name": affiliation}
    if orcid:
        creator["sameAs"] = f"https://orcid.org/{orcid}"
    return creator


def _responsible(about: About) -> Node:
    """The fields of Croissant RAI 1.0."""
    tools = (about.software, about.model and str(about.model), about.labeller)
    protocol = [f"{row.subject}: {row.text}" for row in statements.deidentification(about)]
    return {
        "rai:dataCollection": "Taken from the archives and report systems of hospitals, where they were made"
        " in the care of patients.",
        "rai:dataCollectionType": ["Secondary Data analysis"],
        "rai:dataCollectionMissingData": statements.missing_values(about),
        "rai:dataCollectionRawData": "DICOM files, and radiology reports as free text. They stay with the"
        " releasing institution.",
        "rai:dataPreprocessingProtocol": protocol,
        "rai:dataManipulationProtocol": " ".join(protocol),
        "rai:dataImputationProtocol": "Nothing is imputed.",
        "rai:dataAnnotationProtocol": [
            "Reports are cut into sections by rules; nobody labelled the pictures."
        ],
        "rai:machineAnnotationTools": [tool for tool in tools if tool],
        "rai:dataBiases": list(statements.biases(about)),
        "rai:dataLimitations": list(statements.limits(about)),
        "rai:dataUseCases": list(statements.uses(about)),
        "rai:dataSocialImpact": "Models can be made and compared on reports as they are written in care. A"
        " person who is recognised could be harmed; hence de-identification, and the ban on any attempt.",
        "rai:personalSensitiveInformation": list(statements.sensitive(about)),
        "rai:dataReleaseMaintenancePlan": about.card.maintenance or statements.NOT_STATED,
    }


def _file_objects(folder: Path, known: Mapping[str, str]) -> Iterator[Node]:
    """The files of data, but for DICOM files, of which there are too many to list."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_part = path.name.startswith("deid_png.part")
        if path.is_file() and path.name != "manifest.json" and (path.suffix in _FORMATS or is_part):
            yield {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "contentSize": f"{path.stat().st_size} B",
                "encodingFormat": "application/zstd" if is_part else _FORMATS[path.suffix],
                "sha256": known.get(name) or sha256_of(path),
            }


def _file_sets(layout: str) -> Iterator[Node]:
    if layout == "rexgradient":
        yield _file_set("metadata-csv", "metadata/*_metadata.csv", _CSV)
        yield _file_set("index-csv", "deid_png_index.csv", _CSV)
        return
    yield _file_set("study-tables", "studies/*.parquet", _PARQUET)
    yield _file_set("image-tables", "images/*.parquet", _PARQUET)
    if layout == "native":
        yield _file_set("picture-files", "data/*.parquet", _PARQUET)
    else:
        yield _file_set("dicom-files", "files/*.dcm", "application/dicom")


def _file_set(name: str, includes: str, form: str) -> Node:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": form,
        "includes": includes,
    }


def _record_sets(layout: str) -> Iterator[Node]:
    if layout == "rexgradient":
        yield _record_set("studies", _legacy_fields(), "One record per study.", "id")
        index = (_field("pictures", "index-csv", name, "", kind) for name, kind in INDEX_COLUMNS.items())
        yield _record_set("pictures", index, "Where each picture lies.", "ImagePath")
        return
    studies = [*_columns("studies", "study-tables", ReleaseStudy)]
    studies += _columns("studies", "study-tables", ReleaseImage, many=True)
    yield _record_set("studies", studies, "One record per study.", "id")
    keys = [field for field in _columns("images", "image-tables", ReleaseStudy) if field["name"] in _KEYS]
    images = [*keys, *_columns("images", "image-tables", ReleaseImage)]
    yield _record_set("images", images, "One record per picture.", "SOPInstanceUid")
    if layout == "native":
        yield _record_set("pictures", _picture_fields(), "Studies with pictures.", "id")


def _record_set(name: str, fields: Iterable[Node], meaning: str, key: str) -> Node:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": meaning,
        "key": {"@id": f"{name}/{key}"},
        "field": list(fields),
    }


def _columns(owner: str, files: str, record: type, *, many: bool = False) -> Iterator[Node]:
    """A field per published column; ``many`` where each row has a list of them."""
    hints = typing.get_type_hints(record)
    for item in dataclasses.fields(record):
        if item.name != "images":
            column, meaning = item.metadata["column"], item.metadata["meaning"]
            yield _field(owner, files, column, meaning, hints[item.name], many=many)


def _legacy_fields() -> Iterator[Node]:
    meanings = {
        item.metadata["column"]: item.metadata["meaning"] for item in dataclasses.fields(ReleaseStudy)
    }
    for name in CSV_COLUMNS:
        yield _field("studies", "metadata-csv", name, meanings[name], str)
    yield {
        "@type": "cr:Field",
        "@id": "studies/Split",
        "name": "Split",
        "description": meanings["Split"],
        "dataType": "sc:Text",
        "source": {
            "fileSet": {"@id": "metadata-csv"},
            "extract": {"fileProperty": "filename"},
            "transform": {"regex": "([a-z]+)_metadata.csv"},
        },
    }


def _picture_fields() -> Iterator[Node]:
    for name in ("id", *(section.value for section in SectionName)):
        yield _field("pictures", "picture-files", name, "", str)
    yield {
        "@type": "cr:Field",
        "@id": "pictures/images",
        "name": "images",
        "description": "The study's pictures: PNG, 16 bits",
        "dataType": "sc:ImageObject",
        "repeated": True,
        "source": {
            "fileSet": {"@id": "picture-files"},
            "extract": {"column": "images"},
            "transform": {"jsonPath": "bytes"},
        },
    }


def _field(owner: str, files: str, column: str, meaning: str, kind: Any, *, many: bool = False) -> Node:
    field: Node = {
        "@type": "cr:Field",
        "@id": f"{owner}/{column}",
        "name": column,
        "description": meaning,
        "dataType": _TYPES.get(_bare(kind), "sc:Text"),
        "source": {"fileSet": {"@id": files}, "extract": {"column": column}},
    }
    if not meaning:
        del field["description"]
    return field | ({"isArray": True, "arrayShape": "-1"} if many else {})


def _bare(kind: Any) -> Any:
    """The type without ``| None``."""
    if isinstance(kind, types.UnionType):
        return next(part for part in typing.get_args(kind) if part is not types.NoneType)
    return kind
