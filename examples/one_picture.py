"""One picture of the legacy archive, without unpacking or reading the rest.

python examples/one_picture.py demo/release/rexgradient picture.png
"""

import sys
from pathlib import Path

from radrelease import open_release

study = open_release(sys.argv[1])[0]
Path(sys.argv[2]).write_bytes(study.images[0].png())  # the 16-bit PNG as it is in the archive
print(study.id, study.images[0].view)
