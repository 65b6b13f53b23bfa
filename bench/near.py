"""Near-duplicates on a planted corpus: pairwise precision and recall, articles a second, memory, growth; ours and the peers'.

python -m bench.near --shared ../shared --articles 20000 100000 [--peers PYTHON] [--work DIR]

Plants a corpus (bench/planted.py) for each size from a draw that no threshold was fixed on, and times each finder from Parquet to
groups in a process of its own, after its code is loaded. `--peers` names a Python that has datasketch, gaoya, daft, duckdb, text-dedup, datatrove and spacy
(pip install them into an environment of their own); those over `--peers-up-to` articles, or not installed, are said to be skipped, and who takes longer than `--peer-seconds`
or more than `--peer-gib` of memory is stopped: how many articles it had read is printed where it tells, and nothing is extrapolated.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.near_peers import PEERS, measured
from transforms.dedupe import near_copies_of

# Thresholds, guards and the density of samples were chosen on draws of seed 1.
SEED = 2
BATCH = 1000


class Limits(NamedTuple):
    """When a peer is stopped."""

    seconds: int
    gib: float


def main() -> None:
    """Print a line a finder and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--articles", type=int, nargs="+", default=[20_000])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--peers", type=Path, help="a Python that has them")
    parser.add_argument("--peers-up-to", type=int, default=100_000)
    parser.add_argument("--peer-seconds", type=int, default=600)
    parser.add_argument("--peer-gib", type=float, default=16.0)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--work", type=Path, help="keep corpora here (default: a temporary folder)")
    parser.add_argument("--ours", type=Path, nargs=2, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.ours:
        return _ours(*parsed.ours)
    with tempfile.TemporaryDirectory() as folder:
        work = parsed.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        print(f"{'finder':<12} {'articles':>9} {'P':>6} {'R':>6} {'articles/s':>10} {'a CPU s':>8} {'peak MiB':>8}")
        costs = []
        for count in parsed.articles:
            corpus = work / f"{count}-{parsed.seed}.parquet"
            if not corpus.exists():
                # In a process of its own: what it takes would count as the finders' peak.
                load = parsed.shared / "gold" / "load"
                planting = [sys.executable, "-m", "bench.planted", str(load), str(count), str(parsed.seed), str(corpus)]
                subprocess.run(planting, check=True)
            command = [sys.executable, "-m", "bench.near", "--ours"]
            costs.append((pq.ParquetFile(corpus).metadata.num_rows, _measure("newsfold", command, corpus, work, None)))
            for peer in parsed.only if parsed.peers else ():
                if count > parsed.peers_up_to:
                    print(f"{peer:<12} {count:>9,} skipped: over --peers-up-to")
                else:
                    command = [str(parsed.peers), "-m", "bench.near_peers", peer]
                    _measure(peer, command, corpus, work, Limits(parsed.peer_seconds, parsed.peer_gib))
    if not parsed.peers:
        print("The peers are skipped: --peers names no Python that has them.")
    for (few, less), (many, more) in pairwise(costs):
        exponent = math.log(more["cpu"] / less["cpu"]) / math.log(many / few)
        print(f"CPU seconds grow with articles to the power {exponent:.2f} from {few:,} to {many:,}")


def _measure(name: str, command: list[str], corpus: Path, work: Path, limits: Limits | None) -> dict[str, Any]:
    truth = pq.read_table(corpus, columns=["label"])["label"].to_numpy()
    line = f"{name:<12} {len(truth):>9,}"
    with tempfile.TemporaryDirectory(dir=work) as folder:
        labels = Path(folder) / "labels.parquet"
        # In a session of its own, so that all it started can be stopped with it.
        with subprocess.Popen(
            [*command, str(corpus), str(labels)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        ) as finder:  # fmt: skip
            said, complaint, stopped = _said(finder, limits)
        if stopped:
            print(f"{line} stopped {stopped}{_reached(said)}; its rate at this size is unknown", flush=True)
            return {}
        if finder.returncode:
            print(f"{line} skipped: {(complaint.strip().splitlines() or ['no message'])[-1][:160]}", flush=True)
            return {}
        found = pq.read_table(labels)["label"].to_numpy()
    cost: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    precision, recall = scores(truth, found)
    rates = f"{len(truth) / cost['seconds']:>10,.0f} {len(truth) / cost['cpu']:>8,.0f} {cost['peak_mb']:>8,.0f}"
    print(f"{line} {precision:>6.4f} {recall:>6.4f} {rates}", flush=True)
    return cost


def _said(finder: "subprocess.Popen[str]", limits: Limits | None) -> tuple[str, str, str]:
    """Return what a finder wrote to both outputs, and why it was stopped, if it was."""
    started, stopped = time.monotonic(), ""
    while True:
        try:
            return *finder.communicate(timeout=1 if limits and not stopped else None), stopped
        except subprocess.TimeoutExpired:
            if limits and time.monotonic() - started > limits.seconds:
                stopped = f"after {limits.seconds} s"
            elif limits and _gib(finder.pid) > limits.gib:
                stopped = f"at {limits.gib} GiB after {time.monotonic() - started:.0f} s"
            if stopped:
                os.killpg(finder.pid, signal.SIGKILL)


def _gib(session: int) -> float:
    """Return how much memory the processes of a session hold, pages that they share counted for each."""
    pages = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold blanks: state, parent, group, session, ..., resident pages.
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pages += int(fields[21]) if int(fields[3]) == session else 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**30


def _reached(said: str) -> str:
    """Return how many articles a stopped finder said that it had read, if it did."""
    lines = said.strip().splitlines()
    return f", {json.loads(lines[-1])['read']:,} articles read" if lines else ""


def scores(truth: npt.NDArray[Any], found: npt.NDArray[Any]) -> tuple[float, float]:
    """Return precision and recall over pairs of rows: those in one found group, and those of one true label."""
    both = np.unique(np.stack([truth, found]), axis=1, return_counts=True)[1]
    of_truth, of_found = (np.unique(each, return_counts=True)[1] for each in (truth, found))
    hits, true_pairs, found_pairs = (int((n * (n - 1) // 2).sum()) for n in (both, of_truth, of_found))
    return hits / max(found_pairs, 1), hits / max(true_pairs, 1)


def _ours(corpus: Path, labels: Path) -> None:
    few = pa.record_batch({"text_id": [f"t_{number:016x}" for number in range(2)], "body": ["word by word " * 20] * 2})
    near_copies_of([few], lambda wanted: [few])
    before = _cpu()
    started = time.monotonic()
    copies = near_copies_of(_batches(corpus), lambda wanted: _batches(corpus))
    cost = measured(started) | {"cpu": _cpu() - before}
    ids = pq.read_table(corpus, columns=["text_id"])["text_id"]
    groups = copies.groups["text_group_id"].take(pc.index_in(ids, copies.groups["text_id"]))
    pq.write_table(pa.table({"label": groups.dictionary_encode().combine_chunks().indices}), labels)
    print(json.dumps(cost))


def _cpu() -> float:
    return sum(os.times()[:4])


def _batches(corpus: Path) -> Iterator[pa.RecordBatch]:
    # Piece by piece: a whole column of a row group would be memory that nothing else needs. Without threads: there is one large
    # column, and handing it over costs more than it saves where all cores are busy with what was read before.
    batches: Iterable[pa.RecordBatch] = pq.ParquetFile(corpus, pre_buffer=False, buffer_size=1 << 16).iter_batches(
        BATCH, columns=["text_id", "body"], use_threads=False
    )
    yield from batches


if __name__ == "__main__":
    main()
