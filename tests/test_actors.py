"""Who is meant: short forms, namesakes, states and their capitals, bodies of states, acronyms."""

import pytest

from tests.enrichment import enriched, meant, shipped_actors
from transforms.enrich.registry import ActorRegistry, learnt_id, place_id

HEADER = "actor_id,name,type,country,affiliation_id,aliases,context_aliases\n"
US, PK, AF = "act_state_us", "act_state_pk", "act_state_af"


def test_the_shipped_registry_is_free_of_contradictions_and_covers_every_kind() -> None:
    actors = shipped_actors().actors
    assert len({actor.actor_id for actor in actors}) == len(actors)
    assert sum(actor.type == "state" for actor in actors) >= 195
    assert sum(actor.type == "person" for actor in actors) >= 150
    assert sum(actor.type == "armed_group" for actor in actors) >= 40
    assert sum(actor.type == "party" for actor in actors) >= 25


def test_an_alias_that_two_actors_claim_is_refused_with_its_row() -> None:
    rows = "act_org_a,First,igo,,,Same,\nact_org_b,Second,igo,,,Same,\n"
    with pytest.raises(ValueError, match=r"line 3.*'Same'.*act_org_b.*line 2"):
        ActorRegistry.parse(HEADER + rows)


def test_a_second_registry_file_adds_actors_and_is_held_to_the_same_rules() -> None:
    first, second = "act_org_a,First,igo,,,Same,\n", "act_org_b,Second,igo,,,Same,\n"
    with pytest.raises(ValueError, match="file 2, line 2"):
        ActorRegistry.parse(HEADER + first, HEADER + second)
    both = ActorRegistry.parse(HEADER + first, HEADER + "act_org_b,Second,igo,,act_org_a,Other,\n")
    assert both.by_alias("Other") is both.by_id("act_org_b")


@pytest.mark.parametrize(
    "row",
    [
        "act_org_a,First,club,,,,",
        "org_a,First,igo,,,,",
        "act_org_a,First,igo,,act_org_none,,",
        "act_org_a,First,igo,,,,nickname:F",
        "act_org_a,First,igo,,,F,supported:F",
    ],
)
def test_a_bad_row_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        ActorRegistry.parse(HEADER + row + "\n")


def test_a_surname_with_a_title_goes_back_to_the_full_name_of_the_text() -> None:
    text = "Ambassador Tomas Velin arrived on Monday. Ambassador Velin met reporters. Mr. Velin left, and Velin smiled."
    found = meant(text, PERSON=["Tomas Velin"])
    velin = learnt_id("Tomas Velin")
    assert found == [("Tomas Velin", velin), ("Ambassador Velin", velin), ("Mr. Velin", velin), ("Velin", velin)]


def test_two_bearers_of_a_surname_stay_two_and_titles_tell_them_apart() -> None:
    text = (
        "Prime Minister Imran Khan spoke first. The ambassador sat down: Ambassador Asad Majeed Khan of Pakistan. "
        "Prime Minister Khan left. Ambassador Khan stayed."
    )
    found = dict(meant(text))
    assert found["Prime Minister Khan"] == "act_person_imran_khan"
    assert found["Ambassador Khan"] == "act_person_asad_majeed_khan"


def test_a_text_keeps_to_whom_it_called_by_the_surname_before_another_bearer_came() -> None:
    text = "Anna Berg won. Berg smiled. Her son Lars Berg waited. Later Berg spoke."
    found = meant(text, PERSON=["Anna Berg", "Lars Berg"])
    assert found[-1] == ("Berg", learnt_id("Anna Berg"))


@pytest.mark.parametrize(
    ("text", "labels", "short"),
    [
        (
            "The Norland Otters won. Later the Otters slept in Norland, too.",
            {"ORG": ["Norland Otters"], "GPE": ["Norland,"]},
            "Otters",
        ),
        ("Chicago Otters fans sang. The Otters slept.", {"ORG": ["Chicago Otters"]}, "Otters"),
        (
            "The Nordland Futures Exchange closed, NFE officials said.",
            {"ORG": ["Nordland Futures Exchange", "NFE"]},
            "NFE",
        ),
    ],
)
def test_teams_go_by_their_last_word_and_bodies_by_their_initials(
    text: str, labels: dict[str, list[str]], short: str
) -> None:
    found = dict(meant(text, **labels))
    assert found[short] in {actor for name, actor in found.items() if name != short}


