"""A dataset repository of the Hugging Face hub, through its own client; nobody else knows the client.

The token is the client's own: ``HF_TOKEN``, or what ``hf auth login`` has stored; no message holds it, nor an
address, which may be signed. Files go up by commits of bounded size, each whole or not there at all, so a run
that ends anywhere leaves what it has committed, and the next one goes on from there.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, TypeVar

import radrelease
from radrelease.adapters.layout_manifest import parse_manifest
from radrelease.adapters.upload import MARK
from radrelease.errors import ConfigError, HubFailed, MissingExtra
from radrelease.publication_records import MANIFEST, UNFINISHED, LocalFile, Remote, RemoteFile
from radrelease.stages.publication import same_files

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["HubRepository"]

Result = TypeVar("Result")

_WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_LONGEST_WAIT_S = 600.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_AT_A_TIME = 4


class HubRepository:
    """A dataset repository, ``organisation/name``; ``version`` is the tag that is looked for."""

    def __init__(self, name: str, version: str) -> None:
        self._name, self._version = name, version
        self._api = _client()

    def look(self) -> Remote:
        """What the repository holds; writes nothing."""
        found = self._info()
        if found is None:
            return Remote(exists=False)
        files = self._listing(found.sha)
        tags = _patiently(
            "listing tags", lambda: self._api.list_repo_refs(self._name, repo_type="dataset")
        ).tags
        tagged = next((tag.target_commit for tag in tags if tag.name == self._version), None)
        return Remote(
            files=files,
            public=not found.private,
            gated=found.gated or "",
            layout=self._layout(found.sha) if any(file.path == MANIFEST for file in files) else "",
            tagged=None if tagged is None else self._listing(tagged),
        )

    def create(self) -> None:
        """Create the repository, private."""
        _patiently(
            "creating the repository",
            lambda: self._api.create_repo(self._name, repo_type="dataset", private=True, exist_ok=True),
        )

    def gate(self) -> None:
        """Let in only whom the owner accepts."""
        self._set("setting who may read", gated="manual")

    def show(self) -> None:
        """Make the repository visible to everybody."""
        self._set("making it visible", private=False)

    def mark(self) -> None:
        """Say that what is there is not whole."""
        self._commit("Begin an upload", [_added(UNFINISHED, MARK)])

    def remove(self, paths: Sequence[str]) -> None:
        """Remove the files, in one commit."""
        self._commit(f"Remove {len(paths)} files", [_deleted(path) for path in paths])

    def upload(self, files: Sequence[LocalFile]) -> None:
        """Add the files, in one commit."""
        self._commit(f"Add {len(files)} files", [_addition(file) for file in files])

    def finish(self, manifest: LocalFile) -> None:
        """Add the manifest and take the mark away, in one commit."""
        self._commit("Add the manifest", [_addition(manifest), _deleted(UNFINISHED)])

    def read_back(self, files: Sequence[LocalFile], done: Callable[[], None]) -> None:
        """Fetch every file and compare its SHA-256; holds none in memory or on disk."""
        commit = self._head()

        def check(file: LocalFile) -> None:
            if self._digest(file.path, commit) != file.sha256:
                raise HubFailed("reading back", f"{file.path} comes back with another checksum")
            done()

        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for _ in pool.map(check, files):
                pass

    def tag(self, files: Sequence[LocalFile]) -> None:
        """Tag the newest commit with the version, if it lists exactly these files and checksums."""
        commit = self._head()
        if not same_files(files, self._listing(commit)):
            raise HubFailed("tagging", "the repository lists other files or checksums")
        _patiently(
            "tagging",
            lambda: self._api.create_tag(
                self._name, tag=self._version, revision=commit, repo_type="dataset", exist_ok=False
            ),
        )

    def _info(self) -> Any:
        from huggingface_hub.errors import RepositoryNotFoundError  # noqa: PLC0415 - an extra

        def ask() -> Any:
            try:
                return self._api.dataset_info(self._name)
            except RepositoryNotFoundError:
                return None

        return _patiently("looking at the repository", ask)

    def _head(self) -> str:
        found = self._info()
        if found is None:
            raise HubFailed("looking at the repository", "it is gone")
        return str(found.sha)

    def _set(self, doing: str, **settings: Any) -> None:
        _patiently(doing, lambda: self._api.update_repo_settings(self._name, repo_type="dataset", **settings))

    def _commit(self, message: str, make: Sequence[Callable[[], Any]]) -> None:
        """One commit. The client's operations are made anew for each attempt: they can be used once."""
        _patiently(
            "sending files",
            lambda: self._api.create_commit(
                self._name, [each() for each in make], commit_message=message, repo_type="dataset"
            ),
        )

    def _listing(self, commit: str) -> tuple[RemoteFile, ...]:
        """The files of a commit. The hub states the SHA-256 of large ones; the others are read."""
        rows = _patiently(
            "listing files",
            lambda: list(
                self._api.list_repo_tree(self._name, recursive=True, revision=commit, repo_type="dataset")
            ),
        )
        files = [row for row in rows if hasattr(row, "blob_id")]  # the others are folders

        def described(row: Any) -> RemoteFile:
            digest = row.lfs.sha256 if row.lfs else self._digest(row.path, commit)
            return RemoteFile(path=row.path, size=row.size, sha256=digest)

        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            return tuple(pool.map(described, files))

    def _layout(self, commit: str) -> str:
        """The layout by the manifest that is there, "" where that is none of ours."""
        try:
            return parse_manifest(b"".join(self._read(MANIFEST, commit))).layout
        except ValueError:
            return ""

    def _digest(self, path: str, commit: str) -> str:
        def read() -> str:
            digest = hashlib.sha256()
            for chunk in self._read(path, commit):
                digest.update(chunk)
            return digest.hexdigest()

        return _patiently("reading a file", read)

    def _read(self, path: str, commit: str) -> Iterator[bytes]:
        import huggingface_hub as client  # noqa: PLC0415 - an extra
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # noqa: PLC0415

        url = client.hf_hub_url(
            self._name, path, repo_type="dataset", revision=commit, endpoint=self._api.endpoint
        )
        headers = {**build_hf_headers(token=self._api.token), "Accept-Encoding": "identity"}
        with client.get_session().stream("GET", url, headers=headers, follow_redirects=True) as answer:
            hf_raise_for_status(answer)
            yield from answer.iter_bytes(1 << 20)


