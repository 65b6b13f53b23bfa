"""Older warehouses are upgraded in place, whole or not at all; newer ones are refused with a sentence."""

import shutil
import tarfile
from pathlib import Path

import pyarrow as pa
import pytest

from flows.cli import main
from flows.resources import views_sql
from tests.nights import NIGHTS, ask, run
from warehouse import history
from warehouse.migrate import MIGRATIONS, upgrade
from warehouse.publish import Warehouse
from warehouse.rewrite import STEPS
from warehouse.schema import SCHEMA_VERSION, TABLES
from warehouse.snapshot import NewerSchemaError, manifest_text
from warehouse.storage import conform_older

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A warehouse that release 0.1 left after two nights."""
    return _unpacked(tmp_path)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same, upgraded; nobody changes it."""
    return upgraded(_unpacked(tmp_path_factory.mktemp("upgraded")))


def _unpacked(folder: Path) -> Path:
    with tarfile.open(FIXTURES / "warehouse_0_1.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    return folder / "warehouse"


def upgraded(root: Path) -> Warehouse:
    house = Warehouse(root)
    with house.lock("upgrade"):
        upgrade(house, views_sql())
    return house


def test_the_migrations_lead_to_todays_schema() -> None:
    assert [m.number for m in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    assert [m.after for m in MIGRATIONS] == [*(m.before for m in MIGRATIONS[1:]), SCHEMA_VERSION]


def test_every_kept_night_is_upgraded_and_says_the_same(root: Path, looked_at: Warehouse) -> None:
    old = {each.manifest["run"]["night"]: each for each in Warehouse(root).snapshots()}
    rows = {(n, t): sum(f.rows for f in e.files if f.table == t) for n, e in old.items() for t in TABLES}
    assert [each.manifest["schema_version"] for each in history.line(looked_at)] == [SCHEMA_VERSION] * 2
    for night, before in old.items():
        now = history.as_of(looked_at, night)
        assert now.verify() == [] and now.manifest["replaces"] == [before.number]
        for name, table in TABLES.items():
            if table.kind == "log":
                continue
            found = now.read(name)
            assert found.schema == table.schema
            if name not in ("text_actors", "source_spellings", "actor_spellings", "actor_aliases"):
                assert found.num_rows == rows[night, name], name
        filed = dict(
            zip(
                *(now.read("texts", ["text_id", "filed_date"])[c].to_pylist() for c in ("text_id", "filed_date")),
                strict=True,
            )
        )
        assert all(filed[row["text_id"]] == row["text_filed_date"] for row in now.read("articles").to_pylist())


def test_upgraded_twice_is_upgraded_once(looked_at: Warehouse) -> None:
    with looked_at.lock("upgrade"):
        assert upgrade(looked_at, "") == []


def test_the_next_night_upgrades_and_goes_on(root: Path) -> None:
    before = ask_counts(upgraded(root))
    row = run([NIGHTS[1] / "capitol.jsonl"], root, "2026-03-05")
    assert row["status"] == "published" and row["n_loaded"] > 0
    (now,) = ask(root, "SELECT count(*) AS n FROM articles")
    assert now["n"] == before + row["n_loaded"]
    stories = "SELECT count(*) AS n FROM as_of('stories', '2026-03-04') AS old ANTI JOIN stories USING (story_id)"
    assert ask(root, stories) == [{"n": 0}]


def ask_counts(house: Warehouse) -> int:
    current = house.current()
    assert current is not None
    return int(current.read("articles").num_rows)


@pytest.mark.parametrize("step", [s if s == "sealed" else pytest.param(s, marks=pytest.mark.slow) for s in STEPS])
def test_an_upgrade_stopped_at_any_step_leaves_a_whole_night(root: Path, step: str) -> None:
    def stop(reached: str) -> None:
        if reached == step:
            raise KeyboardInterrupt

    house = Warehouse(root)
    with pytest.raises(KeyboardInterrupt), house.lock("upgrade"):
        upgrade(house, "", after=stop)
    current = house.current()
    assert current is not None and current.verify() == []
    assert current.manifest["schema_version"] == (SCHEMA_VERSION if step == "swapped" else "0.1")
    assert {each.manifest["schema_version"] for each in history.line(upgraded(root))} == {SCHEMA_VERSION}


def test_a_newer_warehouse_is_refused_with_a_sentence(
    looked_at: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(looked_at.root, tmp_path / "newer", symlinks=True)
    house = Warehouse(root)
    current = house.current()
    assert current is not None
    newer = manifest_text(current.number, None, "0.10", current.manifest["run"], current.files)
    (current.path / "manifest.json").write_text(newer)
    with pytest.raises(
        NewerSchemaError, match=f"is of schema 0.10, and this release knows {SCHEMA_VERSION}: use the release"
    ):
        Warehouse(root).current()
    for command in (["rollback", "2026-03-02"], ["diff", "2026-03-02", "2026-03-04"], ["upkeep"]):
        assert main([*command, "--warehouse", str(root)]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_an_added_column_needs_no_migration() -> None:
    table = TABLES["run_changes"]
    older = pa.Table.from_pylist([{"run_id": "r", "change": "grown", "entity_id": "s"}])
    assert conform_older(older, table).to_pylist()[0]["metric"] is None
