"""What the steps need from the outside world, in the words of the course team.

Each family has its module, so that a function loads the ones it needs. Asked for a port by name,
the package finds it: `from coursewright.ports import Drafts`.
"""

from importlib import import_module

FAMILIES = ("generations", "agents", "verification", "reviews", "mail", "assignments")


def __getattr__(name: str) -> object:
    """Return a port from the module of its family."""
    for family in FAMILIES:
        module = import_module(f"{__name__}.{family}")
        if name in vars(module):
            return getattr(module, name)
    raise AttributeError(f"there is no port {name}")
