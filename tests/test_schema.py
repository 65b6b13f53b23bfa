"""The declarations: what they promise of themselves, and that they speak of the features the similarity has."""

from transforms.stories.similarity import FEATURES
from transforms.tables import run
from warehouse.schema import TABLES


def test_evidence_has_a_column_for_every_feature_of_the_similarity() -> None:
    described = {c.name: c.description for c in TABLES["merge_evidence"].columns if c.name.startswith("f_")}
    assert described == {name: f"{what}, 0..1" for name, what in FEATURES.items()}


def test_every_derived_table_is_made_by_a_step() -> None:
    made = {*run.TOUCHING, *run.BEFORE_STORIES, *run.PAIRING, *run.STORIES, *run.REDIRECTS, *run.COUNTS, "text_pairs"}
    assert {table.name for table in TABLES.values() if table.kind == "derived"} <= made


def test_keys_sorts_partitions_and_references_name_columns_that_are_there() -> None:
    for table in TABLES.values():
        names = {column.name for column in table.columns}
        assert names >= {*table.key, *table.sort, *([table.partition] if table.partition else [])}
        for reference in table.references:
            assert reference.column in names
            assert reference.target in {column.name for column in TABLES[reference.table].columns}


def test_every_column_says_what_it_means() -> None:
    assert [(t.name, c.name) for t in TABLES.values() for c in t.columns if len(c.description) < 3] == []
