"""Choose studies of a release, and follow a patient back in time.

python examples/open_release.py demo/release
"""

import sys

from radrelease import open_release

release = open_release(sys.argv[1])
for study in release.where(split="train", view=["frontal PA", "frontal AP"], age=(18, 90)):
    if study.prior is not None:
        frontal = next(image for image in study.images if image.view.startswith("frontal"))
        print(study.age_years, study.sex, frontal.pixels().shape, study.impression)
        print("  ", study.days_since_prior, "days before:", study.prior.impression)
        break
