"""Pages are cleaned in a child that can be killed: a hostile page costs itself, with its reason, and nothing of its batch."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cleaning import END, LEAD, MORE, NIGHT, SETTINGS, SOURCES, TITLE

from flows.pages import Page, PageChild, PageLimits
from transforms.clean import CleanSettings, clean
from transforms.records import CleanRecord, RawRecord, Rejected
from transforms.sources import SourceRegistry

CSV = "source_id,name,aliases,domains,family_id,kind,country\nsrc_harbour,Harbour Times,,harbour.example,,outlet,GB\n"
LOOSE = CleanSettings(max_page_bytes=1 << 30, max_page_tags=1 << 30, max_page_depth=1 << 30, max_tag_attributes=1 << 30)
SLOW = "<div>" * 60_000
HUGE = "<p>some text here</p>\n" * 1_000_000


def page(html: str, key: str = "k") -> Page:
    return Page(RawRecord(key, 0, len(html), {}, html=html), "dump")


def good(n: int) -> Page:
    return page(
        f"<title>{TITLE} {n}</title><h1>{TITLE} {n}</h1><div><p>{LEAD}</p><p>{MORE}</p><p>{END}</p></div>", str(n)
    )


@pytest.fixture
def child(request: pytest.FixtureRequest) -> Iterator[PageChild]:
    settings, limits = getattr(request, "param", (SETTINGS, PageLimits()))
    started = PageChild(SourceRegistry.parse(CSV), settings, limits)
    yield started
    started.close()


def fates(outcomes: list[CleanRecord | Rejected]) -> list[str]:
    return [o.reason_code if isinstance(o, Rejected) else str(o.record_key) for o in outcomes]


def test_a_page_is_cleaned_as_it_would_be_here(child: PageChild) -> None:
    pages = [good(n) for n in range(3)]
    here = [clean(p.record, feed=p.feed, sources=SOURCES, settings=SETTINGS, not_after=NIGHT) for p in pages]
    assert child.clean(pages, NIGHT) == here


def test_a_page_beyond_the_bounds_is_refused_without_a_kill(child: PageChild) -> None:
    pages = [good(0), page(SLOW), page("<p " + "a=1 " * 200_000 + ">"), page(HUGE), good(1)]
    assert fates(child.clean(pages, NIGHT)) == ["0", *["page_too_complex"] * 3, "1"]


@pytest.mark.slow
@pytest.mark.parametrize("child", [(SETTINGS, PageLimits(cpu_seconds=1))], indirect=True)
def test_what_the_first_refused_page_has_compiled_counts_for_no_page(
    child: PageChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    told = child.clean(
        [page(f"<title>{TITLE}</title><meta property=og:title content='{TITLE}'>{SLOW}"), good(0)], NIGHT
    )
    assert fates(told) == ["page_too_complex", "0"]
    assert isinstance(told[0], Rejected) and told[0].preview == TITLE and any(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("child", [(LOOSE, PageLimits(cpu_seconds=1))], indirect=True)
def test_a_page_that_never_ends_is_killed_by_its_cpu_seconds(child: PageChild) -> None:
    outcomes = child.clean([good(0), page(SLOW), good(1)], NIGHT)
    assert fates(outcomes) == ["0", "extract_timeout", "1"]
    refused = outcomes[1]
    assert isinstance(refused, Rejected)
    assert (refused.stage, refused.end, refused.preview[:5]) == ("clean", len(SLOW), "<div>")
    assert refused.detail == "cleaning took more than 1 CPU seconds"


@pytest.mark.slow
@pytest.mark.parametrize("child", [(LOOSE, PageLimits(memory_bytes=200 << 20))], indirect=True)
def test_a_page_that_takes_all_memory_costs_itself(child: PageChild) -> None:
    first, huge, last = fates(child.clean([good(0), page(HUGE), good(1)], NIGHT))
    assert (first, last) == ("0", "1")
    assert huge in {"extract_memory", "extract_crash"}


def test_a_child_that_dies_for_another_reason_is_replaced_and_its_page_tried_again(child: PageChild) -> None:
    assert fates(child.clean([good(0)], NIGHT)) == ["0"]
    process = child._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert fates(child.clean([good(1), good(2)], NIGHT)) == ["1", "2"]


def test_a_child_ends_with_its_parent(child: PageChild) -> None:
    child.clean([good(0)], datetime(2026, 11, 22, tzinfo=UTC))
    process = child._process
    assert process is not None and process.poll() is None
    child.close()
    assert process.returncode is not None
