"""Files as a dataset that is read a little at a time: who reads ahead holds gigabytes of months of which SQL keeps a few rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.dataset as dataset


@dataclass(frozen=True)
class ScanSettings:
    """How far Arrow reads ahead of who asks; with its own numbers, 131,072 rows, 16 batches and 4 files, a scan of months holds a gigabyte."""

    batch_size: int = 32_768
    batch_readahead: int = 2
    fragment_readahead: int = 1


SETTINGS = ScanSettings()


class Scanned(dataset.FileSystemDataset):  # type: ignore[misc]
    """A dataset whose scanners read no further ahead than the settings say; DuckDB asks a dataset that it looks through for one."""

    def scanner(self, **asked: Any) -> dataset.Scanner:
        """Return a scanner as Dataset.scanner does; what is asked for goes before the settings."""
        return super().scanner(**asdict(SETTINGS) | asked)


def scan(paths: Sequence[str], schema: pa.Schema) -> dataset.Dataset:
    """Return the rows of Parquet files under a schema; every page that is read is checked against its sum."""
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
