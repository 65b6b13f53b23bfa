"""Compiled loops are kept apart for every state of their sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from flows.compiled import folder

ROOM = Path(__file__).resolve().parents[1] / "transforms"


def test_another_loop_has_another_folder_and_another_rule_the_same(tmp_path: Path) -> None:
    room = shutil.copytree(ROOM, tmp_path / "transforms", ignore=shutil.ignore_patterns("__pycache__"))
    before = folder(room)
    assert before == folder(ROOM)
    rules = room / "clean" / "rules.py"
    rules.write_text(rules.read_text() + "# another rule\n")
    assert folder(room) == before
    loop = room / "stories" / "lookup.py"
    loop.write_text(loop.read_text() + "# another bound\n")
    assert folder(room) != before


def test_whoever_comes_through_flows_compiles_there() -> None:
    asked = "import flows, numba; print(numba.config.CACHE_DIR)"
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == str(folder(ROOM))
