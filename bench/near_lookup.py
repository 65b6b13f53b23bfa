"""What a night of new texts costs against a long history of signatures: appended, mapped, looked up.

python -m bench.near_lookup [--history 3000000] [--night 20000] [--work DIR]

The signatures are made: as many keys a text as real articles have, a file for each past night. Of tonight's texts a quarter copy an older
one, four in five of its keys; one key in a hundred is a footer's, which thousands have. Printed: seconds and CPU seconds of signing's
file written, files mapped and checked, and the look-up (which texts have a key of tonight's, which pairs are worth comparing).
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from flows.wordings import load, save
from transforms.dedupe.growing import Known, pairs_of
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, in_threads

Out = TypeVar("Out")
# Sampled shingles an article of the planted corpora: bench.near's draws have 47.
KEYS = 47
FOOTERS = 400


def main() -> None:
    """Make the history where it is not there yet, then print a line a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", type=int, default=3_000_000)
    parser.add_argument("--night", type=int, default=20_000)
    parser.add_argument("--work", type=Path)
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = parsed.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng(7)
        footers = chance.integers(0, 2**60, FOOTERS, np.uint64)
        nights = max(1, parsed.history // parsed.night)
        for number in range(nights):
            path = work / f"{number}.signatures"
            if not path.exists():
                save(_night(parsed.night, footers, np.random.default_rng(100 + number)), path)
        files = [work / f"{number}.signatures" for number in range(nights)]
        tonight = _tonight(parsed.night, footers, files, chance)
        print(
            f"{nights * parsed.night:,} signatures in {nights} files, {sum(p.stat().st_size for p in work.glob('*.signatures')) / 2**20:,.0f} MiB"
        )
        # Once for nothing: what is compiled is compiled then.
        small = _night(50, footers, chance)
        pairs_of(Known([_loaded(work / "0.signatures"), small]), np.sort(small.ids), NearSettings())
        timed("tonight's file appended", lambda: save(tonight, work / "tonight.signatures"))
        (work / "tonight.signatures").unlink()
        parts = timed("history mapped and checked", lambda: list(in_threads(_loaded, files, 2)))
        known = Known([*parts, tonight])
        pairs, parted = timed("looked up", lambda: pairs_of(known, np.sort(tonight.ids), NearSettings()))
        print(f"{len(pairs):,} pairs worth comparing, {len(parted):,} older pairs in question")


def _night(n_texts: int, footers: npt.NDArray[np.uint64], chance: np.random.Generator) -> Signatures:
    keys = chance.integers(0, 2**60, (n_texts, KEYS), np.uint64)
    keys[:, 0] = np.where(
        chance.random(n_texts) < KEYS / 100, footers[chance.integers(0, len(footers), n_texts)], keys[:, 0]
    )
    return _signatures(keys, chance)


def _tonight(
    n_texts: int, footers: npt.NDArray[np.uint64], history: list[Path], chance: np.random.Generator
) -> Signatures:
    keys = _night(n_texts, footers, chance).keys.reshape(n_texts, KEYS).copy()
    for first in range(0, n_texts // 4, 100):
        old = _loaded(history[int(chance.integers(len(history)))])
        for row in range(first, first + 100):
            copied = int(chance.integers(len(old)))
            taken = chance.permutation(KEYS)[: KEYS * 4 // 5]
            keys[row, taken] = old.keys[old.starts[copied] : old.starts[copied + 1]][taken]
    return _signatures(keys, chance)


def _loaded(path: Path) -> Signatures:
    found = load(path)
    if found is None:
        raise SystemExit(f"{path} is damaged: remove it, and it is made anew.")
    return found


def _signatures(keys: npt.NDArray[np.uint64], chance: np.random.Generator) -> Signatures:
    keys.sort(axis=1)
    n_texts = len(keys)
    ids, digests = chance.integers(0, 2**64, n_texts, np.uint64), chance.integers(0, 2**64, (n_texts, 2), np.uint64)
    return Signatures(ids, digests, np.arange(n_texts + 1, dtype=np.int64) * KEYS, keys.ravel())


def timed(name: str, work: Callable[[], Out]) -> Out:
    """Return what the work gives, and print what it took: seconds by the clock, CPU seconds of all threads."""
    started, cpu = time.monotonic(), time.process_time()
    result = work()
    print(f"{name:<28} {time.monotonic() - started:>7.2f} s {time.process_time() - cpu:>7.2f} CPU s", flush=True)
    return result


if __name__ == "__main__":
    main()
