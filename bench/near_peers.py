"""Other people's near-duplicate finders on a planted corpus, each as its makers recommend; run by the Python that has them.

PYTHON -m bench.near_peers PEER CORPUS LABELS: writes the group of each row of CORPUS (text_id, body) to LABELS. All see word 5-grams
of lower-cased text where they can be told to; 128 permutations; joined are pairs their index returns, groups are components.
"""

import argparse
import json
import multiprocessing
import pickle
import re
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

THRESHOLD = 0.5
Labels = list[int]


def main() -> None:
    """Run one peer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("labels", type=Path)
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=parsed.labels.parent) as folder:
        started = time.monotonic()
        labels = PEERS[parsed.peer](parsed.corpus, Path(folder))
        cost = measured(started)
    pq.write_table(pa.table({"label": labels}), parsed.labels)
    print(json.dumps(cost))


def measured(started: float) -> dict[str, float]:
    """Return seconds since, CPU seconds and the peak MiB of this process and those it waited for."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(use.ru_utime + use.ru_stime for use in uses)
    return {"seconds": time.monotonic() - started, "cpu": cpu, "peak_mb": sum(use.ru_maxrss for use in uses) / 1024}


def datasketch(corpus: Path, work: Path) -> Labels:
    """MinHashLSH, its signatures made in two processes."""
    from datasketch import MinHash, MinHashLSH

    scheme = MinHash(num_perm=128).scheme
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    pairs = []
    with multiprocessing.Pool(2) as pool:
        for row, values in enumerate(pool.imap(_datasketch_signature, _bodies(corpus), chunksize=200)):
            minhash = MinHash(num_perm=128, hashvalues=values, scheme=scheme)
            pairs += [(row, other) for other in index.query(minhash)]
            index.insert(row, minhash)
            if row % 1000 == 999:
                # For whoever stops this.
                print(json.dumps({"read": row + 1}), flush=True)
    return _components(_rows(corpus), pairs)


def _datasketch_signature(body: str) -> Any:
    from datasketch import MinHash

    minhash = MinHash(num_perm=128)
    minhash.update_batch([" ".join(gram).encode() for gram in _grams(body)])
    return minhash.hashvalues


def gaoya(corpus: Path, work: Path) -> Labels:
    """MinHashStringIndex, inserted and asked in bulk, on all cores."""
    from gaoya.minhash import MinHashStringIndex

    bodies = list(_bodies(corpus))
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=THRESHOLD,
        num_bands=42,
        band_size=3,
        num_hashes=126,
        analyzer="word",
        lowercase=True,
        ngram_range=(5, 5),
    )
    index.par_bulk_insert_docs(list(range(len(bodies))), bodies)
    found = index.par_bulk_query(bodies)
    return _components(len(bodies), ((row, other) for row, others in enumerate(found) for other in others))


def daft(corpus: Path, work: Path) -> Labels:
    """Daft's minhash and its string functions, 16 bands of 8 joined by DuckDB."""
    import daft as engine
    import duckdb

    body = engine.col("body").normalize(remove_punct=True, lowercase=True, nfd_unicode=False, white_space=True)
    frame = engine.read_parquet(str(corpus)).select(engine.col("text_id"), body.minhash(num_hashes=128, ngram_size=5))
    frame.write_parquet(str(work / "signatures"))
    edges = duckdb.execute(
        f"""
        WITH signed AS (SELECT text_id, body FROM '{work}/signatures/*.parquet'),
        bands AS (SELECT text_id, band, hash(body[8 * band + 1 : 8 * band + 8]) AS key FROM signed, range(16) AS bands(band))
        SELECT DISTINCT min(text_id) OVER (PARTITION BY band, key) AS a, text_id AS b FROM bands QUALIFY a <> b
        """
    ).fetchall()
    return _components_by_id(corpus, edges)


