"""A night as its operator meets it: rubbish in the dump, nothing in the dump, a blocked night, a locked one, a late version."""

import gzip
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from flows.contracts import Blocked
from flows.dumps import feed_of
from flows.night import Night
from flows.orphans import stop_orphaned_server
from flows.progress import Progress
from flows.resources import Resources
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_bridges import REPORTS
from warehouse.lock import LockedError
from warehouse.publish import Warehouse

STORY = (
    "Fishermen at the port of Vardal brought the harbour to a standstill on Tuesday in protest at new quotas for cod, which they "
    "say will cost four hundred jobs on the coast. The ministry of fisheries said the quotas follow the advice of its scientists.\n"
    "A spokeswoman for the boat owners, Ingrid Solheim, said the blockade would last until the minister came to speak to them."
)


def article(number: int, **fields: object) -> str:
    plain = {
        "id": f"k{number}",
        "title": f"Blockade day {number} at Vardal",
        "text": STORY,
        "source": "Coast Gazette",
        "date": "2026-03-02",
    }
    return json.dumps(plain | fields)


def rubbish(folder: Path) -> dict[str, str]:
    """Fill a folder with two good records and everything that is not one; returns what must be refused: file to reason."""
    folder.mkdir(parents=True)
    good = article(1) + "\n" + article(2, text=STORY + " Boats stayed out.") + "\n"
    (folder / "good.jsonl").write_text(good)
    packed = gzip.compress(good.encode())
    files: dict[str, tuple[bytes, str]] = {
        "cut.jsonl.gz": (packed[: len(packed) // 2], "truncated_gzip"),
        "bomb.gz": (gzip.compress(b"\0" * 200_000_000), "compression_bomb"),
        "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "binary"),
        "page.html": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20, "binary"),
        "empty.txt": (b"", "empty_file"),
        "broken.jsonl": (b'{"id": 9, "text": "cut off in the mid\n', "bad_json"),
        "deep.jsonl": (b'{"id": 9, "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "too_deep"),
        "bodyless.jsonl": (b'{"id": 9, "title": "no words"}\n', "no_text"),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    (folder / "nowhere.txt").symlink_to(folder / "not-there")
    os.mkfifo(folder / "pipe.txt")
    (folder / "half.jsonl.tmp").write_text("still being written")
    return {name: reason for name, (_, reason) in files.items()} | {
        "nowhere.txt": "unreadable",
        "pipe.txt": "unreadable",
    }


def test_rubbish_is_quarantined_with_a_reason_and_the_night_goes_on(tmp_path: Path) -> None:
    refused = rubbish(tmp_path / "dumps" / "2026-03-02")
    row = run([tmp_path / "dumps"], tmp_path / "w", "2026-03-02")
    assert (row["n_loaded"], row["n_quarantined"]) == (2, len(refused))
    found = {Path(r["path"]).name: r["reason_code"] for r in ask(tmp_path / "w", "FROM quarantine")}
    assert found == refused
    files = {Path(r["path"]).name: r["status"] for r in ask(tmp_path / "w", "FROM raw_files")}
    assert files == dict.fromkeys(refused, "quarantined") | {"good.jsonl": "read", "half.jsonl.tmp": "waiting"}


def test_an_empty_folder_publishes_an_empty_warehouse_once(tmp_path: Path) -> None:
    (tmp_path / "dumps").mkdir()
    assert run([tmp_path / "dumps"], tmp_path / "w", "2026-03-02")["status"] == "published"
    assert run([tmp_path / "dumps"], tmp_path / "w", "2026-03-02")["status"] == "no_change"
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM articles") == [{"n": 0}]


def test_the_same_night_twice_publishes_nothing_even_when_recomputed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = tmp_path / "dumps" / "a.jsonl"
    dump.parent.mkdir()
    dump.write_text(article(1) + "\n" + article(2, text=STORY + " Nobody was hurt."))
    first = run([dump], tmp_path / "w", "2026-03-02")
    monkeypatch.setattr("flows.night.Night.brings_nothing", False)
    again = run([dump], tmp_path / "w", "2026-03-02")
    assert (again["status"], again["data_hash"]) == ("no_change", first["data_hash"])


@pytest.mark.slow
def test_a_setting_that_changes_nothing_makes_everything_anew_once(tmp_path: Path) -> None:
    dump = tmp_path / "a.jsonl"
    dump.write_text(article(1))
    first, second = Settings(), Settings(tagger_languages=("en", "xx"))
    ended = [
        run([dump], tmp_path / "w", f"2026-03-0{day}", settings)
        for day, settings in enumerate((first, second, second, first, second), start=2)
    ]
    assert [row["status"] for row in ended] == ["published", *["no_change"] * 4]
    assert [len(row["stages"]) > 1 for row in ended] == [True, True, False, False, False]
    house = Warehouse(tmp_path / "w")
    for settings, restate in ((first, False), (second, False), (Settings(tagger_languages=()), True)):
        this = Night.begin(house, [str(dump)], date(2026, 3, 9), settings, Progress(Console(quiet=True)))
        this.connection.close()
        assert this.restate == restate


def test_a_failing_check_blocks_the_night_and_names_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_text(article(1))
    second.write_text(article(2, text=STORY + " The talks begin on Friday."))
    before = run([first], tmp_path / "w", "2026-03-02")
    real = Resources.load
    broken = {"no_second_article": "SELECT article_id, title FROM articles WHERE record_key = 'k2'"}
    monkeypatch.setattr(Resources, "load", lambda settings: replace(real(settings), checks=broken))
    with pytest.raises(
        Blocked, match=r"no_second_article is broken by 1 row, such as article_id=a_\w+, title=Blockade day 2"
    ):
        run([second], tmp_path / "w", "2026-03-03")
    assert ask(tmp_path / "w", "SELECT data_hash FROM snapshot")[0]["data_hash"] == before["data_hash"]
    log = ask(tmp_path / "w", "SELECT status, reason FROM runs ORDER BY started_at")
    assert [row["status"] for row in log] == ["published", "blocked"] and "no_second_article" in log[1]["reason"]


def test_a_night_gives_way_to_one_that_is_running(tmp_path: Path) -> None:
    dump = tmp_path / "a.jsonl"
    dump.write_text(article(1))
    with (
        Warehouse(tmp_path / "w").lock("another night"),
        pytest.raises(LockedError, match="is being written by another night"),
    ):
        run([dump], tmp_path / "w", "2026-03-02")


def test_a_feed_is_the_folder_without_the_night() -> None:
    names = {
        "/dumps/2026-03-02/a.txt": "dumps",
        "/data/wire/20260302/a.txt": "wire",
        "/data/wire-2026-03-02/a.txt": "wire",
        "/data/2026-03-02/pages/a.html": "pages",
        "/data/2026-03-02T0400/a.html": "data",
    }
    assert {path: feed_of(Path(path)) for path in names} == names


def test_settings_refuse_what_they_do_not_know(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('zone = "Asia/Karachi"\nmore_actors = ["mine.csv"]\n')
    assert Settings.load(file).more_actors == ("mine.csv",)
    for text, said in (
        ("wrokers = 3", "there is no setting 'wrokers'"),
        ('workers = "3"', "workers must be of type int"),
        ("workers = true", "workers must be of type int, not bool"),
        ("workers = 0", "workers is 0; the least it can be is 1"),
        ("keep_days = -4", "keep_days is -4; the least it can be is 0"),
        ("more_actors = [3]", "more_actors must be a list of strings"),
        ('zone = "Mars/Phobos"', "there is no time zone 'Mars/Phobos'"),
        ('zone = "Europe"', "there is no time zone 'Europe'"),
        ('sql_memory = "lots"', "sql_memory is 'lots'; write it as 1500MB or 4GB"),
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=said):
            Settings.load(file)


def lines(tmp_path: Path, name: str, *articles: str) -> Path:
    dump = tmp_path / "dumps" / f"{name}.jsonl"
    dump.parent.mkdir(exist_ok=True)
    dump.write_text("\n".join(articles))
    return dump


# Cases that have nothing to do with each other, in two nights for all: each has its own words and keys.
ODD = ("mojibake: CafÃ© dÃ©jÃ  vu", "NUL \x00 inside", "right-to-left \u202e override", "astral 𝔘𝔫𝔦 and 🗞")
ELECTION = (
    "Voters in the highlands go to the polls on Sunday in an election that six parties contest for ninety seats in the chamber, and "
    "the governing party has lost its lead in every survey that was taken since the summer, when the price of bread was raised."
)
HEADLINE = (
    "Two rafts of logs broke loose above the weir at Imatra and blocked the lock for barges, the harbour master said"
)
LIBRARY, DAM, TRAM, NURSES, BEES, RACE = (REPORTS[kind][n] for kind, n in (
    ("roundup", 1), ("liveblog", 0), ("liveblog", 1), ("listing", 0), ("listing", 1), ("stub", 0),
))  # fmt: skip


# The warehouse after both nights, and the row of each.
Cases = tuple[Path, list[dict[str, Any]]]


def told(number: int, text: str, **fields: object) -> str:
    """Return a record of these words, and with a headline of its own."""
    return article(number, **({"title": text[:50], "text": text} | fields))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """Two nights of all cases."""
    folder = tmp_path_factory.mktemp("cases")
    credited = "The Nordland Courier reported on Tuesday that " + NURSES
    printed = (("Daily Coast", "08"), ("Daily Coast", "09"), ("Valley Post", "12"))
    first = [
        *(told(n, f"{text}. {STORY}") for n, text in enumerate(ODD)),
        told(10, RACE),
        told(20, LIBRARY, title=HEADLINE),
        told(30, credited, source="Daily Coast"),
        told(31, credited, source=None),
        told(40, DAM, source="Daily Coast"),
        told(41, DAM, source="Valley Post"),
        *(told(50 + n, TRAM, source=s, date=f"2026-03-02T{h}:00:00Z") for n, (s, h) in enumerate(printed)),
        told(60, BEES, date="2026-02-10T08:00:00Z"),
        told(70, ELECTION),
        told(70, REPORTS["stub"][1]),
    ]
    second = [
        told(10, RACE + " Correction: the water rose in April.", modified="2026-03-03T08:00:00Z"),
        told(21, HEADLINE, title="Imatra"),
        told(60, BEES + " Corrected.", date=None, source=None, modified="2026-03-03T09:00:00Z"),
    ]
    dumps = [lines(folder, name, *records) for name, records in (("a", first), ("b", second))]
    rows = [run([dump], folder / "w", f"2026-03-0{night}") for night, dump in enumerate(dumps, start=2)]
    assert [(row["n_in"], row["n_loaded"]) for row in rows] == [(len(first), len(first)), (len(second), 1)]
    return folder / "w", rows


def of_case(cases: Cases, sql: str, case: int) -> list[dict[str, Any]]:
    """Return the rows of a query over `told`: articles of a case, by the tens of their keys."""
    return ask(cases[0], f"WITH told AS (FROM articles WHERE record_key[2:]::INT // 10 = {case}) {sql}")


def test_odd_characters_load_and_their_offsets_hold(cases: Cases) -> None:
    assert len(of_case(cases, "FROM told", 0)) == len(ODD)


def test_a_new_version_replaces_the_old_in_the_tables_and_stays_in_the_history(cases: Cases) -> None:
    assert cases[1][1]["n_new_version"] == 2
    (found,) = of_case(cases, "SELECT article_id, version_no, n_versions, body FROM told JOIN texts USING (text_id)", 1)
    assert (found["version_no"], found["n_versions"]) == (2, 2) and found["body"].endswith("rose in April.")
    assert of_case(cases, "SELECT count(*) AS n FROM article_versions SEMI JOIN told USING (article_id)", 1) == [
        {"n": 2}
    ]
    changes = of_case(
        cases,
        "SELECT change, cause FROM changes_tonight SEMI JOIN told ON entity_id = told.article_id WHERE change = 'new_version'",
        1,
    )
    assert changes == [{"change": "new_version", "cause": "new_version"}]


def test_words_that_were_a_headline_first_can_be_a_body_later(cases: Cases) -> None:
    rows = of_case(cases, "SELECT kind, body FROM told JOIN texts ON texts.text_id IN (told.text_id, title_text_id)", 2)
    # One text, a headline for the one and a body for the other.
    assert [row["kind"] for row in rows if row["body"] == HEADLINE] == ["title"] * 2


def test_an_unknown_copy_of_a_known_text_is_no_voice_of_its_own(cases: Cases) -> None:
    (story,) = of_case(
        cases,
        "SELECT n_copies, n_texts, n_families, originator_support FROM stories SEMI JOIN told USING (story_id)",
        3,
    )
    assert story == {"n_copies": 2, "n_texts": 1, "n_families": 1, "originator_support": 1.0}


def test_who_came_first_with_a_shared_text_is_unknown_where_no_hour_is(cases: Cases) -> None:
    assert {row["origin_kind"] for row in of_case(cases, "FROM told", 4)} == {"unknown"}


def test_only_another_familys_earlier_words_are_republished(cases: Cases) -> None:
    kinds = [row["origin_kind"] for row in of_case(cases, "FROM told ORDER BY record_key", 5)]
    assert kinds == ["original", "original", "republished"]


def test_a_correction_without_a_date_does_not_move_the_article(cases: Cases) -> None:
    (row,) = of_case(cases, "SELECT report_date, name, version_no FROM told JOIN sources USING (source_id)", 6)
    assert (row["report_date"].isoformat(), row["name"], row["version_no"]) == ("2026-02-10", "Coast Gazette", 2)


def test_a_key_used_for_two_articles_loads_both(cases: Cases) -> None:
    assert cases[1][0]["n_new_version"] == 0
    assert of_case(cases, "SELECT count(*) AS n FROM told", 7) == [{"n": 2}]


def test_a_warehouse_inside_its_dump_is_not_read_as_one(tmp_path: Path) -> None:
    dump = lines(tmp_path, "a", article(1)).parent
    run([dump], dump / "warehouse", "2026-03-02")
    row = run([dump], dump / "warehouse", "2026-03-03")
    assert (row["status"], row["n_in"]) == ("no_change", 0)


def test_the_server_of_a_run_still_alive_is_left_alone(tmp_path: Path) -> None:
    record = tmp_path / "state" / f"server-{os.getpid()}"
    record.parent.mkdir()
    record.write_text(f"{os.getpid()} 0.00")
    stop_orphaned_server(tmp_path)
    assert record.exists()


@pytest.mark.slow
def test_a_version_that_bridges_two_articles_of_a_key_makes_them_one(tmp_path: Path) -> None:
    other = (
        "Voters in the highlands go to the polls on Sunday in an election that six parties contest for ninety seats."
    )
    dump = tmp_path / "a.jsonl"
    dump.write_text(
        "\n".join(
            [
                article(1),
                article(1, title="Polls open", text=other, date="2026-03-03"),
                article(
                    2, title="Polls open on Sunday", text=other + " Later.", source="Valley Post", date="2026-03-03"
                ),
            ]
        )
    )
    run([dump], tmp_path / "w", "2026-03-03")
    before = ask(tmp_path / "w", "SELECT story_id FROM stories")
    assert len(before) == 2
    dump.write_text(article(1, title="Both", text=f"{STORY} {other}", date="2026-03-04", modified="2026-03-04"))
    assert run([dump], tmp_path / "w", "2026-03-04")["status"] == "published"
    assert ask(tmp_path / "w", "SELECT title, n_versions FROM articles WHERE record_key = 'k1'") == [
        {"title": "Both", "n_versions": 3}
    ]
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM story_articles ANTI JOIN articles USING (article_id)") == [
        {"n": 0}
    ]
    for story in before:
        (found,) = ask(tmp_path / "w", "SELECT resolve($id) AS id", id=story["story_id"])
        assert ask(tmp_path / "w", "SELECT count(*) AS n FROM stories WHERE story_id = $id", id=found["id"]) == [
            {"n": 1}
        ]


def test_a_refused_record_is_resolved_by_the_run_that_reads_its_place_well(tmp_path: Path) -> None:
    dumps, root = tmp_path / "dumps", tmp_path / "w"
    dumps.mkdir()
    good, broken = (
        json.dumps({"id": "1", "title": "Port", "text": "The port of Vardal stays closed until May."}),
        '{"id": "2", "text": ',
    )
    for name in ("mended", "left"):
        (dumps / f"{name}.jsonl").write_text(f"{good}\n{broken}\n")
    run([dumps], root, "2026-03-02")
    (dumps / "mended.jsonl").write_text(
        f"{good}\n" + broken.replace('"text": ', '"title": "Quay", "text": "The quay is open."}\n')
    )
    later = run([dumps], root, "2026-03-03")
    sql = "SELECT path, raw_start, resolved_run_id FROM quarantined"
    found = {Path(row["path"]).stem: row["resolved_run_id"] for row in ask(root, sql)}
    assert found == {"mended": later["run_id"], "left": None}
    assert len(ask(root, sql)) == len(ask(root, "FROM quarantine")) == 2
