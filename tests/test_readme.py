"""The README's answers are what the warehouse says: every query is run on the example's three nights and compared.

`python -m tests.test_readme WAREHOUSE` writes the answers anew.
"""

import re
import sys
from pathlib import Path

from flows.ask import lines
from tests.nights import ask

README = Path(__file__).resolve().parents[1] / "README.md"
_ASKED = re.compile(r"```sql\n(.*?)```\n```answer\n(.*?)```", re.DOTALL)


def test_every_answer_of_the_readme_is_true(three_nights: Path) -> None:
    asked = _ASKED.findall(README.read_text("utf-8"))
    assert len(asked) == 5
    for query, answer in asked:
        assert shown(three_nights, query) == answer, query


def shown(root: Path, query: str) -> str:
    rows = ask(root, query)
    return lines(list(rows[0]), [tuple(row.values()) for row in rows])


def rewrite(root: Path) -> None:
    text = README.read_text("utf-8")
    README.write_text(_ASKED.sub(lambda m: f"```sql\n{m[1]}```\n```answer\n{shown(root, m[1])}```", text), "utf-8")


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]))
