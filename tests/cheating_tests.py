"""Test files that check nothing; drafts with such tests must be rejected."""

from tests.hostile_drafts import TESTS

_CLASS = "import unittest\nfrom solution import double\nclass T(unittest.TestCase):\n"
CHEATING_TESTS = {
    "no tests": "import unittest\n",
    "an empty class": _CLASS + "    pass\n",
    "only comments": _CLASS + "    def test_a(self):\n        '''double works'''\n",
    "assert True only": _CLASS + "    def test_a(self):\n        double(1)\n        assert True\n",
    "all skipped": _CLASS
    + "    @unittest.skip('x')\n    def test_a(self):\n        self.assertEqual(double(1), 2)\n",
    "a result compared with itself": _CLASS
    + "    def test_a(self):\n        self.assertEqual(double(2), double(2))\n",
    "a caught assertion": _CLASS
    + "    def test_a(self):\n        try:\n            self.assertEqual(double(2), 4)\n"
    "        except AssertionError:\n            pass\n",
    "an assertion after the return": _CLASS
    + "    def test_a(self):\n        return\n        self.assertEqual(double(2), 4)\n",
    "an assertion in a loop over nothing": _CLASS
    + "    def test_a(self):\n        for n in []:\n            self.assertEqual(double(n), 4)\n",
    "an assertion in a function that is never called": _CLASS
    + "    def test_a(self):\n        def check():\n            self.assertEqual(double(2), 4)\n",
    "only a type check": _CLASS
    + "    def test_a(self):\n        self.assertIsInstance(double(2), int)\n",
    "a random test": "import random\n"
    + _CLASS
    + "".join(
        f"    def test_{n}(self):\n        self.assertEqual(double(random.randrange(2)), 0)\n"
        for n in range(8)
    ),
    "a test that tests itself": _CLASS
    + "    def test_a(self):\n        self.assertEqual(2 * 2, 4)\n",
    "tests hidden by load_tests": TESTS
    + "\ndef load_tests(loader, tests, pattern):\n    return unittest.TestSuite()\n",
    "a result compared with a copy": _CLASS
    + "    def test_a(self):\n        expected = double(3)\n"
    "        self.assertEqual(double(3), expected)\n",
    "a solution defined by the test": _CLASS
    + "    def test_a(self):\n        def double(n):\n            return 2 * n\n"
    "        self.assertEqual(double(3), 6)\n",
    "a mocked solution": _CLASS + "    def test_a(self):\n"
    "        with unittest.mock.patch('solution.double', return_value=6) as fake:\n"
    "            self.assertEqual(fake(3), 6)\n",
    "a tuple that is always true": _CLASS
    + "    def test_a(self):\n        pair = (double(3) == 7, 'x')\n        assert pair\n",
    "a test that is never awaited": _CLASS
    + "    async def test_a(self):\n        self.assertEqual(double(3), 7)\n",
    "a test that yields": _CLASS
    + "    def test_a(self):\n        self.assertEqual(double(3), 7)\n        yield\n",
    "almost equal": _CLASS
    + "    def test_a(self):\n        self.assertAlmostEqual(double(3), 7, places=-3)\n",
    "an exit after the tests": _CLASS
    + "    def test_a(self):\n        self.assertEqual(double(3), 6)\n"
    "def tearDownModule():\n    import os\n    os._exit(0)\n",
    "an expected failure": _CLASS + "    @unittest.expectedFailure\n    def test_a(self):\n"
    "        self.assertEqual(double(1), 3)\n",
}
