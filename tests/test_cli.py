"""The command: its forms, exit codes and messages, on the example's first night."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from flows.cli import main
from flows.contracts import Blocked
from flows.nightly import by_the_clock
from flows.report import clipped
from flows.settings import Settings
from tests.nights import NIGHTS, run
from warehouse.lock import LockedError


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("cli") / "warehouse"
    run([NIGHTS[0]], root, NIGHTS[0].name)
    return root


def test_sql_answers_as_json(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "SELECT count(*) AS n FROM articles", "--warehouse", str(first_night), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["n"] > 20


def test_sql_answers_as_csv_and_as_a_table(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "SELECT 1 AS one, 'a' AS word", "--warehouse", str(first_night), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["one,word", "1,a"]
    assert main(["sql", "SELECT 1 AS one", "--warehouse", str(first_night)]) == 0
    assert "one" in capsys.readouterr().out


@pytest.mark.parametrize(
    "query", ["DROP VIEW articles", "COPY articles TO '/tmp/x.csv'", "FROM read_text('/etc/hostname')", "SELEC 1"]
)
def test_sql_only_reads_and_only_the_warehouse(
    first_night: Path, query: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", query, "--warehouse", str(first_night)]) == 1
    assert capsys.readouterr().err.startswith("newsfold: ")


def test_every_view_and_macro_answers(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    assert main(["sql", views, "--warehouse", str(first_night), "--format", "csv"]) == 0
    names = capsys.readouterr().out.split()[1:]
    assert {"stories_today", "originators", "review_queue", "coverage", "article_text"} <= set(names)
    story = "(SELECT min(story_id) FROM stories)"
    macros = [
        f"story_timeline({story})",
        "source_scorecard(30)",
        "actor_scorecard(30)",
        f"(SELECT resolve({story}))",
        "(SELECT resolve_actor('act_state_us'))",
    ]
    for name in [*names, *macros]:
        assert main(["sql", f"FROM {name} LIMIT 3", "--warehouse", str(first_night)]) == 0, (
            name,
            capsys.readouterr().err,
        )


def test_every_column_has_a_comment(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = "SELECT table_name, column_name FROM duckdb_columns() JOIN (SELECT view_name FROM duckdb_views() WHERE NOT internal) ON table_name = view_name WHERE comment IS NULL AND table_name IN ('articles', 'stories', 'actors', 'runs')"
    assert main(["sql", bare, "--warehouse", str(first_night), "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["table_name,column_name"]


def test_explain_names_articles_by_key_or_url(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["MNA-260301-0417", "5d3c0e6e-7a11-4f0a-9a55-000000000101"]
    assert main(["explain", *pair, "--warehouse", str(first_night)]) == 0
    said = capsys.readouterr().out
    assert "One story:" in said and "Score" in said
    assert main(["explain", "nobody", pair[0], "--warehouse", str(first_night)]) == 1
    assert "there is no article 'nobody'" in capsys.readouterr().err


def test_status_tells_of_nights_and_of_what_was_refused(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--warehouse", str(first_night)]) == 0
    said = capsys.readouterr().out
    assert NIGHTS[0].name in said and "published" in said and "Quarantined" in said


def test_there_is_a_sentence_for_a_warehouse_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["sql", "SELECT 1"], ["status"], ["explain", "a", "b"]):
        assert main([*command, "--warehouse", str(tmp_path)]) == 1
        assert "Nothing is published" in capsys.readouterr().err


def test_a_dump_that_names_nothing_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path / "no-such"), "--warehouse", str(tmp_path / "w")]) == 2
    assert "there is no dump at" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["run", "x"],
        ["sql", "SELECT 1", "--warehouse", "w", "--format", "xml"],
        ["review", "--list", "--limit", "-3", "--warehouse", "w"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_the_prompt_reads_from_a_pipe(first_night: Path) -> None:
    newsfold = str(Path(sys.executable).with_name("newsfold"))
    asked = "SELECT 40 + 2 AS answer;\nSELECT nonsense;\n.tables\n.quit\n"
    done = subprocess.run(
        [newsfold, "sql", "--warehouse", str(first_night)], input=asked, capture_output=True, text=True, check=True
    )
    assert (
        "42" in done.stdout
        and "story_timeline" not in done.stderr
        and "articles" in done.stdout
        and "nonsense" in done.stderr
    )


@pytest.mark.slow
def test_run_end_to_end_on_the_embedded_server(tmp_path: Path) -> None:
    newsfold = str(Path(sys.executable).with_name("newsfold"))
    command = [newsfold, "run", str(NIGHTS[0]), "--warehouse", str(tmp_path / "w"), "--night", NIGHTS[0].name, "--json"]
    first = subprocess.run(command, capture_output=True, text=True, check=True)
    row = json.loads(first.stdout.splitlines()[-1])
    assert row["status"] == "published" and row["n_in"] == sum(
        row[f"n_{f}"] for f in ("loaded", "exact_repeat", "new_version", "quarantined")
    )
    assert "Stories tonight" in first.stdout
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    second = json.loads(again.stdout.splitlines()[-1])
    assert second["status"] == "no_change" and second["data_hash"] == row["data_hash"]


@pytest.mark.parametrize(
    ("raised", "code"),
    [(Blocked([]), 3), (LockedError("w is being written by another night"), 1), (OSError("disk full"), 1)],
)
def test_a_night_that_does_not_publish_says_so_by_its_exit_code(
    raised: Exception, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def night(*_: object) -> None:
        raise raised

    monkeypatch.setattr("flows.nightly.nightly", night)
    assert main(["run", str(NIGHTS[0]), "--warehouse", str(tmp_path / "w")]) == code
    assert capsys.readouterr().err.startswith("newsfold: ")


def test_a_clock_that_went_back_is_told_before_anything_is_read(
    first_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.nightly.tonight", lambda settings: date(2026, 1, 1))
    with pytest.raises(ValueError, match=r"tonight is 2026-01-01, before the last night .* 2026-03-02: set the clock"):
        by_the_clock(first_night, Settings())
    assert by_the_clock(tmp_path / "new", Settings()) == date(2026, 1, 1)


@pytest.mark.parametrize("night", ["1989-12-31", "2200-01-01", "9999-12-31"])
def test_a_night_beyond_all_news_is_refused(night: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{night} is no night: a night is a date from 1990-01-01 to 2199-12-31"):
        run([NIGHTS[0]], tmp_path / "w", night)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--warehouse", "{tmp}/s.toml/w"], "s.toml/w can't be written: Not a directory"),
        (["--warehouse", "{tmp}/w", "--settings", "{tmp}/s.toml"], "s.toml is no TOML file in UTF-8"),
    ],
)
def test_what_keeps_a_night_from_beginning_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.toml").write_text("nonsense = [")
    assert main(["run", str(NIGHTS[0]), *(each.format(tmp=tmp_path) for each in arguments)]) != 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("newsfold: ") and said in line


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("more_actors = ['{tmp}/none.csv']", "there is no file at {tmp}/none.csv: mend the setting `more_actors`"),
        ("more_sources = ['{tmp}/none.csv']", "there is no file at {tmp}/none.csv: mend the setting `more_sources`"),
        ("learnt_rules = '{tmp}/none.csv'", "there is no file at {tmp}/none.csv: mend the setting `learnt_rules`"),
        (
            "more_sources = ['{tmp}/s.toml']",
            '{tmp}/s.toml begins with "more_sources',
        ),
    ],
)
def test_a_setting_that_leads_nowhere_is_named_in_one_sentence(
    settings: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.toml").write_text(settings.format(tmp=tmp_path))
    there = ["--warehouse", str(tmp_path), "--settings", str(tmp_path / "s.toml")]
    assert main(["forget", "--article", "a_0000000000000000", *there]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("newsfold: ") and said.format(tmp=tmp_path) in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", ""], "'' is no address of an article"),
        (["--url", "nothing"], "'nothing' is no address of an article"),
        (["--article", "a_xx"], "'a_xx' is no article_id"),
        (["--source", " "], "no source is named"),
    ],
)
def test_what_names_nothing_is_not_said_to_be_forgotten(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forget", *arguments, "--warehouse", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_misspelt_warehouse_is_neither_kept_up_nor_forgotten_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["upkeep"], ["forget", "--url", "https://alpha.example/1"]):
        assert main([*command, "--warehouse", str(tmp_path / "none")]) == 2
        assert "there is no warehouse at" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_no_number_is_null_in_json(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = (
        "SELECT 1e0 / 0 AS infinite, 'nan'::DOUBLE AS nan, [0.5, 'inf'::DOUBLE] AS list, {'a': 'nan'::DOUBLE} AS named"
    )
    assert main(["sql", query, "--warehouse", str(first_night), "--format", "json"]) == 0

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    (row,) = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert row == {"infinite": None, "nan": None, "list": [0.5, None], "named": {"a": None}}


def test_columns_of_one_name_are_told_apart_in_json(first_night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a"
    assert main(["sql", query, "--warehouse", str(first_night), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_blobs_are_shown_in_hexadecimal(first_night: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    query = "SELECT 'a\\xFF'::BLOB AS one, [{'c': '\\x00'::BLOB}] AS nested"
    assert main(["sql", query, "--warehouse", str(first_night), "--format", form]) == 0
    told = capsys.readouterr().out
    assert "61ff" in told and "00" in told and "\\x" not in told and "b'" not in told


def test_a_mistake_in_the_settings_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("wrokers = 3\n", encoding="utf-8")
    assert main(["status", "--warehouse", str(tmp_path), "--settings", str(settings)]) == 2
    assert "there is no setting 'wrokers'" in capsys.readouterr().err


def test_the_longest_name_of_a_source_leaves_the_report_a_screen_wide(
    first_night: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = clipped("repeat('x', 5000)")
    assert main(["sql", f"SELECT {name} AS name", "--warehouse", str(first_night)]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) == 100


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=2_000_000))
    assert main(["run", str(NIGHTS[0]), "--warehouse", str(tmp_path / "w")]) == 1
    assert "2 MiB are free where" in capsys.readouterr().err


def test_what_is_missing_beside_the_warehouse_is_no_damage_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for raised, is_damage in (
        (FileNotFoundError("there is no file of overrides"), False),
        (FileNotFoundError(2, "gone"), True),
    ):

        def night(*_: object, raised: Exception = raised) -> None:
            raise raised

        monkeypatch.setattr("flows.nightly.nightly", night)
        assert main(["run", str(NIGHTS[0]), "--warehouse", str(tmp_path / "w")]) == 1
        assert ("newsfold verify --all" in capsys.readouterr().err) is is_damage


@pytest.mark.slow
def test_a_blocked_night_says_one_sentence_and_nothing_of_the_machinery(tmp_path: Path) -> None:
    head, who = "kind,key,value,author,date,reason\n", "ines,2026-03-03,read both\n"
    pair = "a_099861c39e839fc5,a_1364a3e640f68e8f"
    (tmp_path / "o.csv").write_text(f"{head}must_link,{pair},{who}cannot_link,{pair},{who}")
    (tmp_path / "s.toml").write_text(f"overrides = '{tmp_path / 'o.csv'}'\n")
    newsfold = str(Path(sys.executable).with_name("newsfold"))
    where = ["--warehouse", str(tmp_path / "w"), "--settings", str(tmp_path / "s.toml")]
    done = subprocess.run([newsfold, "run", str(NIGHTS[0]), *where], capture_output=True, text=True, check=False)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 3
    assert line.startswith("newsfold: blocked, nothing was published: the overrides contradict themselves: line 3")
