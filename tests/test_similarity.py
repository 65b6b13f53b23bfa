"""The one similarity: what each feature sees, and that no score depends on its batch."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms.stories.against import NAMES, NOTHING, conflicts
from transforms.stories.frequencies import WORD, Frequencies, frequencies, read_frequencies
from transforms.stories.kernel import MILLION
from transforms.stories.profiles import NODES, Profiles, ReadingSettings, profiles
from transforms.stories.shelf import as_table, beside, from_table, idf_of, key_of, named_of, taken
from transforms.stories.similarity import AGAINST, FEATURES, KNOTS, SimilaritySettings, Weights, compare, joined
from transforms.stories.tokens import form, hash_of, printed_form, tokens
from transforms.text import text_id

ROOM = Path(__file__).resolve().parents[1] / "transforms" / "stories"
TABLE = read_frequencies((ROOM / "document_frequencies.parquet").read_bytes())
WEIGHTS = Weights.parse((ROOM / "weights.json").read_text("utf-8"))

FERRY = (
    "A ferry carrying 212 people capsized off Port Lindis on Tuesday, killing at least 41, the coastguard said. "
    "Captain Odo Marenko had reported an engine failure at dawn. Rescue boats from Port Lindis reached the wreck in an hour."
)
FERRY_TOO = (
    "At least 41 people died when the ferry Star of Lindis capsized near Port Lindis, the coastguard said on Tuesday. "
    "Odo Marenko, its captain, had radioed that an engine failed; 212 people were aboard."
)
BUDGET = (
    "Parliament in Carrow passed the budget by 88 votes to 61 after finance minister Hela Brandt cut the tax on fuel. "
    "The opposition under Tomas Ulrik called the vote a disgrace."
)


def node(body: str, title: str | None = None, day: date | None = None, cited: tuple[str, ...] = ()) -> dict[str, Any]:
    identity = text_id(body)
    return {
        "node_id": "g_" + identity[2:],
        "text_id": identity,
        "body": body,
        "title": title,
        "date": day,
        "cited": list(cited),
        "joinable": True,
    }


def nodes(*rows: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], NODES.field(name).type) for name in NODES.names})


def features(
    *rows: dict[str, Any], settings: SimilaritySettings | None = None
) -> dict[tuple[str, str], dict[str, float]]:
    profiles, blocks = compare(nodes(*rows).sort_by("node_id"), TABLE, settings or SimilaritySettings())
    pairs = joined(blocks)
    ids = profiles.node_ids
    return {
        (ids[a], ids[b]): dict(zip(FEATURES, (values / MILLION).tolist(), strict=True))
        for a, b, values in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.features, strict=True)
    }


def only(*rows: dict[str, Any]) -> dict[str, float]:
    found = features(*rows)
    assert len(found) == 1
    return next(iter(found.values()))


def test_two_reports_of_one_event_score_high_and_another_event_is_no_candidate() -> None:
    found = features(node(FERRY), node(FERRY_TOO), node(BUDGET))
    scores = WEIGHTS.scores(np.array([[round(v * MILLION) for v in f.values()] for f in found.values()]))
    assert set(found) == {tuple(sorted((node(FERRY)["node_id"], node(FERRY_TOO)["node_id"])))}
    assert scores[0] > WEIGHTS.threshold


def test_every_feature_lies_between_0_and_1() -> None:
    for row in features(
        node(FERRY, "Ferry capsizes"), node(FERRY_TOO, "Ferry disaster"), node(FERRY + " " + BUDGET)
    ).values():
        assert all(0 <= value <= 1 for value in row.values())


def test_a_text_and_its_longer_self_agree_in_lead_and_headline() -> None:
    found = only(
        node(FERRY, "Ferry capsizes off Port Lindis"), node(FERRY + " It sank.", "Ferry capsizes off Port Lindis")
    )
    assert found["f_title"] > 0.999
    assert found["f_words"] > 0.9
    assert found["f_phrases"] > 0.5


@pytest.mark.parametrize(("apart", "low", "high"), [(0, 0.0, 0.0), (3, 0.05, 0.1), (14, 0.8, 0.9), (400, 1.0, 1.0)])
def test_distance_in_days_grows_to_one(apart: int, low: float, high: float) -> None:
    days = date(2021, 9, 4), date.fromordinal(date(2021, 9, 4).toordinal() + apart)
    assert low <= only(node(FERRY, day=days[0]), node(FERRY_TOO, day=days[1]))["f_days"] <= high


def test_nothing_says_that_an_undated_text_lies_close() -> None:
    assert only(node(FERRY, day=date(2021, 9, 4)), node(FERRY_TOO))["f_days"] == 1
    assert only(node(FERRY), node(FERRY_TOO))["f_days"] == 1


def test_days_a_text_states_stand_in_for_a_missing_date() -> None:
    late = FERRY_TOO + " He had spoken on September 23."
    near, far = (only(node(FERRY, day=date(2021, month, 22)), node(late)) for month in (9, 7))
    assert near["f_stated_days"] == near["f_days"] < 0.05
    assert far["f_stated_days"] == far["f_days"] == 1
    dated = only(node(FERRY, day=date(2021, 7, 4)), node(late, day=date(2021, 7, 4)))
    assert dated["f_stated_days"] == dated["f_days"] == 0


def test_outlets_credited_for_the_report_agree_or_differ() -> None:
    both = only(node(FERRY, cited=("src_a", "src_b")), node(FERRY_TOO, cited=("src_b",)))
    other = only(node(FERRY, cited=("src_a",)), node(FERRY_TOO, cited=("src_b",)))
    none = only(node(FERRY, cited=("src_a",)), node(FERRY_TOO))
    assert (both["f_cited"], both["f_cited_other"]) == (1, 0)
    assert (other["f_cited"], other["f_cited_other"]) == (0, 1)
    assert (none["f_cited"], none["f_cited_other"]) == (0, 0)


def test_a_pair_scores_the_same_in_any_company_and_any_order() -> None:
    pair = [node(FERRY, "Ferry capsizes"), node(FERRY_TOO, "Ferry disaster")]
    company = [node(BUDGET), *(node(f"{FERRY} {BUDGET} Case {i}.") for i in range(9))]
    key = tuple(sorted(row["node_id"] for row in pair))
    everybody = pair + company
    random.Random(1).shuffle(everybody)
    assert features(*pair)[key] == features(*everybody)[key]  # type: ignore[index]


def test_no_texts_no_pairs() -> None:
    assert features() == {}


def test_weights_of_other_features_or_knots_are_refused() -> None:
    with pytest.raises(ValueError, match="The weights name the features"):
        Weights.parse('{"threshold": 0.5, "intercept": 0, "knots": [0, 1], "adds": {"f_mood": [0, 1]}}')
    flat = ", ".join(f'"{name}": [0, 0]' for name in FEATURES)
    with pytest.raises(ValueError, match="at the knots"):
        Weights.parse(f'{{"threshold": 0.5, "intercept": 0, "knots": [0, 1], "adds": {{{flat}}}}}')


def test_no_shipped_curve_turns_against_its_meaning() -> None:
    rises = dict(zip(FEATURES, np.diff(WEIGHTS.adds, axis=1), strict=True))
    assert all((rise <= 0).all() if name in AGAINST else (rise >= 0).all() for name, rise in rises.items())


def test_the_parts_of_a_score_are_read_off_the_curves() -> None:
    features = np.full((1, len(FEATURES)), 475_000, dtype=np.int64)
    parts = WEIGHTS.parts(features)[0] / MILLION
    expected = [np.interp(0.475, KNOTS, adds) for adds in WEIGHTS.adds / MILLION]
    assert parts == pytest.approx(expected, abs=2e-6)


def test_the_score_is_the_logistic_curve_in_millionths() -> None:
    flat = Weights(np.zeros((len(FEATURES), len(KNOTS)), dtype=np.int64), 0, 500_000)
    assert flat.scores(np.zeros((1, len(FEATURES)), dtype=np.int64)).tolist() == [500_000]
    for intercept in (-30.0, -2.345678, 1.5, 30.0):
        found = Weights(flat.adds, round(intercept * MILLION), 0).scores(np.zeros((1, len(FEATURES)), dtype=np.int64))
        assert abs(found[0] - MILLION / (1 + np.exp(-intercept))) <= 1


def test_rarer_words_weigh_more_and_names_of_states_weigh_alike() -> None:
    known = TABLE[WORD]
    idf = dict(zip(known.hashes.tolist(), known.idf().tolist(), strict=True))
    common, home, abroad = (idf[form(word)] for word in ("president", "washington", "islamabad"))
    assert common < known.unseen_idf
    assert home == abroad


def test_frequencies_without_a_count_of_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="document frequencies"):
        frequencies(pa.table({"kind": [WORD], "term": ["said"], "df": [9]}), WORD)


@pytest.mark.parametrize(
    ("word", "compared_as"),
    [
        ("Shootings", "shooting"),
        ("Nigeria’s", "nigeria"),
        ("Parties", "party"),
        ("US", "us"),
        ("virus", "virus"),
        ("Полякова", "поляко"),
        ("Поляковым", "поляко"),
    ],
)
def test_words_compare_without_case_possessive_and_ending(word: str, compared_as: str) -> None:
    assert printed_form(word) == compared_as
    assert form(word) == hash_of(compared_as)


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12),
    st.sampled_from(["", "s", "'s", "’s", "ies"]),
)
@example("ß", "s")
def test_what_is_printed_of_a_form_is_what_it_is_compared_as(word: str, ending: str) -> None:
    found, starts, ends = tokens(word + ending, 9)
    for value, start, end in zip(found.tolist(), starts.tolist(), ends.tolist(), strict=True):
        printed = (word + ending)[start:end]
        if all(len(character.casefold()) == 1 for character in printed) and max(map(ord, printed)) < 0x0E00:
            assert value == hash_of(printed_form(printed))


def read(*rows: dict[str, Any]) -> Profiles:
    return profiles(nodes(*rows), TABLE, ReadingSettings())


def named(text: str) -> set[int]:
    """The keys of the words of names."""
    shelf = read(node(text)).shelf
    return {int(word) >> 32 for word in shelf.words if named_of(word)}


def keys(words: str) -> set[int]:
    return {form(word) >> 32 for word in words.split()}


def test_names_are_runs_of_capitals_without_openers_and_across_abbreviations() -> None:
    text = "The minister met Adm. Asim Munir in Karachi, Sindh. Critics said Munir left. Mr. J. Khan agreed."
    assert named(text) == keys("adm asim munir karachi sindh khan")


def test_words_of_one_key_weigh_alike_as_the_most_frequent_of_them() -> None:
    ferry = np.uint64(form("ferry"))
    known = Frequencies(np.sort(np.array([ferry ^ np.uint64(1), ferry], dtype=np.uint64)), np.array([3, 900]), 1000)
    for df in ([3, 900], [900, 3]):
        table = {**TABLE, WORD: replace(known, df=np.array(df))}
        words = profiles(nodes(node("Ferry ferries sank")), table, ReadingSettings()).shelf.words
        found = {key_of(word): idf_of(word) for word in words}
        assert found[int(ferry) >> 32] == table[WORD].idf().min()
    # So does one that nobody counted, where another of its key was counted.
    alone = {**TABLE, WORD: Frequencies(np.array([ferry ^ np.uint64(1)]), np.array([900]), 1000)}
    words = profiles(nodes(node("Ferry sank")), alone, ReadingSettings()).shelf.words
    assert {key_of(word): idf_of(word) for word in words}[int(ferry) >> 32] == alone[WORD].idf()[0]


def test_figures_lose_their_separators() -> None:
    shelf = read(node("1,300 of 21 people paid $4.5 million")).shelf
    assert {figure >> 32 for figure in shelf.numbers.tolist()} == {
        hash_of(figure) >> 32 for figure in ("1300", "21", "4.5")
    }


def test_stated_days_in_the_common_forms() -> None:
    text = "On September 23, again on Aug. 26, 2021, 4 August 2023 and 2021-09-04; 12 / 16 / 08; May I ask, on 31 February?"
    days = {divmod(code, 4096) for code in read(node(text)).shelf.days.tolist()}
    leap = [date(2020, *day).timetuple().tm_yday - 1 for day in ((9, 23), (8, 26), (8, 4), (9, 4), (12, 16))]
    assert days == set(zip(leap, (0, 2021, 2023, 2021, 2008), strict=True))


def test_a_date_that_may_be_read_in_two_ways_is_read_in_both() -> None:
    assert len(read(node("Filed on 2/3/2009.")).shelf.days) == 2


@pytest.mark.parametrize(
    ("text", "year"), [("In 2021 and 2019.", 2021), ("It cost $2021, or 2,021 pounds.", 0), ("2015", 2015)]
)
def test_the_latest_year_stated(text: str, year: int) -> None:
    assert read(node(text)).shelf.scalars[0, 1] == year


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("EU adopts 12th package of sanctions", "EU adopts 13th package of sanctions", True),
        ("EU adopts 12th package of sanctions", "Twelfth package of sanctions adopted", False),
        ("Colts win 31-24", "Colts win 20-13", True),
        ("Colts win 31-24", "Jaguars lose 24-31", False),
        ("A 19th century house burns", "An 18th century house burns", False),
        ("A fire kills 12", "A fire kills 13", False),
    ],
)
def test_ordinals_and_results_tell_events_of_one_kind_apart(one: str, other: str, differ: bool) -> None:
    shelf = read(node("It happened.", one), node("So it happened.", other)).shelf
    found = conflicts(shelf, np.array([0]), np.array([1]), 4)
    assert bool(found[0] != NOTHING) is differ


BOUT = "On Saturday in Mannheim {0} floored the champion's old rival; {0} wept, {0} bowed, and the crowd sang for {0} until one."


@pytest.mark.parametrize(
    ("one", "other", "often", "said"),
    [
        (("Champion floors Thorne", "Thorne"), ("Champion floors Rahmat", "Rahmat"), 4, NAMES),
        (("Champion floors Thorne", "Thorne"), ("Champion floors Rahmat", "Rahmat"), 5, NOTHING),
        # One text mentions whom the other tells of, even once.
        (("Champion floors Thorne", "Thorne"), ("Champion floors Rahmat, as Thorne before", "Rahmat"), 4, NOTHING),
        # Only one of them tells of somebody else, as a portrait among reports does.
        (("Champion floors Thorne", "Thorne"), ("Champion does it again", "Rahmat"), 4, NOTHING),
        # What is no name may be put in other words.
        (("Champion floors a baker", "a baker"), ("Champion floors a confectioner", "a confectioner"), 4, NOTHING),
    ],
)
def test_headlines_that_name_another_than_the_other_text_ever_does_tell_two_events(
    one: tuple[str, str], other: tuple[str, str], often: int, said: int
) -> None:
    shelf = read(*(node(BOUT.format(name), title) for title, name in (one, other))).shelf
    for left, right in ((0, 1), (1, 0)):
        assert conflicts(shelf, np.array([left]), np.array([right]), often).tolist() == [said]


def test_languages_without_blanks_share_neighbouring_characters() -> None:
    one, other = node("渡轮在林迪斯港附近倾覆造成四十一人死亡"), node("林迪斯港渡轮倾覆四十一人死亡海岸警卫队说")
    assert only(one, other)["f_words"] > 0.3


def test_a_shelf_is_kept_in_a_table_and_put_beside_another() -> None:
    rows = [node(FERRY, "Ferry capsizes", date(2021, 9, 4), ("src_a",)), node(FERRY_TOO), node("")]
    whole = read(*rows).shelf
    parts = beside([from_table(as_table(read(row).shelf)) for row in rows])
    assert all((a == b).all() for a, b in zip(whole, parts, strict=True))
    turned = taken(whole, np.array([2, 0, 1]))
    assert all((a == b).all() for a, b in zip(taken(turned, np.array([1, 2, 0])), whole, strict=True))
