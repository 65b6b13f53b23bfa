"""The few things the warehouse does to a local disk, in one place, so that a test can fail or forget any of them.

A write is on the disk when its file is synced, a name when its folder is; nothing else may be relied on after a power cut.
"""

import errno
import os
import shutil
from pathlib import Path
from typing import BinaryIO

# What a file system says that has no hard links, or no more of them for this file.
_NO_LINK = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}


class Disk:
    """A local disk; each method of the first group is one operation, the others are made of them."""

    def folder(self, path: Path) -> None:
        """Make one folder, unless it is there."""
        path.mkdir(exist_ok=True)

    def create(self, path: Path) -> BinaryIO:
        """Return a new or emptied file, to be written and closed."""
        return path.open("wb")

    def sync(self, path: Path) -> None:
        """Wait until a file's bytes, or a folder's names, are on the disk."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name; raises OSError where the file system has no such thing."""
        new.hardlink_to(old)

    def symlink(self, target: Path, path: Path) -> None:
        """Make a symbolic link."""
        path.symlink_to(target)

    def move(self, old: Path, new: Path) -> None:
        """Rename, replacing what has the new name."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """Remove a file, a link or a whole folder; nothing there is no fault."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def protect(self, path: Path) -> None:
        """Take the write permission from a file."""
        path.chmod(0o444)

    def folders(self, path: Path, sync: bool = True) -> None:
        """Make a folder and those above it; with `sync` each name made is on the disk at once."""
        if not path.is_dir():
            self.folders(path.parent, sync)
            self.folder(path)
            if sync:
                self.sync(path.parent)

    def share(self, old: Path, new: Path) -> None:
        """Give a file a second name; where there are no hard links, a copy on the disk."""
        try:
            self.link(old, new)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            with old.open("rb") as source, self.create(new) as sink:
                shutil.copyfileobj(source, sink)
            self.sync(new)

    def write_text(self, text: str, path: Path) -> None:
        """Put a text file in place in one step: readers see the old bytes or the new ones."""
        temporary = path.with_name(f".{path.name}.tmp")
        with self.create(temporary) as sink:
            sink.write(text.encode())
        self.put_in_place(temporary, path)

    def put_in_place(self, temporary: Path, path: Path) -> None:
        """Rename a finished temporary file to its name, durably; both lie in one folder."""
        self.sync(temporary)
        self.move(temporary, path)
        self.sync(path.parent)

    def sync_folders(self, root: Path) -> None:
        """Wait until the names in every folder under root, and in root itself, are on the disk."""
        for folder in [path for path in root.rglob("*") if path.is_dir()] + [root]:
            self.sync(folder)


DISK = Disk()
