"""What a question costs: CPU milliseconds per query over a published warehouse, beside a plain .duckdb file of the same tables.

python -m bench.queries DIR/warehouse --beside DIR/plain.duckdb

`bench.growth` builds warehouses of a million or ten million made articles to ask. Each query runs once in a new connection
(`first`: files are opened and their footers read) and then some rounds, with other ids each (`then`: the median). CPU
milliseconds of all threads; `rows` is what the last round returned. A bound is what the design asks at ten million articles.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb

from warehouse.catalog import CATALOG, open_catalog
from warehouse.schema import TABLES
from warehouse.store import VIEWS


@dataclass(frozen=True)
class Question:
    """One query; `ids` is a query for values that take its parameter's place in turn, `most` its bound in CPU ms."""

    name: str
    most: int | None
    sql: str
    ids: str | None = None


_ARTICLES = "SELECT {} FROM articles WHERE {} IS NOT NULL ORDER BY hash(article_id) LIMIT 9"
_LARGE = "SELECT story_id FROM stories WHERE n_copies BETWEEN 5 AND 40 ORDER BY hash(story_id) LIMIT 9"
_WORDS = "SELECT split_part(title, ' ', 2) FROM articles WHERE title LIKE '% % %' ORDER BY hash(article_id) LIMIT 9"
# Of few articles, so that a hundred newest are never together and every title is looked at.
_PHRASES = "SELECT title FROM articles WHERE title LIKE '% % %' ORDER BY hash(article_id) LIMIT 9"
_IN_TITLES = "SELECT article_id, title FROM articles WHERE contains(title, ?) ORDER BY report_date DESC LIMIT 100"
_NIGHT = "(SELECT night FROM tonight)"

QUESTIONS = (
    Question("stories today", 50, "SELECT story_id, title, n_copies, status FROM stories_today ORDER BY n_copies DESC LIMIT 20"),
    Question(
        "articles a day, 30 days", 50,
        f"SELECT report_date, sum(n_copies), sum(n_original_texts) FROM source_daily WHERE report_date > {_NIGHT} - 30 GROUP BY ALL",
    ),
    Question(
        "one actor, 30 days", 50,
        f"SELECT report_date, n_stories, lead_share FROM actor_daily WHERE actor_id = ? AND report_date > {_NIGHT} - 30",
        "SELECT actor_id FROM actors ORDER BY n_copies DESC, actor_id LIMIT 9",
    ),
    Question(
        "one source, 30 days", 50,
        f"SELECT report_date, n_copies, originality_rate FROM source_daily WHERE source_id = ? AND report_date > {_NIGHT} - 30",
        "SELECT source_id FROM sources ORDER BY n_copies DESC, source_id LIMIT 9",
    ),
    Question(
        "top actors, 30 days", 300,
        "SELECT name, n FROM (SELECT actor_id, sum(n_stories) AS n FROM actor_daily "
        f"WHERE report_date > {_NIGHT} - 30 GROUP BY ALL ORDER BY n DESC LIMIT 20) JOIN actors USING (actor_id)",
    ),
    Question("trend of actors", 300, "FROM actor_scorecard(30) LIMIT 20"),
    Question(
        "originality, 30 days", 300,
        "SELECT source_id, count(DISTINCT text_group_id) FILTER (origin_kind = 'original' AND copy_rank = 1) / count(DISTINCT text_group_id) "
        f"FROM articles WHERE report_date > {_NIGHT} - 30 GROUP BY ALL",
    ),
    Question("scorecard of sources, 30 days", 300, "FROM source_scorecard(30) LIMIT 20"),
    Question(
        "source x actor, month", 300,
        "SELECT source_id, actor_id, n_stories, index FROM source_actor "
        f"WHERE month = date_trunc('month', {_NIGHT})::DATE AND n_stories > 3 ORDER BY index DESC LIMIT 20",
    ),
    Question(
        "actor pairs, 7 days", 300,
        "SELECT actor_a, actor_b, sum(n_stories) AS n FROM actor_pairs "
        f"WHERE report_date > {_NIGHT} - 7 GROUP BY ALL ORDER BY n DESC LIMIT 20",
    ),
    Question("story timeline", 20, "FROM story_timeline(?)", _LARGE),
    Question("article by id", 50, "FROM articles WHERE article_id = ?", _ARTICLES.format("article_id", "article_id")),
    Question("article by URL", 50, "FROM articles WHERE url_norm = ?", _ARTICLES.format("url_norm", "url_norm")),
    Question("words of an article", None, "FROM article_text WHERE article_id = ?", _ARTICLES.format("article_id", "article_id")),
    Question("search in titles, a common word", 300, _IN_TITLES, _WORDS),
    Question("search in titles, a rare phrase", 300, _IN_TITLES, _PHRASES),
    Question(
        "search in bodies, 30 days", None,
        f"SELECT text_id FROM texts WHERE filed_date > {_NIGHT} - 30 AND kind = 'body' AND contains(body, ?) ORDER BY filed_date DESC LIMIT 100",
        _WORDS,
    ),
)  # fmt: skip


