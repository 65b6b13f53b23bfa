"""The recipes do what they say: every block of docs/recipes.md is run on the example's three nights, by the tool it names.

`python -m tests.test_recipes WAREHOUSE` writes the answers anew.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nights import ask
from warehouse.catalog import open_catalog

HOUSE = Path(__file__).resolve().parents[1]
PAGE = HOUSE / "docs" / "recipes.md"
NOTEBOOK = HOUSE / "docs" / "recipes.ipynb"
# DuckDB's command line of 1.5, from the package duckdb-cli.
CLI = shutil.which("duckdb", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
_BLOCK = re.compile(r"```(sh|python)\n(.*?)```\n```answer\n(.*?)```", re.DOTALL)
BLOCKS = _BLOCK.findall(PAGE.read_text("utf-8"))


@pytest.fixture(scope="module")
def there(three_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which out/warehouse is the example's."""
    return _there(three_nights, tmp_path_factory.mktemp("reader"))


@pytest.mark.parametrize("language, code, answer", BLOCKS, ids=[code.split("\n")[0][:40] for _, code, _ in BLOCKS])
def test_a_recipe_answers_as_written(there: Path, language: str, code: str, answer: str) -> None:
    if language == "sh" and CLI is None:
        pytest.skip("DuckDB's command line is not installed (pip install duckdb-cli)")
    assert shown(there, language, code) == answer


def test_no_block_goes_untested() -> None:
    assert len(BLOCKS) == len(re.findall(r"^```(?:sh|python)$", PAGE.read_text("utf-8"), re.MULTILINE)) == 9


def test_the_notebook_runs(there: Path) -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert shown(there, "python", "\n".join(code)) == ""


def test_who_was_handed_the_warehouse_reaches_nothing_else(there: Path) -> None:
    if CLI is None:
        pytest.skip("DuckDB's command line is not installed (pip install duckdb-cli)")
    (recipe,) = [code for _, code, _ in BLOCKS if "lock_configuration" in code]
    question = recipe[recipe.index('"SELECT') :]
    for attack in (
        "FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "SET enable_external_access = true",
        "ATTACH '/tmp/other.duckdb'",
        "CREATE TABLE t AS SELECT 1",
        "INSTALL httpfs",
    ):
        run = _run(there, "sh", recipe.replace(question, f'"{attack}"'))
        assert run.returncode != 0 or "Error" in run.stderr, attack


# DuckDB 1.5 and 2.0 read one catalog alike


@pytest.fixture(scope="module")
def older(there: Path) -> list[str]:
    """The command that asks the catalog with DuckDB 1.5, from another directory, attached under another name."""
    if CLI is None:
        pytest.skip("DuckDB's command line is not installed (pip install duckdb-cli)")
    version = subprocess.run([CLI, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("v1.5"):
        pytest.skip(f"the command line is {version.split()[0]}, not 1.5")
    catalog = (there / "out" / "warehouse" / "current").resolve() / "catalog.duckdb"
    return [
        CLI,
        "-json",
        "-cmd",
        "SET GLOBAL TimeZone = 'UTC'",
        "-cmd",
        f"ATTACH '{catalog}' AS elsewhere (READ_ONLY)",
        "-c",
    ]


def test_every_view_has_the_same_rows_in_both(there: Path, older: list[str], tmp_path: Path) -> None:
    views = [
        row["name"]
        for row in ask(there / "out" / "warehouse", "SELECT view_name AS name FROM duckdb_views() WHERE NOT internal")
    ]
    counts = " UNION ALL ".join(f"SELECT '{view}' AS view, count(*) AS n FROM {{}}{view}" for view in sorted(views))
    assert len(views) > 30
    assert _told(older, counts, tmp_path) == ask(there / "out" / "warehouse", counts.replace("{}", ""))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT story_id, {}resolve(story_id) AS now, n_copies, first_at::VARCHAR AS first_at FROM {}stories ORDER BY ALL",
        "SELECT source_id, n_copies, n_firsts, n_cited_by_families FROM {}source_scorecard(30) ORDER BY ALL",
        "SELECT actor_id, n_copies, n_story_days FROM {}actor_scorecard(30) ORDER BY ALL",
        "SELECT article_id, origin_kind FROM {}story_timeline((SELECT min(story_id) FROM {}stories)) ORDER BY ALL",
        "SELECT article_id, body FROM {}article_text ORDER BY ALL",
        "SELECT story_id, n_copies FROM {}as_of('stories', '2026-03-02') ORDER BY ALL",
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL",
    ],
)
def test_macros_rows_and_comments_are_the_same_in_both(there: Path, older: list[str], tmp_path: Path, sql: str) -> None:
    assert _told(older, sql, tmp_path) == ask(there / "out" / "warehouse", sql.replace("{}", ""))


def test_everything_is_described(there: Path) -> None:
    with open_catalog(there / "out" / "warehouse") as catalog:
        bare = catalog.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL UNION ALL "
            "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL UNION ALL "
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND comment IS NULL"
        ).fetchall()
    assert bare == []


def test_every_macro_names_its_parameters_in_its_comment(there: Path) -> None:
    with open_catalog(there / "out" / "warehouse") as catalog:
        macros = catalog.execute("SELECT comment, parameters FROM duckdb_functions() WHERE NOT internal").fetchall()
    assert macros and all(f"{name} =" in comment for comment, parameters in macros for name in parameters)


def _told(older: list[str], sql: str, folder: Path) -> list[dict[str, object]]:
    run = subprocess.run(
        [*older, sql.replace("{}", "elsewhere.")], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    rows: list[dict[str, object]] = json.loads(run.stdout)
    return rows


def shown(there: Path, language: str, code: str) -> str:
    run = _run(there, language, code)
    assert run.returncode == 0, run.stderr
    return run.stdout


def _run(there: Path, language: str, code: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euc", code] if language == "sh" else [sys.executable, "-c", code]
    path = f"{Path(CLI).parent}{os.pathsep}{os.environ['PATH']}" if CLI else os.environ["PATH"]
    environment = os.environ | {"PYTHONPATH": str(HOUSE), "PATH": path}
    return subprocess.run(command, cwd=there, env=environment, capture_output=True, text=True, check=False)


def _there(warehouse: Path, folder: Path) -> Path:
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out" / "warehouse").symlink_to(warehouse)
    return folder


def rewrite(warehouse: Path, folder: Path) -> None:
    there = _there(warehouse, folder)
    text = PAGE.read_text("utf-8")
    PAGE.write_text(
        _BLOCK.sub(lambda m: f"```{m[1]}\n{m[2]}```\n```answer\n{shown(there, m[1], m[2])}```", text), "utf-8"
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as reader:
        rewrite(Path(sys.argv[1]).resolve(), Path(reader))
