"""Upgrading a warehouse that an older release wrote, in place; and refusing one that a newer release wrote.

Within a major version tables are only added to: a new table or a new column that may be NULL needs no migration, as whoever reads
an old file fills it with NULLs. Anything else is a migration, numbered, below, and tested on a warehouse that the release before
it wrote. Like warehouse.schema this file speaks of the tables by name.
A migration makes another snapshot in the place of each that is kept, what readers see first; a kill leaves the old ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse import history, storage
from warehouse.publish import Warehouse
from warehouse.rewrite import Rewritten, Taken, rewrite
from warehouse.schema import Table
from warehouse.snapshot import DataFile, Snapshot
from warehouse.stage import by_month


@dataclass(frozen=True)
class Migration:
    """How a snapshot of one schema becomes one of the next.

    `queries` has for every table that changes a SELECT over `rows` (its rows; of a fact table those of one run) and over
    `old_<table>` for any table whole; `from_table` names the table whose rows a new fact table is made of.
    """

    number: int
    before: str
    after: str
    queries: Mapping[str, str]
    from_table: Mapping[str, str] = field(default_factory=dict)


_FILED = """
    SELECT text_id, first(filed_date ORDER BY run_no, filed_date) AS filed_date
    FROM (
        SELECT text_id, run_no, coalesce(published_at, seen_at)::DATE AS filed_date FROM old_records
        UNION ALL
        SELECT title_text_id, run_no, coalesce(published_at, seen_at)::DATE FROM old_records WHERE title_text_id IS NOT NULL
    )
    GROUP BY text_id
"""
# As transforms.text.content_hash has it: each part behind its length in eight bytes, and a byte that says that it is there.
_FEED_KEY = "if(record_key = '', NULL, 'a_' || left(sha256({}), 16))".format(
    " || ".join(
        f"unhex(printf('%016x', octet_length(encode({part})) + 1)) || '\\x01'::BLOB || encode({part})"
        for part in ("'key'", "feed", "record_key")
    )
)
_BY_TEXT = f"SELECT rows.*, filed_date FROM rows JOIN ({_FILED}) USING (text_id)"
_BY_ARTICLE = (
    "SELECT rows.*, report_date FROM rows JOIN (SELECT article_id, report_date FROM old_articles) USING (article_id)"
)
_TWICE_FILED = f"""
    LEFT JOIN ({_FILED}) AS body ON rows.text_id = body.text_id LEFT JOIN ({_FILED}) AS headline ON rows.title_text_id = headline.text_id
