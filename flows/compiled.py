"""Where compiled loops are kept from one process to the next: apart for every state of their sources.

Numba knows a stale function by its own file. One that calls a loop of another file has that loop inside, and after an upgrade that
changes the other file alone it would run on with the old one (https://numba.readthedocs.io/en/stable/user/jit.html#cache).
"""

import hashlib
import os
from pathlib import Path

_USES = b"transforms.compiled"


def keep_apart() -> None:
    """Name the folder to Numba, which asks for it when it is imported; NUMBA_CACHE_DIR, where somebody set it, stands."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder(Path(__file__).parents[1] / "transforms")))


def folder(room: Path) -> Path:
    """Return the folder for loops compiled from the sources of a room as they are now, under the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    sources = (path.read_bytes() for path in sorted(room.rglob("*.py")))
    told = [text for text in sources if _USES in text or b"import numba" in text]
    return cache / "newsfold" / "compiled" / hashlib.sha256(b"\0".join(told)).hexdigest()[:16]
