"""Compiles what is worth it where there is a compiler, and else builds without.

The C files of ``radrelease.compiled`` become a library. No option that lets a compiler reorder or fuse float
operations may be added: the fall-back in numpy and every processor must give the same bits
(docs/decisions/0012-resampling.md).

Modules that only look at text become extension modules of the same names, by mypyc
(docs/decisions/0028-compiled-text.md): in wheels only, for beside an edited file an old one would be used.
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

TEXT = (
    "section_records.py",
    "stages/sections/*.py",
    *(
        f"stages/{name}.py"
        for name in (
            "dates known known_terms letter_case model_names name_parts named_people named_places numbers"
            " objections patterns person_names place_tails protecting reading scrub sentence_cuts short_parts"
            " spans spelling tokens units vocabulary word_or_name"
        ).split()
    ),
)
"""The modules of ``src/radrelease`` that find sections and scrub."""


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
            self._add_text(build_data)

    def _add_text(self, build_data: dict[str, Any]) -> None:
        modules, complaint = _compile_text(Path(self.root, "src"), self.temporary)
        if modules:
            build_data["infer_tag"] = True
            build_data["force_include"].update({str(built): place for built, place in modules.items()})
        else:
            self.app.display_warning(f"Without mypyc's modules reports take longer: {complaint}")
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


def _compile_text(source: Path, temporary: Path) -> tuple[dict[Path, str], str]:
    """The modules that mypyc made of :data:`TEXT` and their places in the wheel; if none, why."""
    package = source / "radrelease"
    files = [str(path.relative_to(source)) for pattern in TEXT for path in sorted(package.glob(pattern))]
    command = [sys.executable, __file__, str(temporary), *files]
    done = subprocess.run(command, cwd=source, check=False, capture_output=True, text=True)  # noqa: S603 (ourselves)
    if done.returncode != 0:
        return {}, ((done.stderr or done.stdout).strip().splitlines() or ["no reason is known"])[-1]
    library = temporary / "library"
    return {path: path.relative_to(library).as_posix() for path in sorted(library.rglob("*.*"))}, ""


def _run_mypyc(temporary: Path, files: Sequence[str]) -> None:
    """Compile the files, given as from the folder we are in, into ``temporary / "library"``.

    Optimised little: more takes half as long again to compile, and makes nothing faster.
    """
    from mypyc.build import mypycify  # noqa: PLC0415 (needed where this file runs as a program)
    from setuptools import setup  # noqa: PLC0415

    options = [
        "--config-file=",
        f"--cache-dir={os.devnull}",
        "--ignore-missing-imports",
        "--follow-imports=silent",
    ]
    modules = mypycify(
        [*options, *files],
        group_name="radrelease.stages.text",
        opt_level="1",
        debug_level="0",
        target_dir=str(temporary / "c"),
    )
    places = ["--build-lib", str(temporary / "library"), "--build-temp", str(temporary / "objects")]
    setup(name="radrelease", ext_modules=modules, script_args=["--quiet", "build_ext", *places])


if __name__ == "__main__":
    _run_mypyc(Path(sys.argv[1]), sys.argv[2:])
