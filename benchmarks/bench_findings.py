"""How far the rules on findings agree with labels made otherwise.

    pip install --no-deps radlabels
    python benchmarks/bench_findings.py [--half tuned]

radlabels (MIT) ships 1,000 synthetic reports with the labels of RadGraph-XL and a list of radiologists'
phrases: made by a machine, so this is agreement and not accuracy. Reports of odd number were looked at while
the rules were written, those of even number were not, and these are counted here unless ``--half tuned``.
Findings and impression are cut as a release cuts them, where a report has them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import click

from radrelease.records.release import SectionName
from radrelease.stages.scoring.findings import findings_of
from radrelease.stages.sections import find_sections

ALIASES = {
    "Enlarged Cardiomediastinum": "enlarged_cardiomediastinum",
    "Cardiomegaly": "cardiomegaly",
    "Lung Lesion": "lung_lesion|lung_nodule_or_mass",
    "Lung Opacity": "air_space_opacity|lung_opacity|infiltration|ground_glass_opacity|interstitial_thickening"
    "|peribronchial_cuffing",
    "Edema": "pulmonary_edema|pulmonary_congestion_pulmonary_venous_congestion",
    "Consolidation": "consolidation",
    "Pneumonia": "pneumonia",
    "Atelectasis": "atelectasis|lobar_segmental_collapse|whole_lung_or_majority_collapse",
    "Pneumothorax": "pneumothorax",
    "Pleural Effusion": "pleural_effusion",
    "Pleural Other": "pleural_other|pleural_thickening",
    "Fracture": "acute_rib_fracture|fracture_generic|non_acute_rib_fracture",
    "Support Devices": "central_venous_catheter|endotracheal_tube|enteric_tube|implantable_electronic_device"
    "|intercostal_drain|pacemaker_electronic_cardiac_device_or_wires|support_devices_generic|tracheostomy_tube",
}
AFFIRMED = ("definitely present", "uncertain")


def published(report: str) -> str:
    """Findings and impression of a report, or all of it where it has neither."""
    sections = find_sections(report).sections(report)
    parts = [sections[SectionName.FINDINGS], sections[SectionName.IMPRESSION]]
    return "\n\n".join(part for part in parts if part) or report


@click.command()
@click.option("--half", type=click.Choice(["tuned", "set aside"]), default="set aside")
def main(half: str) -> None:
    """Print counts and F1 per finding."""
    spec = find_spec("radlabels")
    if spec is None or spec.origin is None:
        raise SystemExit("radlabels is not installed: pip install --no-deps radlabels")
    samples = Path(spec.origin).parent / "samples"
    labels = json.loads((samples / "synthetic_labels.json").read_text(encoding="utf-8"))
    counts: Counter[tuple[str, bool, bool]] = Counter()
    names = [name for name in sorted(labels) if int(re.sub(r"\D", "", name)) % 2 == (half == "tuned")]
    for name in names:
        found = findings_of(
            published((samples / "synthetic_reports" / f"{name}.txt").read_text(encoding="utf-8"))
        )
        for finding, aliases in ALIASES.items():
            theirs = any(labels[name].get(alias) in AFFIRMED for alias in aliases.split("|"))
            counts[finding, theirs, finding in found] += 1
    print(f"{len(names)} reports, {half}")
    total: Counter[tuple[bool, bool]] = Counter()
    for finding in ALIASES:
        own = {
            (theirs, ours): counts[finding, theirs, ours]
            for theirs in (False, True)
            for ours in (False, True)
        }
        total.update(own)
        print(f"{finding:27} {line(own)}")
    print(f"{'all, micro':27} {line(total)}")


def line(counts: dict[tuple[bool, bool], int]) -> str:
    """Both, ours alone, theirs alone, and F1."""
    both, ours, theirs = counts[True, True], counts[False, True], counts[True, False]
    agreement = 2 * both / (2 * both + ours + theirs)
    return f"both {both:5}  rules alone {ours:4}  labels alone {theirs:4}  F1 {agreement:.3f}"


if __name__ == "__main__":
    main()
