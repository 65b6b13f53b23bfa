"""The data dictionary is generated, says everything the declarations say, and CI notices when it is stale."""

from pathlib import Path

import pytest
from little_world import WORLD

from warehouse import dictionary
from warehouse.schema import TABLES


def test_it_names_every_table_and_column() -> None:
    page = dictionary.data_dictionary()
    for table in TABLES.values():
        assert f"### {table.name}\n" in page
        for column in table.columns:
            assert f"| `{column.name}` |" in page


def test_a_table_reads_like_this() -> None:
    page = dictionary.data_dictionary(WORLD, "1.2")
    assert "Schema 1.2." in page
    assert (
        "One row per note and day. Key: `note_id`, `day`. Sorted by `day`, `note_id`. One folder per month of `day`."
        in page
    )
    assert "| `note_id` | string | never | the note's id → `notes.note_id` |" in page


def test_check_fails_until_it_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dictionary, "PAGE", tmp_path / "docs" / "page.md")
    assert dictionary.main(["--check"]) == 1
    assert dictionary.main(["--write"]) == 0
    assert dictionary.main(["--check"]) == 0
    dictionary.PAGE.write_text("edited by hand")
    assert dictionary.main(["--check"]) == 1
