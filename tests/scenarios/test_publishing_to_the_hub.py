"""A hospital publishes a release to the hub: the real client, and a hub of our own on loopback."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import Response
from hub_emulator import TOKEN, Repository, running_hub

from radrelease.adapters import hub_client
from radrelease.audited import audited_layout
from radrelease.errors import ConfigError, HubFailed
from radrelease.publishing import plan_publication, publish
from radrelease.records.publication import MANIFEST, SUMS, UNFINISHED, Act

pytestmark = [
    pytest.mark.xdist_group("release"),
    pytest.mark.filterwarnings("default:Use 'content=:DeprecationWarning"),  # the client's own
]

NAME = "hospital/chest"


@pytest.fixture(scope="module")
def server():
    with running_hub() as hub:
        yield hub


@pytest.fixture
def hub(server, monkeypatch):
    """An empty hub, the client's way to it, and no long wait."""
    server.__init__(url=server.url)
    real = socket.getaddrinfo

    def only_here(host, *rest, **named):
        assert host == "127.0.0.1", "a request to somewhere else"
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    monkeypatch.setattr(hub_client, "_WAITS_S", (0.0, 0.0, 0.0))
    return server


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def planned(config, layout="native", **options):
    return plan_publication(audited_layout(config, layout), NAME, config, **options)


def forge(audited, **changes) -> None:
    """What no caller can do: another version without another build."""
    for name, value in changes.items():
        object.__setattr__(audited, name, value)


def acts(publication) -> list[Act]:
    return list(dict.fromkeys(operation.act for operation in publication.operations))


def run(config_folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from radrelease.cli import main; main()", *map(str, arguments)]
    surroundings = {**os.environ, "HF_HUB_DISABLE_XET": "1", "COLUMNS": "200", **environment}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=surroundings, cwd=config_folder
    )


def test_a_plan_lists_everything_and_does_nothing(place, hub):
    before = files(place.folder / "work")
    done = run(place.folder, "publish", "release.toml", NAME, "--plan", "--visible")
    assert done.returncode == 0, done.stderr
    assert hub.wrote() == []
    assert hub.repositories == {}
    assert files(place.folder / "work") == before
    lines = [re.sub(r" {2,}", "|", line.strip()) for line in done.stdout.splitlines()]
    assert f"create the repository, private|{NAME}" in lines
    assert f"tag|{place.config.release.version}" in lines
    assert f"make visible to everybody|{NAME}" in lines
    assert lines[-1] == "Nothing was done."
    for name in files(place.release / "native"):
        assert [
            line
            for line in lines
            if line.endswith(f"|{name}") and re.search(r"\|[\d.,]+ (bytes|kB|MB)\|", line)
        ]


@pytest.mark.parametrize("layout", ["native", "rexgradient"])
def test_a_published_layout_is_the_audited_one_private_gated_and_tagged(place, hub, layout):
    done = run(place.folder, "publish", "release.toml", NAME, "--layout", layout)
    assert done.returncode == 0, done.stderr
    repository = hub.repositories[NAME]
    assert (repository.private, repository.gated) == (True, "manual")
    assert hub.files(NAME) == files(place.release / layout)
    assert hub.files(NAME, place.config.release.version) == files(place.release / layout)
    assert [MANIFEST in tree for _, tree in repository.commits] == [False] * (len(repository.commits) - 1) + [
        True
    ]
    assert UNFINISHED in repository.commits[-2][1]
    assert TOKEN not in done.stdout + done.stderr
    hub.requests.clear()
    publish(planned(place.config, layout))
    assert hub.wrote() == []


def test_it_becomes_visible_only_if_asked_and_last_of_all(place, hub):
    publish(planned(place.config, visible=True))
    assert not hub.repositories[NAME].private
    wrote = hub.wrote()
    assert wrote[-1].endswith("/settings")
    assert wrote[-2].endswith(f"/tag/{hub.repositories[NAME].commits[-1][0]}")
    hub.requests.clear()
    publish(planned(place.config, visible=True))
    assert hub.wrote() == []


