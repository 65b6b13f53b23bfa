"""The child that cleans pages: a process of its own with limits on CPU seconds and memory, so that a hostile page costs itself and no other."""

import contextlib
import math
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from transforms.clean import NOTHING_LEARNT, CleanSettings, clean, glimpse
from transforms.clean.learnt import LearntRules
from transforms.records import CleanRecord, RawRecord, Rejected
from transforms.sources import SourceRegistry

_PREVIEW = 200
_NO_MEMORY = 77
_MEBIBYTE = 1 << 20
# More than compiling takes on any machine.
_LOADING_SECONDS = 600
# What the interpreter runs in the child: no module of ours is its main one, so it can be started from anywhere.
_FIRST = RawRecord(
    None, 0, 0, {}, html=f"<title>First page</title><article><p>{'This sentence is of no consequence. ' * 9}</article>"
)
_PROGRAM = "import sys; from flows.pages import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True)
class PageLimits:
    """What one page may take; its size, tags and levels are bounded before it is parsed (CleanSettings)."""

    # CPU seconds, not wall time: a busy machine condemns no page. A real page takes milliseconds, the worst one within the bounds some 2 s.
    cpu_seconds: int = 10
    # Beside what the interpreter takes when it has loaded all. A page of the largest size allowed takes some 130 MiB to parse.
    memory_bytes: int = 1024 * _MEBIBYTE


@dataclass(frozen=True)
class Page:
    """A record that is a page, and the feed it came by."""

    record: RawRecord
    feed: str


class PageChild:
    """Cleans pages in a child process; it is started with the first page and again after it had to be killed."""

    def __init__(
        self,
        sources: SourceRegistry,
        settings: CleanSettings,
        limits: PageLimits | None = None,
        learnt: LearntRules = NOTHING_LEARNT,
    ) -> None:
        self._told = (sources, settings, limits or PageLimits(), learnt)
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None

    def clean(self, pages: Sequence[Page], not_after: datetime) -> list[CleanRecord | Rejected]:
        """Return what becomes of each page, in order.

        A page past its CPU seconds is refused as extract_timeout. One that runs out of memory (extract_memory) or takes the process down
        (extract_crash) is tried once more in a new child first, so that no verdict hangs on the pages before it.
        """
        done: list[CleanRecord | Rejected] = []
        retried = -1
        while len(done) < len(pages):
            done += self._answers(pages[len(done) :], not_after)
            if len(done) == len(pages):
                break
            reason, detail = self._verdict()
            if reason != "extract_timeout" and retried != len(done):
                retried = len(done)
                continue
            done.append(_refused(pages[len(done)].record, reason, detail))
        return done

    def close(self) -> None:
        """End the child, if there is one."""
        if self._wire is not None:
            self._wire.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._wire = self._process = None

    def _answers(self, pages: Sequence[Page], not_after: datetime) -> Iterator[CleanRecord | Rejected]:
        """Yield answers until all are there or the child is gone."""
        with contextlib.suppress(EOFError, ConnectionError):
            wire = self._wire or self._start()
            wire.send((list(pages), not_after))
            for _ in pages:
                yield wire.recv()

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
            )
        self._wire = Connection(ours.detach())
        self._wire.send(self._told)
        return self._wire

    def _verdict(self) -> tuple[str, str]:
        """Bury the child; returns the reason it died of and a sentence."""
        _, _, limits, _ = self._told
        code = self._process.wait() if self._process is not None else 0
        self.close()
        if code == -signal.SIGXCPU:
            return "extract_timeout", f"cleaning took more than {limits.cpu_seconds} CPU seconds"
        if code == _NO_MEMORY:
            return "extract_memory", f"cleaning took more than {limits.memory_bytes // _MEBIBYTE} MiB"
        return "extract_crash", f"the process that cleaned it ended with {code}"


def serve(descriptor: int) -> None:
    """Run in the child: clean the pages that come over a socket, one answer each, until the other end is closed."""
    wire = Connection(descriptor)
    sources, settings, limits, learnt = wire.recv()
    # What is loaded at first use counts for no page.
    clean(_FIRST, feed="", sources=sources, settings=settings, not_after=datetime.now(UTC))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, _address_space() + limits.memory_bytes)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            pages, not_after = wire.recv()
            for page in pages:
                _limit(resource.RLIMIT_CPU, math.ceil(_cpu_seconds()) + limits.cpu_seconds)
                try:
                    outcome = clean(
                        page.record,
                        feed=page.feed,
                        sources=sources,
                        settings=settings,
                        not_after=not_after,
                        learnt=learnt,
                        preview=_glimpse,
                    )
                except MemoryError:
                    # Nothing here can be trusted to allocate again; the parent reads the code.
                    os._exit(_NO_MEMORY)
                wire.send(outcome)


def _glimpse(html: str, settings: CleanSettings) -> str:
    """Return a refused page's preview; what the first one has to load, or even to compile, counts for no page."""
    if "transforms.clean.head" not in sys.modules:
        began, (limit, _) = _cpu_seconds(), resource.getrlimit(resource.RLIMIT_CPU)
        _limit(resource.RLIMIT_CPU, limit + _LOADING_SECONDS)
        glimpse(_FIRST.html or "", settings)
        _limit(resource.RLIMIT_CPU, limit + math.ceil(_cpu_seconds() - began))
    return glimpse(html, settings)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _limit(which: int, soft: int) -> None:
    """Lower a soft limit as far as the hard one allows; the kernel enforces it, also inside a C library's loop."""
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _address_space() -> int:
    """Bytes of address space in use; 0 where the system does not tell, and then memory is bounded by the limit alone."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _refused(record: RawRecord, reason: str, detail: str) -> Rejected:
    return Rejected(record.start, record.end, "clean", reason, detail, (record.html or "")[:_PREVIEW])
