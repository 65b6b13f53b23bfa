"""The generator of the benches: the same world every time, true to what its docstring says of it."""

from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bench.world import Batch, World
from transforms.sources import SourceRegistry
from transforms.text import canonical_text, sentences, words
from warehouse import storage
from warehouse.schema import TABLES

SMALL = World(2_000, months=6)


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    return [*SMALL.batches(), SMALL.tonight(1_000)]


def _fact(batches: list[Batch], name: str) -> pa.Table:
    return pa.concat_tables([batch.facts[name] for batch in batches])


def _whole(batches: list[Batch], name: str) -> pa.Table:
    return pa.concat_tables([getattr(batch, name) for batch in batches])


def _tables(batch: Batch) -> dict[str, pa.Table]:
    return batch.facts | {name: value for name, value in vars(batch).items() if isinstance(value, pa.Table)}


def test_a_month_is_the_same_whenever_it_is_made(batches: list[Batch]) -> None:
    again = World(2_000, months=6)
    assert _tables(again.tonight(1_000)) == _tables(batches[-1])
    assert _tables(again.batch(3)) == _tables(batches[3])


def test_another_seed_is_another_world(batches: list[Batch]) -> None:
    assert World(2_000, seed=2, months=6).batch(3).facts["texts"] != batches[3].facts["texts"]


def test_facts_are_as_declared(batches: list[Batch]) -> None:
    for name in batches[0].facts:
        facts = _fact(batches, name)
        assert storage.enforce(facts, TABLES[name]).schema == TABLES[name].schema
        keys = facts.group_by(list(TABLES[name].key)).aggregate([])
        assert keys.num_rows == facts.num_rows, f"a key of {name} is there twice"
    assert set(batches[0].facts) == {name for name, table in TABLES.items() if table.kind == "fact"}


def test_every_name_stands_where_it_is_said_to(batches: list[Batch]) -> None:
    bodies = dict(zip(*(_fact(batches, "texts")[name].to_pylist() for name in ("text_id", "body")), strict=True))
    starts = {text_id: [start for start, _ in sentences(body)] for text_id, body in bodies.items()}
    for row in _fact(batches, "actor_mentions").to_pylist():
        body = bodies[row["text_id"]]
        assert body[row["start_char"] : row["end_char"]] == row["surface"]
        assert sum(start <= row["start_char"] for start in starts[row["text_id"]]) - 1 == row["sentence_no"]
    for row in _fact(batches, "text_citations").to_pylist():
        assert bodies[row["text_id"]][row["start_char"] : row["end_char"]] == row["cited_name"]


def test_texts_are_in_stored_form_and_counted(batches: list[Batch]) -> None:
    for row in _fact(batches, "texts").slice(0, 500).to_pylist():
        assert canonical_text(row["body"]) == row["body"]
        assert len(words(row["body"])) == row["n_words"]


def test_evidence_stands_in_the_text(batches: list[Batch]) -> None:
    bodies = dict(zip(*(_fact(batches, "texts")[name].to_pylist() for name in ("text_id", "body")), strict=True))
    for row in _whole(batches, "evidence").slice(0, 200).to_pylist():
        for term, span in zip(row["terms"], row["spans"], strict=True):
            assert bodies[span["text_id"]][span["start_char"] : span["end_char"]].lower() == term


def test_everything_referred_to_is_there(batches: list[Batch]) -> None:
    texts, records = _fact(batches, "texts")["text_id"], _fact(batches, "records")
    articles = _whole(batches, "story_members")["article_id"]
    stories = _whole(batches, "story_founders")
    groups = _whole(batches, "text_groups")
    evidence = _whole(batches, "evidence")
    bodies = pc.unique(records["text_id"])
    for referring, target in (
        (records["text_id"], texts),
        (records["title_text_id"], texts),
        (records["key_id"], articles),
        (bodies, groups["text_id"]),
        (groups["text_id"], bodies),
        (evidence["node_a"], groups["text_group_id"]),
        (evidence["node_b"], groups["text_group_id"]),
        (_whole(batches, "story_members")["story_id"], stories["story_id"]),
        (stories["founder_article_id"], articles),
        (_fact(batches, "story_lineage")["new_story_id"], stories["story_id"]),
    ):
        assert pc.all(pc.is_in(referring, value_set=pc.unique(target))).as_py()


