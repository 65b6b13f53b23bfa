"""Where snapshots live: the one interface through which the publisher, readers and checks reach them.

A store keeps numbered snapshots, a pointer to the one readers see, and the log. There are two: `warehouse.local`, a folder on a
disk, and `warehouse.objects`, a bucket behind an S3 API.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from warehouse.snapshot import DataFile

# Where a warehouse is: a folder, or s3://bucket/prefix.
Place = Path | str
# What a file is called beside the manifest.
MANIFEST = "manifest.json"
VIEWS = "views.sql"


class StoreError(RuntimeError):
    """The store is not in a state to do what was asked; the message says what to do."""


class LostRaceError(StoreError):
    """Another writer published meanwhile, so this one did not; nothing of it is visible."""


@dataclass(frozen=True)
class Pointer:
    """What `current` says: a snapshot's number, and the token by which alone the pointer may be replaced."""

    number: int
    token: str = ""


@dataclass(frozen=True)
class StoreSettings:
    """How a store is reached and how patient a writer is; credentials come from the environment, never from here."""

    # Address of an S3 API that is not Amazon's, and its region; where empty, AWS_ENDPOINT_URL and AWS_REGION say.
    endpoint: str = ""
    region: str = ""
    # Local folder for partial state and copies of what is read from a bucket; by default one under the user's cache.
    home: str = ""
    # Seconds a night waits for another one to end: by default it gives way at once, as nights are hours apart.
    wait_seconds: float = 0.0
    # Seconds after which a lease that was not renewed is a dead owner's; it is renewed three times as often. Longer than any
    # network outage that a night should outlive, short against a night.
    lease_seconds: float = 300.0


SETTINGS = StoreSettings()


def is_remote(place: Place) -> bool:
    """Return whether a place is an address and not a folder."""
    return "://" in str(place)


class Store(Protocol):
    """Snapshots in a place; writing is for the holder of the lock, reading for anyone at any time."""

    @property
    def location(self) -> str:
        """The folder or URL, as a reader would name it."""

    @property
    def home(self) -> Path:
        """A local folder for partial state: of a local store, the store itself."""

    def lock(self, owner: str) -> AbstractContextManager[None]:
        """Be the one writer for the block, and clear first what a dead one left; raises LockedError."""

    def current(self) -> Pointer | None:
        """Return what readers see; None before the first publish."""

    def numbers(self) -> dict[int, bool]:
        """Return the number of every whole snapshot, and whether readers have ever seen it."""

    def folder(self, number: int) -> Path:
        """Return the local folder of a snapshot; of a remote one it holds no more than what was fetched."""

    def place_of(self, number: int) -> str:
        """Return the folder or URL of a snapshot, as a reader would name it."""

    def fetch(self, number: int, name: str) -> Path:
        """Return the local path of the manifest, or of a file beside it; raises FileNotFoundError."""

    def fetch_data(self, number: int, file: "DataFile") -> Path:
        """Return the local path of a data file."""

    def digest(self, number: int, file: "DataFile") -> str | None:
        """Return the SHA-256 of a data file's bytes as they are stored now; None where it is gone."""

    def stage(self, name: str) -> Path:
        """Return an empty local folder in which the next snapshot takes shape."""

    def place(self, staged: Path, file: "DataFile", before: "tuple[int, DataFile] | None") -> "DataFile":
        """Take over a file just written to staging; one that an earlier snapshot has already is shared, and mended there."""

    def keep(self, staged: Path, file: "DataFile", number: int) -> "DataFile":
        """Take over an unchanged file of an earlier snapshot; raises StoreError where it is not what was published."""

    def seal(self, staged: Path, number: int) -> None:
        """Make the staged snapshot whole and durable under its number; nobody sees it yet."""

    def swap(self, number: int, expected: Pointer | None) -> None:
        """Make readers see this snapshot: the commit. Raises LostRaceError where `current` is not what was expected."""

    def mark(self, number: int) -> None:
        """Count a sealed snapshot among those readers may know though it is not current: it stands for an older one."""

    def abandon(self, number: int) -> None:
        """Take back a sealed snapshot whose publish failed, unless readers see it after all."""

    def remove(self, number: int) -> None:
        """Remove a snapshot; files it shares with others stay."""

    def sweep(self, grace_seconds: float) -> list[str]:
        """Remove what crashed writers left longer ago than the grace, and return what it was."""

    def put(self, written: Path, key: str) -> None:
        """Take a local file into the store under a key outside any snapshot's data, replacing what is there in one step."""

    def log(self, table: str) -> list[Path]:
        """Return the local path of every file of a log table, by name."""
