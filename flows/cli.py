"""The command `newsfold`: run a night, ask the warehouse, explain a decision, see how the nights went."""

import argparse
import json
import logging
import os
import shutil
import sys
from datetime import date
from pathlib import Path

import duckdb

from flows.dumps import names_something
from warehouse.lock import LockedError
from warehouse.snapshot import DamagedError, NewerSchemaError
from warehouse.store import Place, StoreError, is_remote

# Bytes that must be free before a night begins: the database of the embedded Prefect takes 5 MB, the smallest night as much.
LEAST_FREE = 32 * 2**20
EXIT_PUBLISHED, EXIT_FAILED, EXIT_USAGE, EXIT_BLOCKED = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, do what it asks, and return the exit code: 0 done, 1 failed, 2 wrong usage, 3 blocked by a check."""
    parsed = _parser().parse_args(arguments)
    commands = {
        "run": _run,
        "sql": _sql,
        "explain": _explain,
        "review": _review,
        "status": _status,
        "diff": _diff,
        "rollback": _rollback,
        "forget": _forget,
        "upkeep": _upkeep,
        "verify": _verify,
        "rebuild": _rebuild,
    }
    if parsed.settings and not parsed.settings.is_file():
        print(f"newsfold: there is no settings file at {parsed.settings}.", file=sys.stderr)
        return EXIT_USAGE
    try:
        _tell_where(parsed.settings)
    except ValueError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return EXIT_USAGE
    try:
        return commands[parsed.command](parsed)
    except (KeyboardInterrupt, BrokenPipeError):
        return EXIT_FAILED
    except (NewerSchemaError, DamagedError, StoreError, LockedError) as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return EXIT_FAILED
    except (OSError, duckdb.IOException) as error:
        print(f"newsfold: {_told(error)}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="newsfold", description="Raw article dumps in, a news warehouse out.")
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="run one night over dumps and publish what it brings")
    run.add_argument("dumps", nargs="+", metavar="DUMP", help="a file, a folder, a glob or an address (s3://…)")
    run.add_argument(
        "--night",
        type=_night,
        metavar="YYYY-MM-DD",
        help="logical night (default: today in the schedule's zone)",
    )
    run.add_argument("--reread", action="store_true", help="read known files anew; the warehouse comes out the same")
    run.add_argument("--json", action="store_true", help="print the run's row as JSON last")

    sql = commands.add_parser("sql", help="ask the warehouse; without a query, a prompt")
    sql.add_argument("query", nargs="?", help="a query over the tables and views of the catalog")
    sql.add_argument("--format", choices=("table", "csv", "json"), default="table")
    sql.add_argument(
        "--as-of", metavar="NIGHT", help="as a past night left it: YYYY-MM-DD, a run id or a snapshot number"
    )

    explain = commands.add_parser("explain", help="why two articles are, or are not, one text or one story")
    explain.add_argument("article_a", metavar="ARTICLE_A", help="article_id, URL, record key or text_id")
    explain.add_argument("article_b", metavar="ARTICLE_B", help="article_id, URL, record key or text_id")
    explain.add_argument("--json", action="store_true", help="print all that decided, as docs/overrule.md describes it")

    review = commands.add_parser(
        "review", help="go through the narrowest decisions and write verdicts into the file of overrides"
    )
    review.add_argument("--overrides", metavar="FILE", help="the file (default: the setting `overrides`)")
    review.add_argument("--author", metavar="NAME", help="who decides (default: your login)")
    review.add_argument("--limit", type=_count, default=50, metavar="N", help="at most so many pairs (default: 50)")
    review.add_argument(
        "--list", action="store_true", help="print the pairs, closest to the threshold first, and ask nothing"
    )

    diff = commands.add_parser("diff", help="what changed from one night to another, with old and new value and cause")
    diff.add_argument("older", metavar="NIGHT1", help="YYYY-MM-DD, a run id or a snapshot number")
    diff.add_argument("newer", metavar="NIGHT2", help="the same, a later one")
    diff.add_argument("--json", action="store_true", help="print the rows as JSON")

    rollback = commands.add_parser(
        "rollback", help="make readers see an older night again; the next night goes on from it"
    )
    rollback.add_argument("night", metavar="NIGHT", help="YYYY-MM-DD, a run id or a snapshot number")

    forget = commands.add_parser("forget", help="erase what an article, or a source, said; its counts stay")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--url", help="address of the article")
    what.add_argument("--article", metavar="ARTICLE_ID", help="its id")
    what.add_argument("--source", help="id, name or domain of an outlet: all its articles, and those to come")

    upkeep = commands.add_parser("upkeep", help="merge small files, remove old nights, finish what was to be forgotten")

    status = commands.add_parser("status", help="the last nights, freshness, and what was quarantined")

    verify = commands.add_parser(
        "verify", help="read every byte of the current snapshot again; exit code 1 where one is not as published"
    )
    verify.add_argument("--all", action="store_true", help="of every snapshot that is kept")

    rebuild = commands.add_parser("rebuild", help="make derived tables anew from the facts")
    rebuild.add_argument("tables", nargs="+", metavar="TABLE")
    for command in (run, sql, explain, review, diff, rollback, forget, upkeep, status, verify, rebuild):
        command.add_argument(
            "--warehouse",
            type=_place,
            required=True,
            metavar="DIR",
            help="the warehouse: a folder, or s3://bucket/prefix",
        )
        command.add_argument(
            "--settings", type=Path, metavar="FILE", help="TOML file with settings, see docs/running.md"
        )
    return parser


def _night(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{given!r} is no date, write it as YYYY-MM-DD") from error


def _count(given: str) -> int:
    if not given.isdecimal():
        raise argparse.ArgumentTypeError(f"{given!r} is no number of pairs")
    return int(given)


def _run(parsed: argparse.Namespace) -> int:
    for dump in parsed.dumps:
        if not names_something(dump):
            said = f"newsfold: there is no dump at {dump!r}: give a file, a folder or a pattern that matches one."
            print(said, file=sys.stderr)
            return EXIT_USAGE
    if isinstance(parsed.warehouse, Path) and parsed.warehouse.exists() and not parsed.warehouse.is_dir():
        print(f"newsfold: the warehouse {parsed.warehouse} is not a folder.", file=sys.stderr)
        return EXIT_USAGE
    try:
        home = _home(parsed)
        _embed_prefect(home)
    except OSError as error:
        print(f"newsfold: the warehouse {parsed.warehouse} can't be written: {error.strerror}.", file=sys.stderr)
        return EXIT_USAGE
    if (free := shutil.disk_usage(home).free) < LEAST_FREE:
        said = f"{free / 2**20:.0f} MiB are free where {home} is, and a night needs {LEAST_FREE / 2**20:.0f} at least"
        print(f"newsfold: {said}: make room, or keep the warehouse elsewhere.", file=sys.stderr)
        return EXIT_FAILED
    from flows.contracts import Blocked
    from flows.nightly import nightly
    from flows.orphans import remember_server, stop_orphaned_server
    from flows.report import report

    settings_file = str(parsed.settings) if parsed.settings else None
    stop_orphaned_server(home)
    try:
        with remember_server(home):
            row = nightly(parsed.dumps, str(parsed.warehouse), parsed.night, settings_file, parsed.reread)
    except (Blocked, OSError, ValueError, RuntimeError, duckdb.Error) as error:
        return _not_published(parsed, error)
    report(parsed.warehouse, row)
    if parsed.json:
        print(json.dumps(row, default=str, ensure_ascii=False))
    return EXIT_PUBLISHED


def _not_published(parsed: argparse.Namespace, error: Exception) -> int:
    """Say why nothing was published, and return the exit code; the run's row, where one was written, comes last."""
    from flows.contracts import Blocked
    from warehouse.publish import Warehouse

    _let_go(error)
    blocked = isinstance(error, Blocked)
    print(f"newsfold: {'blocked, nothing was published: ' if blocked else ''}{_told(error)}", file=sys.stderr)
    if parsed.json:
        rows = Warehouse(parsed.warehouse).read_log("runs").sort_by("started_at").to_pylist()
        print("".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows[-1:]), end="")
    return EXIT_BLOCKED if blocked else EXIT_FAILED


