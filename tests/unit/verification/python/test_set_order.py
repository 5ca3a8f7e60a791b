"""Only the iteration order of sets varies; nothing else changes."""

import ast
from typing import Any

import pytest

from coursewright.verification.python.set_order import make_vary, vary_sets

ORDERS = (1, 2, 3)
SETS: list[Any] = [
    {1, 2},
    {"pear", "apple"},
    frozenset({"a", "b", "c"}),
    set(range(20)),
    {f"word {n}" for n in range(200)},
    {1.5, -2.5, 3.5},
    {(1, "a"), (2, "b")},
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("values", SETS, ids=lambda values: f"{len(values)} members")
def test_a_set_iterates_in_another_order(values: Any, order: int) -> None:
    varied = make_vary(order)(values)

    assert varied == values
    assert isinstance(varied, set)
    assert list(varied) != list(values)


@pytest.mark.parametrize("order", ORDERS)
def test_a_set_that_does_not_change_keeps_its_order(order: int) -> None:
    vary = make_vary(order)

    assert list(vary(SETS[4])) == list(vary(SETS[4]))


def test_three_members_iterate_in_three_different_orders() -> None:
    orders = {tuple(make_vary(order)({1, 2, 3})) for order in ORDERS}

    assert len(orders | {(1, 2, 3)}) == 4


@pytest.mark.parametrize("value", [[2, 1], {"b": 1, "a": 2}, "ba", None, set(), {1}])
def test_other_values_and_small_sets_are_returned_unchanged(value: object) -> None:
    assert make_vary(1)(value) is value


@pytest.mark.parametrize(
    "code",
    [
        "result = list(s)",
        "result = [x for x in s]",
        "result = []\nfor x in s:\n    result.append(x)",
        "result = [*s]",
        "first, second, third = s\nresult = [first, second, third]",
        "result = []\nresult += s",
        "result = []\nresult[:] = s",
        "result = [int(c) for c in f'{s}' if c.isdigit()]",
        "result = [int(c) for c in '%s' % (s,) if c.isdigit()]",
        "result = [int(c) for c in str(s) if c.isdigit()]",
        "def g(v):\n    yield from v\nresult = list(g(s))",
        "result = [s.pop(), s.pop(), s.pop()]",
        "result = list({}.fromkeys(s))",
        "result = []\nresult.extend(s)",
        "import itertools\nresult = list(itertools.chain(s))",
    ],
)
def test_every_way_to_see_the_order_of_a_set_is_varied(code: str) -> None:
    tree = ast.parse("s = {1, 2, 3}\n" + code)

    names = vary_sets(tree, 1)
    exec(compile(tree, "code.py", "exec"), names)

    assert sorted(names["result"]) == [1, 2, 3]
    assert names["result"] != [1, 2, 3]


def test_a_frozen_set_is_still_shown_as_a_frozen_set() -> None:
    tree = ast.parse("result = f'{frozenset({1, 2})}', str(frozenset({1, 2}))")

    names = vary_sets(tree, 1)
    exec(compile(tree, "code.py", "exec"), names)

    assert names["result"] == ("frozenset({1, 2})", "frozenset({1, 2})")


def test_a_set_that_a_function_changes_is_the_same_set() -> None:
    tree = ast.parse(
        "def add(values):\n    values.add(4)\n    return values\n"
        "s = {1, 2, 3}\nsame = add(s) is s and 4 in s\n"
    )

    names = vary_sets(tree, 2)
    exec(compile(tree, "code.py", "exec"), names)

    assert names["same"] is True
