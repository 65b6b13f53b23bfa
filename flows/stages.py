"""The stages of a night after reading, in order; each takes the night, calls one transform, and leaves tables behind."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import workers
from flows.changes import COMPARED, changes
from flows.night import Night
from transforms.dedupe.near import near_copies
from transforms.enrich.outlets import outlet_actor
from transforms.enrich.registry import ActorRegistry
from transforms.identify import record_sources, reused_keys, several_texts, source_names
from transforms.sources import SourceRegistry
from transforms.stories.cluster import relate
from transforms.stories.frequencies import read_frequencies
from transforms.stories.lineage import name_stories
from transforms.stories.origins import origins
from transforms.stories.similarity import Weights
from transforms.tables.run import AFTER_STORIES, BEFORE_GROUPS, BEFORE_STORIES, fetch, tabulate
from transforms.text import content_hash
from warehouse.checks import Finding, check, check_sql
from warehouse.schema import TABLES
from warehouse.storage import put_in_place

SUMS = ("n_in", "n_loaded", "n_exact_repeat", "n_new_version", "n_quarantined")
ENRICHED = {"actor_mentions": "mentions", "text_aliases": "aliases", "text_citations": "citations"}


def dedupe(night: Night) -> None:
    """Order the versions of every article and group the texts of the same wording."""
    records, texts = night.facts("records"), night.facts("texts")
    # By what records use as a body: the same words may have come as a headline first.
    used = pc.unique(records["text_id"])
    bodies = texts.filter(pc.is_in(texts["text_id"], value_set=used)).select(["text_id", "body"])
    copies = near_copies(bodies)
    wanted = several_texts(records)["text_id"].combine_chunks()
    several = bodies.filter(pc.is_in(bodies["text_id"], value_set=wanted))
    words = dict(zip(several["text_id"].to_pylist(), several["body"].to_pylist(), strict=True))
    inputs = {
        "records": records,
        "reused_keys": reused_keys(records, words),
        "text_groups": copies.groups,
        "text_pairs": copies.pairs,
    }
    tabulate(night.connection, BEFORE_GROUPS, night.resources.sql, inputs)
    _settle_fates(night)


def _settle_fates(night: Night) -> None:
    """Count as loaded what came under a known key and turned out to be another article."""
    others = night.query(
        "SELECT article_id FROM reused_keys JOIN records USING (record_id) GROUP BY article_id "
        "HAVING arg_min(run_id, run_no) = (SELECT run_id FROM run)",
        run=pa.table({"run_id": [night.run_id]}),
    ).num_rows
    night.row["n_loaded"] += others
    night.row["n_new_version"] -= others


def enrich(night: Night, pool: Executor) -> None:
    """Find actors and cited outlets in tonight's texts, a partition at a time; finished partitions outlive a kill."""
    partitions = list(_partitions(night))
    jobs = [paths for paths in partitions if not paths[1].exists()]
    if len(jobs) < len(partitions):
        night.progress.say(f"  {len(partitions) - len(jobs)} of {len(partitions)} partitions were done before")
    done = workers.in_order(pool, workers.enrich_partition, jobs, 2 * night.settings.workers)
    for _ in night.progress.track(done, len(jobs)):
        pass
    for fact, found in ENRICHED.items():
        schema = TABLES[fact].schema
        parts = [pq.read_table(target / f"{found}.parquet").select(schema.names) for _, target in partitions]
        night.new[fact] = pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])


def fold(night: Night) -> None:
    """Fold text groups into stories, give each its id, and estimate the origins inside."""
    registry = night.sources()
    inputs = {"text_citations": night.facts("text_citations"), **_sources(registry, night)}
    tabulate(night.connection, BEFORE_STORIES, night.resources.sql, inputs)
    nodes = night.query(
        "SELECT story_nodes.*, body FROM story_nodes JOIN texts USING (text_id) ORDER BY node_id",
        texts=night.facts("texts").select(["text_id", "body"]),
    )
    weights, frequencies = (
        Weights.parse(night.resources.weights),
        read_frequencies(night.resources.document_frequencies),
    )
    related = relate(nodes, weights, frequencies)
    members = night.query(
        "SELECT article_id, cluster_id, earliest_at, report_date "
        "FROM current_articles JOIN clusters ON text_group_id = node_id ORDER BY article_id",
        clusters=related.clusters,
    )
    named = name_stories(
        members, night.before("story_lineage"), _lived_in(night), night=night.night, run_id=night.run_id
    )
    night.new["story_lineage"] = named.lineage.cast(TABLES["story_lineage"].schema)
    articles = night.query(
        "SELECT article_id, story_id, text_group_id, source_id, family_id, originator_source_id "
        "FROM current_articles JOIN members USING (article_id) JOIN named USING (cluster_id) "
        "LEFT JOIN text_originators USING (text_id) ORDER BY article_id",
        members=members,
        named=named.stories,
    )
    night.connection.register("evidence", related.evidence)
    night.connection.register("story_founders", named.stories.select(["story_id", "founder_article_id"]))
    members = night.query(
        "SELECT article_id, story_id, origin_id FROM a JOIN o USING (article_id)", a=articles, o=origins(articles)
    )
    night.connection.register("story_members", members)