def _told(error: Exception) -> str:
    """Return what an error says, in a sentence, and what to do where a file is missing."""
    # What we raise ourselves says what to do; what the system or a library raises has a number, or is DuckDB's.
    if isinstance(error, duckdb.IOException) or (isinstance(error, FileNotFoundError) and error.errno is not None):
        said = str(error).partition("\n")[0].removeprefix("IO Error: ").rstrip(".")
        return f"{said}; newsfold verify --all tells which files of the warehouse are not as published."
    return str(error)


def _let_go(error: BaseException | None) -> None:
    # Prefect keeps the error until the process ends; the frames it was raised in would keep DuckDB with it, which DuckDB's
    # bindings tell on the way out, as leaks.
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _sql(parsed: argparse.Namespace) -> int:
    from flows.ask import answer, prompt

    if parsed.query is None:
        return prompt(parsed.warehouse, parsed.as_of)
    return answer(parsed.warehouse, parsed.query, parsed.format, parsed.as_of)


def _explain(parsed: argparse.Namespace) -> int:
    from flows.explain import explain

    return explain(parsed.warehouse, parsed.article_a, parsed.article_b, parsed.json)


def _review(parsed: argparse.Namespace) -> int:
    import getpass

    from flows.nightly import tonight
    from flows.review import review
    from flows.settings import Settings

    settings = Settings.load(parsed.settings)
    if not (file := parsed.overrides or settings.overrides):
        said = "no file of overrides is known: name it with --overrides FILE, or as `overrides` in the settings file."
        print(f"newsfold: {said}", file=sys.stderr)
        return EXIT_USAGE
    author = parsed.author or getpass.getuser()
    return review(parsed.warehouse, Path(file), author, tonight(settings), parsed.limit, parsed.list)


