"""Checks a simple draft, to find out whether a check failed because of its draft or the machine."""

from coursewright.domain.assignment import Dataset
from coursewright.domain.errors import SandboxUnavailable, StepUnanswered
from coursewright.domain.evidence import Verdict
from coursewright.verification.check_request import PythonCheck, SqlCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql

# Together with the failed check, this must remain below the function's timeout.
CANARY_SECONDS = 12.0

PYTHON_DRAFT = PythonCheck(
    kind="python",
    starter="def double(n):\n    pass\n",
    solution="def double(n):\n    return 2 * n\n",
    tests=(
        "import unittest\n"
        "from solution import double\n"
        "class DoubleTest(unittest.TestCase):\n"
        "    def test_double(self):\n"
        "        self.assertEqual(double(3), 6)\n"
        "        self.assertEqual(double(0), 0)\n"
    ),
)
SQL_DRAFT = SqlCheck(
    kind="sql",
    schema_sql="CREATE TABLE pupil (name TEXT, age INTEGER);",
    starter="SELECT 1;",
    solution="SELECT name FROM pupil WHERE age > 10;",
    datasets=(
        Dataset(
            name="five pupils",
            seed_sql=(
                "INSERT INTO pupil VALUES "
                "('Ada', 12), ('Ada', 12), ('Eve', 11), ('Bo', 10), ('Di', NULL);"
            ),
            expected_columns=("name",),
            expected_rows=(("Ada",), ("Ada",), ("Eve",)),
        ),
        Dataset(name="no pupils", seed_sql="", expected_columns=("name",), expected_rows=()),
    ),
)


def passes_canary(sandbox: Sandbox) -> bool:
    """Whether a simple draft is verified by new workers of a sandbox."""
    fresh = sandbox.with_new_workers(check_seconds=CANARY_SECONDS)
    try:
        if fresh.kind == "python":
            evidence = check_python(PYTHON_DRAFT, fresh.for_one_check())
        else:
            evidence = check_sql(SQL_DRAFT, fresh.for_one_check())
    except (StepUnanswered, SandboxUnavailable):
        return False
    finally:
        fresh.close()
    return evidence.verdict is Verdict.VERIFIED