def test_the_next_version_sends_what_is_new_and_the_first_stays_under_its_tag(own, hub, monkeypatch):
    publish(planned(own))
    first = hub.files(NAME)
    audited = audited_layout(own, "native")
    kept = [file for file in audited.files if file.path != "data/test-00000.parquet"]
    spoiled = replace(kept[0], source=b"new", size=3, sha256=hashlib.sha256(b"new").hexdigest())
    forge(audited, files=(spoiled, *kept[1:]))
    with pytest.raises(ConfigError, match=r"version 1\.0\.0 is there already, with other content"):
        plan_publication(audited, NAME, own)
    forge(audited, manifest=replace(audited.manifest, version="1.1.0"))
    publication = plan_publication(audited, NAME, own)
    assert [row.subject for row in publication.operations if row.act is Act.REMOVE] == [
        "data/test-00000.parquet",
        MANIFEST,
    ]
    assert [row.subject for row in publication.operations if row.act is Act.UPLOAD] == [spoiled.path]
    publish(publication)
    assert hub.files(NAME, "1.0.0") == first
    assert hub.files(NAME, "1.1.0")[spoiled.path] == b"new"
    assert "data/test-00000.parquet" not in hub.files(NAME, "1.1.0")
    hub.requests.clear()
    publish(planned(own))  # the first version once more: it is there
    assert hub.wrote() == []
    assert hub.files(NAME) == hub.files(NAME, "1.1.0")


