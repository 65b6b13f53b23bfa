"""Keeping company: what has lost its words can be compared with nothing, so it stays with those it was found with."""

from collections import defaultdict

import pyarrow as pa


def hold(groups: pa.Table, bonds: pa.Table) -> pa.Table:
    """Return groups with those that a bond holds together made one, under the smallest of their names.

    `groups`: two columns, item and its group; `bonds`: bond and item, an item without a group being one by itself.
    """
    item_name, group_name = groups.column_names
    group_of = dict(zip(groups[item_name].to_pylist(), groups[group_name].to_pylist(), strict=True))
    held: defaultdict[str, set[str]] = defaultdict(set)
    for bond, item in zip(bonds["bond"].to_pylist(), bonds["item"].to_pylist(), strict=True):
        if item in group_of:
            held[bond].add(group_of[item])
    root = {group: group for group in group_of.values()}

    def top(group: str) -> str:
        while root[group] != group:
            root[group] = root[root[group]]
            group = root[group]
        return group

    for together in held.values():
        first, *others = sorted(map(top, together))
        for other in others:
            low, high = sorted((top(first), top(other)))
            root[high] = low
    names = [top(group) for group in group_of.values()]
    return pa.table([list(group_of), names], schema=groups.schema)
