"""Counts tokens the way a provider's bill does, with a discount for a repeated prefix."""

import threading
from collections import defaultdict, deque

CHARACTERS_PER_TOKEN = 4
CACHED_FROM_TOKENS = 1024  # OpenAI caches prefixes of 1024 tokens and more, in steps of 128
CACHED_STEP_TOKENS = 128
REMEMBERED_PROMPTS = 64


class PrefixCache:
    """Remembers each model's last prompts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prompts: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=REMEMBERED_PROMPTS))

    def cached_tokens(self, model: str, prompt: str) -> int:
        """Return how many tokens of a prompt were seen before, and remember it."""
        with self._lock:
            seen = self._prompts[model]
            longest = max((_common_length(prompt, earlier) for earlier in seen), default=0)
            seen.append(prompt)
        tokens = longest // CHARACTERS_PER_TOKEN // CACHED_STEP_TOKENS * CACHED_STEP_TOKENS
        return tokens if tokens >= CACHED_FROM_TOKENS else 0


def usage(prompt: str, completion: str, *, cached_tokens: int) -> dict[str, object]:
    """Return the usage block of a chat completion."""
    prompt_tokens, completion_tokens = count_tokens(prompt), count_tokens(completion)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def count_tokens(text: str) -> int:
    """Estimate tokens from a text's length, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _common_length(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
