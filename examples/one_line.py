"""Load a release with the hub's library: pictures of 16 bits, previews, sections and metadata.

python examples/one_line.py demo/release/native
"""

import sys

from datasets import load_dataset

studies = load_dataset(sys.argv[1], split="train")
study = studies[0]
print(
    len(studies), "studies; the first has", len(study["images"]), "pictures of mode", study["images"][0].mode
)
print(study["View"], study["PriorId"], study["DaysSincePrior"])
print("Findings:", study["Findings"])
