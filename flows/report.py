"""What a night prints when it is done: where each record went, what is new, who leads, and how to ask for more."""

from typing import Any

from rich.console import Console

from flows.ask import answer
from warehouse.catalog import open_catalog
from warehouse.store import Place

# Names and titles are others' words, of any length; few headlines are longer.
_WIDEST = 100


def clipped(column: str) -> str:
    """Return SQL for a column's text as far as a report shows it."""
    return f"if(length({column}) > {_WIDEST}, left({column}, {_WIDEST - 1}) || '…', {column})"


_STORIES = f"""
SELECT change, stories.n_copies AS copies, stories.n_texts AS texts, stories.n_origins AS origins, {clipped("stories.title")} AS title
FROM changes_tonight JOIN stories ON entity_id = story_id
WHERE change IN ('new_story', 'grown') ORDER BY copies DESC, texts DESC, story_id LIMIT 8
"""
_SOURCES = f"""
SELECT {clipped("sources.name")} AS source, n_copies AS copies, n_texts AS texts, n_stories AS stories
FROM sources WHERE in_corpus ORDER BY n_copies DESC, sources.name LIMIT 6
"""
_ACTORS = f"""
SELECT {clipped("actors.name")} AS actor, type, n_copies AS copies, n_texts AS texts, n_stories AS stories, n_origins AS origins
FROM actors ORDER BY n_stories DESC, n_copies DESC, actors.name LIMIT 6
"""


def report(root: Place, row: dict[str, Any]) -> None:
    """Print the report of a run that published or found nothing new."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"\nnight {row['night']}: {row['n_in']:,} records in = {row['n_loaded']:,} loaded + {row['n_new_version']:,} new versions + "
        f"{row['n_exact_repeat']:,} exact repeats + {row['n_withdrawn']:,} withdrawn + {row['n_quarantined']:,} quarantined"
    )
    for note in row["notes"]:
        console.print(f"  {note}")
    if row["status"] == "no_change":
        console.print(f"nothing new: readers keep snapshot {row['snapshot']}")
        return
    new, grown = _changes(root)
    console.print(f"snapshot {row['snapshot']}: {new:,} new stories, {grown:,} grown")
    for title, query in (("Stories tonight", _STORIES), ("Sources", _SOURCES), ("Actors", _ACTORS)):
        console.print(f"\n{title}")
        answer(root, query, "table")
    console.print(f'\nAsk: newsfold sql "SELECT * FROM stories_today" --warehouse {root}')


def _changes(root: Place) -> tuple[int, int]:
    with open_catalog(root) as connection:
        counts = connection.execute("SELECT change, count(*) FROM changes_tonight GROUP BY change").fetchall()
    found = dict(counts)
    return int(found.get("new_story", 0)), int(found.get("grown", 0))
