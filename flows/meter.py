"""What a stage costs: wall seconds, CPU seconds and peak memory, child processes included."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil


@dataclass
class Meter:
    """Collects the cost of each stage of a night, in order.

    `own_mb`: of the peak memory of each stage what is not a file's pages, which the system may drop; the highest seen.
    """

    stages: list[dict[str, Any]] = field(default_factory=list)
    own_mb: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block as a stage; a stage that fails is measured too."""
        sampler = _Sampler()
        started, cpu = time.monotonic(), sampler.cpu()
        sampler.start()
        try:
            yield
        finally:
            sampler.stop()
            # Takes the last sample of memory too.
            used = sampler.cpu() - cpu
            self.own_mb[name] = round(sampler.own_peak / 2**20, 1)
            self.stages.append(
                {
                    "stage": name,
                    "seconds": round(time.monotonic() - started, 3),
                    "cpu_seconds": round(used, 3),
                    "peak_mb": round(sampler.peak / 2**20, 1),
                }
            )


class _Sampler(threading.Thread):
    """Adds up the memory of this process and its children five times a second and keeps the highest sum."""

    def __init__(self) -> None:
        super().__init__(name="meter", daemon=True)
        self.peak = self.own_peak = 0
        self._process = psutil.Process()
        self._children: dict[int, float] = {}
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.2):
            self._sample()

    def stop(self) -> None:
        """End; what is asked for after is sampled then."""
        self._done.set()
        self.join()

    def cpu(self) -> float:
        """Return the CPU seconds used so far by this process and every child ever seen."""
        self._sample()
        times = self._process.cpu_times()
        return float(times.user + times.system) + sum(self._children.values())

    def _sample(self) -> None:
        used = [self._process.memory_info()]
        for child in self._process.children(recursive=True):
            try:
                used.append(child.memory_info())
                times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            self._children[child.pid] = times.user + times.system
        self.peak = max(self.peak, sum(each.rss for each in used))
        # Pages of files count as shared where the system tells them apart.
        self.own_peak = max(self.own_peak, sum(each.rss - getattr(each, "shared", 0) for each in used))
