"""Practice models: a local server that lets the sample lessons run without a provider.

The practice models are not language models. They are three authors whose handwritten work is
returned by fixed rules, over the same HTTP interface as an OpenAI-compatible provider.
"""

from local.practice.server import Call, PracticeServer

__all__ = ["Call", "PracticeServer"]
