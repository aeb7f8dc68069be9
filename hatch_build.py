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

    def initialize(
        self,
        version: str,  # noqa: ARG002 (the hook's interface)
        build_data: dict[str, Any],
    ) -> None:
        if self.target_name != "wheel":
            return
        folder = Path(self.root, "src/radrelease/compiled")
        target = folder / "kernels.so"
        target.unlink(missing_ok=True)
        if not _compile(folder, target):
            self.app.display_warning("No C compiler: pictures will be drawn by the slower fall-back.")
            return
        build_data["artifacts"].append("/src/radrelease/compiled/kernels.so")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


def _compile(folder: Path, target: Path) -> bool:
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None or sys.platform == "win32" or os.environ.get("RADRELEASE_NO_COMPILED") == "1":
        return False
    with tempfile.TemporaryDirectory() as temporary:
        stamp = Path(temporary, "stamp.c")
        stamp.write_text(
            f'const char radrelease_source_text[] = "{_digest(folder)}";\n'
            "const char *radrelease_source = radrelease_source_text;\n"
        )
        built = Path(temporary, "kernels.so")
        sources = [str(path) for path in sorted(folder.glob("*.c"))]
        command = [compiler, *OPTIONS, "-o", str(built), *sources, str(stamp)]
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 (our own words)
        if done.returncode == 0:
            shutil.move(built, target)
    return done.returncode == 0


def _digest(folder: Path) -> str:
    spec = importlib.util.spec_from_file_location("compiled", folder / "__init__.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("src/radrelease/compiled is not a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    digest: str = module.source_digest(folder)
    return digest
