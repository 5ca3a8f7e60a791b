"""The application on a laptop: the real template and state machine, without Docker or account."""

import sys
from pathlib import Path

# On AWS the layer puts the package on the path; here its source does.
sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "coursewright"))
