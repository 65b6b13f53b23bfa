"""The gold of the example world agrees with its dumps: what it names is there, and what it calls the same or different is so."""

import gzip
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
DUMPS = EXAMPLES / "dumps"
GOLD: dict[str, Any] = json.loads((EXAMPLES / "gold.json").read_text("utf-8"))
ARTICLES: dict[str, dict[str, Any]] = GOLD["articles"]
STORIES: dict[str, dict[str, Any]] = GOLD["stories"]
KEYS = ("id", "guid", "_id", "uuid")
TITLES = ("title", "headline", "title_page")
BODIES = ("body", "text", "content", "maintext", "article", "article_body")
SHINGLE = 5
# Near copies share at least this much, rewrites less than that: the bounds the world was written to.
COPY_CONTAINMENT, COPY_JACCARD, REWRITE_CONTAINMENT = 0.8, 0.5, 0.2


def folded(text: str) -> str:
    """Fold every run of blanks, non-breaking ones too, into one."""
    return " ".join(text.split())


def page_text(page: str) -> tuple[str, str]:
    """Return headline and paragraphs of one of our own pages (their markup is known, a general extractor is not needed)."""
    headline = re.search(r"<h1>(.*?)</h1>", page)
    body = re.search(r'<div class="article-body">(.*?)\n</div>', page, re.DOTALL)
    assert headline and body
    paragraphs = re.findall(r"<p>(.*?)</p>", body.group(1), re.DOTALL)
    return html.unescape(headline.group(1)), html.unescape("\n".join(paragraphs))