def tabulate_all(night: Night) -> dict[str, pa.Table]:
    """Return every table of tonight's snapshot, facts whole."""
    inputs = {
        "run": pa.table({"run_id": [night.run_id]}),
        "previous_merge_evidence": night.before("merge_evidence"),
        "previous_story_articles": night.before("story_articles"),
        "actor_mentions": night.facts("actor_mentions"),
        "text_aliases": night.facts("text_aliases"),
        **_actors(night.actors(), night.sources()),
    }
    tabulate(night.connection, AFTER_STORIES, night.resources.sql, inputs, night.progress.note)
    snapshot = {name: night.facts(name) for name, table in TABLES.items() if table.kind == "fact"}
    for name, table in TABLES.items():
        if table.kind == "derived":
            snapshot[name] = fetch(night.connection, name).select(table.schema.names).cast(table.schema)
    return snapshot


def changed(night: Night) -> list[dict[str, Any]]:
    """Return the rows of `run_changes`: tonight's tables against last night's."""
    rows: list[dict[str, Any]] = changes(
        night.resources.sql["run_changes"],
        {name: fetch(night.connection, name) for name in COMPARED},
        {name: night.before(name) for name in COMPARED},
        run=night.row,
        previous_run=night.parent.manifest["run"] if night.parent else {},
        lineage=night.new["story_lineage"],
        reused=night.query("SELECT DISTINCT article_id, key_id FROM reused_keys JOIN records USING (record_id)"),
        memory=night.settings.sql_memory,
    ).to_pylist()
    return rows


def check_all(night: Night, tables: dict[str, pa.Table]) -> list[Finding]:
    """Return the findings of every contract and of every rule of the news; leaves them in the log."""
    sums = {
        "run_row": pa.Table.from_pylist([{name: night.row[name] for name in SUMS}]),
        "raw_files_row": pa.Table.from_pylist(night.log["raw_files"], schema=TABLES["raw_files"].schema),
        "quarantine_row": pa.Table.from_pylist(night.log["quarantine"], schema=TABLES["quarantine"].schema),
    }
    findings = [*check(tables), *check_sql(tables | sums, night.resources.checks)]
    night.log["quality"] = [
        {
            "run_id": night.run_id,
            "suite": finding.suite,
            "metric": finding.metric,
            "table": finding.table,
            "value": finding.value,
            "threshold": finding.threshold,
            "passed": finding.passed,
            "blocking": finding.blocking,
            "detail": finding.sentence,
        }
        for finding in findings
    ]
    return findings


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
    named = night.query("SELECT DISTINCT source_name, source_domain FROM records ORDER BY ALL")
    credited = night.query("SELECT DISTINCT unnest(agency_credits) AS cited_name FROM records ORDER BY ALL")
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


def _actors(registry: ActorRegistry, sources: SourceRegistry) -> dict[str, pa.Table]:
    """Return the actor tables that SQL joins; an outlet of the source registry is an actor too, where it acts."""
    known = [
        {
            "actor_id": a.actor_id,
            "name": a.name,
            "type": a.type,
            "country": a.country,
            "affiliation_id": a.affiliation_id,
        }
        for a in registry.actors
    ] + [
        {
            "actor_id": outlet_actor(s.source_id),
            "name": s.name,
            "type": "media",
            "country": s.country,
            "affiliation_id": None,
        }
        for s in sources.sources
    ]
    aliases = {(alias, a.actor_id) for a in registry.actors for alias in (a.name, *a.aliases)}
    aliases |= {(alias, outlet_actor(s.source_id)) for s in sources.sources for alias in (s.name, *s.aliases)}
    strings = ("actor_id", "name", "type", "country", "affiliation_id")
    return {
        "actor_registry": pa.Table.from_pylist(known, schema=pa.schema([(name, pa.string()) for name in strings])),
        "actor_registry_aliases": pa.table(
            dict(zip(("alias", "actor_id"), zip(*sorted(aliases), strict=True), strict=True))
        ),
    }


def _lived_in(night: Night) -> dict[str, str]:
    """Return the story each article was in last night."""
    before = night.before("articles", "article_id", "story_id")
    return dict(zip(before["article_id"].to_pylist(), before["story_id"].to_pylist(), strict=True))
