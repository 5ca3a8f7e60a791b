"""Practice models: a local server that lets the sample lessons run without a provider.

The practice models are no language models. They are three authors whose work was written by hand
and is handed out by fixed rules, over the same HTTP interface as an OpenAI-compatible provider.
"""

from local.practice.server import Call, PracticeServer

__all__ = ["Call", "PracticeServer"]
