"""A text's own examples are read, run on the solution and compared; unclear ones are skipped."""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from coursewright.verification.python.example_runner import check_examples
from coursewright.verification.task_text import read_text

SOLUTION = """
class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        return self.items.pop()


def twice(n):
    if n < 0:
        raise ValueError("negative")
    return 2 * n


def words(text):
    return text.split()


def half(n):
    return n / 3 * 1.5


def third(n):
    return n / 3


def show(n):
    for number in range(n):
        print(number)


def is_even(n):
    return n % 2 == 0


def pair(n):
    return (n, n + 1)


def sequence(n):
    return [2 * k for k in range(n)]
"""


@pytest.fixture(autouse=True)
def replaced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the streams, modules and functions that examples replace."""
    kept = sys.stdin, sys.stdout, sys.stderr
    monkeypatch.setattr(time, "sleep", time.sleep)
    yield
    sys.stdin, sys.stdout, sys.stderr = kept
    sys.modules.pop("solution", None)


def checked(text: str, **parts: str) -> dict[str, Any]:
    pieces = [piece.model_dump(mode="json") for piece in read_text(text)]
    job = {"module": "solution", "solution": SOLUTION, "starter": "", "pieces": pieces}
    answer: dict[str, Any] = json.loads(check_examples(job | {"nonce": "n"} | parts))
    return answer


def found(text: str) -> list[tuple[str, str, str]]:
    return [
        (each["call"], each["stated"], each["actual"]) for each in checked(text)["contradictions"]
    ]


# Each states a result of twice(2), with a placeholder for it.
FORMS = [
    "<pre>twice(2)  # {}</pre>",
    "<pre>twice(2)  # → {}</pre>",
    "<pre>twice(2)  # returns {}</pre>",
    "<pre>twice(2)\n# → {}</pre>",
    "<pre>twice(2) → {}</pre>",
    "<pre>twice(2) -&gt; {}</pre>",
    "<pre>twice(2) == {}</pre>",
    "<pre>twice(2) =&gt; {}</pre>",
    "<pre>twice(2) # {}: because 2 + 2</pre>",
    "<pre>print(twice(2))  # {}</pre>",
    "<pre>assert twice(2) == {}</pre>",
    "<pre>&gt;&gt;&gt; twice(2)\n{}</pre>",
    "<pre>&gt;&gt;&gt; n = 2\n&gt;&gt;&gt; twice(n)\n{}\n\nThat is all.</pre>",
    "<pre>&gt;&gt;&gt; twice(2) == {}</pre>",
    "<pre>&gt;&gt;&gt; print(twice(2))\n{}</pre>",
    "<pre>n = 2\ntwice(n)  # {}</pre>",
    "<p><code>twice(2)</code> returns <code>{}</code>.</p>",
    "<p>For example, <code>twice(2)</code> returns {}.</p>",
    "<p><code>twice(2)</code> should return the number <code>{}</code>, as 2 + 2 shows.</p>",
    "<p><code>twice(2) == {}</code></p>",
    "<p>The result of <code>twice(2)</code> is <code>{}</code>.</p>",
    "<p>Der Aufruf <code>twice(2)</code> ergibt <code>{}</code>.</p>",
    "<p><code>twice(2)</code> gibt <code>{}</code> zurück.</p>",
    "<p><code>twice(2)</code> soll {} zurückgeben.</p>",
    "<p>Вызов <code>twice(2)</code> возвращает <code>{}</code>.</p>",
    "<p><code>twice(2)</code> должна вернуть {}.</p>",
    "<p>L'appel <code>twice(2)</code> renvoie <code>{}</code>.</p>",
    "<ul><li><code>twice(2)</code> → <code>{}</code></li></ul>",
    "<table><tr><th>call</th><th>result</th></tr><tr><td><code>twice(2)</code></td><td>{}</td></tr>"
    "</table>",
    "Examples:\n* twice(2) => {}\n",
    "```python\ntwice(2)  # {}\n```",
    "`twice(2)` returns `{}`",
    "| call | result |\n|---|---|\n| `twice(2)` | {} |\n",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_stated_result_is_compared_with_the_solutions(form: str) -> None:
    right, wrong = checked(form.format(4)), checked(form.format(5))

    assert (right["compared"], right["contradictions"]) == (1, [])
    assert [each["actual"] for each in wrong["contradictions"]] == ["4"]
    assert [each["stated"] for each in wrong["contradictions"]] == ["5"]


@pytest.mark.parametrize(
    "form",
    [
        "<pre>twice(-1)  # {}</pre>",
        "<pre>twice(-1)  # raises {}</pre>",
        "<p><code>twice(-1)</code> raises a <code>{}</code>.</p>",
        "<p><code>twice(-1)</code> raises {}.</p>",
        "<p><code>twice(-1)</code> löst einen <code>{}</code> aus.</p>",
        "<p><code>twice(-1)</code> вызывает исключение <code>{}</code>.</p>",
        "<pre>&gt;&gt;&gt; twice(-1)\nTraceback (most recent call last):\n  …\n{}: negative</pre>",
        "<table><tr><td><code>twice(-1)</code></td><td><code>{}</code></td></tr></table>",
    ],
)
def test_a_stated_error_is_compared_with_the_solutions(form: str) -> None:
    right, wrong = checked(form.format("ValueError")), checked(form.format("TypeError"))

    assert (right["compared"], right["contradictions"]) == (1, [])
    assert [each["actual"] for each in wrong["contradictions"]] == ["ValueError: negative"]


@pytest.mark.parametrize(
    ("text", "contradiction"),
    [
        ("<pre>twice(-1)  # -2</pre>", ("twice(-1)", "-2", "ValueError: negative")),
        ("<pre>twice(1)  # ValueError</pre>", ("twice(1)", "ValueError", "2")),
        ("<pre>words('a b')  # ['a', 'c']</pre>", ("words('a b')", "['a', 'c']", "['a', 'b']")),
        ("<pre>is_even(2) → false</pre>", ("is_even(2)", "False", "True")),
        ("<pre>third(1)  # 0.34</pre>", ("third(1)", "0.34", "0.3333333333333333")),
        ("<pre>&gt;&gt;&gt; show(2)\n1\n2</pre>", ("show(2)", "1\n2", "0\n1")),
        ("<pre>pair(1)  # (1, 3)</pre>", ("pair(1)", "(1, 3)", "(1, 2)")),
    ],
)
def test_a_contradiction_names_both_values(text: str, contradiction: tuple[str, str, str]) -> None:
    assert found(text) == [contradiction]


def test_the_statements_of_a_block_run_in_order() -> None:
    block = "<pre>stack = Stack()\nstack.push(1)\nstack.push(2)\nstack.pop()  # {}</pre>"

    assert found(block.format(2)) == []
    assert found(block.format(1)) == [("stack.pop()", "1", "2")]


# Sentences that state no result, or deny it, or cannot be read with certainty.
UNCLEAR = [
    "<p>A wrong solution returns 5 for <code>twice(2)</code>.</p>",
    "<p>Currently <code>twice(2)</code> returns <code>5</code>.</p>",
    "<p>It is not true that <code>twice(2)</code> returns <code>5</code>.</p>",
    "<p><code>twice(2)</code> returns <code>5</code> instead of <code>4</code>.</p>",
    "<p>If <code>twice(2)</code> is <code>5</code>, something is wrong.</p>",
    "<p><code>twice(2)</code> does not return <code>5</code>.</p>",
    "<p><code>twice(2)</code> returns 5 % more.</p>",
    "<p><code>twice(2)</code> returns 1 or 5.</p>",
    "<p><code>twice(2)</code> returns 1 number.</p>",
    "<p><code>twice(2)</code> returns 1, 2 and 3.</p>",
    "<p><code>twice(2)</code> is 3 more than 1.</p>",
    "<p><code>twice(2)</code> gibt <code>5</code> aus.</p>",
    "<p><code>twice(n)</code> returns <code>5</code>.</p>",
    "<p><code>other(2)</code> returns <code>5</code>.</p>",
    "<p><code>not_twice(2)</code> returns <code>5</code>.</p>",
    "<p><code>max(twice(2), 9)</code> returns <code>9</code>.</p>",
    "<p><code>1 + twice(2)</code> → 5</p>",
    "<p><code>sequence(2) = 2</code> is its definition.</p>",
    "<pre>twice(2)  # 3rd element</pre>",
    "<pre>twice(2)  # 2 + 2 = 4</pre>",
    "<pre>twice(2)  # 2 items</pre>",
    "<pre>twice(2)  # 5,000</pre>",
    "<pre>twice(2)  # 5.000,00</pre>",
    "<pre>twice(2)  # about 5</pre>",
    "<pre>twice(2)  # 5 (wrong!)</pre>",
    "<pre>words('a b')  # ['a', ...]</pre>",
    "<pre>words('a b')  # [a, b]</pre>",
    "<pre>third(1)  # 0.3333...</pre>",
    "<pre>&gt;&gt;&gt; Stack()\n&lt;Stack object at 0x7f&gt;</pre>",
    "<pre>&gt;&gt;&gt; words('a b')\n['a', ...]</pre>",
    "<pre>twice(open('data.txt').read())  # 5</pre>",
    "<pre>twice(len(undefined))  # 5</pre>",
    "<pre>pair(1)  # [1, 2]</pre>",
    "<pre>while True:\n    twice(2)  # 5 times</pre>",
    "<pre>def twice(n):\n    pass</pre>",
    "<p><code>twice(2)</code> and <code>twice(3)</code> are even.</p>",
    "<p>The second call of <code>twice(2)</code> returns <code>5</code>.</p>",
    "<p>Danach liefert <code>twice(2)</code> den Wert 5, und <code>twice(2)</code> liefert 5.</p>",
    "<p><code>twice(2)</code> then returns <code>5</code>.</p>",
    "<p>For any list, <code>words(list)</code> returns <code>5</code>.</p>",
    "<p><code>twice(2)</code> returns 5–6.</p>",
    "<p><code>twice(2)</code> returns 5:30.</p>",
    "<pre>&gt;&gt;&gt; 0.1 + 0.2\n0.3</pre>",
    "<table><tr><td>twice(2)</td><td>5</td></tr><tr><td>twice(2)</td><td>4</td></tr></table>",
    "<table><tr><td><code>twice(2)</code></td><td>5 times</td></tr></table>",
]


@pytest.mark.parametrize("text", UNCLEAR)
def test_an_unclear_example_is_left_out(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "<pre>half(3)  # 1.5</pre>",
        "<pre>third(1)  # 0.33</pre>",
        "<pre>third(2)  # 0.67</pre>",
        "<pre>third(2)  # 0.66</pre>",
        "<pre>third(3)  # 1</pre>",
        '<pre>words(\'a  b\')  # ["a", "b"]</pre>',
        "<pre>&gt;&gt;&gt; show(2)\n0\n1</pre>",
        "<p><code>is_even(2)</code> returns true.</p>",
    ],
)
def test_a_value_may_be_written_in_several_ways(text: str) -> None:
    assert checked(text)["compared"] == 1
    assert found(text) == []


def test_sessions_in_docstrings_are_examples() -> None:
    documented = 'def f(n):\n    """Return n.\n\n    >>> f(1)\n    {}\n    """\n    return n\n'

    own = checked("", solution=documented.format(2))
    starters = checked("", solution="def f(n):\n    return n\n", starter=documented.format(3))

    assert [each["stated"] for each in own["contradictions"]] == ["2"]
    assert [each["stated"] for each in starters["contradictions"]] == ["3"]


def test_a_result_that_depends_on_chance_contradicts_nothing() -> None:
    random = "import random\n\ndef roll():\n    return random.randrange(10**9)\n"

    assert checked("<pre>roll()  # 3</pre>", solution=random)["contradictions"] == []


def test_an_endless_generator_is_read_in_part() -> None:
    solution = "import itertools\n\n\ndef numbers():\n    yield from itertools.count()\n"

    answer = checked("<pre>numbers()  # [0, 1]\nnumbers()</pre>", solution=solution)

    assert len(answer["contradictions"]) == 1


def test_a_pause_in_the_solution_takes_no_time() -> None:
    solution = "import time\n\n\ndef wait():\n    time.sleep(600)\n    return 1\n"

    assert checked("<pre>wait()  # 1</pre>", solution=solution)["compared"] == 1


def test_a_function_may_have_the_modules_name() -> None:
    solution = "def solution(n):\n    return n\n"

    assert checked("<pre>solution(1)  # 1</pre>", solution=solution)["compared"] == 1
