"""The file of overrides: every fault is one sentence with its line, and what contradicts itself is named."""

import random
import unicodedata
from itertools import combinations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.resources import sql_of
from transforms.enrich.registry import alias_key
from transforms.overrides import Override, contradictions, parse_overrides
from transforms.text import content_hash

HEAD = "kind,key,value,author,date,reason\n"
A, B, C, D = (f"a_{letter * 16}" for letter in "abcd")
S, T = "s_" + "1" * 16, "s_" + "2" * 16
WHO = "ines,2026-03-04,read both"


def read(*rows: str) -> tuple[Override, ...]:
    return parse_overrides(HEAD + "".join(f"{row},{WHO}\n" for row in rows), "overrides.csv")


def test_a_row_names_things_by_id_or_address_and_keeps_who_decided_and_why() -> None:
    (row,) = parse_overrides(
        "\ufeff# decisions of the desk\n\n"
        + HEAD
        + "must_link,https://www.dawn.example/a?utm_source=x,a_"
        + "0" * 16
        + ',ines,2026-03-04,"one fire, two names"\n',
        "overrides.csv",
    )
    assert (row.key, row.value) == ("a_" + "0" * 16, content_hash("a_", "url", "https://dawn.example/a"))
    assert (row.author, row.decided_on.isoformat(), row.reason, row.line) == (
        "ines", "2026-03-04", "one fire, two names", 4,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"merge,{A},{B},{WHO}", "there is no kind 'merge'; known are must_link"),
        (f"must_link,{A},{B},ines,2026-03-04", "has 5 cells, want 6"),
        (f"must_link,{A},{B},,2026-03-04,x", "the author is missing"),
        (f"must_link,{A},{B},ines,2026-03-04,", "the reason is missing"),
        (f"must_link,{A},{B},ines,4 March,x", "'4 March' is no date"),
        (f"must_link,{A},{A},{WHO}", f"both of its cells name {A}"),
        (f"must_link,{A},{S},{WHO}", f"must_link needs an article by its id (a_…) or its address, or a text by its id (t_…), not '{S}'"),
        (f"must_link,{A},dawn.example,{WHO}", "not 'dawn.example'"),
        (f"must_link,{A},,{WHO}", "the cell is empty"),
        (f"pin,{A},{B},{WHO}", "pin needs a story by its id (s_…)"),
        (f"ignore,{A},{B},{WHO}", "ignore takes no value"),
        (f"set_date,{A},yesterday,{WHO}", "set_date needs a date from 1990 on as YYYY-MM"),
        (f"set_date,{A},2026-02-31,{WHO}", "set_date needs a date from 1990 on"),
        (f"set_date,{A},1912-04-15,{WHO}", "set_date needs a date from 1990 on"),
        (f"alias,The Khan,Imran Khan,{WHO}", "alias needs an actor by its id (act_…)"),
        (f'must_link,{A},"{B},{WHO}', "is no CSV"),
        (f"alias,{'x' * 3000},act_x,{WHO}", "a cell of 3,000 characters is too long"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_its_line(row: str, said: str) -> None:
    with pytest.raises(ValueError, match="line 2") as raised:
        parse_overrides(HEAD + row + "\n", "overrides.csv")
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_without_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="line 1 should name the columns kind,key,value,author,date,reason"):
        parse_overrides(f"must_link,{A},{B},{WHO}\n", "overrides.csv")


