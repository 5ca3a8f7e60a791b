"""Counts tokens the way a provider bills them, including cached prefixes."""

import threading
from collections import defaultdict, deque

CHARACTERS_PER_TOKEN = 4
MIN_CACHED_TOKENS = 1024  # OpenAI caches prefixes of at least 1024 tokens, in steps of 128
CACHED_STEP_TOKENS = 128
CACHE_SIZE = 64


class PrefixCache:
    """Each model's most recent prompts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prompts: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=CACHE_SIZE))

    def cached_tokens(self, model: str, prompt: str) -> int:
        """Return the number of cached tokens in the prompt, then add the prompt to the cache."""
        with self._lock:
            prompts = self._prompts[model]
            longest = max(
                (_common_prefix_length(prompt, earlier) for earlier in prompts), default=0
            )
            prompts.append(prompt)
        tokens = longest // CHARACTERS_PER_TOKEN // CACHED_STEP_TOKENS * CACHED_STEP_TOKENS
        return tokens if tokens >= MIN_CACHED_TOKENS else 0


def usage(prompt: str, completion: str, *, cached_tokens: int) -> dict[str, object]:
    """Return a chat completion's usage block."""
    prompt_tokens, completion_tokens = count_tokens(prompt), count_tokens(completion)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def count_tokens(text: str) -> int:
    """Estimate the number of tokens from the text's length, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _common_prefix_length(first: str, second: str) -> int:
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[:middle] == second[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
