"""Prepares the sandbox image when the layer is built, so that no cold start has to."""

import sys
from pathlib import Path

from coursewright.verification.sandbox.image import build

if __name__ == "__main__":
    build(Path(sys.argv[1]))
