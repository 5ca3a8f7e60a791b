"""Builds the sandbox image together with the layer, so that cold starts need not build it."""

import sys
from pathlib import Path

from coursewright.verification.sandbox.image import build

if __name__ == "__main__":
    build(Path(sys.argv[1]))
