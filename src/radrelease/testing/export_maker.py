"""What writes an export file by file and row by row, and keeps the truth of it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from radrelease.testing.dicom_export import make_dataset, make_uid, to_bytes
from radrelease.testing.gold import Gold, GoldStudy
from radrelease.testing.people import Person, Site, Staff, staff
from radrelease.testing.phantom import frontal, lateral
from radrelease.testing.wording import Report, write_report

__all__ = ["SYSTEMS", "ExportMaker", "StudyPlan"]

SYSTEMS = ("lakeside", "northmoor", "quayside")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What is needed to make one study."""

    person: Person
    site: Site
    number: int
    day: date
    prior: date | None = None
    views: tuple[str, ...] = ("PA", "LATERAL")

    @property
    def accession(self) -> str:
        """The accession number in the system's form."""
        form = {"lakeside": "LV-{:%y}-{:06d}", "northmoor": "NM{:%Y}{:07d}", "quayside": "QY{:%m}{:06d}"}
        return form[self.site.system].format(self.day, 1_000 + 37 * self.number)

    @property
    def study_uid(self) -> str:
        """The StudyInstanceUID."""
        return make_uid(SYSTEMS.index(self.site.system), self.number)


@dataclass(slots=True)
class ExportMaker:
    """Writes files and report rows of an export, and keeps the truth."""

    folder: Path
    rng: np.random.Generator
    side: int
    gold: Gold = field(default_factory=Gold)
    rows: dict[str, list[dict[str, str] | str]] = field(
        default_factory=lambda: {name: [] for name in SYSTEMS}
    )

    first_file: str = ""  # of a good study of the first system, to be copied

    def dicom_folder(self, system: str) -> Path:
        """Where the system's files go."""
        return self.folder / "export" / system / "dicom"

    def write_report(self, plan: StudyPlan) -> Report:
        """The report of a study; nothing is written yet."""
        return write_report(
            self.rng, plan.number, plan.person, plan.site, plan.accession, plan.day, plan.prior
        )

    def add_images(self, plan: StudyPlan, report: Report, **changes: object) -> list[tuple[str, str]]:
        """Write the study's files; give each path below the DICOM folder with its SOP instance UID.

        ``changes`` are elements of the header to set before writing, by keyword.
        """
        written = []
        for index, view in enumerate(plan.views):
            dataset = make_dataset(
                plan.person,
                plan.site,
                accession=plan.accession,
                day=plan.day,
                study_uid=plan.study_uid,
                series_uid=plan.study_uid + f".{index // 2 + 1}",
                sop_uid=plan.study_uid + f".{index // 2 + 1}.{index + 1}",
                view=view,
                attenuation=self._picture(plan, view),
                radiologist=report.radiologist,
                referring=_reader(plan),
            )
            for keyword, value in changes.items():
                setattr(dataset, keyword, value)
            path = self._file_name(plan, index)
            self.write_file(plan.site.system, path, to_bytes(dataset, plan.site.syntax))
            written.append((path, str(dataset.SOPInstanceUID)))
        return written

    def write_file(self, system: str, path: str, data: bytes) -> None:
        """Write one file below the system's DICOM folder."""
        place = self.dicom_folder(system) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def add_report(
        self,
        plan: StudyPlan,
        text: str,
        *,
        status: str = "Final",
        hour: int = 12,
        accession: str | None = None,
    ) -> str:
        """Add a row or a text file; give its location as a rejected row would name it."""
        number = plan.accession if accession is None else accession
        system = plan.site.system
        if system == "quayside":
            return self._add_text(plan, number, text)
        signed = f"{plan.day + timedelta(days=1):%Y-%m-%d} {hour:02d}:00:00"
        rows = self.rows[system]
        if system == "lakeside":
            line = 2 + sum(1 + str(row["Report"]).count("\n") for row in rows if isinstance(row, dict))
            rows.append(_lakeside_row(plan, number, text, status, signed))
            return f"reports.csv:{line}"
        rows.append(_northmoor_row(plan, number, text, status, signed))
        return f"reports.jsonl:{len(rows)}"

    def _add_text(self, plan: StudyPlan, number: str, text: str) -> str:
        """A text file of its own; such a folder is in several encodings."""
        folder = self.folder / "export" / plan.site.system / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        encoding = "utf-16" if plan.number % 5 == 0 else "cp1252" if plan.number % 2 else "utf-8"
        (folder / f"{number}.txt").write_bytes(text.encode(encoding, errors="replace"))
        return f"{number}.txt"

    def add_study(self, plan: StudyPlan) -> None:
        """Add a good study, its report and its truth."""
        report = self.write_report(plan)
        files = self.add_images(plan, report)
        self.add_report(plan, report.text)
        self.first_file = self.first_file or files[0][0]
        person = plan.person
        self.gold.studies.append(
            GoldStudy(
                source=plan.site.system,
                site=plan.site.institution,
                patient_name=person.header,
                mrn=person.mrn,
                accession=plan.accession,
                study_uid=plan.study_uid,
                study_date=plan.day.isoformat(),
                sop_uids=tuple(uid for _, uid in files),
                report=report.text,
                sections=report.sections,
                phi=report.phi,
            )
        )
        for kind, value in (
            ("patient_name", person.header),
            ("patient_id", person.mrn),
            ("accession", plan.accession),
            ("phone", person.phone),
            ("address", person.street),
            ("institution", plan.site.institution),
        ):
            if (kind, value) not in self.gold.identifiers:
                self.gold.identifiers.append((kind, value))

    def write_tables(self) -> None:
        """Write the report tables."""
        rows = [row for row in self.rows["lakeside"] if isinstance(row, dict)]
        with (self.folder / "export/lakeside/reports.csv").open(
            "w", encoding="utf-8-sig", newline=""
        ) as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        lines = (
            row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
            for row in self.rows["northmoor"]
        )
        path = self.folder / "export/northmoor/reports.jsonl"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    def _picture(self, plan: StudyPlan, view: str) -> np.ndarray:
        side = self.side if plan.site.syntax != "rle" else self.side // 2
        rows, columns = side + plan.number % 7, round(0.86 * side) + plan.number % 5
        return (lateral if view == "LATERAL" else frontal)(self.rng, rows, columns)

    def _file_name(self, plan: StudyPlan, index: int) -> str:
        person = plan.person
        if plan.site.files == "named":
            name = f"{person.family}_{person.given.split()[0]}_{plan.day:%Y%m%d}".upper()
            return f"{plan.day:%Y}/{name}_{plan.number:03d}{index}.dcm"
        if plan.site.files == "uid":
            return f"{plan.study_uid}/{plan.study_uid}.{index}.dcm"
        if plan.site.files == "bare":
            return f"archive/{plan.number:05d}/IM{index:04d}"
        return f"{person.mrn}/{plan.accession}/{index + 1}.DCM"


def _reader(plan: StudyPlan) -> Staff:
    return staff()[plan.number % len(staff())]


def _lakeside_row(plan: StudyPlan, number: str, text: str, status: str, signed: str) -> dict[str, str]:
    person = plan.person
    return {
        "Acc#": number,
        "MRN": person.mrn,
        "Patient": f"{person.family}, {person.given} {person.middle}".strip(),
        "DOB": f"{person.birth:%m/%d/%Y}",
        "Report": text,
        "Status": status,
        "Signed": signed,
        "Radiologist": f"{_reader(plan).full}, MD",
        "Referring": staff()[(plan.number + 3) % len(staff())].full,
        "Address": f"{person.street}, {person.town}",
    }


def _northmoor_row(plan: StudyPlan, number: str, text: str, status: str, signed: str) -> dict[str, str]:
    person = plan.person
    return {
        "accession": number,
        "subject": f"{person.given} {person.family}",
        "body": text,
        "state": status,
        "at": signed.replace(" ", "T"),
        "reader": _reader(plan).full,
        "facility": plan.site.institution,
    }
