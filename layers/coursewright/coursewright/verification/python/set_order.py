"""Changes the order in which sets iterate, as a different hash seed would.

The image has one fixed hash seed, so code that depends on the order of a set would look repeatable
here but fail on a student's machine. A set's order follows from the slots of its hash table, so a
set is rebuilt in a table where fillers, removed again afterwards, take the slots of some members.
Code under test is rewritten so that it iterates over a rebuilt copy of each set, wherever the set
was made, and whether it was passed or returned. Each set is rebuilt once, because rebuilding a set
twice may restore its order.

Loaded as text into the sandbox image.
"""

import ast
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

VARY, SHOWN, POP = "_vary_set", "_vary_shown_set", "_pop_from_set"
# Functions and methods that iterate over their arguments without changing or storing them.
ITERATING = {
    *("all", "any", "dict", "enumerate", "filter", "frozenset", "iter", "list", "map"),
    *("max", "min", "set", "sorted", "sum", "tuple", "zip"),
    *("accumulate", "batched", "chain", "combinations", "combinations_with_replacement"),
    *("Counter", "cycle", "deque", "from_iterable", "groupby", "islice", "OrderedDict"),
    *("pairwise", "permutations", "product", "reduce", "starmap", "zip_longest"),
    *("extend", "extendleft", "fromkeys", "join", "writelines"),
}
SHOWING = {"format", "print", "repr", "str"}
SMALLEST_TABLE = 32
TABLE_GROWTH = 4
# The interpreter's parameters for finding a free slot (`Objects/setobject.c`).
LINEAR_PROBES = 9
PERTURB_SHIFT = 5
MAX_PROBES = 60
# Fillers are multiples of every table's size, plus the slot that they are to take.
FIRST_FILLER = 1 << 28
GROWTHS = (1, TABLE_GROWTH, TABLE_GROWTH**2, TABLE_GROWTH**3)
MAX_MOVES = 4
# The members that move first, for each order.
MOVED = {1: (0,), 2: (1,), 3: (1, 0)}


def _hash_of(value: Any) -> int:
    """Return a value's unsigned hash, without the built-in function, which may be replaced."""
    hash_of: Any = type(value).__hash__
    result: int = hash_of(value)
    return result % (1 << sys.hash_info.width)


def _probed_slots(hashed: int, mask: int) -> Iterator[int]:
    """Yield the slots that the interpreter tries for a hash."""
    slot, perturb = hashed & mask, hashed
    while True:
        yield from range(
            slot, slot + LINEAR_PROBES + 1 if slot + LINEAR_PROBES <= mask else slot + 1
        )
        perturb >>= PERTURB_SHIFT
        slot = (slot * 5 + 1 + perturb) & mask


def _slots_to_fill(hashed: int, mask: int, homes: set[int]) -> set[int]:
    """Return the slots that must be taken so that a member is stored behind those of others.

    If there is no such slot, it is stored between two others.
    """
    tried = list(itertools.islice(_probed_slots(hashed, mask), MAX_PROBES))
    behind = (slot for slot in tried if slot > max(homes))
    place = sum(home < tried[0] for home in homes)
    elsewhere = (slot for slot in tried if sum(home < slot for home in homes) != place)
    target = next(behind, next((slot for slot in elsewhere if slot not in homes), tried[0]))
    return set(tried[: tried.index(target)]) - homes


