"""The data dictionary, written from the declarations: `python -m warehouse.dictionary --write`, and `--check` in CI."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from warehouse.schema import SCHEMA_VERSION, TABLES, Table

PAGE = Path(__file__).parent.parent / "docs" / "data-dictionary.md"

_KINDS = {
    "fact": "Facts: found once and only added to",
    "derived": "Derived tables: functions of the facts",
    "log": "The log: about the nights, not about the news",
}


def data_dictionary(tables: Mapping[str, Table] = TABLES, version: str = SCHEMA_VERSION) -> str:
    """Return the page as Markdown: per table what a row is, its key, order and folders, and every column with type and meaning."""
    parts = [
        "# Data dictionary",
        f"Schema {version}. Generated from `warehouse/schema.py` by `python -m warehouse.dictionary --write`; do not edit by hand.",
    ]
    for kind, heading in _KINDS.items():
        of_kind = [table for table in tables.values() if table.kind == kind]
        if of_kind:
            parts.append(f"## {heading}")
            parts.extend(_section(table) for table in of_kind)
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or tell (exit 1) that the one in docs/ is stale."""
    parser = argparse.ArgumentParser(prog="python -m warehouse.dictionary", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write docs/data-dictionary.md")
    action.add_argument("--check", action="store_true", help="fail where it is not what would be written")
    if parser.parse_args(arguments).write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(data_dictionary(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == data_dictionary():
        return 0
    print(f"{PAGE.name} is stale: run python -m warehouse.dictionary --write.", file=sys.stderr)
    return 1


def _section(table: Table) -> str:
    facts = [f"Key: {_list(table.key)}."]
    if table.sort:
        facts.append(f"Sorted by {_list(table.sort)}.")
    if table.partition:
        facts.append(f"One folder per month of `{table.partition}`.")
    targets = {reference.column: f"`{reference.table}.{reference.target}`" for reference in table.references}
    rows = [
        f"| `{column.name}` | {_cell(str(column.type))} | {'' if column.nullable else 'never'} | {_cell(column.description)}"
        f"{f' → {targets[column.name]}' if column.name in targets else ''} |"
        for column in table.columns
    ]
    header = f"### {table.name}\n\n{table.row[0].upper()}{table.row[1:]}. {' '.join(facts)}\n"
    return "\n".join([header, "| Column | Type | NULL | Meaning |", "| --- | --- | --- | --- |", *rows])


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
