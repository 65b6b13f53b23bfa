"""Who is credited: outlets with their cue and how much of the report is theirs."""

import pytest

from tests.enrichment import cited, enriched, shipped_sources

FILLER = "Boats lay in the harbour. Nobody had gone out. The wind was strong. "


@pytest.mark.parametrize(
    ("text", "outlet", "cue"),
    [
        ("CNN reported, quoting one source, that talks go on.", "CNN", "reported"),
        ("Quoting two officials CNN said in a dispatch that talks go on.", "CNN", "reported"),
        ("The two are far apart, Politico observed.", "POLITICO", "reported"),
        (
            "The Politico — an outlet for news of the capital — published a report on Monday.",
            "POLITICO",
            "reported",
        ),
        ("According to Nahal Toosi of POLITICO, they want more.", "POLITICO", "according_to"),
        ("A message obtained by POLITICO contains a cable.", "POLITICO", "obtained_by"),
        ("A report by the Express Tribune said sources confirmed it.", "The Express Tribune", "reported"),
        ("An expert told the Siasat Daily that it was so.", "The Siasat Daily", "told"),
        ("A source told CNN that it was so.", "CNN", "told"),
        ("The Siasat Daily quoted an expert as saying so.", "The Siasat Daily", "reported"),
        ("Ships sailed. (With ANI Inputs)", "ANI", "with_inputs"),
        ("OSLO (Reuters) - Ships sailed.", "Reuters", "via"),
    ],
)
def test_outlets_are_credited_by_their_cue(text: str, outlet: str, cue: str) -> None:
    found = [(name, how) for name, how, _ in cited(FILLER + "\n" + text)]
    assert (outlet, cue) in found and len({name for name, _ in found}) == 1


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("Two ferries collided, the Nordland Courier reported.", "Nordland Courier"),
        ("A captain told the Fjord Gazette that fog was thick.", "Fjord Gazette"),
        ("Fog was thick, according to a report by the Skerry Tribune.", "Skerry Tribune"),
        ("According to the newspaper Havnebladet, fog was thick.", "Havnebladet"),
        ("Havnebladet, a local newspaper, reported thick fog.", "Havnebladet"),
        ("Radio Skerry reported thick fog.", "Radio Skerry"),
    ],
)
def test_outlets_nobody_registered_are_found_by_name_or_apposition(text: str, outlet: str) -> None:
    rows = enriched(FILLER + text).citations.to_pylist()
    assert [(row["cited_name"], row["cited_source_id"]) for row in rows] == [
        (outlet, shipped_sources().source_id_for_name(outlet))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The Central Intelligence Agency reported it.",
        "The State Department told lawmakers.",
        "According to the Taliban, it was so.",
        "Two concerns, said the Foreign Ministry.",
        "Time said nothing to heal it, and dawn reported no wind.",
        "The Washington Post Building stands empty.",
    ],
)
def test_actors_and_common_words_are_no_outlets(text: str) -> None:
    assert cited(text) == []


def test_a_picture_credit_is_media_and_nothing_else() -> None:
    assert {level for _, _, level in cited("Boats in the harbour. Photo: AP\nFog was thick.")} <= {"media"}
    assert {level for _, _, level in cited("IMAGE SOURCE: DAWN\nFog was thick.")} <= {"media"}


def test_a_report_is_theirs_when_the_lead_credits_them() -> None:
    assert cited("Talks go on, CNN reported. " + FILLER)[0] == ("CNN", "reported", "report")


def test_one_credit_further_down_is_a_fact() -> None:
    assert cited(FILLER + "Talks go on, CNN reported.") == [("CNN", "reported", "fact")]


def test_three_credits_make_a_report_and_the_report_said_counts_as_one() -> None:
    text = (
        FILLER
        + "Talks go on, CNN reported. Nothing is decided, the report added. According to the report, they may fail."
    )
    assert cited(text) == [("CNN", "reported", "report")]


def test_a_statement_to_an_outlet_in_the_lead_does_not_make_the_report_theirs() -> None:
    assert cited("Ships will sail, a captain told CNN. " + FILLER) == [("CNN", "told", "fact")]


def test_an_outlet_joined_to_a_credited_one_is_credited_too() -> None:
    assert [name for name, _, _ in cited(FILLER + "A captain told CNN and the Nordland Courier so.")][:1] == ["CNN"]
    assert [name for name, _, _ in cited(FILLER + "A captain told CNN and Reuters so.")] == ["CNN", "Reuters"]


def test_a_credited_outlet_is_marked_in_the_mentions() -> None:
    rows = enriched(FILLER + "Talks go on, CNN reported. The owner of CNN agreed.").mentions.to_pylist()
    assert [(row["actor_id"], row["as_source"]) for row in rows] == [("act_media_cnn", True), ("act_media_cnn", False)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“It holds,” reported Reuters.", [("Reuters", "reported")]),
        ("The Associated Press contributed to this report.", [("Associated Press", "with_inputs")]),
        ("Mr. Bloomberg said it was illegal.", []),
        ("REUTERS/Anna Berg", [("Reuters", "via")]),
    ],
)
def test_inverted_credits_contributions_namesakes_and_photographers(text: str, found: list[tuple[str, str]]) -> None:
    assert [(name, cue) for name, cue, _ in cited(FILLER + "\n" + text)] == found
