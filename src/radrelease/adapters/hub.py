"""A dataset repository of the Hugging Face hub, through its own client.

Files go up by commits of bounded size, each whole or not there at all, so a run
that ends anywhere leaves what it has committed, and the next one goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from radrelease.adapters.hub_client import connect, patiently
from radrelease.adapters.layout_manifest import parse_manifest
from radrelease.adapters.upload import MARK
from radrelease.errors import ConfigError, HubFailed
from radrelease.records.publication import MANIFEST, UNFINISHED, LocalFile, Remote, RemoteFile
from radrelease.stages.release.publication import same_files

__all__ = ["HubRepository"]

_AT_A_TIME = 4


class HubRepository:
    """A dataset repository, ``organisation/name``; ``version`` is the tag that is looked for."""

    def __init__(self, name: str, version: str) -> None:
        self._name, self._version = name, version
        self._api = connect()

    def look(self) -> Remote:
        """What the repository holds; writes nothing."""
        found = self._info()
        if found is None:
            return Remote(exists=False)
        files = self._listing(found.sha)
        tags = patiently(
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
        patiently(
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
        patiently(
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

        return patiently("looking at the repository", ask)

    def _head(self) -> str:
        found = self._info()
        if found is None:
            raise HubFailed("looking at the repository", "it is gone")
        return str(found.sha)

    def _set(self, doing: str, **settings: Any) -> None:
        patiently(doing, lambda: self._api.update_repo_settings(self._name, repo_type="dataset", **settings))

    def _commit(self, message: str, make: Sequence[Callable[[], Any]]) -> None:
        """One commit. The client's operations are made anew for each attempt: they can be used once."""
        patiently(
            "sending files",
            lambda: self._api.create_commit(
                self._name, [each() for each in make], commit_message=message, repo_type="dataset"
            ),
        )

    def _listing(self, commit: str) -> tuple[RemoteFile, ...]:
        """The files of a commit. The hub states the SHA-256 of large ones; the others are read."""
        rows = patiently(
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

        return patiently("reading a file", read)

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