def file_records(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield key, title and text of every whole record of a file that the gold does not refuse."""
    if ".jsonl" not in path.name:
        text = path.read_text("utf-8")
        title, body = page_text(text) if path.suffix == ".html" else ("", text)
        yield path.name, title, body
        return
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for number, line in enumerate(data.decode("utf-8").splitlines(), start=1):
        if f"{path.parent.name}/{path.name}#{number}" in GOLD["refused"]:
            continue
        record = json.loads(line)
        yield tuple(next(record[name] for name in names if name in record) for names in (KEYS, TITLES, BODIES))


@cache
def records() -> dict[str, tuple[str, str]]:
    """Return title and text of every loadable record, by `<night>/<file>#<key>`."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(p for p in DUMPS.glob("*/*") if f"{p.parent.name}/{p.name}" not in GOLD["refused"]):
        for key, title, body in file_records(path):
            name = f"{path.parent.name}/{path.name}#{key}"
            assert name not in found, f"{name} occurs twice"
            found[name] = (title, body)
    return found


@cache
def current(label: str) -> tuple[str, str]:
    """Return title and text of an article's current version: the last night's record."""
    return records()[max(name for name, entry in GOLD["records"].items() if entry["article"] == label)]


@cache
def shingles(label: str) -> frozenset[tuple[str, ...]]:
    """Return the word 5-shingles of an article, its title and furniture taken out."""
    text = current(label)[1]
    for piece in [*ARTICLES[label]["must_not_contain"], ARTICLES[label]["title"] or ""]:
        text = text.replace(piece, " ") if piece else text
    words = re.findall(r"\w+", text.casefold())
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def likeness(a: str, b: str) -> tuple[float, float]:
    """Return containment in the shorter text, and Jaccard."""
    left, right = shingles(a), shingles(b)
    shared = len(left & right)
    return shared / min(len(left), len(right)), shared / len(left | right)


def test_the_world_is_large_enough() -> None:
    outlets = {a["publisher"] for a in ARTICLES.values()} - {None}
    assert len(ARTICLES) >= 64 and len(STORIES) >= 16 and len(outlets) >= 9
    assert [o["name"] for o in GOLD["outlets"] if o["kind"] == "wire"] == ["Meridian News Agency"]
    assert sum("actors" in a for a in ARTICLES.values()) >= 20
    assert sum(p.stat().st_size for p in DUMPS.rglob("*") if p.is_file()) < 400_000


def test_every_record_is_accounted_for() -> None:
    assert set(GOLD["records"]) == set(records())


def test_every_article_is_loaded_once_under_its_own_key() -> None:
    loaded = [entry["article"] for entry in GOLD["records"].values() if entry["fate"] == "loaded"]
    assert sorted(loaded) == sorted(ARTICLES)
    for name, entry in GOLD["records"].items():
        key = name.split("#", 1)[1]
        assert entry["feed_key"] == key == ARTICLES[entry["article"]]["record_key"]
    assert len({a["record_key"] for a in ARTICLES.values()}) == len(ARTICLES)


def test_a_repeat_has_the_same_words_and_a_new_version_has_not() -> None:
    first = {e["article"]: records()[n] for n, e in GOLD["records"].items() if e["fate"] == "loaded"}
    later = {n: e for n, e in GOLD["records"].items() if e["fate"] != "loaded"}
    for name, entry in later.items():
        assert (records()[name] == first[entry["article"]]) == (entry["fate"] == "exact_repeat"), name
    assert Counter(e["fate"] for e in later.values()) >= Counter(exact_repeat=2, new_version=1)


def test_what_is_refused_is_really_broken() -> None:
    refused = GOLD["refused"]
    kinds = set()
    for name in refused:
        file, _, line = name.partition("#")
        data = (DUMPS / file).read_bytes()
        if line:
            with pytest.raises(json.JSONDecodeError):
                json.loads(data.splitlines()[int(line) - 1])
            kinds.add("broken line")
        elif file.endswith(".gz"):
            with pytest.raises(EOFError):
                gzip.decompress(data)
            kinds.add("truncated")
        else:
            assert not data or data.startswith(b"\x89PNG")
            kinds.add("binary" if data else "empty")
    assert kinds == {"broken line", "truncated", "binary", "empty"}


def test_stories_part_the_articles() -> None:
    members = [label for story in STORIES.values() for label in story["articles"]]
    assert sorted(members) == sorted(ARTICLES)
    assert all(ARTICLES[label]["story"] == name for name, story in STORIES.items() for label in story["articles"])


def test_a_text_group_lies_in_one_story() -> None:
    homes = {(a["text_group"], a["story"]) for a in ARTICLES.values()}
    assert len(homes) == len({group for group, _ in homes})


def test_same_wording_is_close_and_other_wording_is_far() -> None:
    for a, b in combinations(ARTICLES, 2):
        containment, jaccard = likeness(a, b)
        if ARTICLES[a]["text_group"] == ARTICLES[b]["text_group"]:
            assert containment >= COPY_CONTAINMENT or jaccard >= COPY_JACCARD, (a, b, containment, jaccard)
        else:
            assert containment < REWRITE_CONTAINMENT, (a, b, containment)


def test_hard_negatives_are_present() -> None:
    pairs = {tuple(pair) for pair in GOLD["hard_negatives"]}
    assert all(a in STORIES and b in STORIES and a != b for a, b in pairs)
    roundups = [a for a in ARTICLES.values() if a["content_type"] == "roundup"]
    assert len(roundups) == 1 and STORIES[roundups[0]["story"]]["articles"] == ["a20_hp"]
    assert {a for a, b in pairs if b == roundups[0]["story"]} == {"S01", "S05", "S11"}
    assert {("S01", "S02"), ("S03", "S04")} <= pairs


@pytest.mark.parametrize("label", ARTICLES)
def test_what_is_said_of_an_article_stands_in_it(label: str) -> None:
    article = ARTICLES[label]
    title, body = map(folded, current(label))
    assert article["title"] is None or folded(article["title"]) in f"{title}\n{body}"
    for sentence in article["must_contain"]:
        assert folded(sentence) in body
    for name, actor in article.get("actors", {}).items():
        for alias in actor["aliases"]:
            assert re.search(rf"(?<!\w){re.escape(alias)}(?!\w)", f"{title}\n{body}"), (name, alias)
    assert article["publisher"] not in article["cited"]


@pytest.mark.parametrize("label", ARTICLES)
def test_a_date_is_as_precise_as_it_says(label: str) -> None:
    published, precision = ARTICLES[label]["published"], ARTICLES[label]["published_precision"]
    if precision == "unknown":
        assert published is None
        return
    day = date.fromisoformat(published) if precision == "day" else datetime.fromisoformat(published).date()
    assert date(2026, 2, 27) <= day <= date(2026, 3, 4)


def test_an_actor_has_one_type() -> None:
    types = {(name, actor["type"]) for a in ARTICLES.values() for name, actor in a.get("actors", {}).items()}
    assert len(types) == len({name for name, _ in types})


def test_one_story_comes_from_an_outlet_outside_the_corpus() -> None:
    publishers = {a["publisher"] for a in ARTICLES.values()}
    originated = {s: story["originator"] for s, story in STORIES.items() if story["originator"]}
    assert originated and not set(originated.values()) & publishers
    for story, originator in originated.items():
        assert all(originator in ARTICLES[label]["cited"] for label in STORIES[story]["articles"])
