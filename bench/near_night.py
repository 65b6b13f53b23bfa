"""What a night of new texts costs the finding of copies where a planted corpus is known already: all of it, and an empty night.

python -m bench.near_night CORPUS.parquet [--night 20000]

CORPUS: made by bench.planted, or kept by `bench.near --work`. Its last articles are tonight's. Told is whether the edges are those
that all the texts make at once. An empty night is what goes through the history whatever is new: its pairs, their guards and groups.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.near import BATCH
from bench.near_lookup import timed
from transforms.dedupe.growing import Known
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.near import REPORT, copies_of, edges_of, everything, grown
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, sign

SETTINGS = NearSettings()


def main() -> None:
    """Print a line a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--night", type=int, default=20_000)
    parsed = parser.parse_args()

    def bodies(wanted: pa.Array) -> Iterator[pa.RecordBatch]:
        file = pq.ParquetFile(parsed.corpus, pre_buffer=False)
        for batch in file.iter_batches(BATCH, columns=["text_id", "body"]):
            yield batch.filter(pc.is_in(batch["text_id"], value_set=wanted)) if len(wanted) < parsed.night else batch

    every = sign(bodies(pa.nulls(parsed.night, pa.string())), SETTINGS)
    old, new = _parts(every, max(0, len(every) - parsed.night))
    print(f"{len(new):,} new texts, {len(old):,} known")
    previous = everything(Known([old]), _uses, bodies, SETTINGS)
    nothing = sign([], SETTINGS)
    # What is compiled is compiled then.
    grown(Known([old, _parts(new, len(new) - 5)[1]]), np.sort(new.ids[-5:]), previous, _uses, bodies, SETTINGS)
    pairs = copies_of(previous).pairs
    empty = Known([old, nothing])
    timed("an empty night", lambda: copies_of(grown(empty, nothing.ids, edges_of(pairs), _uses, bodies, SETTINGS)))
    known = Known([old, new])
    found = timed(
        "the night", lambda: copies_of(grown(known, np.sort(new.ids), edges_of(pairs), _uses, bodies, SETTINGS))
    )
    whole = timed("all at once, signed", lambda: copies_of(everything(known, _uses, bodies, SETTINGS)))
    same = found.pairs.equals(whole.pairs) and found.groups.equals(whole.groups)
    print(f"{len(found.pairs):,} pairs, {'the same' if same else 'NOT the same'} as all at once")


def _parts(texts: Signatures, at: int) -> tuple[Signatures, Signatures]:
    cut = texts.starts[at]
    return (
        Signatures(texts.ids[:at], texts.digests[:at], texts.starts[: at + 1], texts.keys[:cut]),
        Signatures(texts.ids[at:], texts.digests[at:], texts.starts[at:] - cut, texts.keys[cut:]),
    )


def _uses(ids: Hashes) -> npt.NDArray[np.int8]:
    return np.full(len(ids), REPORT, np.int8)


if __name__ == "__main__":
    main()
