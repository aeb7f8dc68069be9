"""Compiles the C files of ``radrelease.compiled`` where there is a compiler, and else builds without.

No option that lets a compiler reorder or fuse float operations may be added: the fall-back in numpy
and every processor must give the same bits (docs/decisions/0012-resampling.md).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OPTIONS = ("-O3", "-std=gnu11", "-ffp-contract=off", "-fPIC", "-shared")


class CompiledKernels(BuildHookInterface):
    """The wheel holds the library, and a tag of its platform, only where it could be built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        folder = Path(self.root, "src/radrelease/compiled")
        self.temporary = Path(tempfile.mkdtemp())
        built = _compile(folder, self.temporary)
        if built is None:
            self.app.display_warning("No C compiler: headers and pictures will take slower fall-backs.")
        elif version == "editable":
            shutil.move(built, folder / built.name)
        else:
            build_data["force_include"][str(built)] = f"radrelease/compiled/{built.name}"
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        shutil.rmtree(self.temporary, ignore_errors=True)


def _compile(folder: Path, temporary: Path) -> Path | None:
    """The library of all C files and of the digest of their text, or None without a compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None or sys.platform == "win32":
        return None
    stamp, built = temporary / "stamp.c", temporary / "kernels.so"
    stamp.write_text(f'const char text[] = "{_digest(folder)}";\nconst char *radrelease_source = text;\n')
    sources = [str(path) for path in (*sorted(folder.glob("*.c")), stamp)]
    command = [compiler, *OPTIONS, "-o", str(built), *sources]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 (the compiler, our files)
    return built if done.returncode == 0 else None


def _digest(folder: Path) -> str:
    spec = importlib.util.spec_from_file_location("compiled", folder / "__init__.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("src/radrelease/compiled is not a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    digest: str = module.source_digest(folder)
    return digest
