"""Learns each source's furniture from a warehouse: python -m flows.learn WAREHOUSE > learnt.csv, then learnt_rules = "learnt.csv" in the settings.

A night never learns by itself: what it strikes changes only when this is run again and the settings name the new file.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from transforms.clean import CleanSettings
from transforms.clean.learnt import LearnSettings, learn
from warehouse.catalog import CatalogError, open_catalog

_BODIES = """SELECT DISTINCT source_id, body FROM articles JOIN texts USING (text_id)
    WHERE source_id <> 'src_unknown' AND body IS NOT NULL ORDER BY ALL"""


def main(arguments: list[str] | None = None) -> int:
    """Print the learnt rules of a warehouse as CSV; returns 0, or 1 where there is no warehouse."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path)
    texts: defaultdict[str, list[str]] = defaultdict(list)
    try:
        with open_catalog(parser.parse_args(arguments).warehouse) as connection:
            for source_id, body in connection.execute(_BODIES).fetchall():
                texts[source_id].append(body)
    except CatalogError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    print(learn(texts, LearnSettings(), CleanSettings()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
