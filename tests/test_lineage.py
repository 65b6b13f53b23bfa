"""Story ids: minted once, the older survives a merge, the founder's part keeps the id in a split, every id leads on."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.stories.lineage import LINEAGE, Named, name_stories

MEMBERS = pa.schema(
    [
        ("article_id", pa.string()),
        ("cluster_id", pa.string()),
        ("earliest_at", pa.timestamp("us", tz="UTC")),
        ("report_date", pa.date32()),
    ]
)


def night(clusters: dict[str, str], number: int, lineage: pa.Table, lived_in: dict[str, str]) -> Named:
    """Name the stories of a night; articles are named so that the alphabet is their order in time."""
    rows = [
        {
            "article_id": article,
            "cluster_id": cluster,
            "earliest_at": datetime(2026, 3, 1, ord(article[0]) % 24, tzinfo=UTC),
            "report_date": date(2026, 3, 1),
        }
        for article, cluster in clusters.items()
    ]
    members = pa.Table.from_pylist(rows, schema=MEMBERS)
    return name_stories(members, lineage, lived_in, night=date(2026, 3, number), run_id=f"r_{number}")


def ids(named: Named, clusters: dict[str, str]) -> dict[str, str]:
    story_of = {row["cluster_id"]: row["story_id"] for row in named.stories.to_pylist()}
    return {article: story_of[cluster] for article, cluster in clusters.items()}


def nights(*plans: dict[str, str]) -> tuple[list[dict[str, str]], pa.Table]:
    """Run several nights and return the story of each article each night, and the whole lineage."""
    lineage, lived_in, seen = LINEAGE.empty_table(), {}, []
    for number, clusters in enumerate(plans, start=1):
        named = night(clusters, number, lineage, lived_in)
        lineage = pa.concat_tables([lineage, named.lineage])
        lived_in = ids(named, clusters)
        seen.append(lived_in)
    return seen, lineage


def kinds(lineage: pa.Table, number: int) -> list[Any]:
    rows = [row for row in lineage.to_pylist() if row["run_id"] == f"r_{number}"]
    return sorted((row["kind"], row["old_story_id"], row["new_story_id"]) for row in rows)


def test_an_unchanged_story_keeps_its_id_and_leaves_no_trace() -> None:
    seen, lineage = nights({"a": "1", "b": "1"}, {"a": "1", "b": "1"})
    assert seen[0] == seen[1]
    assert kinds(lineage, 2) == []


def test_a_late_earlier_article_does_not_rename_a_story() -> None:
    seen, _ = nights({"b": "1"}, {"a": "1", "b": "1"})
    assert seen[1]["a"] == seen[0]["b"]


def test_the_older_id_survives_a_merge() -> None:
    seen, lineage = nights({"b": "1"}, {"b": "1", "a": "2"}, {"b": "1", "a": "1"})
    assert seen[2] == {"a": seen[0]["b"], "b": seen[0]["b"]}
    assert kinds(lineage, 3) == [("merged", seen[1]["a"], seen[0]["b"])]


def test_in_a_split_the_part_with_the_founder_keeps_the_id() -> None:
    seen, lineage = nights({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "c": "2"})
    assert seen[1]["a"] == seen[0]["a"] != seen[1]["b"] == seen[1]["c"]
    assert kinds(lineage, 2) == [("split", seen[0]["a"], seen[1]["b"])]


def test_an_id_that_was_merged_away_returns_to_its_founder_and_to_no_other() -> None:
    seen, _ = nights({"a": "1", "b": "2"}, {"a": "1", "b": "1"}, {"a": "1", "b": "2"})
    assert seen[2] == seen[0]


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=5))
def test_every_id_ever_published_resolves(plans: list[list[int]]) -> None:
    seen, lineage = nights(*({article: str(c) for article, c in zip("abcde", plan, strict=True)} for plan in plans))
    founders = {
        r["new_story_id"]: r["founder_article_id"] for r in lineage.to_pylist() if r["kind"] in ("minted", "split")
    }
    for lived_in in seen:
        for story in lived_in.values():
            assert founders[story] in seen[-1]
    # One story, one id; one id, one story.
    last = {article: str(cluster) for article, cluster in zip("abcde", plans[-1], strict=True)}
    assert len(set(seen[-1].values())) == len(set(last.values()))


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=6))
def test_an_id_is_minted_once_and_each_change_of_ids_is_written_down(plans: list[list[int]]) -> None:
    seen, lineage = nights(*({article: str(c) for article, c in zip("abcde", plan, strict=True)} for plan in plans))
    rows = [row for row in lineage.to_pylist() if row["kind"] != "merged"]
    # A story that parted from two has a row for each; still it was minted on one night, from one article.
    minted = {(row["new_story_id"], row["run_id"], row["founder_article_id"]) for row in rows}
    assert len({story for story, _, _ in minted}) == len(minted)
    before: set[str] = set()
    known: set[str] = set()
    for number, lived_in in enumerate(seen, start=1):
        now = set(lived_in.values())
        # Who is gone was merged; who was never seen before was minted tonight, and nobody else was.
        assert before - now == {old for kind, old, _ in kinds(lineage, number) if kind == "merged"}
        assert now - known == {story for story, run, _ in minted if run == f"r_{number}"}
        before, known = now, known | now


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_of_several_ids_in_one_story_the_oldest_stays(one: list[int], other: list[int]) -> None:
    plans = [{article: str(c) for article, c in zip("abcde", plan, strict=True)} for plan in (one, other)]
    seen, lineage = nights(*plans)
    minted = {
        row["new_story_id"]: (row["night"], row["new_story_id"], row["founder_article_id"])
        for row in lineage.to_pylist()
        if row["kind"] in ("minted", "split")
    }
    for story in set(seen[1].values()):
        founders = [key for key in minted.values() if seen[1][key[2]] == story]
        assert min(founders)[1] == story


def test_an_id_whose_founder_is_gone_leads_on_to_the_story_of_its_heir() -> None:
    seen, lineage = nights({"a": "1", "b": "2", "c": "2"})
    members = pa.Table.from_pylist(
        [
            {"article_id": article, "cluster_id": cluster, "earliest_at": None, "report_date": date(2026, 3, 1)}
            for article, cluster in (("a", "1"), ("c", "2"))
        ],
        schema=MEMBERS,
    )
    named = name_stories(members, lineage, seen[0], night=date(2026, 3, 2), run_id="r_2", heirs={"b": "a"})
    story = ids(named, {"a": "1", "c": "2"})
    assert story["a"] == seen[0]["a"] and story["c"] not in seen[0].values()
    (row,) = [row for row in named.lineage.to_pylist() if row["kind"] == "redirected"]
    assert (row["old_story_id"], row["new_story_id"], row["founder_article_id"]) == (seen[0]["b"], story["a"], "a")
    # The next night says nothing more; should the heir go too, the id leads on with it.
    whole = pa.concat_tables([lineage, named.lineage])
    again = name_stories(members, whole, story, night=date(2026, 3, 3), run_id="r_3")
    assert again.lineage.num_rows == 0
    later = name_stories(members.slice(1), whole, story, night=date(2026, 3, 3), run_id="r_3", heirs={"a": "c"})
    led = {row["old_story_id"]: row["new_story_id"] for row in later.lineage.to_pylist() if row["kind"] == "redirected"}
    assert led == {seen[0]["a"]: story["c"], seen[0]["b"]: story["c"]}
