"""The walls of the house: transforms are pure, the warehouse knows neither news nor nights, and nobody looks up into flows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent

# Clock, network, files, processes, chance: what a pure room asks for as an argument.
OUTSIDE = {
    "os", "pathlib", "io.open", "shutil", "tempfile", "glob", "fcntl", "importlib.resources", "pkgutil", "pkg_resources",
    "time", "socket", "ssl", "http", "urllib.request", "requests", "httpx", "aiohttp", "ftplib", "smtplib",
    "subprocess", "multiprocessing", "sqlite3", "random", "secrets", "uuid", "prefect",
}  # fmt: skip
FORBIDDEN = {
    "transforms": OUTSIDE | {"warehouse", "flows"},
    "warehouse": {"prefect", "transforms", "flows"},
    "flows": set[str](),
}
MAY_IMPORT_FLOWS = {"flows", "tests", "bench"}
CLOCKS = {"now", "utcnow", "today"}
# Chance is pure where it is seeded.
SEEDED = {"random.Random", "numpy.random.default_rng", "np.random.default_rng"}


def modules(room: str) -> list[Path]:
    return sorted((HOUSE / room).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module (and, of `from` imports, every name in it) that the code imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            # By a name that is an argument itself (a model's, say) it is the caller who reaches outside.
            yield from ((node.lineno, str(name.value)) for name in node.args[:1] if isinstance(name, ast.Constant))
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def within(name: str, forbidden: set[str]) -> bool:
    return any(name == wall or name.startswith(f"{wall}.") for wall in forbidden)


def trespasses(code: str, room: str) -> list[str]:
    """What this code of a room does that its walls forbid, as `line: what`."""
    tree = ast.parse(code)
    found = {(line, name) for line, name in imports(tree) if within(name, FORBIDDEN[room]) and name not in SEEDED}
    if any(name in SEEDED for _, name in imports(tree)):
        found = {(line, name) for line, name in found if name != "random"}
    if room not in MAY_IMPORT_FLOWS:
        found |= {(line, name) for line, name in imports(tree) if within(name, {"flows"})}
    if room == "transforms":
        found |= set(impure_calls(tree))
    return [f"{line}: {name}" for line, name in sorted(found)]


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that reach outside without an import of their own: files, clocks, unseeded chance."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in {"open", "io.open", "input", "eval", "exec"}:
            yield node.lineno, name
        if isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS and "date" in name.lower():
            yield node.lineno, name
        if name in SEEDED and not (node.args or node.keywords):
            yield node.lineno, f"{name} without a seed"
        elif name.startswith(("np.random.", "numpy.random.")) and name not in SEEDED:
            yield node.lineno, name


@pytest.mark.parametrize("room", FORBIDDEN)
def test_the_walls_stand(room: str) -> None:
    trespassing = {
        path.relative_to(HOUSE).as_posix(): found
        for path in modules(room)
        if (found := trespasses(path.read_text(encoding="utf-8"), room))
    }
    assert trespassing == {}


def test_nothing_but_flows_tests_and_bench_imports_flows() -> None:
    rooms = {path.parent.name for path in HOUSE.glob("*/*.py")} - MAY_IMPORT_FLOWS
    looking_up = [
        f"{path.relative_to(HOUSE)}:{line}"
        for room in sorted(rooms)
        for path in modules(room)
        for line, name in imports(ast.parse(path.read_text(encoding="utf-8")))
        if within(name, {"flows"})
    ]
    assert looking_up == []


@pytest.mark.parametrize(
    "code",
    [
        "import os", "import os.path as p", "from pathlib import Path", "from importlib import resources", "import urllib.request",
        "from urllib import request", "def f():\n    import socket", "import time", "from io import open", "open('x')",
        "import datetime\ndatetime.datetime.now()", "from datetime import date\ndate.today()", "import random", "from random import choice",
        "import numpy as np\nnp.random.rand(3)", "import numpy as np\nnp.random.default_rng()", "from random import Random\nrandom.Random()",
        "import prefect", "from warehouse import storage", "from flows.nightly import night", "__import__('os')",
        "from importlib import import_module\nimport_module('prefect')",
    ],
)  # fmt: skip
def test_an_impure_transform_is_caught(code: str) -> None:
    assert trespasses(code, "transforms")


@pytest.mark.parametrize(
    "code",
    [
        "from urllib.parse import urlsplit", "from datetime import datetime\ndatetime(2026, 1, 1)", "import io\nio.BytesIO(b'')",
        "from random import Random\nRandom(7)", "import numpy as np\nnp.random.default_rng(7)", "from transforms.text import words",
        "import re\nre.compile('open')", "from timeit_of_day import x",
        "from importlib import import_module\ndef f(model):\n    import_module(model)",
    ],
)  # fmt: skip
def test_a_pure_transform_is_let_be(code: str) -> None:
    assert trespasses(code, "transforms") == []


@pytest.mark.parametrize("code", ["import prefect", "from transforms import text", "import flows.cli"])
def test_a_warehouse_that_looks_over_the_wall_is_caught(code: str) -> None:
    assert trespasses(code, "warehouse")
