"""Runs the crash drill and prints its report: `python -m tests.drill`."""

import sys

from tests.drill.command import main

if __name__ == "__main__":
    sys.exit(main())