def test_an_irish_surname_is_one_name() -> None:
    found = meant("Rosa O'Dell won. O'Dell smiled, and Mr. O'Dell left.", PERSON=["Rosa O'Dell", "O'Dell"])
    assert {actor for _, actor in found} == {learnt_id("Rosa O'Dell")}


@pytest.mark.parametrize("label", ["ORG", "PERSON", "GPE"])
def test_a_company_is_called_by_the_beginning_of_its_name_whatever_the_tagger_saw(label: str) -> None:
    text = "Nordland Power Co closed. A spokesman for Nordland Power spoke, and Nordland rose. They saw Nordland, Me., and Nordland Road."
    found = meant(
        text, ORG=["Nordland Power Co"], **({label: ["Nordland Power ", "Nordland"]} if label != "ORG" else {})
    )
    assert found[:3] == [
        (name, learnt_id("Nordland Power")) for name in ("Nordland Power Co", "Nordland Power", "Nordland")
    ]
    assert learnt_id("Nordland Power") not in {actor for _, actor in found[3:]}


def test_the_legal_form_is_no_part_of_who_a_company_is_but_of_whether_it_is_one() -> None:
    for name in ("Nordland Power Inc.", "The Nordland Power Company", "Nordland Power"):
        assert meant(f"Shares of {name} rose.", ORG=[name])[0][1] == learnt_id("Nordland Power")
    assert meant("Charles Vellory Corp. rose.")[0][1] == learnt_id("Charles Vellory Company")


@pytest.mark.parametrize(
    ("text", "name", "actor"),
    [
        ("TUSCALOOSA, Ala. - It rained.", "Ala", "act_place_alabama"),
        ("Rep. Rosa Velin (R-Miss.) spoke.", "Miss", "act_place_mississippi"),
        ("They live in Newark, N.J., now.", "N.J.", "act_place_new_jersey"),
    ],
)
def test_the_short_form_of_a_state_counts_behind_a_town_or_a_party(text: str, name: str, actor: str) -> None:
    assert (name, actor) in meant(text)


def test_short_forms_of_states_are_ordinary_words_elsewhere() -> None:
    assert not any(
        (actor or "").startswith("act_place") for _, actor in meant("Miss Velin saw La Scala. Va banque, Ore.")
    )


def test_a_surname_that_could_be_either_stays_unresolved() -> None:
    text = "Anna Berg and Lena Berg entered. Everyone waited in the hall for hours. Nothing was said. Later Mr. Berg spoke."
    found = meant(text, PERSON=["Anna Berg", "Lena Berg"])
    assert found[-1] == ("Mr. Berg", None)


def test_a_registered_surname_holds_only_where_nobody_else_of_that_name_is_introduced() -> None:
    assert ("Blinken", "act_person_antony_blinken") in meant("A statement from Blinken thanked them.")
    found = meant("Donald Blinken, the banker, died. Friends of Blinken mourned.", PERSON=["Donald Blinken"])
    assert found == [("Donald Blinken", learnt_id("Donald Blinken")), ("Blinken", learnt_id("Donald Blinken"))]


def test_a_full_name_is_never_folded_into_a_longer_or_shorter_one() -> None:
    found = dict(meant("Imran Khan met Imran Khan Tareen.", PERSON=["Imran Khan", "Imran Khan Tareen"]))
    assert found["Imran Khan Tareen"] == learnt_id("Imran Khan Tareen") != "act_person_imran_khan"


def test_spellings_of_one_name_are_one_actor() -> None:
    for name in ("Antony Blinken", "Anthony Blinken", "Tony Blinken"):
        assert meant(f"Then {name} spoke.") == [(name, "act_person_antony_blinken")]


def test_a_name_out_of_another_alphabet_is_one_however_it_is_written() -> None:
    for names in (
        ("Mohammed Velin", "Muhammad Velin"),
        ("Sergei Orsini", "Sergey Orsini"),
        ("Rosa al-Dorn", "Rosa el-Dorn"),
    ):
        assert len({meant(f"Then {name} spoke.", PERSON=[name])[0][1] for name in names}) == 1
    assert meant("Then Muhammad Bazoum spoke.", PERSON=["Muhammad Bazoum"])[0][1] == "act_person_mohamed_bazoum"
    alike = {
        meant(f"Then {name} spoke.", PERSON=[name])[0][1] for name in ("Steven Velin", "Stephen Velin", "Stefan Velin")
    }
    assert len(alike) == 3


