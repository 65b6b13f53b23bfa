"""The stages of a night after reading, in order; each takes the night, calls one transform, and leaves tables behind."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import workers
from flows.intake import refuse_forgotten
from flows.night import Night
from flows.overrule import part_texts, state
from flows.wordings import Wordings
from transforms.hold import hold
from transforms.identify import compared_texts, placed_before, record_sources, reused_keys, several_texts, source_names
from transforms.revisions import Revision, revisions
from transforms.sources import SourceRegistry
from transforms.tables.run import BEFORE_STORIES, PLACING, SPELLING, TOUCHING, tabulate
from transforms.text import content_hash
from warehouse.schema import TABLES
from warehouse.storage import put_in_place

ENRICHED = {
    "actor_mentions": "mentions",
    "text_aliases": "aliases",
    "text_citations": "citations",
    "quotes": "quotes",
    "text_tones": "tones",
}


def dedupe(night: Night) -> None:
    """Group the texts of the same wording, and tell apart the articles that share a key."""
    night.connection.execute("CREATE OR REPLACE TABLE touched_keys AS SELECT DISTINCT key_id FROM new_records")
    _place(night)
    if night.fates:
        night.view("placed", _PLACED)
        while refuse_forgotten(night):
            _place(night)
    wordings = Wordings(night)
    copies = wordings.copies()
    lost = wordings.lost()
    night.keep("lost_texts", lost)
    night.keep("held_pairs", _held_pairs(night, lost, copies.pairs))
    night.keep("text_groups", _held_texts(night, lost, night.query(_TEXT_GROUPS, grouped=copies.groups)))
    night.keep("found_pairs", pa.concat_tables([copies.pairs, night.query("FROM held_pairs")]))
    _settle_fates(night)


def _held_pairs(night: Night, lost: pa.Table, found: pa.Table) -> pa.Table:
    """Return the pairs of texts that have lost their words, as they were found when they had them."""
    was = night.before("text_pairs", *found.column_names) if lost.num_rows else found.schema.empty_table()
    return night.query(_HELD_PAIRS, found=found, was=was)


def _held_texts(night: Night, lost: pa.Table, groups: pa.Table) -> pa.Table:
    """Return the groups with the texts that have lost their words, each where it was."""
    # Also where everything is made anew: who was together is not in the words.
    columns = ("article_id", "text_id", "text_group_id", "story_id")
    was = (
        night.before("articles", *columns) if lost.num_rows else TABLES["articles"].schema.empty_table().select(columns)
    )
    night.keep("was_together", was)
    return hold(groups, night.query(_HELD_TEXTS)) if lost.num_rows else groups


def _place(night: Night) -> None:
    """Take out the records under touched keys, and tell apart the articles of a key that was used again."""
    night.look_near(
        "records",
        "SELECT filed_date FROM (SELECT key_id, filed_date FROM records) SEMI JOIN touched_keys USING (key_id)",
    )
    tabulate(night.connection, ("touched_records",), night.resources.sql)
    columns = "record_id, key_id, text_id, text_filed_date, title_text_id, updated_at, published_at, seen_at"
    touched = night.query(f"SELECT {columns} FROM touched_records")
    touched = several_texts(touched)
    night.keep("several_texts", touched.select(["text_id", "text_filed_date"]))
    several = night.bodies("SELECT text_id, text_filed_date FROM several_texts")
    night.keep("several_bodies", several)
    words = dict(zip(several["text_id"].to_pylist(), several["body"].to_pylist(), strict=True))
    # Where a text has lost its words, a title that is shared does not say in which article it was.
    worn = not all(words.values())
    placed = placed_before(touched, _standing_versions(night)) if worn else {}
    touched = touched if worn else compared_texts(touched)
    night.keep("reused_keys", reused_keys(touched, words, placed))
    known = night.query(
        "FROM touched SEMI JOIN (SELECT record_id FROM previous_near_records) USING (record_id)", touched=touched
    )
    night.keep("reused_keys_before", reused_keys(known, words, placed))


def _revisions(night: Night) -> pa.Table:
    """Return what each later version of a touched article changed."""
    several = night.query(_SEVERAL_VERSIONS)
    texts = night.query("FROM several_bodies")
    bodies = dict(zip(texts["text_id"].to_pylist(), texts["body"].to_pylist(), strict=True))
    stood = {}
    if not all(bodies.values()):
        for row in _standing_versions(night).to_pylist():
            stood[row["article_id"], row["text_id"], row["title_text_id"]] = Revision(
                *(row[name] for name in Revision._fields)
            )
    return revisions(several, bodies, stood)


def _standing_versions(night: Night) -> pa.Table:
    """Return the published versions with a body of a key that has several."""
    columns = ("article_id", "text_id", "title_text_id", *Revision._fields)
    # Also where everything is made anew: what a text without words was a version of is not in the facts.
    if night.restate:
        night.keep("standing_versions", night.before("article_versions", *columns))
    else:
        night.look("standing_versions", "article_versions")
    return night.query(f"SELECT {', '.join(columns)} FROM standing_versions SEMI JOIN several_texts USING (text_id)")


def _settle_fates(night: Night) -> None:
    """Count as loaded what came under a known key and turned out to be another article."""
    others = night.query(
        "SELECT article_id FROM reused_keys JOIN touched_records USING (record_id) GROUP BY article_id "
        "HAVING arg_min(run_id, run_no) = (SELECT run_id FROM run)",
    ).num_rows
    night.row["n_loaded"] += others
    night.row["n_new_version"] -= others


def enrich(night: Night, pool: Executor) -> None:
    """Find actors, cited outlets, quotes and tone in tonight's texts, a partition at a time; finished partitions outlive a kill."""
    partitions = list(_partitions(night))
    # Sorting all texts took twice their memory, which the workers can use.
    night.beside.rest()
    jobs = [paths for paths in partitions if not paths[1].exists()]
    if len(jobs) < len(partitions):
        night.progress.say(f"  {len(partitions) - len(jobs)} of {len(partitions)} partitions were done before")
    done = workers.in_order(pool, workers.enrich_partition, jobs, 2 * night.settings.workers)
    for _ in night.progress.track(done, len(jobs)):
        pass
    for fact, found in ENRICHED.items():
        columns = [field for field in TABLES[fact].schema if field.name != "filed_date"]
        schema = pa.schema(columns)
        parts = [pq.read_table(target / f"{found}.parquet").select(schema.names) for _, target in partitions]
        whole = pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])
        night.add(
            fact,
            night.query("FROM found JOIN (SELECT text_id, filed_date FROM added_texts) USING (text_id)", found=whole),
        )
    night.add("text_actors", night.query(night.resources.sql["text_actors"]))


