"""The processes that clean and enrich: what each loads once, and the two jobs it can be given."""

import atexit
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import ParamSpec, TypeVar

import pyarrow.parquet as pq

from flows.dumps import DumpFile
from flows.pages import Page, PageChild
from flows.resources import Resources, actor_registry, source_registry
from flows.settings import OWN_TAGGER, Settings
from transforms.clean import CleanSettings, clean
from transforms.clean.learnt import LearntRules
from transforms.enrich import Attributor, NameTagger, SpacyTagger, Tagger, ToneReader, enrich
from transforms.read import Batch
from transforms.records import CleanRecord, RawRecord, Rejected
from warehouse.storage import fsync

P = ParamSpec("P")
In = TypeVar("In")
Out = TypeVar("Out")

_settings: list[tuple[Settings, Resources]] = []


@contextmanager
def pool(settings: Settings, resources: Resources, input_bytes: int) -> Iterator[Executor]:
    """Start the workers for the block; they end with it, and by themselves if this process dies.

    They are spawned, not forked: the parent has threads. Numeric libraries get one thread each, as the workers are the
    parallelism. A small input is worked on in this process.
    """
    if input_bytes < settings.inline_below_bytes:
        _start(settings, resources)
        yield _Inline()
        return
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(settings.workers, context, initializer=_start, initargs=(settings, resources))
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


class _Inline(Executor):
    """Does a job when it is submitted, here."""

    def submit(self, fn: Callable[P, Out], /, *args: P.args, **kwargs: P.kwargs) -> "Future[Out]":
        future: Future[Out] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def in_order(executor: Executor, job: Callable[[In], Out], items: Iterable[In], ahead: int) -> Iterator[tuple[In, Out]]:
    """Yield each item with its result, in the order given; at most `ahead` items are under way, so memory stays flat."""
    waiting: deque[tuple[In, Future[Out]]] = deque()
    for item in items:
        waiting.append((item, executor.submit(job, item)))
        if len(waiting) >= ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()


@dataclass
class Chunk:
    """Records of a night that travel together, each with its file; what was refused while reading passes through."""

    not_after: datetime
    files: list[DumpFile] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    def add(self, file: DumpFile, batch: Batch) -> None:
        """Put in records of a file."""
        self.files += [file] * len(batch)
        self.batches.append(batch)

    def records(self) -> Iterator[RawRecord | Rejected]:
        """Yield the records, as many as there are files; those of a table are made here."""
        return chain.from_iterable(batch.records() for batch in self.batches)


def clean_chunk(chunk: Chunk) -> list[CleanRecord | Rejected]:
    """Clean the records of a chunk, in order; pages in a child that can be killed, text here."""
    (_, resources), settings = _settings[-1], CleanSettings()
    sources, learnt = source_registry(resources.sources_csv), _learnt(resources.learnt_rules)
    records = list(chunk.records())
    pages = [
        Page(record, file.feed)
        for file, record in zip(chunk.files, records, strict=True)
        if isinstance(record, RawRecord) and record.html is not None
    ]
    read = iter(
        _page_child(resources.sources_csv, resources.learnt_rules).clean(pages, chunk.not_after) if pages else ()
    )
    return [
        record
        if isinstance(record, Rejected)
        else clean(record, feed=file.feed, sources=sources, settings=settings, not_after=chunk.not_after, learnt=learnt)
        if record.html is None
        else next(read)
        for file, record in zip(chunk.files, records, strict=True)
    ]


def enrich_partition(paths: tuple[Path, Path]) -> int:
    """Enrich the texts of one Parquet file into a folder with what is found in them, a file a fact; returns the number of texts.

    The folder appears by one rename: a partition is either done or not begun.
    """
    source, target = paths
    texts = pq.read_table(source)
    settings, resources = _settings[-1]
    actors, sources = actor_registry(resources.actors_csv), source_registry(resources.sources_csv)
    tagger, attributor = _tagger(settings.tagger, resources.names), _attributor(resources.attribution)
    found = enrich(texts, actors, sources, tagger, attributor, _tone(resources.tone))
    staging = target.with_name(f".{target.name}.tmp")
    staging.mkdir(exist_ok=True)
    for name in (each.name for each in fields(found)):
        pq.write_table(getattr(found, name), staging / f"{name}.parquet", compression="zstd")
        fsync(staging / f"{name}.parquet")
    fsync(staging)
    staging.rename(target)
    fsync(target.parent)
    return int(texts.num_rows)


def _start(settings: Settings, resources: Resources) -> None:
    _die_with_parent()
    _settings[:] = [(settings, resources)]


@lru_cache(maxsize=1)
def _learnt(csv_text: str) -> LearntRules:
    return LearntRules.parse(csv_text) if csv_text else LearntRules()


@lru_cache(maxsize=1)
def _page_child(sources_csv: str, learnt_csv: str) -> PageChild:
    child = PageChild(source_registry(sources_csv), CleanSettings(), learnt=_learnt(learnt_csv))
    atexit.register(child.close)
    return child


@lru_cache(maxsize=1)
def _tagger(model: str, names: bytes) -> Tagger:
    return NameTagger(names) if model == OWN_TAGGER else SpacyTagger(model)


@lru_cache(maxsize=1)
def _attributor(table: str) -> Attributor:
    return Attributor(table)


@lru_cache(maxsize=1)
def _tone(table: str) -> ToneReader:
    return ToneReader(table)


def _die_with_parent() -> None:
    # A parent killed with SIGKILL can tell nobody; its workers would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="parent", daemon=True).start()
