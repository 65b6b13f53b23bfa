"""A name registered after texts were read by it: every count and view has one actor, and making everything anew the same."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import flows.night
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_overrule import PEOPLE
from tests.test_touched import FISH
from transforms.enrich.registry import ActorRegistry, learnt_id

HEAD = "actor_id,name,type,country,affiliation_id,aliases,context_aliases\n"
QUILLFEATHER = "act_person_zebedee_quillfeather"
LEARNT = learnt_id("Zebedee Quillfeather")


def test_an_id_learnt_by_a_name_leads_to_its_one_actor() -> None:
    registry = ActorRegistry.parse(
        HEAD
        + "act_person_ann_lee,Ann Lee,person,,,Annie B. Lee,\nact_org_tin_union,Tin Union,other_org,,,T.I.N. Union,\n"
    )
    assert registry.learnt_before() == {
        learnt_id("Ann Lee"): "act_person_ann_lee",
        learnt_id("Annie Lee"): "act_person_ann_lee",
        learnt_id("Annie B. Lee"): "act_person_ann_lee",
        learnt_id("Tin Union"): "act_org_tin_union",
    }
    two = HEAD + "act_org_tin_union,Tin Union,other_org,,,,\nact_org_other,TIN UNION,other_org,,,,\n"
    assert ActorRegistry.parse(two).learnt_before() == {}, "a name of two is nobody's"


def record(number: int, text: str, day: str) -> str:
    return json.dumps({"id": str(number), "title": "Talks on fish", "text": text, "date": f"{day}T08:00:00Z"}) + "\n"


@pytest.mark.slow
def test_a_name_registered_later_counts_in_texts_read_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, first, second = tmp_path / "w", tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    own = tmp_path / "mine.csv"
    own.write_text(HEAD + f"{QUILLFEATHER},Zebedee Quillfeather,person,PK,,,surname:Quillfeather\n")
    settings = Settings(tagger="newsfold")
    first.write_text(record(1, PEOPLE, "2026-03-02"))
    run([first], root, "2026-03-02", settings)

    def says(sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in ask(root, sql)]

    daily = (
        "SELECT n_mentions, n_texts, n_stories, n_quotes FROM actor_daily WHERE actor_id = '{}' ORDER BY report_date"
    )
    before = says(daily.format(LEARNT))
    assert before and not says(daily.format(QUILLFEATHER))

    registered = replace(settings, more_actors=(str(own),))
    second.write_text(record(2, PEOPLE.replace("Tuesday", "Friday") + FISH, "2026-03-05"))
    grown = run([first, second], root, "2026-03-05", registered)
    both = says(daily.format(QUILLFEATHER))
    assert both[0] == before[0] and len(both) == 2 and not says(daily.format(LEARNT))
    assert says(f"SELECT name, n_copies FROM actors WHERE actor_id = '{QUILLFEATHER}'") == [("Zebedee Quillfeather", 2)]
    assert says(f"SELECT n_copies FROM actors WHERE actor_id = '{LEARNT}'") == [(0,)], "the id it had still resolves"
    assert says(f"SELECT resolve_actor('{LEARNT}')") == [(QUILLFEATHER,)]
    assert not says(f"FROM article_mentions WHERE actor_id = '{LEARNT}'")
    assert says("SELECT DISTINCT speaker_actor_id FROM article_quotes WHERE speaker_surface LIKE '%Quillfeather%'") == [
        (QUILLFEATHER,)
    ]
    third = tmp_path / "c.jsonl"
    third.write_text(record(3, PEOPLE.replace("Tuesday", "Monday") + FISH * 2, "2026-03-03"))
    grown = run([first, second, third], root, "2026-03-06", registered)
    assert len(says(daily.format(QUILLFEATHER))) == 3
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        assert run([first, second, third], root, "2026-03-07", registered)["data_hash"] == grown["data_hash"]
