"""What a person sees while a night runs: a bar where there is a terminal, a line a stage where there is none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

T = TypeVar("T")


class Progress:
    """Shows the stages of a night on standard error."""

    def __init__(self, console: Console | None = None, quiet: bool = False) -> None:
        self.console = console or Console(stderr=True, highlight=False, quiet=quiet)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)
        self._task = self._bars.add_task("", note="", visible=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show the block as the stage under way."""
        self._bars.reset(self._task, description=name, total=None, note="", visible=True)
        self._bars.start()
        try:
            yield
        finally:
            self._bars.stop()

    def track(self, items: Iterable[T], total: int) -> Iterator[T]:
        """Yield the items, moving the stage's bar with each."""
        self._bars.update(self._task, total=total, completed=0)
        for item in items:
            yield item
            self._bars.advance(self._task)

    def note(self, text: str) -> None:
        """Show a few words behind the bar."""
        self._bars.update(self._task, note=text)

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text, soft_wrap=True)
