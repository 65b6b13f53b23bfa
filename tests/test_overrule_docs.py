"""docs/overrule.md is true: its commands run, its file is the example's, and each kind of decision does what the page says."""

import re
import shlex
from pathlib import Path

import pytest

from flows.cli import main
from flows.settings import Settings
from tests.nights import EXAMPLES, ask, run
from tests.test_explain import FIELDS
from transforms.overrides import KINDS, parse_overrides

PAGE = (EXAMPLES.parent / "docs" / "overrule.md").read_text("utf-8")
COMMANDS = [
    shlex.split(line) for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]


def execute(command: list[str]) -> None:
    """Run a command of the page; a night runs without its orchestrator, whose server takes longer than the night."""
    program, verb, *rest = command
    assert program == "newsfold"
    if verb == "run":
        options = dict(zip(rest[1::2], rest[2::2], strict=True))
        settings = Settings.load(Path(options["--settings"]) if "--settings" in options else None)
        assert run([rest[0]], options["--warehouse"], options["--night"], settings)["status"] == "published"
    else:
        assert main([verb, *rest]) == 0, command


@pytest.mark.slow
def test_its_commands_run_and_its_decisions_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(EXAMPLES)
    (tmp_path / "newsfold.toml").write_text('overrides = "examples/overrides.csv"\n')
    given = iter(["y", "seen", "q"])
    monkeypatch.setattr("builtins.input", lambda question: next(given))
    for command in COMMANDS:
        execute(command)
    told = capsys.readouterr().out
    assert (
        "Veto: an override parts them" in told and "Override: cannot_link" in told and "by ines on 2026-03-03" in told
    )
    assert told.count("To overrule it") >= 3 and "overruled" in told and "same_story_f1" in told
    assert len(parse_overrides(Path("overrides.csv").read_text(), "overrides.csv")) == 1
    house = tmp_path / "house"
    ignored = next(
        row for row in parse_overrides((EXAMPLES / "overrides.csv").read_text("utf-8"), "x") if row.kind == "ignore"
    )
    assert main(["explain", ignored.key, ignored.key, "--warehouse", str(house)]) == 1
    assert f"'{ignored.key}' is in no story and no count: an override ignores it, by max" in capsys.readouterr().err
    assert ask(house, "SELECT kind FROM overrides WHERE is_stale") == []
    assert {row["kind"] for row in ask(house, "SELECT DISTINCT kind FROM overrides")} == set(KINDS)
    used = ask(house, "SELECT * FROM override_uses ORDER BY ALL")
    (last,) = ask(house, "SELECT run_id FROM snapshot")
    assert used == [
        {"override_id": row["override_id"], "used_in_run": last["run_id"], "is_stale": False}
        for row in ask(house, "SELECT override_id FROM overrides ORDER BY ALL")
    ]
    moved = ask(house, "SELECT source_id, source_method FROM articles WHERE article_id = 'a_099861c39e839fc5'")
    assert [row["source_method"] for row in moved] == ["override"]


def test_its_file_is_the_examples_and_its_tables_name_every_kind_and_field() -> None:
    assert f"```csv\n{(EXAMPLES / 'overrides.csv').read_text('utf-8')}```" in PAGE
    assert all(f"| `{kind}` |" in PAGE for kind in KINDS)
    assert all(f"`{field}`" in PAGE for fields in FIELDS.values() for field in fields)
