"""Practice models: a local server with which the sample lessons run without a provider.

The practice models are not language models. They are three authors whose work was written by hand
and is returned by fixed rules, over the same HTTP interface as an OpenAI-compatible provider.
"""

from local.practice.server import Call, PracticeServer

__all__ = ["Call", "PracticeServer"]