def ask(connect: "Connect", question: Question, ids: Sequence[object], rounds: int) -> tuple[float, float, int]:
    """Return CPU ms of the first asking, the median of the next ones, and the rows of the last."""
    with connect() as connection:
        spent: list[float] = []
        rows = 0
        for turn in range(rounds + 1):
            values = [ids[turn % len(ids)]] if ids else []
            begin = time.process_time()
            rows = len(connection.execute(question.sql, values).fetchall())
            spent.append((time.process_time() - begin) * 1000)
    return spent[0], median(spent[1:]), rows


@dataclass(frozen=True)
class Connect:
    """Opens the catalog of a warehouse, or a plain .duckdb file."""

    path: Path

    def __call__(self) -> duckdb.DuckDBPyConnection:
        """Return a new read-only connection, as for who asks again and again."""
        return (
            open_catalog(self.path, keep_read=True) if self.path.is_dir() else duckdb.connect(self.path, read_only=True)
        )


def copy(root: Path, path: Path) -> None:
    """Write every table of the current snapshot, with its views and macros, into one .duckdb file, in the same order of rows."""
    snapshot = (root / "current").resolve()
    with duckdb.connect(path) as connection:
        connection.execute(f"ATTACH '{snapshot / CATALOG}' AS catalog (READ_ONLY)")
        for name, table in TABLES.items():
            order = ", ".join(f'"{column}"' for column in dict.fromkeys((*table.sort, *table.key)))
            connection.execute(f"CREATE TABLE {name} AS FROM catalog.{name} ORDER BY {order}")
        connection.execute("CREATE TABLE snapshot AS FROM catalog.snapshot")
        connection.execute("DETACH catalog")
        for statement in connection.extract_statements((snapshot / VIEWS).read_text("utf-8")):
            connection.execute(statement)


def main() -> None:
    """Ask every question of the warehouse, and of a .duckdb file where one is named (made where it is not there yet)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--beside", type=Path, help=".duckdb file of the same tables; made where it is not there")
    parser.add_argument("--rounds", type=int, default=7)
    parsed = parser.parse_args()
    if parsed.beside and not parsed.beside.exists():
        copy(parsed.warehouse, parsed.beside)
    places = [Connect(path) for path in (parsed.warehouse, parsed.beside) if path]
    with places[0]() as catalog:
        sizes = {
            name: catalog.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("articles", "texts")
        }
        ids = {q.name: [row[0] for row in catalog.execute(q.ids).fetchall()] if q.ids else [] for q in QUESTIONS}
    print(f"{sizes['articles']:,} articles, {sizes['texts']:,} texts; CPU ms, first and then")
    print(f"{'query':<30} {'bound':>6} {'parquet':>15} {'.duckdb' if parsed.beside else '':>15} {'rows':>6}")
    for question in QUESTIONS:
        spent = [ask(place, question, ids[question.name], parsed.rounds) for place in places]
        shown = " ".join(f"{first:>7.0f} {then:>7.0f}" for first, then, _ in spent)
        print(f"{question.name:<30} {question.most or '':>6} {shown} {spent[0][2]:>6}", flush=True)


if __name__ == "__main__":
    main()