def duckdb_sql(corpus: Path, work: Path) -> Labels:
    """Shingles, samples of one in 16, the self-join with a cap of 64 and the estimate of overlap, all in SQL."""
    import duckdb

    duckdb.execute(f"SET temp_directory = '{work}'; SET memory_limit = '4GB'")
    edges = duckdb.execute(
        f"""
        WITH tokens AS (SELECT text_id, regexp_extract_all(lower(body), '[a-z0-9]+') AS t FROM '{corpus}'),
        shingles AS (
            SELECT text_id, unnest(list_transform(range(1, len(t) - 3), lambda i: hash(t[i], t[i + 1], t[i + 2], t[i + 3], t[i + 4]))) AS h
            FROM tokens
        ),
        sample AS MATERIALIZED (SELECT DISTINCT text_id, h FROM shingles WHERE h < 1152921504606846976::UBIGINT),
        sizes AS (SELECT text_id, count(*) AS n FROM sample GROUP BY ALL),
        rare AS (SELECT h FROM sample GROUP BY h HAVING count(*) BETWEEN 2 AND 64),
        kept AS MATERIALIZED (SELECT text_id, h FROM sample SEMI JOIN rare USING (h)),
        met AS (SELECT a.text_id AS a, b.text_id AS b, count(*) AS n FROM kept AS a JOIN kept AS b ON a.h = b.h AND a.text_id < b.text_id GROUP BY ALL)
        SELECT a, b FROM met JOIN sizes AS x ON a = x.text_id JOIN sizes AS y ON b = y.text_id
        WHERE met.n / (x.n + y.n - met.n) >= 0.5 OR (met.n / least(x.n, y.n) >= 0.8 AND least(x.n, y.n) >= 4)
        """
    ).fetchall()
    return _components_by_id(corpus, edges)


def text_dedup(corpus: Path, work: Path) -> Labels:
    """Its own command, with its defaults but for 5-grams, 128 permutations, the threshold and two processes."""
    options = {
        "path": "parquet", "data_files": str(corpus), "split": "train", "cache_dir": str(work / "cache"), "output": str(work / "out"),
        "column": "body", "batch_size": "10000", "threshold": str(THRESHOLD), "num_perm": "128", "ngram": "5", "num_proc": "2",
    }  # fmt: skip
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    subprocess.run([sys.executable, "-m", "text_dedup.minhash", *flags, "--debug"], check=True, capture_output=True)
    with (work / "out" / "uf.pkl").open("rb") as dump:
        found: Any = pickle.load(dump)
    parent = dict(getattr(found, "parent", found))

    def top(row: int) -> int:
        while parent.get(row, row) != row:
            row = parent[row]
        return row

    return [top(row) for row in range(_rows(corpus))]


def datatrove(corpus: Path, work: Path) -> Labels:
    """Its signature and bucket stages with local executors (14 buckets of 8, numbers kept apart), components as in its third."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.utils.text import TextNormConfig

    # A file a worker: rank 0 reads the first half, rank 1 the second.
    rows = pq.read_table(corpus, columns=["text_id", "body"])
    half = rows.num_rows // 2
    (work / "in").mkdir()
    for number, part in enumerate((rows.slice(0, half), rows.slice(half))):
        pq.write_table(part, work / "in" / f"{number}.parquet")
    config = MinhashConfig(n_grams=5, norm_config=TextNormConfig(norm_numbers=False))
    reader = ParquetReader(str(work / "in"), text_key="body", id_key="text_id")
    signing = [reader, MinhashDedupSignature(str(work / "signatures"), config)]
    matching = [MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=config)]
    for steps, tasks in ((signing, 2), (matching, config.num_buckets)):
        name = "sign" if tasks == 2 else "match"
        LocalPipelineExecutor(steps, tasks=tasks, workers=2, logging_dir=str(work / name)).run()
    found = [
        record for path in (work / "buckets").glob("*.dups") for record in struct.iter_unpack("<4I", path.read_bytes())
    ]
    return _components(rows.num_rows, ((a * half + b, c * half + d) for a, b, c, d in found))


PEERS: dict[str, Callable[[Path, Path], Labels]] = {
    "datasketch": datasketch,
    "gaoya": gaoya,
    "daft": daft,
    "duckdb": duckdb_sql,
    "text-dedup": text_dedup,
    "datatrove": datatrove,
}


def _bodies(corpus: Path) -> Iterable[str]:
    for batch in pq.ParquetFile(corpus).iter_batches(1000, columns=["body"]):
        yield from batch.column(0).to_pylist()


def _rows(corpus: Path) -> int:
    return int(pq.ParquetFile(corpus).metadata.num_rows)


def _grams(body: str) -> Iterable[tuple[str, ...]]:
    words = re.findall(r"\w+", body.lower())
    return zip(*(words[i:] for i in range(5)), strict=False)


def _components(count: int, pairs: Iterable[tuple[int, int]]) -> Labels:
    root = list(range(count))

    def top(row: int) -> int:
        while root[row] != row:
            root[row] = row = root[root[row]]
        return row

    for a, b in pairs:
        low, high = sorted((top(a), top(b)))
        root[high] = low
    return [top(row) for row in range(count)]


def _components_by_id(corpus: Path, edges: Iterable[tuple[str, str]]) -> Labels:
    ids = pq.read_table(corpus, columns=["text_id"])["text_id"].to_pylist()
    at = {text_id: row for row, text_id in enumerate(ids)}
    return _components(len(ids), ((at[a], at[b]) for a, b in edges))


if __name__ == "__main__":
    main()
