"""From a raw hospital export of chest radiographs and reports to a de-identified release.

from pathlib import Path
from radrelease.adapters.config_file import load_config, load_secret
from radrelease.pipeline import build

config = load_config(Path("release.toml"))
outcome = build(config, load_secret(config))
print(outcome.description.studies, "studies in", config.release.output)
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
