"""What is odd about a night and no reason to block it: figures out of the usual, silent sources, stories that swallow others."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Literal, cast

import pyarrow as pa

from flows.changes import ChangeSettings
from flows.night import Night
from warehouse import unusual
from warehouse.checks import Finding, check_sql


@dataclass(frozen=True)
class WarningSettings(ChangeSettings):
    """When a source has gone silent (as for run_changes), and when a story is too large to be one event."""

    # No event of the open story sets has so many texts; below it, twice the largest of a small warehouse is nothing.
    outsized_texts: int = 50
    # The record of a growing corpus rises by steps; a component that percolated held two thirds of 39,900 articles at once,
    # where the largest sound one held 195 (prototype of the clustering).
    outsized_factor: float = 2.0
    # On a first night there is no record: between those 195 (.5%) and that two thirds.
    outsized_share: float = 0.05


def warnings(night: Night, settings: WarningSettings = WarningSettings()) -> list[Finding]:
    """Return the findings that never block; those that did not pass are also told in the night's notes."""
    before = date.fromisoformat(night.parent.manifest["run"]["night"]) if night.parent else None
    row = {name: [value] for name, value in asdict(settings).items()}
    night.keep("warning_settings", pa.table(row | {"previous_night": pa.array([before], pa.date32())}))
    rows = {name: sql for name, sql in night.resources.warnings.items() if name != "figures"}
    found = [*unusual.judge(_figures(night), _history(night)), *check_sql(night.connection, rows, blocking=False)]
    night.notes += [f"warning: {finding.sentence}" for finding in found if not finding.passed]
    return found


def _figures(night: Night) -> list[unusual.Figure]:
    rows = night.connection.execute(night.resources.warnings["figures"]).fetchall()
    kinds = Literal["count", "unknown", "flag"]
    return [unusual.Figure(metric, table, cast(kinds, kind), value, n) for metric, table, kind, value, n in rows]


def _history(night: Night, settings: unusual.UnusualSettings = unusual.SETTINGS) -> pa.Table:
    """Return the figures of published nights of the baseline: metric, table, value."""
    return night.query(
        f"""
        SELECT metric, "table", any_value(value) AS value
        FROM told JOIN nights USING (run_id)
        WHERE suite = 'volume' AND status = 'published'
            AND night < DATE '{night.night}' AND night >= DATE '{night.night - timedelta(days=settings.baseline_days)}'
        GROUP BY run_id, metric, "table" ORDER BY ALL
        """,
        told=night.warehouse.read_log("quality").select(["run_id", "suite", "metric", "table", "value"]),
        nights=night.warehouse.read_log("runs").select(["run_id", "status", "night"]),
    )
