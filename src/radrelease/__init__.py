"""From a raw hospital export of chest radiographs and reports to a de-identified release.

To read a release:

from radrelease import open_release

release = open_release("release")
for study in release.where(split="train", view="frontal PA", age=(40, 65)):
    print(study.id, study.sex, study.age_years, study.days_since_prior)
    print(study.findings, study.impression)
    for image in study.images:
        pixels = image.pixels()     # uint16, rows by columns
        network = image.to_unit()   # float32, 0 to 1

To make one:

from pathlib import Path
from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build

config = load_config(Path("release.toml"))
outcome = build(config, load_secret(config))
print(outcome.description.studies, "studies in", config.release.output)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radrelease.opening import Image, Release, Study, open_release

__all__ = ["Image", "Release", "Study", "__version__", "open_release"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What reads a release, imported when it is first asked for: pyarrow takes its time."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from radrelease import opening  # noqa: PLC0415

    return getattr(opening, name)
