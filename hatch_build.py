"""Compiles what is worth it where there is a compiler, and else builds without.

The C files of ``radrelease.compiled`` become a library. No option that lets a compiler reorder or fuse float
operations may be added: the fall-back in numpy and every processor must give the same bits
(docs/decisions/0012-resampling.md).

The modules that find sections become extension modules of the same names, by mypyc, in wheels only: beside a
file that is edited an old one would be used (docs/decisions/0028-compiled-sections.md).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OPTIONS = ("-O3", "-std=gnu11", "-ffp-contract=off", "-fPIC", "-shared")


class CompiledParts(BuildHookInterface):
    """The wheel holds what could be compiled, and the tag of what runs that."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        folder = Path(self.root, "src/radrelease/compiled")
        self.temporary = Path(tempfile.mkdtemp())
        built = _compile(folder, self.temporary)
        if built is None:
            self.app.display_warning("No C compiler: headers, pictures and reports take longer.")
        elif version == "editable":
            shutil.move(built, folder / built.name)
        else:
            build_data["force_include"][str(built)] = f"radrelease/compiled/{built.name}"
            self._add_sections(build_data)

    def _add_sections(self, build_data: dict[str, Any]) -> None:
        modules = _compile_sections(Path(self.root, "src"), self.temporary)
        if modules is not None:
            build_data["force_include"].update({str(built): place for built, place in modules.items()})
            build_data["infer_tag"] = True
        else:
            self.app.display_warning("mypyc did not compile the finding of sections: reports take longer.")
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if self.target_name == "wheel":
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


def _compile_sections(source: Path, temporary: Path) -> dict[Path, str] | None:
    """The extension modules and their places in the wheel, or None where mypyc is missing or fails."""
    files = [str(path.relative_to(source)) for path in sorted(source.glob("radrelease/stages/sections/*.py"))]
    command = [sys.executable, __file__, str(temporary), *files]
    done = subprocess.run(command, cwd=source, check=False, capture_output=True)  # noqa: S603 (this file)
    if done.returncode != 0:
        return None
    library = temporary / "library"
    return {path: path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}


def _run_mypyc(temporary: Path, files: Sequence[str]) -> None:
    """Compile the files, named from the folder we are in, into ``temporary / "library"``.

    They are optimised little: all that a compiler can do takes half as long again, and makes nothing faster.
    """
    from mypyc.build import mypycify  # noqa: PLC0415 (the build must do without it)
    from setuptools import setup  # noqa: PLC0415

    modules = mypycify(
        ["--config-file=", f"--cache-dir={os.devnull}", "--ignore-missing-imports", *files],
        group_name="radrelease.stages.sections",
        opt_level="1",
        debug_level="0",
        target_dir=str(temporary / "c"),
    )
    places = ["--build-lib", str(temporary / "library"), "--build-temp", str(temporary / "objects")]
    setup(name="radrelease", ext_modules=modules, script_args=["--quiet", "build_ext", *places])


if __name__ == "__main__":
    _run_mypyc(Path(sys.argv[1]), sys.argv[2:])
