"""Runs whole nights without an orchestrator, and asks the warehouse they leave; used by the tests of the flows."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.nightly import run_night
from flows.progress import Progress
from flows.settings import Settings
from warehouse.catalog import open_catalog

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NIGHTS = sorted((EXAMPLES / "dumps").iterdir())


def run(
    dumps: Sequence[Path | str],
    root: Path | str,
    night: str,
    settings: Settings | None = None,
    after: Callable[[str], None] = lambda step: None,
    reread: bool = False,
) -> dict[str, Any]:
    """Run one night, silently, and return its row."""
    quiet = Progress(Console(quiet=True))
    return run_night(
        [str(dump) for dump in dumps],
        root,
        date.fromisoformat(night),
        settings or Settings(),
        quiet,
        after=after,
        reread=reread,
    )


def ask(root: Path, sql: str, **values: object) -> list[dict[str, Any]]:
    """Return the rows of a query over the current snapshot."""
    with open_catalog(root) as connection:
        result = connection.execute(sql, values)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
