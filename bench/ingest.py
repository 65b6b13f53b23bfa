"""What reading costs: MB per CPU second of each reader beside the bare library in the same run, peak memory, and pages a second of a WARC.

python -m bench.ingest                 all of it
python -m bench.ingest --only csv      one line
python -m bench.ingest --only warc --pages ../shared/gold/extract/scrapinghub.jsonl.gz   a WARC of real pages (default: made up here)

Bare is: orjson over the file's lines; pyarrow.csv and pyarrow.parquet, to Arrow columns beside our columns (under our names, each row with
where it lies) and to Python rows beside our records; read and decode of every text file beside our records. They are measured in turn, five times, in one process; the figure is the median of CPU seconds. Memory: the peak of a
process that reads as a night does, beside that of one that reads ten times as much. Articles a second of a WARC: by the clock and a CPU
second, with two workers; of two runs, one over a quarter of the pages, the difference counts, so that starting the processes does not.
"""

import argparse
import gzip
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from transforms.read import batches, read
from transforms.records import RawRecord

MIB = 1 << 20
# Characters of an article's body: the mean of 37,554 real ones is 4.6 kB.
BODY = 4_600
TEXTS = 4_000
RUNS = 5
# A row group is what a reader of Parquet holds: the same in the dump and in one ten times as large.
ROW_GROUP = 1_000
WORDS = [
    "the",
    "a",
    "of",
    "to",
    "and",
    "in",
    "that",
    "said",
    "on",
    "for",
    "government",
    "port",
    "minister",
    "officials",
    "Tuesday",
    "election",
    "harbour",
    "workers",
    "parliament",
    "agreement",
    "police",
    "year",
    "million",
    "people",
    "after",
    "before",
    "country",
    "talks",
    "border",
    "storm",
    "company",
    "market",
    "water",
    "court",
    "law",
    "party",
    "union",
    "strike",
    "president",
    "reported",
    "region",
    "“statement”",
    "naïve",
    "café",
    "near",
    "while",
    "according",
    "spokesman",
    "percent",
    "vote",
    "measures",
    "would",
    "could",
    "early",
    "late",
    "first",
    "second",
    "new",
    "old",
]


def article(random: Random) -> dict[str, str]:
    """Return an article of made-up words, with quotes, commas, paragraphs and a few letters beyond ASCII."""
    words = random.choices(WORDS, k=BODY // 6)
    body = " ".join(f'{word}, "{word}".\n' if i % 60 == 59 else word for i, word in enumerate(words))
    n = random.randrange(10**9)
    return {
        "id": f"{n:09d}", "url": f"https://example.org/news/{n}", "title": " ".join(random.choices(WORDS, k=9)),
        "source": "Example Herald", "date": "2026-03-02T08:00:00Z", "text": body,
    }  # fmt: skip


def make(folder: Path, n: int) -> dict[str, Path]:
    """Write the same articles as JSON lines, CSV, Parquet and single texts; return where they are."""
    random = Random(7)
    rows = [article(random) for _ in range(min(n, 2_000))]
    rows = [rows[i % len(rows)] for i in range(n)]
    places = {kind: folder / f"{n}.{kind}" for kind in ("jsonl", "csv", "parquet", "text")}
    with places["jsonl"].open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)
    table = pa.Table.from_pylist(rows)
    arrow_csv.write_csv(table, places["csv"])
    pq.write_table(table, places["parquet"], compression="zstd", row_group_size=ROW_GROUP)
    places["text"].mkdir()
    for i, row in enumerate(rows[:TEXTS]):
        (places["text"] / f"{i:06d}.txt").write_text(row["text"], encoding="utf-8")
    return places


def ours(path: Path) -> int:
    """Read with our reader; return the number of records."""
    n = 0
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb", buffering=0) as stream:
            n += sum(isinstance(item, RawRecord) for item in read(stream, file.name))
    return n


def ours_columns(path: Path) -> int:
    """Read with our reader to Arrow columns under our names, each row with where it lies; return the number of rows."""
    with path.open("rb", buffering=0) as stream:
        return sum(batch.arrow().num_rows for batch in batches(stream, path.name))


def bare_jsonl(path: Path) -> int:
    """Parse every line."""
    with path.open("rb") as file:
        return sum(1 for line in file if orjson.loads(line))


def bare_csv(path: Path) -> int:
    """Parse into Arrow columns."""
    options = arrow_csv.ReadOptions(use_threads=False, block_size=4 * MIB)
    reader = arrow_csv.open_csv(path, options, arrow_csv.ParseOptions(newlines_in_values=True))
    return sum(batch.num_rows for batch in reader)


def bare_csv_rows(path: Path) -> int:
    """Parse into Python rows, as orjson does."""
    options = arrow_csv.ReadOptions(use_threads=False, block_size=4 * MIB)
    reader = arrow_csv.open_csv(path, options, arrow_csv.ParseOptions(newlines_in_values=True))
    return sum(len(batch.to_pylist()) for batch in reader)


