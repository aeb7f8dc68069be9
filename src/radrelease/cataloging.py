"""Every header and report of an export, read once: light records are kept, whole ones go into the store."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.limits import within
from radrelease.adapters.places import list_files
from radrelease.adapters.report_files import read_reports
from radrelease.adapters.workers import Failure, in_batches, run_bisecting
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.identifiers import Mrn
from radrelease.locations import Place
from radrelease.progress import Progress, Step
from radrelease.records.private import (
    InputKind,
    Instance,
    Rejected,
    ReportRow,
)
from radrelease.stages.cohort.merged_patients import (
    Stated,
    stated_by,
)

__all__ = ["Catalog", "catalog_files", "catalog_reports", "domains_of", "read_headers"]

_BATCH = 128
_HEADER_TIMEOUT_S = 60.0
_HEADER_MEMORY_MB = 2048


def read_headers(batch: tuple[tuple[str, Place, str], ...]) -> list[Instance | Rejected]:
    """The headers of a batch of files; what a worker runs."""
    return [_read_bounded(*file) for file in batch]


def _read_bounded(source: str, root: Place, path: str) -> Instance | Rejected:
    with within(_HEADER_TIMEOUT_S):
        return read_header(source, root, path, megabytes=_HEADER_MEMORY_MB)


@dataclass(slots=True)
class Catalog:
    """The files of the export: light instances in order, what headers say of people, and what is no use."""

    files: int = 0
    instances: list[Instance] = field(default_factory=list)
    people: Mapping[Key, frozenset[Stated]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


def catalog_files(config: Config, progress: Progress, store: CohortStore) -> Catalog:
    """Read the header of every file of every source; whole instances go into the store."""
    files = [
        (source.name, source.dicom, path) for source in config.source for path in list_files(source.dicom)
    ]
    catalog = Catalog(files=len(files))
    domains = domains_of(config)
    with progress.step("Reading headers", len(files)) as step:
        catalog.people = stated_by(_read(files, config, step, catalog, store), domains)
    catalog.instances.sort(key=lambda item: (item.source, item.path))
    return catalog


def _read(
    files: Sequence[tuple[str, Place, str]], config: Config, step: Step, catalog: Catalog, store: CohortStore
) -> Iterator[Instance]:
    """The whole instances as they are read, each of them stored."""
    domains = domains_of(config)
    for batch, outcome in run_bisecting(
        read_headers, in_batches(files, _BATCH), config=config, timeout_s=_HEADER_TIMEOUT_S
    ):
        step.advance(len(batch))
        if isinstance(outcome, Failure):
            ((source, _root, path),) = batch
            catalog.rejected.append(_failed_file(source, path, outcome))
            continue
        for item in outcome:
            if isinstance(item, Rejected):
                catalog.rejected.append(item)
            else:
                catalog.instances.append(store.put_instance(item, domains[item.source]))
                yield item


def domains_of(config: Config) -> dict[str, str]:
    """The patient domain of each source, by its name."""
    return {source.name: source.domain for source in config.source}


def _failed_file(source: str, path: str, failure: Failure) -> Rejected:
    return Rejected(
        stage="catalog",
        kind=InputKind.FILE,
        source=source,
        subject=path,
        reason=failure.reason,
        study_uid="",
        detail="",
    )


def catalog_reports(
    config: Config, progress: Progress, instances: Sequence[Instance], store: CohortStore
) -> tuple[list[ReportRow], list[Rejected]]:
    """The light reports; what each states is known of the patients whom its accession or study names."""
    rows: list[ReportRow] = []
    rejected: list[Rejected] = []
    by_name = _patients_by_name(instances)
    with progress.step("Reading reports", None) as step:
        for source in config.source:
            for item in read_reports(source):
                step.advance()
                if isinstance(item, Rejected):
                    rejected.append(item)
                    continue
                for owner in _owners(item, by_name):
                    store.add_known(source.domain, owner, item.identifiers)
                rows.append(store.put_report(item))
    return rows, rejected


def _patients_by_name(instances: Iterable[Instance]) -> Mapping[Key, set[Mrn]]:
    """Whose the accessions and study UIDs of each source are."""
    found: dict[Key, set[Mrn]] = defaultdict(set)
    for instance in instances:
        for name in (instance.accession, instance.study_uid):
            if name:
                found[instance.source, name].add(instance.patient_id)
    return found


def _owners(row: ReportRow, by_name: Mapping[Key, set[Mrn]]) -> set[Mrn]:
    """The patients whom a report names; nobody's number where it names none."""
    names = {row.accession, row.study_uid, *(part.strip() for part in re.split("[;,]", row.accession))}
    owners = {patient for name in names for patient in by_name.get((row.source, name), ())}
    owners |= {row.patient_id} if row.patient_id else set()
    return owners or {Mrn("")}
