"""What is done to the warehouse beside its nights leaves a row in the log: roll-backs, upkeep, upgrades, forgetting."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from transforms.text import content_hash
from warehouse.publish import Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot


@dataclass(frozen=True)
class Deed:
    """One thing done: what, and a sentence that tells of it."""

    action: str
    detail: str


def count(n: int, what: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def note(
    house: Warehouse,
    action: str,
    started: datetime,
    before: Snapshot | None,
    n_snapshots: int,
    n_files: int,
    n_rows: int,
    detail: str,
) -> Deed:
    """Write down what was done since `started` and `before`, and return it; see the log table `upkeep`."""
    after = house.current()
    row = {
        "action_id": content_hash("u_", action, started.isoformat()),
        "action": action,
        "started_at": started,
        "finished_at": datetime.now(UTC),
        "snapshot_before": before.number if before else None,
        "snapshot": after.number if after else None,
        "n_snapshots": n_snapshots,
        "n_files": n_files,
        "n_rows": n_rows,
        "detail": detail,
    }
    house.append_log("upkeep", pa.Table.from_pylist([row], schema=TABLES["upkeep"].schema), str(row["action_id"]))
    return Deed(action, detail)