def bare_parquet(path: Path) -> int:
    """Read into Arrow columns."""
    return sum(batch.num_rows for batch in pq.ParquetFile(path).iter_batches(use_threads=False))


def bare_parquet_rows(path: Path) -> int:
    """Read into Python rows."""
    return sum(len(batch.to_pylist()) for batch in pq.ParquetFile(path).iter_batches(use_threads=False))


def bare_text(path: Path) -> int:
    """Read and decode every file."""
    return sum(1 for file in sorted(path.iterdir()) if file.read_bytes().decode("utf-8"))


# Like with like: (the bare library, our reader to the same kind of thing). A night's reader hands tables on as columns, and its
# workers make records of them; of JSON lines and texts it makes records itself.
BARE: dict[str, tuple[tuple[Callable[[Path], int], Callable[[Path], int]], ...]] = {
    "jsonl": ((bare_jsonl, ours),),
    "csv": ((bare_csv, ours_columns), (bare_csv_rows, ours)),
    "parquet": ((bare_parquet, ours_columns), (bare_parquet_rows, ours)),
    "text": ((bare_text, ours),),
}


def size_of(path: Path, kind: str, n: int) -> float:
    """Return MB: bytes on the disk, of Parquet the bytes of its columns."""
    if kind == "text":
        return sum(file.stat().st_size for file in path.iterdir()) / 1e6
    return pq.read_table(path).nbytes / 1e6 if kind == "parquet" else path.stat().st_size / 1e6


def cpu(work: Callable[[Path], int], path: Path) -> tuple[float, int]:
    """Return the CPU seconds of some work, and what it returned."""
    started = time.process_time()
    n = work(path)
    return time.process_time() - started, n


def compare(kind: str, path: Path, n: int) -> None:
    """Print a reader's MB per CPU second beside the bare library's."""
    megabytes = size_of(path, kind, n)
    costs: dict[Callable[[Path], int], list[float]] = {work: [] for pair in BARE[kind] for work in pair}
    for _ in range(RUNS):
        for work, spent in costs.items():
            seconds, found = cpu(work, path)
            spent.append(seconds)
            assert found == (min(n, TEXTS) if kind == "text" else n), (kind, work, found)
    for bare, own in BARE[kind]:
        theirs, our = (megabytes / statistics.median(costs[work]) for work in (bare, own))
        print(
            f"{kind:<8} {megabytes:>6.0f} MB   {bare.__name__:<17} {theirs:>6.0f} MB/CPU s   {own.__name__:<13} {our:>6.0f}   {our / theirs:>5.0%}",
            flush=True,
        )


