"""Story quality of whole nights: B-cubed of `story_id` against the labelled sets, each set run as one dump.

python -m bench.quality --shared ../shared
"""

import argparse
import gzip
import shutil
import tempfile
from datetime import date
from pathlib import Path

import orjson

from bench.story_sets import b_cubed
from flows.nightly import run_night
from flows.settings import Settings
from warehouse.catalog import open_catalog

SETS = ("outlets_dated", "basil")


def main() -> None:
    """Run the sets and print a line each: articles, stories found and true, precision, recall, F1, share of true singles kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parsed = parser.parse_args()
    print(f"{'set':<14} {'articles':>8} {'found':>6} {'true':>6} {'P':>6} {'R':>6} {'F1':>6}")
    for name in SETS:
        found, gold = _stories(parsed.shared / "gold" / "stories" / f"{name}.jsonl.gz")
        scores = " ".join(f"{score:6.3f}" for score in b_cubed(found, gold))
        print(f"{name:<14} {len(gold):>8} {len(set(found)):>6} {len(set(gold)):>6} {scores}")


def _stories(labelled: Path) -> tuple[list[str], list[str]]:
    """Return found and true story of each article of a set after one night over it, keyed by URL where ids repeat."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "set" / labelled.name
        dump.parent.mkdir()
        shutil.copy(labelled, dump)
        root = Path(folder) / "warehouse"
        run_night([str(dump)], root, date(2026, 11, 1), Settings())
        with open_catalog(root) as connection:
            # By record, as two of a set may be versions of one article.
            sql = "SELECT records.url, records.record_key, story_id FROM records JOIN articles ON key_id = article_id"
            rows = connection.execute(sql).fetchall()
    story_of = {url or key: story for url, key, story in rows}
    with gzip.open(labelled) as lines:
        gold = {record["url"] or record["id"]: record["cluster"] for record in map(orjson.loads, lines)}
    if missing := gold.keys() - story_of.keys():
        raise SystemExit(f"{labelled.name}: {len(missing)} articles are not in the warehouse, such as {min(missing)}")
    keys = sorted(gold)
    return [story_of[key] for key in keys], [gold[key] for key in keys]


if __name__ == "__main__":
    main()