def _addition(file: LocalFile) -> Callable[[], Any]:
    """A file to be added, which must still be the one that was audited."""
    source = file.source if isinstance(file.source, bytes) else str(file.source)

    def make() -> Any:
        addition = _added(file.path, source)()
        if addition.upload_info.sha256.hex() != file.sha256:  # also spares the client the reading
            raise ConfigError(file.path, "has changed while it was published", "Build the release again")
        return addition

    return make


def _added(path: str, source: bytes | str) -> Callable[[], Any]:
    from huggingface_hub import CommitOperationAdd  # noqa: PLC0415 - an extra

    return lambda: CommitOperationAdd(path_in_repo=path, path_or_fileobj=source)


def _deleted(path: str) -> Callable[[], Any]:
    from huggingface_hub import CommitOperationDelete  # noqa: PLC0415 - an extra

    return lambda: CommitOperationDelete(path_in_repo=path, is_folder=False)


def _client() -> HfApi:
    try:
        import huggingface_hub as client  # noqa: PLC0415 - an extra
        from huggingface_hub.utils import disable_progress_bars  # noqa: PLC0415
        from huggingface_hub.utils.logging import CRITICAL, set_verbosity  # noqa: PLC0415
    except ImportError:
        mend = "Run: pip install 'radrelease[hub]'"
        raise MissingExtra("publish", "the hub's client is not installed", mend) from None
    set_verbosity(CRITICAL)  # it logs addresses, some of them signed
    disable_progress_bars()
    token = client.get_token()
    if not token:
        raise ConfigError("publish", "the hub does not know you", "Run `hf auth login`, or set HF_TOKEN")
    return client.HfApi(
        endpoint=os.environ.get("HF_ENDPOINT"),
        token=token,
        library_name="radrelease",
        library_version=radrelease.__version__,
    )


def _patiently(doing: str, ask: Callable[[], Result]) -> Result:
    """What ``ask`` gives; where the hub is busy or away, it is asked again, as late as it wishes."""
    for wait_s in _WAITS_S:
        with _failures(doing):
            try:
                return ask()
            except _errors() as error:
                pause_s = _pause(error, wait_s)
                if pause_s is None:
                    raise
        time.sleep(pause_s)
    with _failures(doing):
        return ask()


def _pause(error: Exception, wait_s: float) -> float | None:
    """Seconds to wait before asking again, None where that is of no use."""
    answer = getattr(error, "response", None)
    if answer is None:
        return wait_s
    if answer.status_code not in _PASSING:
        return None
    asked = str(answer.headers.get("Retry-After", ""))
    return min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else wait_s


@contextmanager
def _failures(doing: str) -> Iterator[None]:
    """Errors of the client without their text, which holds addresses."""
    try:
        yield
    except _errors() as error:
        answer = getattr(error, "response", None)
        status = getattr(answer, "status_code", None)
        if status in {401, 403}:
            problem = f"the hub refuses this token ({status}) while {doing}"
            mend = "Log in with one that may write to the repository: `hf auth login`, or HF_TOKEN"
            raise ConfigError("publish", problem, mend) from None
        raise HubFailed(doing, str(status or type(error).__name__)) from None
    except (RuntimeError, ValueError) as error:  # what the client makes of a failed upload
        raise HubFailed(doing, type(error).__name__) from None


def _errors() -> tuple[type[Exception], ...]:
    """What the client raises of a hub that is away, or where a proxy answers for it, not in JSON."""
    from httpx2 import TransportError  # noqa: PLC0415 - an extra
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415

    return (HfHubHTTPError, TransportError, JSONDecodeError)
