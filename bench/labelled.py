"""Write the labelled texts that every night measures itself on: those of the example world, under the labels of its gold.

python -m bench.labelled > transforms/stories/labelled.json

Runs the example's three nights, so that a text is what a night makes of it; its labels are those of examples/gold.json.
"""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.nightly import run_night
from flows.progress import Progress
from flows.settings import Settings
from warehouse.catalog import open_catalog

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

_TEXTS = """
WITH cited AS (
    SELECT text_id, list(DISTINCT cited_source_id ORDER BY cited_source_id) AS cited
    FROM source_citations JOIN sources ON cited_source_id = source_id WHERE level = 'report' AND kind <> 'wire' GROUP BY ALL
)
SELECT
    text_id, any_value(body) AS body, min(title) AS title,
    min(published_at::DATE) FILTER (published_precision IN ('second', 'minute', 'hour', 'day')) AS date,
    coalesce(any_value(cited), []) AS cited,
    bool_and(content_type NOT IN ('roundup', 'liveblog', 'listing', 'stub')) AS joinable,
    list(record_key ORDER BY record_key) AS keys
FROM articles JOIN (SELECT text_id, body FROM texts) USING (text_id) LEFT JOIN cited USING (text_id)
GROUP BY text_id
ORDER BY text_id
"""


def main() -> None:
    """Print the labelled texts as JSON, one a line."""
    gold = json.loads((EXAMPLES / "gold.json").read_text("utf-8"))["articles"].values()
    labels = {entry["record_key"]: (entry["text_group"], entry["story"]) for entry in gold}
    lines = []
    for row in _example():
        wording, story = labels[row.pop("keys")[0]]
        row |= {"date": str(row["date"]) if row["date"] else None, "wording": wording, "story": story}
        lines.append(json.dumps(row, ensure_ascii=False))
    print("[\n" + ",\n".join(lines) + "\n]")


def _example() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "warehouse"
        for dumps in sorted((EXAMPLES / "dumps").iterdir()):
            night = date.fromisoformat(dumps.name)
            run_night([str(dumps)], root, night, Settings(), Progress(Console(quiet=True)))
        with open_catalog(root) as connection:
            found = connection.execute(_TEXTS)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


if __name__ == "__main__":
    main()