def test_a_run_that_is_killed_looks_unfinished_and_the_next_finishes_it(place, hub, monkeypatch):
    """Killed while the third large file is under way; commits of one file each, to have many."""
    arrived = []

    def slow(asked, number):
        if asked.startswith("PUT /objects/"):
            arrived.append(asked)
            time.sleep(0.5 if len(arrived) > 2 else 0)

    hub.intercept = slow
    script = (
        "import radrelease.stages.release.publication as p; p._MOST_FILES = 1\n"
        "from radrelease.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "publish", str(place.folder / "release.toml"), NAME]
    process = subprocess.Popen(
        command,
        env={**os.environ, "HF_HUB_DISABLE_XET": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while len(arrived) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = hub.files(NAME)
    assert 0 < len([name for name in left if name.startswith("data/")]) <= 3
    assert UNFINISHED in left
    assert MANIFEST not in left
    assert hub.repositories[NAME].tags == {}
    hub.intercept = lambda asked, number: None
    hub.requests.clear()
    publication = planned(place.config)
    kept = {row.subject for row in publication.operations if row.act is Act.KEEP}
    assert kept == left.keys() - {UNFINISHED}
    publish(publication)
    assert hub.files(NAME) == files(place.release / "native")
    assert hub.files(NAME, "1.0.0") == files(place.release / "native")
    hub.requests.clear()
    publish(planned(place.config))
    assert hub.wrote() == []


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_a_run_that_ends_after_any_request_is_finished_by_the_next(place, hub, after):
    """The hub goes away for good after so many requests that write."""
    hub.intercept = lambda asked, number: Response(status_code=503) if len(hub.wrote()) > after else None
    publication = planned(place.config)
    with pytest.raises(HubFailed, match=r"The hub failed while .* \(\w+\)"):
        publish(publication)
    hub.intercept = lambda asked, number: None
    publish(planned(place.config))
    assert hub.files(NAME) == hub.files(NAME, "1.0.0") == files(place.release / "native")
    assert hub.repositories[NAME].gated == "manual"


@pytest.mark.parametrize("number", range(6))
def test_an_answer_that_is_lost_on_its_way_does_no_harm(place, hub, number):
    """The commit was made and the client does not know."""
    lost = []

    def lose(asked, _):
        if asked.startswith("POST") and "/commit/" in asked:
            lost.append(asked)
            return Response(status_code=500, headers={"X-Done": "1"}) if len(lost) == number + 1 else None
        return None

    hub.intercept = lose
    try:
        publish(planned(place.config))
    except HubFailed:  # what was to be removed is gone
        publish(planned(place.config))
    assert hub.files(NAME) == hub.files(NAME, "1.0.0") == files(place.release / "native")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_is_busy_is_asked_again(place, hub, status, monkeypatch):
    slept = []
    monkeypatch.setattr(hub_client.time, "sleep", slept.append)

    def busy(asked, number):
        if number == 0 and not asked.startswith("GET /datasets"):
            return Response(status_code=status, headers={"Retry-After": "7"} if status == 429 else {})
        return None

    hub.intercept = busy
    publish(planned(place.config))
    assert hub.files(NAME, "1.0.0") == files(place.release / "native")
    assert (7.0 in slept) == (status == 429)


@pytest.mark.parametrize(("status", "start"), [(401, "GET /api/datasets"), (403, "POST /api/repos/create")])
def test_a_token_that_is_refused_is_told_without_it(place, hub, status, start):
    hub.intercept = lambda asked, number: Response(status_code=status) if asked.startswith(start) else None
    done = run(place.folder, "publish", "release.toml", NAME)
    assert done.returncode == 2, done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert "hf auth login" in done.stderr


def test_a_wrong_token_and_none_are_told_apart(place, hub, tmp_path):
    wrong = run(place.folder, "publish", "release.toml", NAME, HF_TOKEN="hf_wrong")  # noqa: S106
    assert wrong.returncode == 2
    assert "the hub refuses this token (401)" in wrong.stderr
    assert "hf_wrong" not in wrong.stdout + wrong.stderr
    none = run(place.folder, "publish", "release.toml", NAME, HF_TOKEN="", HF_HOME=str(tmp_path))
    assert none.returncode == 2
    assert "the hub does not know you" in none.stderr


def test_the_token_of_the_client_s_own_login_is_used(place, hub, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    publish(planned(place.config))
    assert hub.files(NAME, "1.0.0") == files(place.release / "native")


def test_no_output_shows_the_token_whatever_fails(place, hub):
    hub.intercept = lambda asked, number: Response(status_code=500) if "/commit/" in asked else None
    script = (
        "import radrelease.adapters.hub_client as h; h._WAITS_S = ()\nfrom radrelease.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "publish", str(place.folder / "release.toml"), NAME],
        capture_output=True, text=True, check=False, env={**os.environ, "HF_HUB_DISABLE_XET": "1"},
    )  # fmt: skip
    assert done.returncode == 4
    assert "The hub failed while sending files (500)" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert hub.url not in done.stdout + done.stderr


def test_other_bytes_than_were_sent_are_noticed_and_nothing_is_tagged(place, hub):
    hub.spoil = lambda data: data[:-1] + b"x"
    with pytest.raises(HubFailed, match=r"reading back \(\S+ comes back with another checksum\)"):
        publish(planned(place.config, visible=True))
    repository = hub.repositories[NAME]
    assert repository.private
    assert repository.tags == {}
    assert MANIFEST not in repository.head
    assert UNFINISHED in repository.head


def test_a_listing_that_differs_is_noticed_without_reading_back(place, hub):
    publication = planned(place.config, read_back=False)
    assert Act.READ_BACK not in acts(publication)
    real = Repository.commit

    def spoiled(self, tree):
        tree = {name: ("regular", b"other") if name == "README.md" else entry for name, entry in tree.items()}
        return real(self, tree)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repository, "commit", spoiled)
        with pytest.raises(HubFailed, match="other files or checksums"):
            publish(publication)
    assert hub.repositories[NAME].tags == {}
    publish(planned(place.config, read_back=False))
    assert hub.files(NAME, "1.0.0") == files(place.release / "native")


def test_the_client_s_fast_store_takes_the_files_too(place, hub, tmp_path, monkeypatch):
    """With hf_xet, as the hub has it today; what it holds is not read back here, as the store is the client's."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", False)
    hub.xet_store = f"local://{tmp_path}"
    publish(planned(place.config, read_back=False))
    tree = hub.repositories[NAME].head
    stated = {
        line.split("  ")[1]: line.split("  ")[0]
        for line in (place.release / f"native/{SUMS}").read_text().splitlines()
    }
    large = {path: data.decode() for path, (kind, data) in tree.items() if kind == "lfs"}
    assert large
    assert {path: stated[path] for path in large} == large
    assert hub.asked("PUT /objects") == []
    assert any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_repository_of_something_else_is_left_alone(place, hub):
    hub.repositories[NAME] = Repository(private=True)
    hub.repositories[NAME].commit({"train.csv": ("regular", b"of somebody else")})
    with pytest.raises(ConfigError, match="holds something that is not a release"):
        planned(place.config)
    assert hub.wrote() == []


def test_a_repository_of_another_layout_is_left_alone(place, hub):
    publish(planned(place.config))
    hub.requests.clear()
    with pytest.raises(ConfigError, match="holds the layout native, not rexgradient"):
        planned(place.config, "rexgradient")
    assert hub.wrote() == []


def test_a_file_that_changes_while_it_is_published_does_not_leave(own, hub):
    publication = planned(own)
    path = next((own.release.output / "native/data").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ConfigError, match="has changed while it was published"):
        publish(publication)
    assert hub.repositories[NAME].tags == {}
    assert path.read_bytes() not in hub.objects.values()


def test_the_hub_has_one_form_and_versions_that_can_be_tags(place, hub):
    with pytest.raises(ConfigError, match="the hub has a form of its own"):
        planned(place.config, style="physionet")
    audited = audited_layout(place.config, "native")
    forge(audited, manifest=replace(audited.manifest, version="1.0 final"))
    with pytest.raises(ConfigError, match="cannot be a tag"):
        plan_publication(audited, NAME, place.config)
