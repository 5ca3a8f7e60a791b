"""Decides which hosts may receive a provider's API key.

The models parameter can point a model at any address. A key is sent only to the hosts that its
entry in the secret names, or, if it names none, to the hosts for which the built-in registry uses
this key.
"""

from functools import cache

from coursewright.agents.model_registry import ModelEntry, load_registry
from coursewright.domain.errors import ModelNotUsable
from coursewright.domain.model_call import ApiKey
from coursewright.ports.agents import ModelKey


def find_key(entry: ModelEntry, model_key: ModelKey) -> str:
    """Return the key that a model's host may receive, or an empty string if none is needed or set.

    Raises: ModelNotUsable if the key may not be sent to this host.
    """
    if not entry.key:
        return ""
    key = model_key(entry.key)
    if key.value and not may_receive(entry, key):
        host = entry.host
        example = f'{{"{entry.key}": {{"value": "…", "hosts": ["{host}"]}}}}'
        raise ModelNotUsable(
            f"{entry.id}: the key {entry.key} may not be sent to {host}. If this host should "
            f"receive it, name the host in the secret with the model keys: {example}"
        )
    return key.value


def may_receive(entry: ModelEntry, key: ApiKey) -> bool:
    """Return whether a model's host may receive a key."""
    hosts = built_in_hosts(entry.key) if key.hosts is None else key.hosts
    return entry.host in hosts


@cache
def built_in_hosts(name: str) -> frozenset[str]:
    """Return the hosts for which the built-in registry uses a key."""
    return frozenset(entry.host for entry in load_registry().entries() if entry.key == name)