def _rebuilt(members: list[Any], moved: tuple[int, ...], size: int) -> set[Any]:
    """Return the members in a table of a certain size, with some moved to different slots."""
    mask = size - 1
    others = [member for index, member in enumerate(members) if index not in moved]
    homes = {_hash_of(member) & mask for member in others}
    filled: set[int] = set()
    for index in moved:
        filled |= _slots_to_fill(_hash_of(members[index]), mask, homes)
    # Until it has this many members, a table is smaller.
    free = (slot for slot in range(size) if slot not in homes and slot not in filled)
    filled.update(itertools.islice(free, max(0, size * 3 // (5 * TABLE_GROWTH) + 1 - len(filled))))
    fillers = [FIRST_FILLER + slot for slot in filled]
    rebuilt = {*fillers}
    rebuilt.update(others)
    rebuilt.update(members[index] for index in moved)
    for filler in fillers:
        rebuilt.discard(filler)
    return rebuilt


def _candidates(members: list[Any], order: int) -> Iterator[set[Any]]:
    """Yield the members in tables of different sizes, with different members moved."""
    size = SMALLEST_TABLE
    while size < len(members) * TABLE_GROWTH:
        size *= TABLE_GROWTH
    first = MOVED[order] if len(members) > 2 else MOVED[1]
    last = ((index,) for index in range(len(members) - 1, -1, -1))
    for moved in itertools.islice(itertools.chain([first], last), MAX_MOVES):
        for growth in GROWTHS:
            yield _rebuilt(members, moved, size * growth)


def make_vary(order: int) -> Callable[[Any], Any]:
    """Return a function that rebuilds a set in a different order; other values stay the same.

    A frozen set becomes a set, because only a set can be rebuilt. The order depends only on the
    set's own order, so a set that does not change keeps its order.
    """

    def vary(value: Any) -> Any:
        kind = type(value)
        if (kind is not set and kind is not frozenset) or len(value) < 2:
            return value
        members = list(value)
        candidates = _candidates(members, order)
        return next((varied for varied in candidates if list(varied) != members), value)

    return vary


def make_shown(vary: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that reorders a set that is shown as text, unless it is a frozen set."""
    return lambda value: vary(value) if type(value) is set else value


def make_pop(vary: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that removes a member from a set in a different order."""

    def pop(value: Any) -> Any:
        if type(value) is not set or len(value) < 2:
            return value.pop()
        member = next(iter(vary(value)))
        value.remove(member)
        return member

    return pop


def _call(name: str, argument: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [argument], []), argument)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


class _SetWrapper(ast.NodeTransformer):
    """Wraps every expression whose order becomes visible, because it is iterated over or shown."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = _called(node)
        if name == "pop" and isinstance(node.func, ast.Attribute) and not node.args:
            return ast.copy_location(_call(POP, node.func.value), node)
        if name in ITERATING | SHOWING:
            vary = VARY if name in ITERATING else SHOWN
            node.args = [a if isinstance(a, ast.Starred) else _vary(a, vary) for a in node.args]
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        node.iter = _vary(node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        node.iter = _vary(node.iter)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _vary(node.value)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.YieldFrom:
        self.generic_visit(node)
        node.value = _vary(node.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        self.generic_visit(node)
        node.value = _vary(node.value, SHOWN)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        if any(map(_unpacks, node.targets)):
            node.value = _vary(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AugAssign:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add):
            node.value = _vary(node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        is_text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        if is_text and isinstance(node.op, ast.Mod):
            values = node.right.elts if isinstance(node.right, ast.Tuple) else []
            values[:] = [_vary(value, SHOWN) for value in values]
            node.right = _vary(node.right, SHOWN)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return node


def _unpacks(target: ast.expr) -> bool:
    """Whether an assignment iterates over the value that it assigns."""
    is_slice = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice)
    return is_slice or isinstance(target, (ast.Tuple, ast.List))


def _vary(node: ast.expr, name: str = VARY) -> ast.expr:
    is_plain = isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.JoinedStr))
    return node if is_plain else _call(name, node)


def vary_sets(tree: ast.Module, order: int) -> dict[str, Any]:
    """Rewrite a module so that its sets iterate in a different order.

    Return the functions that the rewritten module needs in its namespace.
    """
    _SetWrapper().visit(tree)
    ast.fix_missing_locations(tree)
    vary = make_vary(order)
    return {VARY: vary, SHOWN: make_shown(vary), POP: make_pop(vary)}
