"""Actors of the five real dumps after one night: names found, actors resolved, mentions that resolve to somebody else.

python -m bench.seeds --shared ../shared
"""

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path

from flows.nightly import run_night
from flows.settings import Settings
from tests.actor_gold import score
from tests.nights import ask

MENTIONS = (
    "SELECT record_key[1:3] AS article, if(part = 'title', 0, 1) AS part, start_char, end_char, actor_id "
    "FROM article_mentions JOIN articles USING (article_id)"
)
TEXTS = "SELECT record_key[1:3] AS article, coalesce(title, '') AS title, body FROM articles JOIN texts USING (text_id)"


def main() -> None:
    """Run the night in a temporary warehouse and print the counts that tests/test_seeds.py bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    seeds = parser.parse_args().shared / "seeds"
    gold = json.loads((seeds / "gold.json").read_text("utf-8"))["articles"]
    listed = {key: {actor["id"]: actor["aliases"] for actor in article["actors"]} for key, article in gold.items()}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "warehouse"
        run_night([str(seeds / "*.txt")], root, date(2026, 11, 1), Settings())
        texts = {row["article"]: (row["title"], row["body"]) for row in ask(root, TEXTS)}
        found = score(texts, ask(root, MENTIONS), listed)
    actors = {actor for names in listed.values() for actor in names}
    print(f"aliases found {len(found.found)} of {len(found.found) + len(found.missed)}, missed {found.missed}")
    print(f"actors resolved {len(found.id_of())} of {len(actors)}, not {sorted(actors - found.id_of().keys())}")
    print(f"mentions wrong {len(found.wrong())} of {len(found.resolved)}")


if __name__ == "__main__":
    main()