def place(night: Night) -> None:
    """Find what tonight's records can have changed, and state those articles anew, with their versions and credits."""
    sql, connection = night.resources.sql, night.connection
    tabulate(connection, SPELLING, sql)
    for name, table in _sources(night.sources(), night).items():
        night.keep(name, table)
    state(night)
    tabulate(connection, TOUCHING, sql)
    _place(night)
    tabulate(connection, PLACING, sql)
    night.keep("gone_articles", night.find(_GONE))
    night.keep("revisions", _revisions(night))
    part_texts(night)
    night.look_near("text_citations", "SELECT filed_date FROM touched_texts")
    tabulate(connection, BEFORE_STORIES, sql)


def _partitions(night: Night) -> Iterator[tuple[Path, Path]]:
    """Write tonight's texts, in the order of their ids, into files of some hundred thousand words; yield (texts, results)."""
    texts = night.new["texts"].sort_by("text_id")
    readable = pc.or_(pc.is_null(texts["lang"]), pc.is_in(texts["lang"], pa.array(night.settings.tagger_languages)))
    if skipped := texts.num_rows - texts.filter(readable).num_rows:
        night.notes.append(f"{skipped:,} texts are in languages the tagger does not read; they name no actors")
    texts = texts.filter(readable)
    words = pc.cumulative_sum(texts["n_words"].cast(pa.int64()))
    part = pc.divide(words, night.settings.partition_words)
    for number in pc.unique(part).to_pylist():
        rows = texts.filter(pc.equal(part, number))
        name = content_hash("", *rows["text_id"].to_pylist())
        source = night.work / f"texts-{name}.parquet"
        if not source.exists():
            staging = source.with_suffix(".tmp")
            pq.write_table(rows, staging, compression="zstd")
            put_in_place(staging, source)
        yield source, night.work / f"enriched-{name}"


