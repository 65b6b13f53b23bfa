"""What gathers the words of others joins nobody: a round-up, a live blog, a listing and a stub each hold two reports whole."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from flows.settings import Settings
from tests.nights import ask, run
from tests.test_dedupe import prose
from transforms.dedupe import near_copies

REPORTS = {
    "roundup": (
        "Fishermen closed the port of Vardal on Tuesday in protest at new quotas for cod, which the ministry in Oslo says are needed "
        "after three poor years. Their union expects four hundred jobs to go by spring and asked the government for help with loans "
        "on boats that were bought when catches were good. Talks begin on Friday.",
        "The national library of Torkham found a map of the silk road that had been lost for ninety years behind a shelf in its cellar. "
        "Conservators will spend the winter cleaning it before it is shown to visitors next May. A historian called it the most "
        "careful drawing of the valley's wells that anybody made before the railway came.",
    ),
    "liveblog": (
        "Engineers began to lower the lake behind the dam at Osk after cracks were found in its eastern wall during an inspection. "
        "About two thousand people in the villages below were told to stay with relatives until Sunday. The operator said that the "
        "turbines were stopped and that electricity would come from the plant at Melby in the meantime.",
        "A court in Lund acquitted the former head of the city's tram company of taking gifts from a builder. Judges said that a dinner "
        "and two tickets for the opera were no bribe, since the contract had been signed a year earlier. The prosecutor has three "
        "weeks to appeal and said she was surprised by how little the letters had counted.",
    ),
    "listing": (
        "Hospital nurses in Brno ended a strike of eleven days after accepting a rise of six percent and two more free weekends a "
        "quarter. Operations that had been put off will be made up for by the end of June. Their leader said that the money mattered "
        "less than the promise of a second person on every night shift in the wards.",
        "Beekeepers around Lake Constance report that more than half of their colonies came through the frost, twice as many as last "
        "year. Researchers credit a milder February and strips of wild flowers that farmers have been paid to leave standing. Honey "
        "should cost about as much as it did, wholesalers in Bregenz said at their meeting.",
    ),
    "stub": (
        "The mayor of Porto Velho cancelled the river race after water rose above the second mark on the quay for the first time "
        "since March. Sixty crews had entered, among them nine from Bolivia, and will be given their fees back. A new date "
        "depends on the rain in the hills.",
        "Astronomers in Sutherland saw a comet break into four pieces as it passed behind the sun, a month earlier than models had "
        "it. The largest piece may be seen with binoculars low in the west after dusk this week. It will not come back "
        "for eight hundred years or more.",
    ),
}


def gathering(kind: str, one: str, other: str) -> dict[str, str]:
    words = f"{one} {other}".split()
    bullets = "\n".join("• " + " ".join(words[i : i + 9]) for i in range(0, len(words), 9))
    return {
        "roundup": {"title": "Morning briefing: the day's headlines", "text": f"{one}\n\n{other}"},
        "liveblog": {"title": "Live updates: what happens this morning", "text": f"{one}\n\n{other}"},
        "listing": {"title": "Dates and figures", "text": bullets},
        "stub": {"title": "For subscribers", "text": f"{one}\n\n{other}\n\nSubscribe to continue reading."},
    }[kind]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One night with the reports, and of each kind a text that holds two of them."""
    folder = tmp_path_factory.mktemp("bridges")
    rows = []
    for kind, (one, other) in REPORTS.items():
        items = {"one": {"title": one[:50], "text": one}, "other": {"title": other[:50], "text": other}}
        items["both"] = gathering(kind, one, other)
        for name, item in items.items():
            source = {"one": "Alpha Times", "other": "Beta Post", "both": "Gamma News"}[name]
            rows.append(item | {"id": f"{kind} {name}", "source": source, "date": "2026-03-02T08:00:00Z"})
    dump = folder / "a.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run([dump], folder / "w", "2026-03-02", Settings(tagger="newsfold"))["status"] == "published"
    return folder / "w"


@pytest.mark.parametrize("kind", REPORTS)
def test_it_bridges_neither_texts_nor_stories(warehouse: Path, kind: str) -> None:
    found = ask(
        warehouse,
        "SELECT record_key, content_type, text_group_id, story_id, text_id FROM articles WHERE starts_with(record_key, $kind)",
        kind=kind,
    )
    assert {row["content_type"] for row in found if row["record_key"].endswith("both")} == {kind}
    assert len(found) == len({row["text_group_id"] for row in found}) == len({row["story_id"] for row in found}) == 3
    gatherer = next(row["text_id"] for row in found if row["record_key"].endswith("both"))
    pairs = ask(warehouse, "FROM text_pairs WHERE $id IN (text_a, text_b)", id=gatherer)
    # It was compared with both, and refused for what it is.
    assert [(pair["decision"], pair["rule"]) for pair in pairs] == [("rejected", "content_kind")] * 2


def test_a_copy_of_a_gathering_text_is_a_copy() -> None:
    body = prose(30, 200)
    texts = pa.table({"text_id": ["t_1", "t_2"], "body": [body, body + " More."], "gathers": [True, True]})
    assert near_copies(texts).groups["text_group_id"].to_pylist() == ["g_1", "g_1"]