def test_a_country_between_title_and_name_is_the_country() -> None:
    found = meant("The envoy to the US Pavel Orsini Dorn spoke.", PERSON=["US Pavel Orsini Dorn"])
    assert found == [("US", US), ("Pavel Orsini Dorn", learnt_id("Pavel Orsini Dorn"))]


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("Islamabad said it would wait.", PK),
        ("Islamabad, in exchange, wants help.", PK),
        ("Many times, Islamabad was accused of it.", PK),
        ("They procured equipment from Washington.", US),
        ("Tensions between Washington and Islamabad persist.", US),
        ("It was a cable telling Washington that all was well.", US),
        ("Washington's long-term interests differ.", US),
        ("They met in Islamabad on Monday.", None),
        ("WASHINGTON: Two concerns prevail.", None),
        ("He flew from Washington on Friday.", None),
        ("Washington, D.C. was quiet.", None),
        ("Denzel Washington was there.", None),
    ],
)
def test_a_capital_is_its_state_only_where_it_acts_or_is_dealt_with(text: str, actor: str | None) -> None:
    capitals = [found for surface, found in meant(text) if surface.casefold() in {"washington", "islamabad"}]
    assert capitals[:1] in ([actor], [] if actor is None else [actor])


def test_demonyms_are_their_state_but_not_a_dish_a_language_or_a_heritage() -> None:
    assert meant("Pakistani officials met the Chinese.") == [("Pakistani", PK), ("Chinese", "act_state_cn")]
    assert meant("She likes Chinese food and African-American music, and spoke in French.") == []


def test_an_administration_is_the_state_and_its_head_the_person() -> None:
    found = meant("The Biden administration agreed. Biden's adviser did not. The Pakistani government did.")
    assert found == [("Biden administration", US), ("Biden", "act_person_joe_biden"), ("Pakistani government", PK)]


def test_a_fallen_government_is_not_the_state() -> None:
    found = meant("It was the now-fallen Afghan government of Afghanistan.")
    assert found == [("now-fallen Afghan government", learnt_id("former Afghan government")), ("Afghanistan", AF)]


def test_the_pakistani_taliban_are_not_the_taliban() -> None:
    found = dict(meant("The Afghan Taliban, the Taliban regime and the Pakistani Taliban."))
    assert found["Afghan Taliban"] == found["Taliban regime"] == "act_group_taliban"
    assert found["Pakistani Taliban"] == "act_group_pakistani_taliban"


def test_the_cabinet_is_the_one_the_text_has_named() -> None:
    text = "The Pakistan federal cabinet met. The cabinet approved the deal, and the cabinet rose."
    assert {actor for _, actor in meant(text)} == {"act_org_pk_cabinet"}
    both = "The Pakistan cabinet and the Indian cabinet met. The cabinet approved the deal."
    assert "The cabinet" not in dict(meant(both))


def test_an_embassy_is_named_by_its_state_and_its_place() -> None:
    found = meant(
        "The US Embassy, Islamabad, wrote. The US embassy in Islamabad wrote again. Embassy officials agreed."
    )
    assert [surface for surface, _ in found] == [
        "US Embassy, Islamabad",
        "US embassy in Islamabad",
        "Embassy officials",
    ]
    assert len({actor for _, actor in found}) == 1


def test_an_acronym_a_text_defines_is_its_actor_everywhere_in_the_text() -> None:
    text = "The NFB was silent. The Nordland Fisheries Board (NFB) met. Later NFB agreed."
    found = meant(text, ORG=["Nordland Fisheries Board"])
    assert {actor for _, actor in found} == {learnt_id("Nordland Fisheries Board")}
    assert [surface for surface, _ in found] == ["NFB", "Nordland Fisheries Board", "NFB", "NFB"]


def test_agreements_and_their_acronyms_are_no_actors() -> None:
    text = "They signed the Fisheries Access Memorandum of Agreement (FAMOA). The FAMOA holds for years."
    assert meant(text, ORG=["FAMOA", "Fisheries Access Memorandum of Agreement"]) == []


