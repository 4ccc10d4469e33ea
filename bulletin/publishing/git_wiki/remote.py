"""One git remote: what a branch holds, and a commit on top of exactly that."""

import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from stat import S_ISREG

from dulwich.client import GitClient
from dulwich.errors import ChecksumMismatch, FileFormatException, GitProtocolError, NotGitRepository
from dulwich.object_store import (
    DiskObjectStore,
    MemoryObjectStore,
    ObjectStoreGraphWalker,
    OverlayObjectStore,
    commit_tree_changes,
)
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.pack import pack_objects_to_data
from dulwich.refs import Ref

from bulletin.errors import BulletinError
from bulletin.model.harvest import Cause
from bulletin.model.text import clean
from bulletin.publishing.git_wiki.clients import SILENCE_SECONDS, watch
from bulletin.wire.refused import Refused

BYTES = 256 * 2**20
"""What a branch may weigh, packed, without its past."""
SECONDS = 300
"""How long a fetch may take in all."""
HEAD = Ref(b"HEAD")
REGULAR = 0o100644
FOLDER = 0o040000
SAID = 200
DENIALS = ("denied", "host key", "not found", "does not exist", "not exported", "not appear to be")
"""What servers say that must be put right by a person, where there are no statuses."""
RACES = (
    "fast-forward",
    "fetch first",
    "failed to update",
    "lock",
    "unable to set",
    "stale",
    "behind",
)
"""What servers say of a branch that somebody else moved, or moves."""
STRAY = (
    GitProtocolError, OSError, EOFError, ValueError, KeyError, AssertionError, zlib.error,
    FileFormatException, ChecksumMismatch,
)  # fmt: skip
"""What dulwich raises where a server breaks off, or speaks no git."""


