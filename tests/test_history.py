"""Past nights: each that is kept can be asked for, by name; what changed between two is told with old and new value and cause."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from little_world import WORLD, first_night, notes, second_night

from flows.changes import ChangeSettings
from flows.cli import main
from flows.diff import between
from flows.resources import sql_of
from flows.settings import Settings
from tests.nights import EXAMPLES, NIGHTS, ask, run
from tests.test_night import STORY, article
from warehouse import history
from warehouse.catalog import open_catalog
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot

FIRST, SECOND, THIRD = (night.name for night in NIGHTS)


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    """A little warehouse after three nights: 1, 2 and 4 February."""
    house = Warehouse(tmp_path / "house", WORLD)
    house.publish(**first_night())
    house.publish(**second_night())
    house.publish(**third_night())
    return house


def third_night() -> dict[str, Any]:
    return {"facts": {"notes": notes("n4")}, "derived": {}, "run": {"run_id": "r_3", "night": date(2026, 2, 4)}}


# Naming a night


def test_a_night_a_run_and_a_number_name_the_snapshot(house: Warehouse) -> None:
    for name in (date(2026, 2, 2), "2026-02-02", "r_2", "2"):
        assert history.as_of(house, name).number == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("2026-02-03", "Night 2026-02-03 is not kept; the nearest that is: 2026-02-02."),
        ("2025-01-01", "the nearest that is: 2026-02-01."),
        ("2026-12-24", "the nearest that is: 2026-02-04."),
        ("r_9", "r_9 names no night, run or snapshot that is kept; the nights kept go from 2026-02-01 to 2026-02-04."),
        ("17", "17 names no night"),
    ],
)
def test_any_other_is_answered_with_the_nearest(house: Warehouse, name: str, sentence: str) -> None:
    with pytest.raises(history.NotKeptError) as refused:
        history.as_of(house, name)
    assert sentence in str(refused.value)


def test_before_the_first_night_no_night_is_kept(tmp_path: Path) -> None:
    with pytest.raises(history.NotKeptError, match="nothing is published yet"):
        history.as_of(Warehouse(tmp_path, WORLD), "2026-02-01")


def test_of_a_night_published_twice_the_later_counts(house: Warehouse) -> None:
    house.publish(
        **{**third_night(), "facts": {"notes": notes("n5")}, "run": {"run_id": "r_4", "night": date(2026, 2, 4)}}
    )
    assert history.as_of(house, "2026-02-04").number == 4
    assert history.as_of(house, "r_3").number == 3


def test_a_night_left_out_of_the_line_is_not_named(house: Warehouse) -> None:
    (house.root / "current").unlink()
    (house.root / "current").symlink_to("snapshots/1")
    house.publish(**third_night() | {"run": {"run_id": "r_5", "night": date(2026, 2, 5)}})
    assert [each.number for each in history.line(house)] == [1, 4]
    with pytest.raises(history.NotKeptError):
        history.as_of(house, "2026-02-02")
    assert history.as_of(house, "2").number == 2


def test_a_vacuumed_night_leaves_the_line_whole(house: Warehouse) -> None:
    shutil.rmtree(house.root / "snapshots" / "2")
    assert [each.number for each in history.line(house)] == [1, 3]
    with pytest.raises(history.NotKeptError, match="the nearest that is: 2026-02-01"):
        history.as_of(house, "2026-02-02")


def test_the_months_that_differ_are_told_from_the_manifests_alone(house: Warehouse) -> None:
    one, two, three = history.line(house)
    assert history.changed_months(one, two, "days") == ["2026-02"]
    assert history.changed_months(two, three, "days") == []
    assert history.changed_months(one, two, "totals") is None


# Asking a past night


def test_the_catalog_answers_for_past_nights(three_nights: Path) -> None:
    counts = [
        ask(three_nights, f"SELECT count(*) AS n FROM as_of('articles', '{night.name}')")[0]["n"] for night in NIGHTS
    ]
    assert counts == sorted(set(counts))
    assert counts[-1] == ask(three_nights, "SELECT count(*) AS n FROM articles")[0]["n"]
    with pytest.raises(
        duckdb.InvalidInputException, match="Night 2026-02-20 is not kept; the nearest that is: 2026-03-02"
    ):
        ask(three_nights, "FROM as_of('articles', DATE '2026-02-20')")


def test_sql_as_of_a_night_sees_its_tables_and_its_tonight(
    three_nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "SELECT (SELECT count(*) FROM articles) AS n, (SELECT night FROM tonight) AS night, (SELECT number FROM snapshot) AS number"
    command = ["sql", query, "--warehouse", str(three_nights), "--format", "json", "--as-of"]
    for number, night in enumerate((FIRST, SECOND, THIRD), start=1):
        assert main([*command, night]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["night"], row["number"]) == (night, number)
    assert main([*command, "2026-03-20"]) == 1
    assert capsys.readouterr().err == f"newsfold: Night 2026-03-20 is not kept; the nearest that is: {THIRD}.\n"


def test_a_past_night_answers_also_where_its_catalog_is_gone_or_was_made_elsewhere(
    three_nights: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(three_nights, tmp_path / "moved", symlinks=True)
    (moved / "snapshots" / "2" / "catalog.duckdb").unlink()
    for night in (FIRST, SECOND):
        with open_catalog(moved, history.as_of(Warehouse(moved), night)) as connection:
            assert connection.execute("SELECT night::VARCHAR, location FROM snapshot").fetchall() == [
                (night, str(history.as_of(Warehouse(moved), night).path))
            ]


def test_a_night_that_brought_nothing_is_a_night(tmp_path: Path) -> None:
    dump = tmp_path / "dumps" / "a.jsonl"
    dump.parent.mkdir()
    dump.write_text(article(1))
    assert run([dump], tmp_path / "w", "2026-03-02")["status"] == "published"
    assert run([dump], tmp_path / "w", "2026-03-03")["status"] == "no_change"
    assert history.as_of(Warehouse(tmp_path / "w"), "2026-03-03").number == 1


# What changed


def _nights(root: Path, *nights: tuple[str, list[str]]) -> list[Snapshot]:
    """Run nights over these articles and return their snapshots."""
    folder = root / "dumps"
    folder.mkdir(exist_ok=True)
    for night, articles in nights:
        (folder / f"{night}.jsonl").write_text("\n".join(articles))
        run([folder / f"{night}.jsonl"], root / "w", night)
    return list(history.line(Warehouse(root / "w")))


def _told(rows: list[dict[str, Any]], change: str, metric: str | None = None) -> list[dict[str, Any]]:
    return [row for row in rows if row["change"] == change and (metric is None or row["metric"] == metric)]


def test_a_late_article_restates_its_day_and_the_old_value_is_kept(tmp_path: Path) -> None:
    told = STORY + " Norway and Iceland had agreed on them in May."
    late = article(9, title="Fleet sails", text=told + " The fleet sailed before dawn, witnesses said.")
    _nights(tmp_path, ("2026-03-02", [article(1, text=told)]), ("2026-03-06", [late]))
    rows = ask(tmp_path / "w", "SELECT * FROM changes_tonight")
    (copies,) = [r for r in _told(rows, "restated_metric", "n_copies") if r["entity_id"].startswith("src_")]
    (added,) = ask(tmp_path / "w", "SELECT article_id FROM articles WHERE record_key = 'k9'")
    assert (copies["before"], copies["after"], copies["cause"]) == ("1", "2", "late_article")
    assert (str(copies["report_date"]), copies["article_id"]) == ("2026-03-02", added["article_id"])
    actors = [r for r in _told(rows, "restated_metric") if r["entity_id"].startswith("act_")]
    assert actors and {r["cause"] for r in actors} == {"late_article"}
    pairs = {(r["metric"], r["before"], r["after"]) for r in actors if r["other_id"] is not None}
    assert ("n_copies", "1", "2") in pairs


def test_of_a_day_that_readers_know_every_number_that_moves_is_told_also_one_that_was_unknown() -> None:
    was = "('moved', 3, .1, NULL), ('shared', 3, .1, NULL), ('toned', 3, .1, NULL), ('gone', 3, .1, .2)"
    now = "('moved', 4, .2, NULL), ('shared', 3, .2, NULL), ('toned', 3, .1, .5), ('come', 3, .1, .2)"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE newer_run AS SELECT DATE '2026-03-05' AS previous_night")
        for state, rows in (("was", was), ("now", now)):
            connection.execute(
                f"CREATE TABLE {state}_daily AS SELECT col0 AS entity_id, day AS report_date, col1 AS n_copies, "
                f"col2::DOUBLE AS share_of_stories, col3::DOUBLE AS tone_text_mean "
                f"FROM (VALUES {rows}), (VALUES (DATE '2026-03-05'), (DATE '2026-03-06')) AS days (day)"
            )
        told = connection.execute(sql_of("restated_days")).fetchall()
    days = {(entity, str(day), metric): (before, after) for entity, _, day, metric, before, after in told}
    assert len(days) == len(told)
    assert {key[1:] for key in days if key[0] == "come"} == {("2026-03-05", "n_copies")}, "nobody had been told"
    for day in ("2026-03-05", "2026-03-06"):
        of_day = {(entity, metric): values for (entity, on, metric), values in days.items() if on == day}
        assert of_day["moved", "n_copies"] == ("3", "4")
        assert of_day["moved", "share_of_stories"] == ("0.1", "0.2")
        assert of_day["toned", "tone_text_mean"] == (None, "0.5")
        assert of_day["gone", "n_copies"] == ("3", None)
        assert not [key for key in of_day if key[0] == "shared"], "its share moved with the day's stories"


@pytest.mark.slow
def test_a_first_night_restates_nothing(tmp_path: Path) -> None:
    _nights(tmp_path, ("2026-03-02", [article(1), article(2, date="2026-02-20")]))
    assert ask(tmp_path / "w", "FROM run_changes WHERE change = 'restated_metric'") == []


@pytest.mark.slow
def test_a_new_version_is_the_cause_of_what_it_restates(tmp_path: Path) -> None:
    second = article(1, text=STORY + " The talks begin on Friday.", modified="2026-03-05T08:00:00Z")
    _nights(tmp_path, ("2026-03-02", [article(1)]), ("2026-03-05", [second]))
    rows = ask(tmp_path / "w", "SELECT * FROM changes_tonight")
    (rate,) = _told(rows, "restated_metric", "revision_rate")
    assert (rate["before"], rate["after"], rate["cause"]) == ("0.0", "1.0", "new_version")
    (version,) = _told(rows, "new_version")
    assert (version["before"], version["after"]) == ("1", "2")


@pytest.mark.slow
def test_a_configuration_that_changes_numbers_is_named_as_the_cause(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(
        (EXAMPLES.parent / "transforms" / "registry" / "sources.csv").read_text().splitlines()[0]
        + "\nsrc_coast_gazette,Coast Gazette,,coast-gazette.example,src_coast_gazette,outlet,NO\n"
    )
    dump = tmp_path / "a.jsonl"
    dump.write_text(article(1))
    run([dump], tmp_path / "w", "2026-03-02")
    run([dump], tmp_path / "w", "2026-03-03", Settings(more_sources=(str(tmp_path / "mine.csv"),)))
    rows = _told(ask(tmp_path / "w", "SELECT * FROM changes_tonight"), "restated_metric", "n_copies")
    assert {(r["before"], r["after"], r["cause"]) for r in rows if r["entity_id"].startswith("src_")} == {
        ("1", None, "config"),
        (None, "1", "config"),
    }


@pytest.mark.slow
def test_a_daily_source_that_stops_is_told_once(tmp_path: Path) -> None:
    span = ChangeSettings().silent_span_days
    daily = [article(n, date=f"2026-03-{n:02}", text=f"{STORY} Day {n} of it.") for n in range(1, span + 1)]
    elsewhere = [
        article(90 + n, source="Valley Post", date=f"2026-03-{n}", text=STORY + f" Hour {n}.") for n in (16, 17, 18)
    ]
    _nights(
        tmp_path,
        (f"2026-03-{span}", daily),
        *((f"2026-03-{n}", [elsewhere[i]]) for i, n in enumerate((16, 17, 18))),
    )
    silent = ask(
        tmp_path / "w", "SELECT night, after FROM run_changes JOIN runs USING (run_id) WHERE change = 'silent_source'"
    )
    assert [(str(r["night"]), r["after"]) for r in silent] == [("2026-03-17", "2026-03-14")]


def test_a_diff_over_two_nights_is_the_net_of_both(three_nights: Path) -> None:
    one, two, three = history.line(Warehouse(three_nights))
    grown = {
        r["entity_id"]: (r["before"], r["after"]) for r in between(one, three).to_pylist() if r["change"] == "grown"
    }
    steps = [
        {r["entity_id"]: r for r in between(*pair).to_pylist() if r["change"] == "grown"}
        for pair in ((one, two), (two, three))
    ]
    for story, (before, after) in grown.items():
        passed = [step[story] for step in steps if story in step]
        assert (before, after) == (passed[0]["before"], passed[-1]["after"])


def test_a_diff_of_one_night_is_what_the_night_wrote_down(three_nights: Path) -> None:
    _, two, three = history.line(Warehouse(three_nights))
    written = ask(three_nights, "FROM changes_tonight ORDER BY ALL")
    found = sorted(between(two, three).to_pylist(), key=str)
    assert found == sorted(written, key=str)


def test_diff_prints_rows_or_json_or_one_sentence(three_nights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--warehouse", str(three_nights)]
    assert main(["diff", FIRST, THIRD, *where]) == 0
    assert "before" in capsys.readouterr().out.splitlines()[0]
    assert main(["diff", FIRST, THIRD, "--json", *where]) == 0
    assert {"new_story", "grown", "restated_metric"} <= {row["change"] for row in json.loads(capsys.readouterr().out)}
    assert main(["diff", THIRD, THIRD, *where]) == 0
    assert capsys.readouterr().out == f"Nothing changed between {THIRD} and {THIRD}.\n"
    assert main(["diff", FIRST, "2026-03-09", *where]) == 1
    assert capsys.readouterr().err == f"newsfold: Night 2026-03-09 is not kept; the nearest that is: {THIRD}.\n"


# Replay


@pytest.mark.slow
def test_the_same_nights_elsewhere_give_the_same_bytes(
    three_nights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder, another zone, another order of files on the disk, another number of workers: the data hashes are the same."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    dumps = tmp_path / "dumps"
    for night in NIGHTS:
        (dumps / night.name).mkdir(parents=True)
        for file in sorted(night.iterdir(), reverse=True):
            shutil.copyfile(file, dumps / night.name / file.name)
        run([dumps / night.name], tmp_path / "w", night.name, Settings(workers=1, partition_words=4_000))
    hashes = [[each.data_hash for each in history.line(Warehouse(root))] for root in (three_nights, tmp_path / "w")]
    assert hashes[0] == hashes[1]


@pytest.mark.slow
def test_a_registry_is_what_it_says_and_not_where_it_lies(tmp_path: Path) -> None:
    head = (EXAMPLES.parent / "transforms" / "registry" / "sources.csv").read_text().splitlines()[0]
    dump = tmp_path / "dumps" / "a.jsonl"
    dump.parent.mkdir()
    dump.write_text(article(1))
    hashes = []
    for name in ("here", "there"):
        (tmp_path / f"{name}.csv").write_text(head + "\n")
        row = run([dump], tmp_path / name, "2026-03-02", Settings(more_sources=(str(tmp_path / f"{name}.csv"),)))
        hashes.append(row["data_hash"])
    assert hashes[0] == hashes[1]
