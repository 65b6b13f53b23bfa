"""Throw mutated dumps at every reader, guided by coverage, and stop at the first that crashes, hangs, bloats or breaks a promise.

python -m bench.fuzz --minutes 15 --corpus /tmp/fuzz      (needs atheris: pip install atheris)
"""

import argparse
import io
import sys
from pathlib import Path

# Small bounds, so that the fuzzer meets them.
MEMORY_MB, SECONDS = 2_000, 20


def check(data: bytes) -> None:
    """Read bytes as a dump and hold what comes to what readers promise: no exception, sane offsets, text that can be written."""
    from transforms.read import Reading, ReadLimits, read
    from transforms.records import RawRecord, Skipped

    limits = ReadLimits(
        max_record=1 << 16, max_decompressed=1 << 22, ratio_grace=1 << 18, max_unseekable=1 << 20, max_members=50
    )
    for item in read(io.BytesIO(data), "dump", Reading(limits)):
        if isinstance(item, Skipped):
            continue
        assert 0 <= item.start <= item.end, item
        if isinstance(item, RawRecord):
            assert item.html is not None or item.fields.get("body", "").strip("\x00\ufeff \t\r\n\f\v") is not None
            for value in (
                item.key or "",
                item.member or "",
                item.html or "",
                *item.fields.values(),
                *item.extra.values(),
            ):
                value.encode("utf-8")
        else:
            assert item.reason_code and item.detail and len(item.preview) <= 200, item


def main() -> None:
    """Fuzz for some minutes from a corpus that begins as one dump of every format; a find is written beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--corpus", type=Path, required=True)
    parsed = parser.parse_args()
    import atheris

    with atheris.instrument_imports(include=["transforms.read"]):
        import transforms.read  # noqa: F401
    from tests.samples import SAMPLES

    parsed.corpus.mkdir(parents=True, exist_ok=True)
    for name, data in SAMPLES.items():
        (parsed.corpus / f"sample-{name.replace(' ', '-')}").write_bytes(data)
    options = [
        f"-max_total_time={int(parsed.minutes * 60)}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEMORY_MB}", "-max_len=20000",
        f"-artifact_prefix={parsed.corpus}/find-", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(parsed.corpus)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
