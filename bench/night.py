"""The cost of one night over a real load: articles a second, CPU seconds and peak memory per stage.

python -m bench.night ../shared/gold/load/allsides_37k.jsonl.gz
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from flows.night import SUMS
from flows.nightly import run_night
from flows.settings import Settings
from warehouse.catalog import open_catalog

LARGEST = "SELECT n_copies, n_texts, title FROM stories ORDER BY n_texts DESC, story_id LIMIT 5"


def main() -> None:
    """Run the night in a new warehouse and print a line a stage, the sums, and the largest stories."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+")
    parser.add_argument("--warehouse", type=Path, help="keep the warehouse here (default: a temporary folder)")
    parsed = parser.parse_args()
    with ExitStack() as stack:
        root = parsed.warehouse or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "warehouse"
        started = time.monotonic()
        row = run_night(parsed.dumps, root, date(2026, 11, 1), Settings())
        seconds = time.monotonic() - started
        print(f"{'stage':<10} {'seconds':>9} {'CPU s':>9} {'articles/s':>11} {'peak MiB':>9}")
        for stage in row["stages"]:
            rate = row["n_in"] / stage["seconds"] if stage["seconds"] else 0.0
            print(
                f"{stage['stage']:<10} {stage['seconds']:>9.1f} {stage['cpu_seconds']:>9.1f} {rate:>11,.0f} {stage['peak_mb']:>9,.0f}"
            )
        peak = max(stage["peak_mb"] for stage in row["stages"])
        cpu = sum(stage["cpu_seconds"] for stage in row["stages"])
        print(f"{'night':<10} {seconds:>9.1f} {cpu:>9.1f} {row['n_in'] / seconds:>11,.0f} {peak:>9,.0f}")
        print({name: row[name] for name in SUMS})
        with open_catalog(root) as connection:
            for copies, texts, title in connection.execute(LARGEST).fetchall():
                print(f"largest story: {copies} copies, {texts} texts: {title}")


if __name__ == "__main__":
    main()
