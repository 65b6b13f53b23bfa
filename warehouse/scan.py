"""Files as a dataset that is read a little at a time: who reads ahead holds gigabytes of months of which SQL keeps a few rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.dataset as dataset


@dataclass(frozen=True)
class ScanSettings:
    """How far Arrow reads ahead of who asks: rows a batch, batches and files; its own numbers are 131,072, 16 and 4.

    With those, making the tables of a night into ten million articles peaked at 4,768 MiB, with these at 3,084 (bench.growth); others were not tried.
    """

    batch_size: int = 32_768
    batch_readahead: int = 2
    fragment_readahead: int = 1


SETTINGS = ScanSettings()
# A batch of bodies of the usual size would be 180 MB.
OF_TEXTS = ScanSettings(batch_size=4_096)


class Scanned(dataset.FileSystemDataset):  # type: ignore[misc]
    """A dataset whose scanners read no further ahead than the settings say; DuckDB asks a dataset that it looks through for one."""

    def scanner(self, **asked: Any) -> dataset.Scanner:
        """Return a scanner as Dataset.scanner does; what is asked for goes before the settings."""
        return super().scanner(**asdict(SETTINGS) | asked)


def scan(paths: Sequence[str], schema: pa.Schema) -> dataset.Dataset:
    """Return the rows of one or more Parquet files, columns as in `schema`, in no particular order.

    Every page that is read is checked against its sum: reading raises OSError for one that is damaged.
    """
    checked = dataset.ParquetFragmentScanOptions(page_checksum_verification=True)
    format_ = dataset.ParquetFileFormat(default_fragment_scan_options=checked)
    found = dataset.dataset(paths, schema=schema, format=format_)
    return Scanned(
        list(found.get_fragments()),
        schema,
        format_,
        filesystem=found.filesystem,
        root_partition=found.partition_expression,
    )