def test_a_text_is_brought_by_the_first_record_that_has_it(batches: list[Batch]) -> None:
    brought: set[str] = set()
    for batch in batches:
        brought |= set(batch.facts["texts"]["text_id"].to_pylist())
        used = chain.from_iterable(batch.facts["records"][name].to_pylist() for name in ("text_id", "title_text_id"))
        assert set(used) <= brought


def test_everything_is_filed_with_its_text(batches: list[Batch]) -> None:
    texts = _fact(batches, "texts")
    filed = dict(zip(texts["text_id"].to_pylist(), texts["filed_date"].to_pylist(), strict=True))
    for name in ("actor_mentions", "text_actors", "text_aliases", "text_citations"):
        table = _fact(batches, name)
        pairs = zip(table["text_id"].to_pylist(), table["filed_date"].to_pylist(), strict=True)
        assert all(filed[text_id] == day for text_id, day in pairs)
    for row in _fact(batches, "records").to_pylist():
        assert (row["text_filed_date"], row["title_filed_date"]) == (filed[row["text_id"]], filed[row["title_text_id"]])


def test_membership_before_tonight_is_one_of_each(batches: list[Batch]) -> None:
    members = _whole(batches[:-1], "story_members")
    assert members.group_by("article_id").aggregate([]).num_rows == members.num_rows
    groups = _whole(batches[:-1], "text_groups")
    pairs = groups.group_by(["text_id", "text_group_id"]).aggregate([]).num_rows
    assert groups.group_by("text_id").aggregate([]).num_rows == pairs


@pytest.mark.slow
def test_the_proportions_are_those_of_the_docstring() -> None:
    world = World(60_000, months=3)
    batches = list(world.batches())
    records = _fact(batches, "records")
    articles = records.group_by("key_id").aggregate([("text_id", "count_distinct")])
    bodies = _fact(batches, "texts").filter(pc.field("kind") == "body")
    groups = _whole(batches, "text_groups")
    n = articles.num_rows
    assert abs(n / 60_000 - 1) < 0.03
    assert abs(pc.approximate_median(bodies["n_words"]).as_py() / 900 - 1) < 0.03
    assert abs(_fact(batches, "actor_mentions").num_rows / bodies.num_rows / 30 - 1) < 0.07
    assert abs(1 - len(pc.unique(groups["text_group_id"])) / n - 0.25) < 0.03
    assert abs(pc.mean(pc.equal(articles["text_id_count_distinct"], 2).cast(pa.int8())).as_py() - 0.06) < 0.01
    stories = _whole(batches, "story_members").group_by("story_id").aggregate([("article_id", "count")])
    assert 0.7 < pc.mean(pc.equal(stories["article_id_count"], 1).cast(pa.int8())).as_py() < 0.8
    assert pc.max(stories["article_id_count"]).as_py() > 100
    assert abs(records["source_domain"].null_count / records.num_rows - 0.03) < 0.01


def test_tonight_is_mostly_new_and_reaches_back_five_months() -> None:
    night = World(60_000, months=8).tonight(10_000)
    records = night.facts["records"]
    minted = night.facts["story_lineage"]["founder_article_id"]
    assert abs(records.num_rows / 10_000 - 1) < 0.1
    ages = pc.days_between(records["published_at"].cast(pa.date32()), pa.scalar(night.night)).drop_null().to_pylist()
    assert 0.75 < sum(age <= 1 for age in ages) / len(ages) < 0.85
    assert 120 < max(ages) <= 152
    assert 0 < len(minted) < len(pc.unique(night.story_members["story_id"]))


def test_the_outlets_are_a_registry() -> None:
    registry = SourceRegistry.parse(SMALL.sources_csv)
    assert len(registry.sources) == SMALL.n_sources - 1
    assert registry.family_of("src_w5") == "src_w4"
    assert registry.source_id_for_domain("w7.example") == "src_w7"
