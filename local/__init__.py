"""Runs the real template and state machine on a laptop, without Docker or an AWS account."""

import sys
from pathlib import Path

# On AWS the layer puts the package on the path; here its source folder is added.
sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "coursewright"))