class OvertakenError(Exception):
    """The branch could not be moved: somebody else came first, or the server's rules forbid it."""

    def __init__(self, said: str = "") -> None:
        self.said = clean(said, SAID)
        super().__init__(self.said)

    @property
    def is_race(self) -> bool:
        """Whether the server says that somebody else came first, or is at it."""
        return not self.said or any(word in self.said for word in RACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who a commit is by."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Tip:
    """What a branch held at one moment; without a commit, nothing yet."""

    branch: Ref
    commit: ObjectID | None
    store: DiskObjectStore

    def names(self, folder: str) -> tuple[str, ...]:
        """Return what lies in a folder; nothing where there is no such folder."""
        found = self._find(folder)
        entry = self._entry(found[1]) if found else None
        return tuple(n.decode("utf-8", "replace") for n in entry) if isinstance(entry, Tree) else ()

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, None where nothing is there. Raises `BulletinError` where
        something else is.
        """
        found = self._find(path)
        if found is None:
            return None
        entry = self._entry(found[1]) if S_ISREG(found[0]) else None
        if not isinstance(entry, Blob):
            raise BulletinError(
                f"{path} is no file in the wiki, so it is left alone",
                "Rename it there, or choose another page or folder in the settings.",
            )
        return entry.data

    def tree(self) -> Tree:
        """Return the tree at the root."""
        found = self._find("")
        root = self.store[found[1]] if found else Tree()
        assert isinstance(root, Tree)
        return root

    def _entry(self, sha: ObjectID) -> object:
        try:
            return self.store[sha]
        except KeyError:  # the commit of a submodule is elsewhere
            return None

    def _find(self, path: str) -> tuple[int, ObjectID] | None:
        """Return mode and id of what lies there. A file on the way counts as what lies there."""
        if self.commit is None:
            return None
        commit = self.store[self.commit]
        assert isinstance(commit, Commit)
        mode, sha = FOLDER, commit.tree
        for name in filter(None, path.split("/")):
            entry = self._entry(sha)
            if not isinstance(entry, Tree):
                return 0, sha
            if name.encode() not in entry:
                return None
            mode, sha = entry[name.encode()]
        return mode, sha


class GitRemote:
    """A remote that is asked and written to. Raises `Refused` for what it did instead."""

    def __init__(self, client: GitClient, path: str, host: str, branch: str | None) -> None:
        self._client, self._path = client, path.encode()
        self._host, self._branch = host or path, branch
        self._opened = watch(client)

    @contextmanager
    def tip(self) -> Iterator[Tip]:
        """Fetch the branch without its past. Raises `BulletinError` where there is none."""
        with tempfile.TemporaryDirectory(prefix="bulletin-") as folder:
            with self._asking():
                store = DiskObjectStore.init(f"{folder}/objects")
            try:
                yield self._fetch(store)
            finally:
                store.close()

    def _fetch(self, store: DiskObjectStore) -> Tip:
        began = time.monotonic()
        with self._asking():
            refs = self._client.get_refs(self._path)
        branch = self._named(refs.refs, refs.symrefs)
        found: list[ObjectID] = []

        def want(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:  # noqa: ARG001  (dulwich names it)
            found[:] = [refs[branch]] if branch in refs else []
            return found

        def write(data: bytes) -> int:
            if pack.tell() + len(data) > BYTES or time.monotonic() - began > SECONDS:
                raise Refused(
                    Cause.BAD_QUERY,
                    f"{self._host} sent more than {BYTES // 2**20} MiB, or for {SECONDS} seconds",
                    "Give the bulletin a wiki, or a branch, of its own.",
                )
            return pack.write(data)

        with self._asking(), tempfile.TemporaryFile(prefix="bulletin-") as pack:
            walker = ObjectStoreGraphWalker([], lambda _: [])
            self._client.fetch_pack(self._path, want, walker, write, depth=1)
            pack.seek(0)
            if found:
                store.add_thin_pack(pack.read, None)
        return Tip(branch, found[0] if found else None, store)

    def _named(self, refs: Mapping[Ref, ObjectID | None], symrefs: Mapping[Ref, Ref]) -> Ref:
        if self._branch is not None:
            name = Ref(f"refs/heads/{self._branch}".encode())
            if name in refs or not any(one.startswith(b"refs/heads/") for one in refs):
                return name
            raise BulletinError(
                f"{self._host} has no branch {self._branch}",
                "Name one that is there, or none for the wiki's own.",
            )
        head = symrefs.get(HEAD)
        if head is None or head not in refs:
            same = [n for n in refs if n.startswith(b"refs/heads/") and refs[n] == refs.get(HEAD)]
            head = same[0] if len(same) == 1 else None
        if head is None:
            raise BulletinError(
                f"{self._host} does not say which branch is the wiki",
                "Make the first page in the browser, or name the branch in the settings.",
            )
        return head

    def push(
        self, tip: Tip, files: Mapping[str, bytes], message: str, author: Author, at: datetime
    ) -> str:
        """Put a commit with these files on top of a tip, and return its id.

        Raises `OvertakenError` where the branch is no longer there, or not for us to move.
        """
        made = MemoryObjectStore()
        commit = _commit(tip, made, files)
        commit.author = commit.committer = f"{author.name} <{author.email}>".encode()
        commit.author_time = commit.commit_time = int(at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding, commit.message = b"UTF-8", f"{message}\n".encode()
        made.add_object(commit)

        def move(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
            if refs.get(tip.branch) != tip.commit:
                raise OvertakenError
            return {tip.branch: commit.id}

        with self._asking():
            objects = [(made[sha], None) for sha in made]
            sent = self._client.send_pack(
                self._path, move, lambda *_, **__: pack_objects_to_data(objects, deltify=False)
            )
        if sent.ref_status is None:
            told, hint = f"{self._host} did not say whether it took it", "It is looked at again."
            raise Refused(Cause.UNREACHABLE, told, hint)
        said = sent.ref_status.get(tip.branch)
        if said is not None:
            raise OvertakenError(said)
        return commit.id.decode()

    def knock(self) -> None:
        """Open the door for writing, and write nothing: hosts ask for the right to at once."""
        with self._asking():
            self._client.send_pack(self._path, lambda _: {}, lambda *_, **__: (0, iter(())))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except NotGitRepository as error:
            raise Refused(
                Cause.NOT_FOUND,
                f"there is no git repository at {self._path.decode()}",
                "Check the address; a new wiki is there once it has its first page.",
            ) from error
        except STRAY as error:
            said = clean(str(error), SAID)
            if any(word in said.casefold() for word in DENIALS):
                hint = "Check the address, the key or the token, and the rights that it has."
                raise Refused(Cause.FORBIDDEN, f"{self._host} said: {said}", hint) from None
            told = f"{self._host} could not be spoken to by git ({type(error).__name__}: {said})"
            hint = f"Try again; it may not be silent for more than {SILENCE_SECONDS} seconds."
            raise Refused(Cause.UNREACHABLE, told, hint) from None
        finally:
            while self._opened:
                self._opened.pop().close()


def _commit(tip: Tip, made: MemoryObjectStore, files: Mapping[str, bytes]) -> Commit:
    """Return the commit of these files, unsigned as yet; what is new besides it is in `made`."""
    both = OverlayObjectStore([made, tip.store], add_store=made)
    changes: list[tuple[bytes, int | None, ObjectID | None]] = []
    for path, body in files.items():
        blob = Blob.from_string(body)
        made.add_object(blob)
        changes.append((path.encode(), REGULAR, blob.id))
    commit = Commit()
    commit.tree = commit_tree_changes(both, tip.tree(), changes)
    commit.parents = [tip.commit] if tip.commit else []
    return commit
