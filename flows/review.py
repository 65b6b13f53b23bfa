"""`newsfold review`: the pairs decided most narrowly, one by one, with what decided them; a verdict goes into the file of overrides."""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from flows.ask import lines as table
from flows.explain import Row, explanation, rows
from flows.explained import lines
from transforms.overrides import LINKS, contradictions, decode_overrides, override_line, parse_overrides
from warehouse.catalog import CatalogError, open_catalog
from warehouse.store import Place

KINDS = {"y": "must_link", "n": "cannot_link"}
# As much of a text as tells what it is about.
_OPENING = 400

_QUEUE = """
SELECT round(distance, 3) AS distance, decision, veto, round(score, 3) AS score, article_a, article_b, title_a, title_b
FROM review_queue
ORDER BY review_queue.distance, article_a, article_b
LIMIT $most
"""
_OPENINGS = (
    f"SELECT article_id, substring(body, 1, {_OPENING}) AS opening FROM article_text WHERE article_id IN ($a, $b)"
)


def review(
    root: Place,
    file: Path,
    author: str,
    today: date,
    limit: int,
    only_list: bool = False,
    answer: Callable[[str], str] | None = None,
) -> int:
    """Walk the narrowest `limit` decisions that the file does not settle; returns 0, or 1 where warehouse or file can't be read.

    `answer` (by default the terminal) is asked one question a call; it may raise EOFError, which ends the walk.
    """
    try:
        with open_catalog(root) as connection:
            queue = _queue(connection, file, limit)
            if only_list:
                _print_list(queue)
                return 0
            _walk(connection, queue, file, author, today, answer or input)
    except (CatalogError, OSError, ValueError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    return 0


def settle(file: Path, kind: str, a: str, b: str, author: str, today: date, reason: str) -> bool:
    """Append a verdict to the file, whole or not at all; return whether it was not there already.

    The file is replaced in one step under a lock, so that two reviewers lose nothing. Raises ValueError, and writes nothing,
    where the file has a fault or the verdict contradicts it; OSError where it can't be written.
    """
    with _alone(file):
        text = _read(file)
        before = parse_overrides(text, str(file))
        if any((row.kind, {row.key, row.value}) == (kind, {a, b}) for row in before):
            return False
        first = "" if text.strip() else override_line(None)
        after = text + ("\n" if text and not text.endswith("\n") else "") + first
        after += override_line((kind, a, b, author, today.isoformat(), reason))
        if said := contradictions(parse_overrides(after, str(file))):
            raise ValueError(f"{file}: not written, as {' '.join(said)}")
        _replace(file, after)
        return True


def _queue(connection: duckdb.DuckDBPyConnection, file: Path, limit: int) -> list[Row]:
    settled = {frozenset((row.key, row.value)) for row in parse_overrides(_read(file), str(file)) if row.kind in LINKS}
    found = rows(connection, _QUEUE, most=limit + len(settled))
    return [row for row in found if frozenset((row["article_a"], row["article_b"])) not in settled][:limit]


def _print_list(queue: list[Row]) -> None:
    if queue:
        print(table(list(queue[0]), [tuple(row.values()) for row in queue]), end="")
    else:
        print("Nothing is left to review.")


def _walk(
    connection: duckdb.DuckDBPyConnection,
    queue: list[Row],
    file: Path,
    author: str,
    today: date,
    answer: Callable[[str], str],
) -> None:
    written = 0
    for number, row in enumerate(queue, start=1):
        a, b = row["article_a"], row["article_b"]
        print(f"\n--- {number} of {len(queue)}")
        for line in _both_sides(connection, a, b):
            print(line)
        try:
            verdict = _ask(answer)
            if verdict == "q":
                break
            if verdict in KINDS:
                reason = answer("Why? (Enter: read both) ").strip() or "read both"
                written += _write(file, KINDS[verdict], a, b, author, today, reason)
        except EOFError:
            break
    print(f"\n{written} {'verdict' if written == 1 else 'verdicts'} written to {file}. The next night follows them.")


def _both_sides(connection: duckdb.DuckDBPyConnection, a: str, b: str) -> Iterator[str]:
    openings = {row["article_id"]: row["opening"] for row in rows(connection, _OPENINGS, a=a, b=b)}
    yield from lines(explanation(connection, a, b))
    for article in (a, b):
        yield f"\n{article} begins: {' '.join(openings.get(article, '').split()) or '(forgotten)'}"


def _ask(answer: Callable[[str], str]) -> str:
    while True:
        said = answer("\nOne story? [y]es, [n]o, [s]kip, [q]uit: ").strip().lower()[:1]
        if said in ("y", "n", "s", "q"):
            return said


def _write(file: Path, kind: str, a: str, b: str, author: str, today: date, reason: str) -> int:
    """Write a verdict down and say so; a contradiction is told, and the walk goes on."""
    try:
        new = settle(file, kind, a, b, author, today, reason)
    except ValueError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 0
    print(f"{kind} {a} {b}" if new else f"{kind} {a} {b} stood there already.")
    return int(new)


def _read(file: Path) -> str:
    return decode_overrides(file.read_bytes(), str(file)) if file.exists() else ""


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Hold the folder's lock for the block: the file itself is replaced, and a lock on it would go with it."""
    folder = os.open(file.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(file: Path, text: str) -> None:
    file = file.resolve()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    staging = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            shutil.copymode(file, staging)
        else:
            staging.chmod(0o644)
        staging.replace(file)
    finally:
        staging.unlink(missing_ok=True)