def test_names_several_countries_share_go_to_the_country_the_text_speaks_of() -> None:
    assert dict(meant("Tbilisi reacted. Georgian officials said Georgia would answer."))["Georgia"] == "act_state_ge"
    assert dict(meant("Voters in Georgia and Florida, said Donald Trump."))["Georgia"] == "act_place_us_state_georgia"


def test_aliases_tell_the_names_a_text_uses_for_an_actor() -> None:
    rows = enriched(
        "Prime Minister Imran Khan left. Later Mr. Khan returned to the Taliban regime."
    ).aliases.to_pylist()
    names = {(row["alias"], row["actor_id"], row["method"]) for row in rows}
    assert {
        ("Imran Khan", "act_person_imran_khan", "registry"),
        ("Prime Minister Imran Khan", "act_person_imran_khan", "title"),
        ("Mr. Khan", "act_person_imran_khan", "title"),
        ("Taliban regime", "act_group_taliban", "registry"),
        ("Taliban", "act_group_taliban", "registry"),
    } == names


def test_an_office_goes_to_its_holder_not_to_a_namesake_the_text_introduces() -> None:
    found = meant("Michelle Obama spoke. President Obama listened, and Obama clapped.")
    assert [actor for _, actor in found] == [
        "act_person_michelle_obama",
        "act_person_barack_obama",
        "act_person_barack_obama",
    ]


def test_a_given_name_of_two_syllables_is_not_a_surname() -> None:
    found = meant("Officer Lee Dae-jun vanished. Mr. Lee was a good man.", PERSON=["Lee Dae-jun"])
    assert found == [("Lee Dae-jun", learnt_id("Lee Dae-jun")), ("Mr. Lee", learnt_id("Lee Dae-jun"))]


def test_a_ministry_without_a_country_belongs_to_the_country_the_text_speaks_of_or_to_nobody() -> None:
    assert ("Interior Ministry", "act_org_ni_interior_ministry") in meant(
        "Nicaragua waits. Nicaraguans hope. The Interior Ministry met."
    )
    assert ("Interior Ministry", None) in meant("Peru and Chile wait. The Interior Ministry met.")
    assert meant("The Communist Party met.", ORG=["Communist Party"]) == [("Communist Party", None)]


def test_a_noun_of_a_body_makes_the_name_beside_it_an_organisation() -> None:
    text = "The Dutch union Havenkracht met the port. Havenkracht wants more, and VKL negotiator Mara Dorn agreed."
    found = dict(meant(text, PERSON=["Mara Dorn"]))
    assert found["Havenkracht"] == learnt_id("Havenkracht")
    assert found["VKL"] == learnt_id("VKL")


def test_an_acronym_may_take_two_letters_of_the_first_word() -> None:
    found = dict(meant("The Norland Ferries Inspection Corporation (NOFIC) spoke. NOFIC waits."))
    assert found["NOFIC"] == found["Norland Ferries Inspection Corporation"] is not None


def test_who_does_what_only_persons_do_is_one_though_the_tagger_is_silent() -> None:
    assert meant("SAN PEDRO, Norland: Rosa Belmar was buying bread.") == [("Rosa Belmar", learnt_id("Rosa Belmar"))]


def test_a_town_in_capitals_opens_a_report_and_other_words_open_other_things() -> None:
    pedro = ("SAN PEDRO", place_id("San Pedro"))
    for text in (
        "SAN PEDRO, Calif. - It rained.",
        "SAN PEDRO (Reuters) - It rained.",
        "SAN PEDRO, Uruguay: It rained.",
    ):
        assert pedro in meant(text)
    assert pedro in meant("SAN PEDRO: It rained in San Pedro.", GPE=["San Pedro"])
    assert meant("EXCLUSIVE: It rained.") == meant("FILE PHOTO - It rained.") == meant("SAN PEDRO: It rained.") == []


def test_an_age_behind_a_name_makes_a_person_of_it_though_the_tagger_saw_an_organisation() -> None:
    body = "Rosa Belmar was buying bread. The 19-year-old baker ran."
    assert meant(body, ORG=["Rosa Belmar"]) == [("Rosa Belmar", learnt_id("Rosa Belmar"))]
    row = enriched(body, ORG=["Rosa Belmar"]).mentions.to_pylist()[0]
    assert row["type"] == "person"