def _diff(parsed: argparse.Namespace) -> int:
    from flows.diff import diff

    return diff(parsed.warehouse, parsed.older, parsed.newer, parsed.json)


def _rollback(parsed: argparse.Namespace) -> int:
    from flows.rollback import rollback

    return rollback(parsed.warehouse, parsed.night)


def _is_there(root: Place) -> bool:
    """Tell whether there is a warehouse to write to; what was misspelt must not be made, and then be said to be done."""
    if is_there := is_remote(root) or Path(root).is_dir():
        return is_there
    print(f"newsfold: there is no warehouse at {root}: name the folder of one with --warehouse.", file=sys.stderr)
    return False


def _forget(parsed: argparse.Namespace) -> int:
    from flows.forget import command

    if not _is_there(parsed.warehouse):
        return EXIT_USAGE
    kind = next(kind for kind in ("url", "article", "source") if getattr(parsed, kind) is not None)
    return command(parsed.warehouse, kind, getattr(parsed, kind), parsed.settings)


def _upkeep(parsed: argparse.Namespace) -> int:
    if not _is_there(parsed.warehouse):
        return EXIT_USAGE
    _embed_prefect(_home(parsed))
    from flows.upkeep import command

    return command(parsed.warehouse, parsed.settings)


def _status(parsed: argparse.Namespace) -> int:
    from flows.status import status

    return status(parsed.warehouse)


def _verify(parsed: argparse.Namespace) -> int:
    from flows.repair import verify

    return verify(parsed.warehouse, parsed.all)


def _rebuild(parsed: argparse.Namespace) -> int:
    from flows.repair import rebuild

    return rebuild(parsed.warehouse, parsed.tables, parsed.settings)


def _place(given: str) -> Place:
    return given if is_remote(given) else Path(given)


def _home(parsed: argparse.Namespace) -> Path:
    """Return the local folder of a warehouse, wherever its data is."""
    from flows.settings import Settings
    from warehouse.publish import open_store

    return open_store(parsed.warehouse, Settings.load(parsed.settings).store).home


def _tell_where(settings_file: Path | None) -> None:
    """Let readers, too, reach the bucket that the settings name."""
    from flows.settings import Settings

    settings = Settings.load(settings_file)
    for name, value in {"AWS_ENDPOINT_URL": settings.endpoint, "AWS_REGION": settings.region}.items():
        if value:
            os.environ[name] = value


def _embed_prefect(root: Path) -> None:
    """Keep Prefect embedded and silent unless the caller has set it up: its home in the warehouse, no telemetry, no chatter."""
    home = root.resolve() / "state" / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_HOME": str(home),
        # The first start migrates a new database, which takes longer than the 20 s allowed by default.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
    }.items():
        os.environ.setdefault(name, value)
    # Of a night that ends early it warns that events of Prefect's own are still on their way.
    logging.getLogger("EventsWorker").setLevel(os.environ["PREFECT_LOGGING_LEVEL"])


if __name__ == "__main__":
    sys.exit(main())
