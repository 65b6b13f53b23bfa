"""What each article of a story in scope adds to it: the words of the story's texts read again, some tens of thousands at a time."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.night import Night
from flows.wordings import SETTINGS
from transforms.dedupe.novelty import NOVELTY, novel_shares, shingled

# Texts whose words are in memory at a time: some 250 MB with their shingles.
TEXTS_AT_ONCE = 30_000
_BATCH_ROWS = 5000
# A text of so many words has five in a row, however words are counted.
_LONG_ENOUGH = 50
# Stories in the order of their days, so that those read together lie together.
_TEXTS = f"""
WITH texts AS (
    SELECT story_id, text_id, any_value(text_filed_date) AS filed_date, any_value(n_words) AS n_words FROM scope_articles GROUP BY ALL
),
told AS (
    SELECT story_id, min(filed_date) AS filed_date, count(*) AS n_texts FROM texts GROUP BY story_id
),
parts AS (
    SELECT story_id, n_texts, sum(n_texts) OVER (ORDER BY filed_date, story_id) // {TEXTS_AT_ONCE} AS part FROM told
)
SELECT part, story_id, text_id, filed_date, n_words, n_texts > 1 OR n_words < {_LONG_ENOUGH} AS is_read
FROM texts JOIN parts USING (story_id)
"""


def tell_novelty(night: Night) -> None:
    """Leave `novelties` (article_id, novel_share) of all articles in scope.

    Of a story with a text that has lost its words what was told before stands; of an article that came to it since, nothing is told.
    """
    night.keep("texts_to_compare", night.query(_TEXTS))
    parts, worn = [NOVELTY.empty_table()], [pa.schema([("story_id", pa.string())]).empty_table()]
    for (part,) in night.connection.execute("SELECT DISTINCT part FROM texts_to_compare ORDER BY part").fetchall():
        shares, lost = _told(night, part)
        parts.append(shares)
        worn.append(lost)
    night.keep("told_novelties", pa.concat_tables(parts))
    night.keep("worn_stories", pa.concat_tables(worn))
    stood = NOVELTY.empty_table()
    if night.query("FROM worn_stories").num_rows:
        # Also where everything is made anew: the words it was told by are gone.
        stood = night.before("articles", *NOVELTY.names)
    night.keep("stood_novelties", stood)
    night.keep("novelties", night.query(_NOVELTIES))


_NOVELTIES = """
WITH worn AS (SELECT article_id FROM scope_articles SEMI JOIN worn_stories USING (story_id))
FROM told_novelties ANTI JOIN worn USING (article_id)
UNION ALL
FROM stood_novelties SEMI JOIN worn USING (article_id)
"""


def _told(night: Night, part: int) -> tuple[pa.Table, pa.Table]:
    """Return the shares of the articles of one part of the stories, and its stories with a text that has lost its words."""
    chosen = f"(FROM texts_to_compare WHERE part = {part})"
    wanted = night.query(f"SELECT text_id, filed_date FROM {chosen} WHERE is_read")
    empty: list[pa.Array] = [pa.array([], pa.string())]
    texts = shingled(_bodies(night, wanted, empty), SETTINGS, night.settings.workers)
    articles = night.query(
        "SELECT article_id, story_id, text_id, earliest_at, latest_at "
        f"FROM scope_articles SEMI JOIN {chosen} USING (text_id) ORDER BY article_id"
    )
    lost = night.query(
        f"SELECT DISTINCT story_id FROM {chosen} SEMI JOIN empty USING (text_id) WHERE n_words > 0",
        empty=pa.table({"text_id": pa.concat_arrays(empty)}),
    )
    return novel_shares(articles, texts), lost


def _bodies(night: Night, wanted: pa.Table, empty: list[pa.Array]) -> Iterator[pa.RecordBatch]:
    """Yield text_id, body of texts (text_id, filed_date), and add the ids of those without words to `empty`."""
    ids = wanted["text_id"].combine_chunks()
    for batch in _batches(night, wanted):
        found = batch.filter(pc.is_in(batch.column("text_id"), ids))
        empty.append(found.column("text_id").filter(pc.equal(found.column("body"), "")))
        yield found


def _batches(night: Night, wanted: pa.Table) -> Iterator[pa.RecordBatch]:
    """Yield tonight's texts, and those that stand of the days of `wanted`; other row groups are not read, every page is checked."""
    yield from night.new["texts"].select(["text_id", "body"]).to_batches(_BATCH_ROWS)
    if night.parent is None or not wanted.num_rows:
        return
    days: list[date] = pc.unique(wanted["filed_date"]).to_pylist()
    for path in night.parent.paths("texts", {f"{day:%Y-%m}" for day in days}):
        file = pq.ParquetFile(path, page_checksum_verification=True)
        groups = [group for group in range(file.num_row_groups) if _has_a_day(file, group, days)]
        yield from file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=["text_id", "body"])


def _has_a_day(file: pq.ParquetFile, group: int, days: list[date]) -> bool:
    column = file.schema_arrow.get_field_index("filed_date")
    found = file.metadata.row_group(group).column(column).statistics
    return found is None or not found.has_min_max or any(found.min <= day <= found.max for day in days)
