"""What an article adds to its story: the share of its runs of five words that no earlier text has, NULL where time does not tell."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import flows.night
import flows.novelty
from flows.settings import Settings
from flows.upkeep import keep_up
from tests.nights import ask, run
from tests.test_dedupe_words import plain_words
from tests.test_touched import BANK, FISH, _record
from transforms.dedupe.novelty import novel_shares, shingled
from transforms.dedupe.settings import NearSettings
from transforms.text import text_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHARED = "the minister said on monday that the port of vardal would stay closed until the end of may"
OWN = "fishermen who had come from all over the coast went home without a word to anybody"

# An article: story, body, minutes after noon and how many of them it may have taken; None where that is not known.
Told = tuple[str, str, tuple[int, int] | None]


def runs(body: str) -> set[tuple[str, ...]]:
    words = plain_words(body)
    return {tuple(words[k : k + 5]) for k in range(len(words) - 4)}


def shares(told: list[Told], read: bool = True) -> list[float | None]:
    """Return the share of each article, in the order given."""
    interval = [
        (None, None) if when is None else (NOON + timedelta(minutes=when[0]), NOON + timedelta(minutes=sum(when)))
        for _, _, when in told
    ]
    ids = [f"a_{k:02}" for k in range(len(told))]
    instant = pa.timestamp("us", tz="UTC")
    articles = pa.table(
        {
            "article_id": ids,
            "story_id": [story for story, *_ in told],
            "text_id": [text_id(body) for _, body, _ in told],
            "earliest_at": pa.array([early for early, _ in interval], instant),
            "latest_at": pa.array([late for _, late in interval], instant),
        }
    )
    bodies = sorted({body for _, body, _ in told})
    texts = pa.table(
        {"text_id": pa.array([text_id(b) for b in bodies], pa.string()), "body": pa.array(bodies, pa.string())}
    )
    found = novel_shares(articles, shingled(texts.to_batches() if read else [], NearSettings()))
    by_id = dict(zip(found["article_id"].to_pylist(), found["novel_share"].to_pylist(), strict=True))
    return [by_id[id_] for id_ in ids]


def plainly(told: list[Told]) -> list[float | None]:
    """The definition, with sets."""
    answers: list[float | None] = []
    for k, (story, body, when) in enumerate(told):
        others = [(other, at) for j, (of, other, at) in enumerate(told) if j != k and of == story]
        known: set[tuple[str, ...]] = set()
        perhaps: set[tuple[str, ...]] = set()
        for other, at in others:
            if at is None or when is None or (at[0] < sum(when) and when[0] < sum(at)):
                perhaps |= runs(other)
            elif sum(at) <= when[0]:
                known |= runs(other)
        mine = runs(body)
        certain = not (mine & perhaps - known)
        answers.append(len(mine - known) / len(mine) if mine and certain else None)
    return answers


def test_what_an_earlier_text_had_is_not_new_and_what_a_later_one_has_does_not_matter() -> None:
    told: list[Told] = [("s_1", SHARED, (0, 1)), ("s_1", f"{SHARED} {OWN}", (5, 1)), ("s_1", OWN, (9, 1))]
    first, second, third = shares(told)
    assert first == 1 and third == 0
    assert second == 1 - len(runs(SHARED)) / len(runs(f"{SHARED} {OWN}"))


def test_another_storys_words_do_not_count() -> None:
    assert shares([("s_1", SHARED, (0, 1)), ("s_2", f"{SHARED} .", (5, 1))]) == [1, 1]


def test_a_copy_brings_nothing_new() -> None:
    assert shares([("s_1", SHARED, (0, 1)), ("s_1", SHARED, (5, 1))]) == [1, 0]


@pytest.mark.parametrize("when", [None, (0, 1440), (-5, 6)])
def test_where_either_may_be_the_earlier_and_that_matters_nothing_is_told(when: tuple[int, int] | None) -> None:
    assert shares([("s_1", SHARED, (0, 1)), ("s_1", f"{SHARED} {OWN}", when)]) == [None, None]
    assert shares([("s_1", SHARED, (0, 1)), ("s_1", OWN, when)]) == [1, 1]


def test_under_five_words_there_is_no_share() -> None:
    assert shares([("s_1", "four words and stop", (0, 1))]) == [None]


def test_a_text_alone_need_not_be_read() -> None:
    assert shares([("s_1", SHARED, (0, 1)), ("s_1", SHARED, (3, 1)), ("s_2", OWN, None)], read=False) == [1, 0, 1]


TOLD = st.tuples(
    st.sampled_from(["s_1", "s_2"]),
    st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join),
    st.one_of(st.none(), st.tuples(st.integers(0, 6), st.integers(1, 3))),
)


@given(st.lists(TOLD, min_size=1, max_size=8))
def test_the_shares_are_those_of_the_definition(drawn: list[Told]) -> None:
    # A text lies in one story.
    told = [(story, f"{body} {story}", when) for story, body, when in drawn]
    assert shares(told) == plainly(told)


# A night


def novelties(root: Path) -> dict[str, float | None]:
    return {row["record_key"]: row["novel_share"] for row in ask(root, "SELECT record_key, novel_share FROM articles")}


@pytest.mark.slow
def test_a_late_article_takes_from_what_stood_as_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.novelty, "TEXTS_AT_ONCE", 1)
    more = " The harbour master had the keys and would not say to whom he gave them on that day."
    nights: list[list[dict[str, object]]] = [
        [
            _record("1", FISH, source="Alpha Times"),
            _record("2", FISH + more, source="Dawn", date="2026-03-02T09:00:00Z"),
        ],
        [_record("3", FISH + more + " So it was.", source="Beta Post", date="2026-03-02T07:00:00Z")],
    ]
    rows: list[dict[str, Any]] = []
    told: list[dict[str, float | None]] = []
    for number, records in enumerate(nights):
        dump = tmp_path / f"{number}.jsonl"
        dump.write_text("".join(json.dumps(record) + "\n" for record in records))
        rows.append(run([dump], tmp_path / "w", f"2026-03-0{number + 2}"))
        told.append(novelties(tmp_path / "w"))
    assert told[0]["1"] == 1 and told[0]["2"] is not None and 0 < told[0]["2"] < 0.5
    assert told[1] == {"1": 0, "2": 0, "3": 1}
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    anew = run([tmp_path / "0.jsonl"], tmp_path / "w", "2026-03-04")
    assert anew["data_hash"] == rows[-1]["data_hash"]


@pytest.mark.slow
def test_where_words_were_dropped_what_was_told_stands_and_nothing_new_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://beta.example/keys"
    more = " The harbour master had the keys and would not say to whom he gave them on that day."
    root = tmp_path / "w"
    nights: list[list[dict[str, object]]] = [
        [
            _record("1", FISH, source="Alpha Times"),
            _record("2", FISH + more, source="Dawn", date="2026-03-02T09:00:00Z"),
        ],
        [_record("3", FISH + more + " So it was.", url=url, source="Beta Post", date="2026-03-03T09:00:00Z")],
    ]
    rows: list[dict[str, Any]] = []
    decided = Settings(overrides=str(tmp_path / "overrides.csv"))
    for number, records in enumerate(nights):
        dump = tmp_path / f"{number}.jsonl"
        dump.write_text("".join(json.dumps(record) + "\n" for record in records))
        rows.append(run([dump], root, f"2026-03-0{number + 2}", decided if number else None))
        if number == 0:
            told = novelties(root)
            dump.with_name("9.jsonl").write_text(
                json.dumps(_record("9", BANK, source="Dawn", date="2026-03-03T08:00:00Z"))
            )
            run([dump.with_name("9.jsonl")], root, "2026-03-03")
            assert keep_up(root, Settings(keep_bodies_days=1))
            # With a text that has no words nothing is compared: that the third is of its story is for people to say.
            keys = ask(root, "SELECT article_id FROM articles WHERE record_key = '1'")
            (tmp_path / "overrides.csv").write_text(
                f"kind,key,value,author,date,reason\nmust_link,{keys[0]['article_id']},{url},ines,2026-03-03,read both\n"
            )
    assert told["1"] == 1 and told["2"] is not None
    assert novelties(root) == told | {"3": None, "9": 1}
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    assert run([tmp_path / "0.jsonl"], root, "2026-03-04", decided)["data_hash"] == rows[-1]["data_hash"]


def test_the_examples_shares_are_those_of_the_definition(three_nights: Path) -> None:
    """By sets of words, and the times that the articles themselves state."""
    sql = """
        SELECT article_id, story_id, body, novel_share, published_at, published_precision, effective_at IS NOT NULL AS is_known
        FROM articles JOIN texts USING (text_id)
    """
    rows = ask(three_nights, sql)
    width = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}

    def interval(row: dict[str, Any]) -> tuple[int, int] | None:
        if row["published_at"] is None:
            return None
        begin = row["published_at"] if row["is_known"] else row["published_at"] - timedelta(hours=14)
        end = row["published_at"] + (width[row["published_precision"]] if row["is_known"] else timedelta(hours=36))
        zero = datetime(2026, 1, 1, tzinfo=UTC)
        return int((begin - zero).total_seconds()), int((end - begin).total_seconds())

    told: list[Told] = [(row["story_id"], row["body"], interval(row)) for row in rows]
    assert [row["novel_share"] for row in rows] == plainly(told)
    assert {row["novel_share"] is None for row in rows} == {True, False}


def test_the_sentences_behind_each_share_add_up_to_it(three_nights: Path) -> None:
    sql = """
        SELECT
            novel_share, sum(found.n_runs) AS n_runs, sum(found.n_new) AS n_new, sum(found.n_unsure) AS n_unsure,
            bool_and(found.words = substring(body, found.start_char + 1, found.end_char - found.start_char)) AS is_there
        FROM articles AS told JOIN texts USING (text_id), LATERAL (FROM novel_sentences(told.article_id)) AS found
        GROUP BY told.article_id, novel_share
    """
    rows = ask(three_nights, sql)
    assert {row["novel_share"] for row in rows} >= {0, 1, None}
    for row in rows:
        assert row["is_there"] and row["n_new"] + row["n_unsure"] <= row["n_runs"]
        assert row["novel_share"] == (None if row["n_unsure"] else row["n_new"] / row["n_runs"])
