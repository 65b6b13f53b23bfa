"""Runs the SQL files of this room in order: each makes the table it is named after from tables that stand already."""

from collections.abc import Callable, Iterable, Mapping

import duckdb
import pyarrow as pa

# Down this list and never back up; names without a declaration in the schema are steps on the way.
BEFORE_GROUPS = ("article_versions",)
BEFORE_STORIES = ("source_list", "source_citations", "text_originators", "current_articles", "story_nodes")
AFTER_STORIES = (
    "articles", "group_founders", "merge_evidence", "story_facts", "stories", "story_articles",
    "sources", "source_aliases", "source_daily",
    "article_actors", "actors", "actor_aliases", "actor_daily", "actor_pairs", "source_actor",
)  # fmt: skip


def tabulate(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str],
    sql: Mapping[str, str],
    inputs: Mapping[str, pa.Table],
    progress: Callable[[str], None] = lambda name: None,
) -> None:
    """Create a table for each of `names`, in that order, from its SELECT and from `inputs`, which become visible by their names.

    Raises duckdb.Error, with the table's name in front, if a SELECT fails.
    """
    for name, table in inputs.items():
        connection.register(name, table)
    for name in names:
        progress(name)
        try:
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql[name]}")
        except duckdb.Error as error:
            raise type(error)(f"table {name}: {error}") from error


def fetch(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """Return the table of that name."""
    return connection.sql(f"FROM {name}").to_arrow_table()