def test_an_empty_file_overrules_nothing_and_a_row_twice_is_one() -> None:
    assert parse_overrides("", "overrides.csv") == ()
    assert len(read(f"must_link,{A},{B}", f"must_link,{B},{A}")) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [f"must_link,{A},{B}", f"must_link,{B},{C}", f"cannot_link,{A},{C}"],
            [f"line 4 (cannot_link {A} {C}) contradicts what joins the two: with line 2 (must_link {A} {B}) and line 3 (must_link {B} {C})."],
        ),
        ([f"set_source,{A},dawn.com", f"set_source,{A},cnn.com"], [f"{A} can have one only"]),
        ([f"set_date,{A},2026-03-01", f"set_date,{A},2026-03-02"], ["can have one only"]),
        ([f"pin,{A},{S}", f"pin,{A},{T}"], ["can have one only"]),
        ([f"pin,{A},{S}", f"pin,{B},{T}", f"must_link,{A},{B}"], ["one story of two that are pinned"]),
        ([f"pin,{A},{S}", f"pin,{B},{S}", f"cannot_link,{A},{B}"], ["line 4 (cannot_link"]),
        (["alias,The Khan,act_x", "alias,The Khan,act_y"], ["can have one only"]),
        (["alias,The Khan,act_x", "not_alias,The Khan,act_x"], ["the name is that actor's or it is not"]),
        ([f"ignore,{A},", f"must_link,{A},{B}"], ["what is ignored is in no story"]),
    ],
)  # fmt: skip
def test_contradictions_name_their_rows(rows: list[str], said: list[str]) -> None:
    found = contradictions(read(*rows))
    assert len(found) == len(said)
    assert all(words in sentence for words, sentence in zip(said, found, strict=True))


def test_what_the_warehouse_knows_to_be_one_counts() -> None:
    rows = read(f"must_link,{A},{B}", f"cannot_link,{B},{C}", f"pin,{A},{S}", f"pin,{D},{T}", f"must_link,{A},{D}")
    assert contradictions(rows[:2]) == []
    (found,) = contradictions(rows[:2], [(A, "t_1"), ("t_1", C)])
    assert "line 3 (cannot_link" in found and "line 2 (must_link" in found
    assert contradictions(rows[2:], [(S, T)]) == []
    (copies,) = contradictions(rows[1:2], [(B, "t_1"), (C, "t_1")])
    assert "copies of one text" in copies


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()).filter(lambda t: t[0] != t[1]), max_size=8)
)
def test_links_contradict_each_other_when_no_partition_satisfies_them(links: list[tuple[int, int, bool]]) -> None:
    rows = read(*(f"{'must' if must else 'cannot'}_link,{_id(a)},{_id(b)}" for a, b, must in links))
    part = {i: i for i in range(6)}
    for a, b, must in links:
        if must:
            part = {i: min(part[a], part[b]) if p in (part[a], part[b]) else p for i, p in part.items()}
    impossible = {frozenset((a, b)) for a, b, must in links if not must and part[a] == part[b]}
    found = contradictions(rows)
    assert len(found) == len(impossible)
    shuffled = list(rows)
    random.Random(len(links)).shuffle(shuffled)
    assert contradictions(shuffled) == found


def _id(number: int) -> str:
    return f"a_{number:016x}"


def test_all_pairs_of_kinds_that_agree_are_silent() -> None:
    rows = read(
        f"must_link,{A},{B}", f"cannot_link,{A},{C}", f"pin,{A},{S}", f"pin,{B},{S}", f"set_source,{A},dawn.com",
        f"set_date,{A},2026-03-01T08:00Z", "alias,The Khan,act_x", "not_alias,Mr. Khan,act_x", f"ignore,{D},",
    )  # fmt: skip
    assert all(contradictions(pair) == [] for pair in combinations(rows, 2))
    assert rows[5].date.precision == "minute" and rows[5].date.tz_method == "stated"


# Of what Unicode took in lately, the engine does not know yet what is a letter; it only ever compares what it wrote itself.
_SETTLED = st.characters(exclude_categories=["Cs", "Cc"]).filter(lambda c: unicodedata.ucd_3_2_0.category(c) != "Cn")


@given(st.text(alphabet=_SETTLED, max_size=20))
def test_two_writings_of_a_name_are_equal_in_sql_as_in_the_registry(name: str) -> None:
    ((key,),) = _ENGINE.execute("SELECT alias_key($name)", {"name": name}).fetchall()
    assert key == alias_key(name)


_ENGINE = duckdb.connect()
_ENGINE.execute(sql_of("macros"))
