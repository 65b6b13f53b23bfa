"""A disk and a bucket that fail: at any one operation, with an error, or by a power cut that forgets what was not synced."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import obstore
from obstore.store import MemoryStore, ObjectStore

from warehouse.bucket import Bucket
from warehouse.disk import Disk

OPERATIONS = ("folder", "create", "sync", "link", "symlink", "move", "remove", "protect")
# What needs room; a full disk still removes.
_NEED_ROOM = {"folder", "create", "sync", "link", "symlink"}


class FastDisk(Disk):
    """A disk that does not wait for the platter: where nobody pulls the plug, sync says nothing."""

    def sync(self, path: Path) -> None:
        """Do nothing."""


class FailingDisk(FastDisk):
    """Fails the operation of a number, counted from 0: EIO once, or ENOSPC from there on, also in the middle of a file."""

    def __init__(self, at: int, number: int) -> None:
        self.at, self.number, self.count = at, number, 0

    def _reach(self, operation: str) -> None:
        here = self.count
        self.count += 1
        full = self.number == errno.ENOSPC and here >= self.at and operation in _NEED_ROOM
        if full or (self.number == errno.EIO and here == self.at):
            raise OSError(self.number, os.strerror(self.number))

    def create(self, path: Path) -> BinaryIO:
        """Leave half a file, as a full disk does."""
        with super().create(path) as sink:
            sink.write(b"PAR1 half a file")
        self._reach("create")
        return super().create(path)


def _counted(operation: str) -> Callable[..., None]:
    def method(self: FailingDisk, *arguments: Path) -> None:
        self._reach(operation)
        getattr(FastDisk, operation)(self, *arguments)

    return method


for _operation in OPERATIONS:
    if _operation != "create":
        setattr(FailingDisk, _operation, _counted(_operation))


@dataclass(frozen=True)
class Node:
    """A folder (names to nodes), a file (bytes) or a link (its target) as it would be found after a crash."""

    inside: "frozenset[tuple[str, Node]] | bytes | str"


class RecordingDisk(Disk):
    """Keeps, before every operation, what a crash there would leave under root, by three accounts of what a disk remembers.

    *Killed*: all that was done. *Unsynced bytes lost*: every name, and the bytes of files that were synced (others are empty).
    *Power cut*: only names in folders synced since, and bytes of files synced since.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.left: list[Node | None] = []
        self._bytes: dict[int, bytes] = {}
        self._names: dict[int, dict[str, tuple[str, int | str]]] = {}
        # An inode that is held open is not given to another file.
        self._held: list[int] = []
        for path in (root, *root.rglob("*")) if root.exists() else ():
            self._remember(path)
        self._remember(root.parent)

    def close(self) -> None:
        """Let go of what was held."""
        for handle in self._held:
            os.close(handle)

    def record(self) -> None:
        """Keep what a crash now would leave."""
        everything = self._found(self.root, all_bytes=True)
        nameful = self._found(self.root, all_bytes=False)
        lasting = self._lasting(self._names[self.root.parent.stat().st_ino].get(self.root.name))
        self.left += [everything, nameful, lasting]

    def _remember(self, path: Path) -> None:
        if path.is_symlink():
            return
        self._held.append(os.open(path, os.O_RDONLY))
        if path.is_dir():
            self._names[path.stat().st_ino] = {each.name: _entry(each) for each in path.iterdir()}
        else:
            self._bytes[path.stat().st_ino] = path.read_bytes()

    def _hold(self, path: Path) -> None:
        for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
            if each.exists() and not each.is_symlink():
                self._held.append(os.open(each, os.O_RDONLY))

    def _found(self, path: Path, all_bytes: bool) -> Node | None:
        if path.is_symlink():
            return Node(str(path.readlink()))
        if path.is_dir():
            inside = ((each.name, self._found(each, all_bytes)) for each in path.iterdir())
            return Node(frozenset((name, node) for name, node in inside if node is not None))
        if not path.exists():
            return None
        return Node(path.read_bytes() if all_bytes else self._bytes.get(path.stat().st_ino, b""))

    def _lasting(self, entry: tuple[str, int | str] | None) -> Node | None:
        if entry is None:
            return None
        kind, what = entry
        if kind == "link":
            return Node(str(what))
        assert isinstance(what, int)
        if kind == "file":
            return Node(self._bytes.get(what, b""))
        inside = ((name, self._lasting(each)) for name, each in self._names.get(what, {}).items())
        return Node(frozenset((name, node) for name, node in inside if node is not None))


def _entry(path: Path) -> tuple[str, int | str]:
    if path.is_symlink():
        return "link", str(path.readlink())
    return "dir" if path.is_dir() else "file", path.stat().st_ino


def _recorded(operation: str) -> Callable[..., object]:
    def method(self: RecordingDisk, *arguments: Path) -> object:
        self.record()
        if operation == "remove":
            self._hold(arguments[0])
        if operation == "move" and arguments[1].exists():
            self._hold(arguments[1])
        if operation == "sync":
            self._remember(arguments[0])
            return None
        return getattr(Disk, operation)(self, *arguments)

    return method


for _operation in OPERATIONS:
    setattr(RecordingDisk, _operation, _recorded(_operation))


def put_back(node: Node | None, path: Path) -> None:
    """Make the files that a crash left."""
    if node is None:
        return
    if isinstance(node.inside, str):
        path.symlink_to(node.inside)
    elif isinstance(node.inside, bytes):
        path.write_bytes(node.inside)
    else:
        path.mkdir()
        for name, each in node.inside:
            put_back(each, path / name)


class FailingBucket(Bucket):
    """Fails the request of a number, counted from 0: it never arrives, or its answer is lost; `dead`: so do all after it."""

    def __init__(self, store: ObjectStore, at: int, answer_lost: bool, dead: bool) -> None:
        super().__init__(store)
        self.at, self.answer_lost, self.dead, self.count = at, answer_lost, dead, 0


def _requested(operation: str) -> Callable[..., object]:
    def method(self: FailingBucket, *arguments: object) -> object:
        here = self.count
        self.count += 1
        if here > self.at and self.dead:
            raise ConnectionError("the process is dead")
        if here == self.at and not self.answer_lost:
            raise ConnectionError("the request did not arrive")
        answer = getattr(Bucket, operation)(self, *arguments)
        if here == self.at:
            raise ConnectionError("the answer did not arrive")
        return answer

    return method


for _operation in ("read", "stream", "write", "list", "delete"):
    setattr(FailingBucket, _operation, _requested(_operation))


def copied(store: ObjectStore) -> ObjectStore:
    """Return a store in memory that holds the same objects."""
    other = MemoryStore()
    for batch in obstore.list(store):
        for meta in batch:
            obstore.put(other, meta["path"], bytes(obstore.get(store, meta["path"]).bytes()))
    return other
