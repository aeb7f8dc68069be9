"""What is said where a verb ends before its time."""

from __future__ import annotations

import os
import re
import shutil
import traceback

from rich.console import Console

from radrelease.errors import RadreleaseError, StorageFailed

__all__ = ["show_error", "storage_failed"]


def show_error(error: Exception) -> None:
    """Say what went wrong. Of what was not foreseen, only the kind and the places in the code are shown."""
    console = Console(stderr=True)
    if isinstance(error, RadreleaseError):
        console.print(f"radrelease: {error}", markup=False, highlight=False, soft_wrap=True)
        return
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(
        f"  {frame.name}, line {frame.lineno} of {frame.filename.rsplit('/', 1)[-1]}" for frame in frames
    )
    console.print(
        f"radrelease: a defect of radrelease ended the run ({type(error).__name__}); nothing was published.\n"
        f"Please report these lines, which hold no data:\n{places}",
        markup=False,
        highlight=False,
    )


def storage_failed(error: OSError) -> Exception:
    """What the system said, in its own words and without the name of a file; a defect without such words."""
    number = error.errno
    if isinstance(error, shutil.Error):  # a list of files, each with the system's words as text
        stated = re.search(r"\[Errno (\d+)\]", str(error))
        number = int(stated[1]) if stated else None
    if number is None:
        return error
    said = os.strerror(number)
    return StorageFailed(
        f"the system could not read or write ({said}). Mend that and run the same command again:"
        " a build goes on where it stopped"
    )
