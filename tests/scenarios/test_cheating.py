"""Programs of participants who would rather not look at the pictures."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from radrelease.adapters import sandbox
from radrelease.adapters.sandbox import Confined, Limits, check_sandbox, nobody, run_confined
from radrelease.errors import ConfigError, ProgramFailed

pytestmark = pytest.mark.xdist_group("sealed")  # nobody's processes are counted together


def _why_not() -> str:
    try:
        check_sandbox()
    except ConfigError as error:
        return error.problem
    return ""


WHY_NOT = _why_not()
confined = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
PYTHON = "/usr/bin/python3"
"""Of the system: what a test's own environment has is not shown to a program."""

HEAD = """
import json, os, socket, sys
a = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out = a["--save_json_file"]
def leave(value):
    with open(out, "w") as file:
        json.dump(value, file)
"""


@pytest.fixture
def place():
    """A folder that another user can reach, with a program's folder and inputs in it."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        folder.chmod(0o755)
        (folder / "program").mkdir()
        (folder / "inputs/images").mkdir(parents=True)
        (folder / "inputs/input.json").write_text("{}")
        yield folder


def run(place, script, *, most=10_000, **limits):
    (place / "program/cheat.py").write_text(HEAD + script)
    allowed = {"seconds": 20, "memory_mb": 512, "scratch_mb": 8, "processes": 40} | limits
    program = Confined(
        command=[PYTHON, str(place / "program/cheat.py")],
        inputs=place / "inputs",
        programs=[place / "program"],
        devices=[],
        limits=Limits(**allowed),
        output_bytes=most,
    )
    return json.loads(run_confined(program, place / "log"))


@confined
def test_an_honest_program_sees_its_inputs_and_its_messages_are_kept_apart(place):
    found = run(place, "print('hello'); leave([sorted(os.listdir('/inputs')), a['--img_root_dir']])")
    assert found == [["images", "input.json"], "/inputs/images/"]
    assert (place / "log").read_text() == "hello\n"
    assert stat.S_IMODE((place / "log").stat().st_mode) == 0o600


@confined
def test_the_references_are_not_there_to_be_read(place):
    (place / "sealed").mkdir()
    (place / "sealed/references.age").write_text("secret")
    script = f"""
seen = []
for root, folders, files in os.walk("/"):
    if root.startswith(("/proc", "/usr")):
        folders.clear()
    seen += [os.path.join(root, name) for name in files]
leave([os.path.exists({str(place / "sealed/references.age")!r}), [name for name in seen if "sealed" in name]])
"""
    assert run(place, script, most=1_000_000) == [False, []]


@confined
def test_nothing_of_our_environment_and_of_our_processes_is_seen(place, monkeypatch):
    monkeypatch.setenv("RADRELEASE_KEY", "a secret")
    script = """
processes = [name for name in os.listdir("/proc") if name.isdigit()]
environments = b"".join(open(f"/proc/{n}/environ", "rb").read() for n in processes if os.access(f"/proc/{n}/environ", os.R_OK))
leave([sorted(os.environ), len(processes), b"secret" in environments])
"""
    names, processes, leaked = run(place, script)
    assert set(names) <= {"HOME", "LANG", "PATH", "PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_"}
    assert processes < 6
    assert not leaked


@confined
def test_there_is_no_network(place):
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = f"""
try:
    socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), timeout=2)
    leave("connected")
except OSError:
    leave([name for _, name in socket.if_nameindex()])
"""
        assert run(place, script) == ["lo"]


@confined
@pytest.mark.parametrize("target", ["/etc/shadow", "/inputs/input.json", "/proc/self/environ", "nowhere"])
def test_a_link_in_place_of_predictions_is_not_followed(place, target):
    with pytest.raises(ProgramFailed, match="no plain file"):
        run(place, f"os.symlink({target!r}, out)")


@confined
@pytest.mark.parametrize("script", ["os.mkdir(out)", "os.mkfifo(out)", "pass"])
def test_what_is_no_file_is_not_taken(place, script):
    with pytest.raises(ProgramFailed, match="no plain file"):
        run(place, script)


@confined
def test_an_output_bomb_is_cut_off(place):
    with pytest.raises(ProgramFailed, match="larger than 10,000 bytes"):
        run(place, "leave('x' * 1_000_000)")


@confined
def test_messages_without_end_do_not_fill_the_disk(place):
    with pytest.raises(ProgramFailed):
        run(place, "while True: print('x' * 100_000)", scratch_mb=1)
    assert (place / "log").stat().st_size <= 1 << 20


@confined
@pytest.mark.parametrize("folder", ["/tmp", "/output", "/dev/shm", "/dev", "/"])  # noqa: S108
def test_a_disk_bomb_fills_its_own_room_only(place, folder):
    script = f"""
written = 0
try:
    for n in range(100):
        with open(os.path.join({folder!r}, f"bomb{{n}}"), "wb") as file:
            written += file.write(b"x" * (1 << 20))
except OSError:
    pass
for n in range(100):
    name = os.path.join({folder!r}, f"bomb{{n}}")
    if os.path.exists(name):
        os.remove(name)
leave(written)
"""
    assert run(place, script) <= 8 << 20


@confined
def test_a_program_without_end_is_ended(place):
    with pytest.raises(ProgramFailed, match="after 1 seconds"):
        run(place, "import time\nwhile True: time.sleep(10)", seconds=1)


@confined
def test_a_fork_bomb_stays_small(place):
    script = """
import time
made = 0
try:
    for _ in range(500):
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except OSError:
    pass
leave(made)
"""
    assert run(place, script) < 40


@confined
def test_memory_without_end_is_refused(place):
    script = """
try:
    held = bytearray(1 << 30)
    leave("had it")
except MemoryError:
    leave("refused")
"""
    assert run(place, script) == "refused"


@confined
def test_inputs_and_programs_cannot_be_changed(place):
    script = f"""
def writes(path):
    try:
        open(path, "a").close()
        return True
    except OSError:
        return False
leave([writes(path) for path in ("/inputs/input.json", "/inputs/new", {str(place / "program/new")!r}, "/usr/new", "/new")])
"""
    (place / "program").chmod(0o777)
    (place / "inputs").chmod(0o777)
    assert run(place, script) == [False] * 5


@confined
def test_a_program_is_nobody_and_stays_so(place):
    script = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
leave([os.getuid(), libc.unshare(0x10000000), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)])
"""
    user, unshared, mounted = run(place, script)
    assert user == (nobody() or os.getuid())
    assert (unshared, mounted) == (-1, -1)


@confined
def test_a_program_that_fails_says_so_in_the_log_alone(place):
    with pytest.raises(ProgramFailed) as caught:
        run(place, "raise SystemExit('a word of the report')")
    assert "report" not in str(caught.value)
    assert "a word of the report" in (place / "log").read_text()


def test_without_bubblewrap_nothing_is_run(place, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match="bubblewrap is not here"):
        check_sandbox()


def test_where_namespaces_are_forbidden_nothing_is_run(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(sandbox, "_alone", lambda: ("--no-such-option",))
    if shutil.which("bwrap") and not WHY_NOT:
        with pytest.raises(ConfigError, match="may not make namespaces"):
            check_sandbox()
