"""Token counts follow the rules of a real provider."""

from local.practice.usage import PrefixCache, count_tokens, usage

LONG = "word " * 2000  # 2,500 tokens


def test_a_new_prompt_has_no_cached_tokens() -> None:
    cached = PrefixCache().cached_tokens("practice-quick", LONG)

    assert cached == 0


def test_a_repeated_prefix_is_cached_in_steps() -> None:
    cache = PrefixCache()
    cache.cached_tokens("practice-quick", LONG + "first task")

    cached = cache.cached_tokens("practice-quick", LONG + "second task")

    assert cached == 2432  # 19 steps of 128


def test_a_short_prefix_is_not_cached() -> None:
    cache = PrefixCache()
    cache.cached_tokens("practice-quick", LONG[:4000])

    assert cache.cached_tokens("practice-quick", LONG[:4000]) == 0


def test_each_model_has_a_cache_of_its_own() -> None:
    cache = PrefixCache()
    cache.cached_tokens("practice-quick", LONG)

    assert cache.cached_tokens("practice-careful", LONG) == 0


def test_usage_adds_up() -> None:
    used = usage("a" * 9, "b" * 4, cached_tokens=0)

    assert count_tokens("a" * 9) == 3
    assert (used["prompt_tokens"], used["completion_tokens"], used["total_tokens"]) == (3, 1, 4)
