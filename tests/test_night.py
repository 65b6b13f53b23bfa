"""A night as its operator meets it: rubbish in the dump, nothing in the dump, a blocked night, a locked one, a late version."""

import gzip
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

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


def test_odd_characters_load_and_their_offsets_hold(tmp_path: Path) -> None:
    odd = ("mojibake: CafÃ© dÃ©jÃ  vu", "NUL \x00 inside", "right-to-left \u202e override", "astral 𝔘𝔫𝔦 and 🗞")
    dump = tmp_path / "dumps" / "odd.jsonl"
    dump.parent.mkdir()
    dump.write_text("\n".join(article(n, text=f"{text}. {STORY}") for n, text in enumerate(odd)))
    assert run([dump], tmp_path / "w", "2026-03-02")["n_loaded"] == len(odd)


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


def test_a_new_version_replaces_the_old_in_the_tables_and_stays_in_the_history(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_text(article(1))
    second.write_text(
        article(1, text=STORY + " Correction: the blockade began on Monday.", modified="2026-03-03T08:00:00Z")
    )
    run([first], tmp_path / "w", "2026-03-02")
    row = run([second], tmp_path / "w", "2026-03-03")
    assert row["n_new_version"] == 1
    (found,) = ask(tmp_path / "w", "SELECT version_no, n_versions, body FROM articles JOIN texts USING (text_id)")
    assert (found["version_no"], found["n_versions"]) == (2, 2) and found["body"].endswith("began on Monday.")
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM article_versions") == [{"n": 2}]
    changes = ask(tmp_path / "w", "SELECT change, cause FROM changes_tonight WHERE change = 'new_version'")
    assert changes == [{"change": "new_version", "cause": "new_version"}]


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
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=said):
            Settings.load(file)


def lines(tmp_path: Path, name: str, *articles: str) -> Path:
    dump = tmp_path / "dumps" / f"{name}.jsonl"
    dump.parent.mkdir(exist_ok=True)
    dump.write_text("\n".join(articles))
    return dump


def test_words_that_were_a_headline_first_can_be_a_body_later(tmp_path: Path) -> None:
    words = "Fishermen at the port of Vardal brought the harbour to a standstill on Tuesday in protest at new quotas for cod, the ministry said"
    first = lines(tmp_path, "a", article(1, title=words))
    second = lines(tmp_path, "b", article(2, title="Vardal", text=words))
    run([first], tmp_path / "w", "2026-03-02")
    assert run([second], tmp_path / "w", "2026-03-03")["n_loaded"] == 1


def test_an_unknown_copy_of_a_known_text_is_no_voice_of_its_own(tmp_path: Path) -> None:
    body = "The Nordland Courier reported on Tuesday that " + STORY
    dump = lines(tmp_path, "a", article(1, text=body, source="Daily Coast"), article(2, text=body, source=None))
    run([dump], tmp_path / "w", "2026-03-02")
    (story,) = ask(tmp_path / "w", "SELECT n_copies, n_texts, n_families, originator_support FROM stories")
    assert story == {"n_copies": 2, "n_texts": 1, "n_families": 1, "originator_support": 1.0}


def test_who_came_first_with_a_shared_text_is_unknown_where_no_hour_is(tmp_path: Path) -> None:
    dump = lines(tmp_path, "a", article(1, source="Daily Coast"), article(2, source="Valley Post"))
    run([dump], tmp_path / "w", "2026-03-02")
    assert {row["origin_kind"] for row in ask(tmp_path / "w", "FROM articles")} == {"unknown"}


def test_only_another_familys_earlier_words_are_republished(tmp_path: Path) -> None:
    times = ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z")
    outlets = ("Daily Coast", "Daily Coast", "Valley Post")
    dump = lines(
        tmp_path, "a", *(article(n, source=s, date=t) for n, (s, t) in enumerate(zip(outlets, times, strict=True)))
    )
    run([dump], tmp_path / "w", "2026-03-02")
    kinds = [row["origin_kind"] for row in ask(tmp_path / "w", "FROM articles ORDER BY record_key")]
    assert kinds == ["original", "original", "republished"]


def test_a_correction_without_a_date_does_not_move_the_article(tmp_path: Path) -> None:
    first = lines(tmp_path, "a", article(1, date="2026-02-10T08:00:00Z"))
    corrected = article(1, date=None, source=None, modified="2026-03-03T09:00:00Z", text=STORY + " Corrected.")
    second = lines(tmp_path, "b", corrected)
    run([first], tmp_path / "w", "2026-03-02")
    run([second], tmp_path / "w", "2026-03-03")
    (row,) = ask(tmp_path / "w", "SELECT report_date, name, version_no FROM articles JOIN sources USING (source_id)")
    assert (row["report_date"].isoformat(), row["name"], row["version_no"]) == ("2026-02-10", "Coast Gazette", 2)


def test_a_key_used_for_two_articles_loads_both(tmp_path: Path) -> None:
    other = (
        "Voters in the highlands go to the polls on Sunday in an election that six parties contest for ninety seats in the chamber, and "
        "the governing party has lost its lead in every survey that was taken since the summer, when the price of bread was raised."
    )
    dump = lines(tmp_path, "a", article(1), article(1, title="Polls open", text=other))
    row = run([dump], tmp_path / "w", "2026-03-02")
    assert (row["n_loaded"], row["n_new_version"]) == (2, 0)
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM articles") == [{"n": 2}]


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