"""

MIGRATIONS = (
    Migration(
        1,
        "0.1",
        "0.2",
        {
            "records": "SELECT rows.*, coalesce(published_at, seen_at)::DATE AS filed_date, body.filed_date AS text_filed_date, "
            f"headline.filed_date AS title_filed_date, {_FEED_KEY} AS feed_key_id FROM rows {_TWICE_FILED}",
            **dict.fromkeys(
                ("texts", "actor_mentions", "text_aliases", "text_citations", "source_citations"), _BY_TEXT
            ),
            **dict.fromkeys(("article_versions", "story_articles"), _BY_ARTICLE),
            "text_actors": "SELECT text_id, actor_id, count(*)::INTEGER AS n_mentions, bool_or(in_lead) AS in_lead, "
            f"any_value(filed_date) AS filed_date FROM ({_BY_TEXT}) WHERE actor_id IS NOT NULL AND NOT as_source GROUP BY ALL",
            # 0.1 looked for no notes of correction; the next night does.
            "articles": f"""
                SELECT
                    rows.*, false AS is_corrected, NULL AS originator_source_id, body.filed_date AS text_filed_date, headline.filed_date AS title_filed_date,
                    CASE
                        WHEN rows.source_id <> 'src_unknown' THEN family_id
                        WHEN text_group_id NOT IN (SELECT text_group_id FROM old_articles WHERE source_id <> 'src_unknown') THEN text_group_id
                    END AS voice_id
                FROM rows JOIN (SELECT source_id, family_id FROM old_sources) AS sources USING (source_id) {_TWICE_FILED}
            """,
            "text_pairs": f"""
                SELECT rows.*, greatest(a.filed_date, b.filed_date) AS filed_date
                FROM rows JOIN ({_FILED}) AS a ON text_a = a.text_id JOIN ({_FILED}) AS b ON text_b = b.text_id
            """,
            # What is measured of a pair is others since; the next night fills it.
            "merge_evidence": """
                SELECT rows.* EXCLUDE (f_bigrams, f_lead), greatest(a.report_date, b.report_date) AS report_date
                FROM rows JOIN old_articles AS a ON article_a = a.article_id JOIN old_articles AS b ON article_b = b.article_id
            """,
            "actor_aliases": "SELECT * FROM rows WHERE scope = 'global'",
            "actor_spellings": "SELECT actor_id, name, type, count(*) AS n_uses FROM old_text_aliases GROUP BY ALL",
            "source_actor": "SELECT *, coalesce(round(n_texts / share_of_source), n_texts)::BIGINT AS n_texts_all FROM rows",
            # Filled by the next night, which makes every derived table anew as the code that made them is another.
            "overrides": "SELECT NULL AS override_id, NULL AS kind, NULL AS key, NULL AS value, NULL AS named_id, NULL AS author, NULL AS decided_date, "
            "NULL AS reason, NULL AS is_stale, NULL AS first_run_id WHERE false",
            "source_spellings": "SELECT NULL AS said_by, NULL AS name, NULL AS domain, NULL AS named_id, NULL AS source_id, 0 AS n_uses WHERE false",
        },
        {"text_actors": "actor_mentions"},
    ),
)


def upgrade(
    house: Warehouse, views_sql: str, after: Callable[[str], None] = lambda step: None
) -> list[tuple[int, int]]:
    """Bring every kept snapshot to today's schema; return the numbers, old and new. The caller holds the lock.

    `views_sql` is run on the new catalogs; `after` is told of the steps of warehouse.rewrite.
    """
    seen = house.current()
    gone = {number for each in house.snapshots() for number in history.replaced(each)}
    standing = sorted((e for e in house.snapshots() if e.number not in gone), key=lambda e: (e != seen, e.number))
    done = []
    for old in standing:
        for migration in MIGRATIONS:
            if old.manifest["schema_version"] == migration.before:
                with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
                    connection.execute("SET TimeZone = 'UTC'")
                    edit = _edit(house, old, migration, connection)
                    new = rewrite(
                        house, old, edit, {}, after=after, views_sql=views_sql, schema_version=migration.after
                    )
                done.append((old.number, new.number))
                old = new
    return done


def _edit(
    house: Warehouse, old: Snapshot, migration: Migration, connection: duckdb.DuckDBPyConnection
) -> Callable[[Table, Sequence[DataFile]], Iterator[Taken | Rewritten]]:
    for name in {file.table for file in old.files}:
        paths = [str(path) for path in old.paths(name)]
        connection.execute(f"CREATE VIEW old_{name} AS FROM read_parquet({paths!r}, hive_partitioning = false)")

    def edit(declared: Table, files: Sequence[DataFile]) -> Iterator[Taken | Rewritten]:
        query = migration.queries.get(declared.name, "FROM rows")
        source = migration.from_table.get(declared.name, declared.name)
        found = [file for file in old.files if file.table == source and file.rows]
        if declared.kind == "derived":
            paths = [str(house.store.fetch_data(old.number, file)) for file in found]
            yield from _split(declared, _answer(connection, query, paths), None)
        else:
            for file in found:
                rows = _answer(connection, query, [str(house.store.fetch_data(old.number, file))])
                yield from _split(declared, rows, Path(file.path).stem)

    return edit


def _answer(connection: duckdb.DuckDBPyConnection, query: str, paths: list[str]) -> pa.Table:
    if paths:
        connection.execute(f"CREATE OR REPLACE VIEW rows AS FROM read_parquet({paths!r}, hive_partitioning = false)")
    elif "rows" in query:
        return pa.table({})
    return connection.sql(query).to_arrow_table()


def _split(declared: Table, rows: pa.Table, run_id: str | None) -> Iterator[Rewritten]:
    if not rows.num_rows:
        return
    for folder, part in by_month(storage.conform_older(rows, declared), declared):
        yield Rewritten(folder / f"{run_id or 'data'}.parquet", part, run_id or "migration")
