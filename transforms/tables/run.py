"""Runs the SQL files of this room in order: each makes the table it is named after from relations that stand already.

A night does not compute the warehouse; it computes what tonight's records can have changed, and the rest stays. The relations:
    new_<fact>          tonight's rows of a fact table               <fact>     all its rows
    previous_<table>    a table as last night left it (a derived one is empty here when everything is made anew)
    near_<table>        the months of it that the next step asks for, which is all a big warehouse can afford to read
    before_<table>      the rows of it that tonight replaces         <table>    the rows that take their place
What is touched widens in steps: keys of tonight's records -> their articles -> the stories these are, or were, in (a text group
and an origin lie in one story, so no other story's rows can differ) -> the days and months of articles that changed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext

import duckdb
import pyarrow as pa

# Down these lists and never back up; names without a declaration in the schema are steps on the way.
FILING = ("filed", "filed_records")
SPELLING = ("spelling_uses",)
TOUCHING = ("source_spellings", "source_list", "changed_spellings", "touched_keys")
PLACING = ("placed_records", "withdrawn_articles", "versions", "touched_texts")
BEFORE_STORIES = ("source_citations", "text_originators", "stated_articles", "article_versions", "touched_articles")
STANDING = ("all_source_citations", "current_articles")
LOOKED_AT = ("standing_articles", "story_nodes")
SCOPE = ("moved", "scope_stories")
BEFORE = (
    "before_articles", "before_article_versions", "before_source_citations", "before_stories", "before_story_articles",
    "before_merge_evidence",
)  # fmt: skip
PAIRING = ("articles", "paired")
STORIES = (
    "group_founders", "kept_merge_evidence", "merge_evidence", "story_facts", "stories", "story_articles",
)  # fmt: skip
DAYS = ("source_days", "actor_days")
REDIRECTS = ("actor_redirects",)
OVERRULED_ACTORS = ("overruled_mentions", "overruled_text_actors")
COUNTS = (
    "month_articles", "day_stories", "day_citations", "before_source_daily", "source_daily",
    "before_source_pairs", "scope_citations", "shared_groups", "source_pairs",
    "before_source_actor", "actor_numbers", "source_numbers", "text_numbers", "named_actors", "text_tone_numbers",
    "day_articles", "day_texts", "day_tones", "day_actors", "before_actor_daily", "actor_daily",
    "before_actor_pairs", "sentence_actors", "text_actor_pairs", "day_pairs", "day_actor_texts", "actor_pairs",
    "scope_copies", "scope_tones", "scope_actors", "source_actor",
    "all_source_days", "sources", "source_aliases",
    "actor_spellings", "actors", "actor_aliases", "overrides",
)  # fmt: skip
STEPS = frozenset(
    (
        *FILING,
        *SPELLING,
        *TOUCHING,
        "touched_records",
        *PLACING,
        *BEFORE_STORIES,
        *STANDING,
        *LOOKED_AT,
        *SCOPE,
        *BEFORE,
        "scope_articles",
        *PAIRING,
        *STORIES,
        *DAYS,
        *REDIRECTS,
        *OVERRULED_ACTORS,
        *COUNTS,
    )
)
# Steps that are looked at through, not kept: they reach over the whole warehouse, and each reader needs a part.
VIEWS = {"all_source_citations", "current_articles", "all_source_days"}

# Steps that find, among all that stands, what tonight touches: joined as they are written, with tonight's side last (see `as_written`).
AS_WRITTEN = frozenset(
    (
        "filed",
        "touched_keys",
        "touched_records",
        "standing_articles",
        "moved",
        *BEFORE,
        "month_articles",
        "day_stories",
        "day_citations",
    )
)

# The views and macros of the catalog (views/), each behind those that it reads.
CATALOG = (
    "tonight", "article_text", "article_mentions", "article_actors", "article_citations", "passage",
    "article_quotes", "article_tones", "plain_words", "quote_wholes", "quote_groups", "quote_uses", "stories_today",
    "originators", "single_origin_stories", "word_list", "novel_sentences", "review_queue", "quarantined",
    "changes_tonight", "coverage", "resolve", "resolve_actor", "story_timeline", "source_scorecard",
    "actor_scorecard",
)  # fmt: skip


def tabulate(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    sql: Mapping[str, str],
    progress: Callable[[str], None] = lambda name: None,
) -> None:
    """Create a table (a view for VIEWS) for each of `names`, in that order, from its SELECT.

    Raises duckdb.Error, with the table's name in front, if a SELECT fails.
    """
    for name in names:
        progress(name)
        kind = "VIEW" if name in VIEWS else "TABLE"
        try:
            with as_written(connection) if name in AS_WRITTEN else nullcontext():
                connection.execute(f"CREATE OR REPLACE {kind} {name} AS {sql[name]}")
        except duckdb.Error as error:
            raise type(error)(f"table {name}: {error}") from error


@contextmanager
def as_written(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let the right side of a join be the one that is held in memory, whatever SQL thinks of its size.

    It can't know how many rows there are behind Arrow, takes them for one, and would hold millions to look for a few among them.
    """
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def passing(names: Sequence[str], sql: Mapping[str, str]) -> dict[str, list[str]]:
    """Return for each of `names`, made in that order, the steps before it that it is the last of them to read."""
    last: dict[str, str] = {}
    for name in names:
        for word in set(re.findall(r"[a-z_]+", sql[name])) & set(names) - {name}:
            last[word] = name
    read: dict[str, list[str]] = {name: [] for name in names}
    for word, name in sorted(last.items()):
        read[name].append(word)
    return read


def fetch(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """Return the table of that name."""
    return connection.sql(f"FROM {name}").to_arrow_table()
