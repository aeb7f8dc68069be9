"""The reports of ``bench_scale.py``, and what the export states about the person each is of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
from scale_people import Cohort, Visit

from radrelease.records.private import Identifier, IdentifierKind
from radrelease.testing.wording import write_report

__all__ = ["identifiers_of", "report_of"]

_SENTENCES = (
    "The {side} hemidiaphragm is elevated by {number} mm.",
    "There is a {number} mm nodule in the {side} {zone} lung zone.",
    "Streaky opacities at the {side} base are likely atelectasis.",
    "The cardiac silhouette is at the upper limit of normal, with a ratio of 0.{number}.",
    "Mild tortuosity of the thoracic aorta with calcification of the knob.",
    "Median sternotomy wires and {number} surgical clips are unchanged in position.",
    "A {side} sided dual chamber pacemaker has leads in the right atrium and ventricle.",
    "Blunting of the {side} costophrenic angle, a small effusion or pleural thickening.",
    "No focal consolidation in the {side} {zone} zone. Pulmonary vasculature is normal.",
    "Endotracheal tube tip projects {number} mm above the carina.",
    "Multilevel degenerative changes of the thoracic spine with anterior osteophytes.",
    "Patchy airspace disease in the {side} {zone} zone has {change}.",
)


def report_of(cohort: Cohort, visit: Visit) -> str:
    """The visit's report, in the style of its site."""
    rng = np.random.default_rng([cohort.seed, visit.number])
    written = write_report(
        rng, visit.number, visit.person, visit.site, visit.accession, visit.day, visit.prior
    )
    findings = written.sections["Findings"] or ""
    more = _more(Random(cohort.seed * 7 + visit.number))  # noqa: S311 - invented wording
    return written.text.replace(findings, f"{findings} {more}", 1)


def identifiers_of(visit: Visit) -> Iterator[Identifier]:
    """What the header and the row of a visit state."""
    person, kinds = visit.person, IdentifierKind
    yield Identifier(kinds.PATIENT_NAME, person.header)
    yield Identifier(kinds.PATIENT_ID, person.mrn)
    yield Identifier(kinds.ACCESSION, visit.accession)
    yield Identifier(kinds.BIRTH_DATE, person.birth.isoformat())
    yield Identifier(kinds.INSTITUTION, visit.site.institution)
    yield Identifier(kinds.ADDRESS, f"{person.street}, {person.town}")
    yield Identifier(kinds.PHONE, person.phone)
    yield Identifier(kinds.STAFF_NAME, visit.referring.header)
    yield Identifier(kinds.STAFF_NAME, visit.radiologist.header)


def _more(rng: Random) -> str:
    """Some sentences; in one report of thirty a word is misspelt, as words are."""
    sentences: Sequence[str] = [
        sentence.format(
            side=rng.choice(("left", "right")),
            zone=rng.choice(("upper", "mid", "lower")),
            number=rng.randrange(3, 98),
            change=rng.choice(("improved", "worsened", "resolved")),
        )
        for sentence in rng.sample(_SENTENCES, rng.randrange(1, 5))
    ]
    text = " ".join(sentences)
    if rng.random() < 1 / 30:
        place = rng.randrange(5, len(text) - 2)
        text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text
