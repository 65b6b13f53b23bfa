"""Whether tonight's tables may be published: the contracts of their declarations, and the rules of the news."""

from collections.abc import Sequence

import pyarrow as pa

from flows.measured import measured
from flows.night import SUMS, Night
from flows.unusual import warnings
from warehouse.checks import Finding, check, check_sql
from warehouse.schema import TABLES


class Blocked(Exception):
    """A check failed, so nothing was published and readers keep what they had; the message names the rows."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.sentence for finding in findings))


def check_all(night: Night) -> list[Finding]:
    """Return the findings of every contract and rule of the news, and the warnings; leaves them in the log."""
    night.keep("run_row", pa.Table.from_pylist([{name: night.row[name] for name in SUMS}]))
    for name in ("raw_files", "quarantine"):
        night.keep(f"{name}_row", pa.Table.from_pylist(night.log[name], schema=TABLES[name].schema))
    findings = check(night.connection, TABLES, night.beside.look_away)
    for metric, sql in night.resources.checks.items():
        # Each looks at others of tonight's rows.
        night.beside.look_away()
        findings += check_sql(night.connection, {metric: sql})
    findings += [
        *measured(night),
        *warnings(night),
    ]
    write_down(night, findings)
    return findings


def write_down(night: Night, findings: Sequence[Finding]) -> None:
    """Leave the findings in the log of the night."""
    night.log["quality"] = [
        {
            "run_id": night.run_id,
            "suite": finding.suite,
            "metric": finding.metric,
            "table": finding.table,
            "value": finding.value,
            "threshold": finding.threshold,
            "passed": finding.passed,
            "blocking": finding.blocking,
            "detail": finding.sentence,
        }
        for finding in findings
    ]