def peak_mib(path: Path) -> float:
    """Return the peak memory of a new process that reads a dump."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_peak, path).result()


def _peak(path: Path) -> float:
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb", buffering=0) as stream:
            for batch in batches(stream, file.name):
                for _ in batch.records():
                    pass
    # Not ru_maxrss: that is inherited from the process that started this one.
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def flatness(kind: str, small: Path, large: Path) -> None:
    """Print the peak memory over a dump and over one ten times as large."""
    one, ten = peak_mib(small), peak_mib(large)
    print(
        f"{kind:<8} peak {one:>6.0f} MiB, over ten times the input {ten:>6.0f} MiB   {ten / one - 1:>+5.0%}", flush=True
    )


def made_up_page(random: Random, n: int) -> bytes:
    """Return a page of about 60 KB: an article in the furniture that sites put around one."""
    nav = "".join(
        f'<li><a href="/{word}/{i}" class="nav-item nav-{word}">{word}</a></li>'
        for i, word in enumerate(random.choices(WORDS, k=200))
    )
    side = "".join(
        f'<div class="card"><a href="/story/{i}"><h3>{" ".join(random.choices(WORDS, k=8))}</h3></a><p>{" ".join(random.choices(WORDS, k=14))}</p></div>'
        for i in range(60)
    )
    script = "<script>var data = " + json.dumps([random.random() for _ in range(700)]) + ";</script>"
    meta = json.dumps(
        {
            "@type": "NewsArticle",
            "headline": f"Headline number {n}",
            "datePublished": "2026-03-02T08:00:00Z",
            "author": {"name": "Jane Doe"},
        }
    )
    body = "".join(f"<p>{' '.join(random.choices(WORDS, k=60))}.</p>" for _ in range(14))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Headline number {n}</title>'
        f'<script type="application/ld+json">{meta}</script><style>{".x{margin:0}" * 300}</style>{script}</head><body>'
        f'<header><nav><ul>{nav}</ul></nav></header><main><article><h1>Headline number {n}</h1><time datetime="2026-03-02">2 March 2026</time>{body}</article>'
        f"<aside>{side}</aside></main><footer>© 2026 Example Herald</footer>{script}</body></html>"
    ).encode()  # fmt: skip


def pages_of(folder: Path | None, n: int) -> Iterator[bytes]:
    """Yield pages: real ones of 40 to 80 KB over and over (of a folder, or `html` of a file of JSON lines), or made-up ones."""
    if folder is None:
        random = Random(7)
        yield from (made_up_page(random, i) for i in range(n))
        return
    if folder.is_file():
        with gzip.open(folder) as lines:
            held = [orjson.loads(line)["html"].encode() for line in lines]
    else:
        found = [path for path in sorted(folder.rglob("*.html*")) if path.is_file()]
        held = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in found]
    held = [page for page in held if 40_000 <= len(page) <= 80_000]
    yield from (held[i % len(held)] for i in range(n))


def make_warc(path: Path, pages: Iterator[bytes]) -> None:
    """Write pages as Common Crawl does: one gzip member a record, a request before every response, a revisit now and then."""
    with path.open("wb") as file:
        for i, page in enumerate(pages):
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
            for kind, block in (
                ("request", b"GET / HTTP/1.1\r\n\r\n"),
                ("response", http),
                *([("revisit", b"")] * (i % 20 == 0)),
            ):
                head = (
                    f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{i:032x}>\r\nWARC-Date: 2026-03-02T09:00:00Z\r\n"
                    f"WARC-Target-URI: https://example.org/{i}\r\nContent-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
                )
                file.write(gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0))


def night_like(path: Path, n: int) -> tuple[int, float, float]:
    """Read a WARC here and clean its pages as a night does, in two workers with a child each; return articles, CPU seconds, seconds.

    CPU seconds are those of every process, from its start to its end.
    """
    # Not above: the processes whose memory is measured only read.
    from flows import workers
    from flows.dumps import DumpFile
    from flows.resources import Resources
    from flows.settings import Settings
    from transforms.records import CleanRecord

    settings, until = Settings(workers=2), datetime(2026, 3, 3, tzinfo=UTC)
    file = DumpFile(str(path), "bench", path.stat().st_size, until, "")

    def chunks() -> Iterator[workers.Chunk]:
        with path.open("rb", buffering=0) as stream:
            for batch in batches(stream, path.name):
                yield workers.Chunk(until, [file] * len(batch), [batch])

    started, before = time.monotonic(), _cpu_of_all()
    with workers.pool(settings, Resources.load(settings), settings.inline_below_bytes) as pool:
        done = workers.in_order(pool, workers.clean_chunk, chunks(), 2 * settings.workers)
        articles = sum(isinstance(each, CleanRecord) for _, outcomes in done for each in outcomes)
    return articles, _cpu_of_all() - before, time.monotonic() - started


def warc(folder: Path, n: int, pages: Path | None) -> None:
    """Print articles a second of a WARC, read here and cleaned by two workers, and what reading alone costs."""
    # Enough for every worker to start its child.
    few = n // 4
    large, small, tenth = (folder / f"{name}.warc.gz" for name in ("pages", "few", "tenth"))
    for path, count in ((large, n), (small, few), (tenth, n // 10)):
        make_warc(path, pages_of(pages, count))
    flatness("warc", tenth, large)
    started = time.process_time()
    with large.open("rb", buffering=0) as stream:
        size = sum(batch.weight for batch in batches(stream, large.name))
    reading = time.process_time() - started
    print(
        f"warc     {n} pages of {size / n / 1000:.0f} KB   reading alone {n / reading:,.0f} pages/CPU s, {size / 1e6 / reading:,.0f} MB/CPU s",
        flush=True,
    )
    (_, some_cpu, some_seconds), (all_, all_cpu, all_seconds) = night_like(small, few), night_like(large, n)
    # What starting five processes costs is in both runs and falls out of the difference.
    each = (all_cpu - some_cpu) / (n - few)
    print(
        f"warc     read and cleaned {all_} of {n} with two workers, their start left out: {(n - few) / (all_seconds - some_seconds):,.0f} articles a "
        f"second by the clock (load {os.getloadavg()[0]:.1f}), {1 / each:,.0f} a CPU second of all processes, so at most {2 / each:,.0f} a second of two cores",
        flush=True,
    )


def _cpu_of_all() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """Make the dumps, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=[*BARE, "warc"])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--n-pages", type=int, default=600)
    parser.add_argument("--pages", type=Path, help="real pages for the WARC: a folder of them, or gzipped JSON lines")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if parsed.only != "warc":
            large, small = make(Path(folder), parsed.articles), make(Path(folder), parsed.articles // 10)
            kinds = [parsed.only] if parsed.only else list(BARE)
            for kind in kinds:
                compare(kind, large[kind], parsed.articles)
            for kind in kinds:
                flatness(kind, small[kind], large[kind])
        if parsed.only in (None, "warc"):
            warc(Path(folder), parsed.n_pages, parsed.pages)


if __name__ == "__main__":
    main()
