"""An OpenAI-compatible server that answers with exercises written by hand."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from tests.fakes.loopback import Loopback

LEAP = {
    "name": "Leap years",
    "text": "<p>Write <code>leap_year(year)</code>. It returns <code>True</code> for a leap year "
    "of the Gregorian calendar, else <code>False</code>.</p>",
    "code": "def leap_year(year):\n    pass\n",
    "file_name": "leap.py",
    "difficulty": 1,
    "concepts": ["conditions"],
}
LEAP_TESTS = """import unittest

from leap import (
    leap_year,
)


class LeapTest(unittest.TestCase):
    def test_year_not_divisible_by_4(self):
        self.assertIs(leap_year(2015), False)

    def test_year_divisible_by_4(self):
        self.assertIs(leap_year(1996), True)

    def test_centuries(self):
        for year, is_leap in ((1900, False), (2000, True), (2100, False), (2400, True)):
            with self.subTest(year=year):
                self.assertIs(leap_year(year), is_leap)

    def test_year_divisible_by_2_alone(self):
        self.assertIs(leap_year(1970), False)


if __name__ == "__main__":
    unittest.main()
"""
LEAP_SOLUTION = (
    "def leap_year(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)\n"
)
HAMMING = {
    "name": "Hamming distance",
    "text": "<p>Write <code>distance(a, b)</code>: in how many places do two strands differ? "
    'For strands of unequal length raise <code>ValueError("Strands must be of equal length.")'
    "</code>.</p>",
    "code": "def distance(a, b):\n    pass\n",
    "file_name": "hamming.py",
    "difficulty": 2,
    "concepts": ["loops"],
}
HAMMING_TESTS = """import unittest

from hamming import distance


class HammingTest(unittest.TestCase):
    def setUp(self):
        self.strand = "GGACTGA"

    def test_empty_strands(self):
        self.assertEqual(distance("", ""), 0)

    def test_identical_strands(self):
        self.assertEqual(distance(self.strand, self.strand), 0)

    def test_different_strands(self):
        self.assertEqual(distance("GGACGGATTCTG", "AGGACGGATTCT"), 9)

    def test_first_and_last_place_count(self):
        self.assertEqual(distance("AG", "CT"), 2)

    def test_unequal_strands_are_refused(self):
        with self.assertRaises(ValueError) as err:
            distance("AATG", "AAA")
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "Strands must be of equal length.")
"""
HAMMING_SOLUTION = (
    "def distance(a, b):\n"
    "    if len(a) != len(b):\n"
    '        raise ValueError("Strands must be of equal length.")\n'
    "    return sum(x != y for x, y in zip(a, b))\n"
)
EXERCISES = ((LEAP, LEAP_TESTS, LEAP_SOLUTION), (HAMMING, HAMMING_TESTS, HAMMING_SOLUTION))


class ExerciseServer:
    """Serves the exercises on a free port of 127.0.0.1; a context manager."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Self:
        self._http = Loopback(self, _Handler)
        self._http.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.end()

    @property
    def url(self) -> str:
        """The base URL for a client."""
        return f"http://{self._http.address}/v1"

    def arguments(self, request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the arguments that fit the tool's schema and the exercise in the prompt."""
        self.calls += 1
        tool = request["tools"][0]["function"]
        wanted = set(tool["parameters"]["properties"])
        prompt = "".join(str(message["content"]) for message in request["messages"])
        if "assignments" in wanted:
            return tool["name"], {"assignments": [exercise[0] for exercise in EXERCISES]}
        chosen = next(exercise for exercise in EXERCISES if str(exercise[0]["text"]) in prompt)
        if "tests" in wanted:
            return tool["name"], {"tests": chosen[1], "requirements": []}
        return tool["name"], {"code": chosen[2], "explanation": "As a person solved it."}


class _Handler(BaseHTTPRequestHandler):
    server: Loopback[ExerciseServer]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name, arguments = self.server.owner.arguments(request)
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"id": "call_1", "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]})
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Discard the message."""