def _sources(registry: SourceRegistry, night: Night) -> dict[str, pa.Table]:
    """Return the source tables that SQL joins: the registry, its aliases, the sources of records and of credits."""
    known = registry.sources
    named = night.query(
        "SELECT name AS source_name, domain AS source_domain FROM spelling_uses WHERE said_by = 'record' ORDER BY ALL"
    )
    credited = night.query("SELECT name AS cited_name FROM spelling_uses WHERE said_by = 'credit' ORDER BY ALL")
    return {
        "source_registry": pa.table(
            {
                "source_id": ["src_unknown", *(s.source_id for s in known)],
                "name": ["unknown", *(s.name for s in known)],
                "domain": pa.array([None, *(s.domains[0] if s.domains else None for s in known)], pa.string()),
                "family_id": ["src_unknown", *(s.family_id for s in known)],
                "kind": ["unknown", *(s.kind for s in known)],
                "country": pa.array([None, *(s.country for s in known)], pa.string()),
            }
        ),
        "source_registry_aliases": pa.table(
            {
                "alias": [alias for s in known for alias in (s.name, *s.aliases, *s.domains)],
                "source_id": [s.source_id for s in known for _ in (s.name, *s.aliases, *s.domains)],
            }
        ),
        "record_sources": record_sources(named, registry),
        "source_names": source_names(named, registry),
        "credited_agencies": pa.table(
            {
                "cited_name": credited["cited_name"],
                "source_id": pa.array(
                    map(registry.source_id_for_name, credited["cited_name"].to_pylist()), pa.string()
                ),
            }
        ),
    }


_TEXT_GROUPS = """
SELECT text_id, coalesce(text_group_id, 'g_' || text_id[3:]) AS text_group_id
FROM (SELECT DISTINCT text_id FROM records) LEFT JOIN grouped USING (text_id)
ORDER BY text_id
"""
_HELD_PAIRS = """
FROM was ANTI JOIN found USING (text_a, text_b)
WHERE text_a IN (SELECT text_id FROM lost_texts) OR text_b IN (SELECT text_id FROM lost_texts)
ORDER BY text_a, text_b
"""
# A group with a text that has lost its words keeps its members, those of earlier versions of articles too.
_HELD_TEXTS = """
SELECT DISTINCT text_group_id AS bond, text_id AS item FROM was_together
WHERE text_group_id IN (SELECT text_group_id FROM was_together SEMI JOIN lost_texts USING (text_id))
UNION ALL
SELECT text_a || text_b AS bond, unnest([text_a, text_b]) AS item FROM held_pairs WHERE decision = 'joined'
"""
_PLACED = """
SELECT record_id, coalesce(reused.article_id, key_id) AS article_id
FROM touched_records LEFT JOIN reused_keys AS reused USING (record_id)
"""
_SEVERAL_VERSIONS = """
SELECT article_id, version_no, text_id, title_text_id FROM versions
SEMI JOIN (SELECT article_id FROM versions WHERE version_no = 2) AS revised USING (article_id)
ORDER BY article_id, version_no
"""
_GONE = f"""
WITH now AS ({_PLACED})
SELECT coalesce(reused.article_id, key_id) AS article_id, min(now.article_id) AS heir_id
FROM touched_records JOIN now USING (record_id) LEFT JOIN reused_keys_before AS reused USING (record_id)
SEMI JOIN (SELECT record_id FROM previous_near_records) USING (record_id)
GROUP BY ALL
HAVING coalesce(reused.article_id, key_id) NOT IN (SELECT article_id FROM now)
UNION ALL
SELECT article_id, NULL FROM (SELECT article_id FROM previous_articles) SEMI JOIN withdrawn_articles USING (article_id)
"""
