"""Makes a patch fail loudly if the attribute it replaces is missing in the installed emulator."""

from typing import Any

from ministack.services.cloudformation import provisioners

PINNED_VERSION = "1.5.33"


class PatchPointMoved(RuntimeError):
    """The installed ministack lacks an attribute that a patch replaces."""


def patch_point(owner: Any, name: str) -> Any:
    """Return the attribute that a patch is about to replace.

    Raises:
        PatchPointMoved: the installed ministack has no such attribute.
    """
    try:
        return getattr(owner, name)
    except AttributeError as error:
        place = f"{getattr(owner, '__name__', owner)}.{name}"
        raise PatchPointMoved(
            f"ministack patch point moved: {place} (the patches fit ministack {PINNED_VERSION})"
        ) from error


def patch_points(owner: Any, *names: str) -> None:
    """Assert that all attributes that a patch replaces or calls exist."""
    for name in names:
        patch_point(owner, name)


def resource_handler(resource_type: str) -> dict[str, Any]:
    """Return the mutable handlers that CloudFormation uses for a resource type."""
    handlers = patch_point(provisioners, "_RESOURCE_HANDLERS")
    if "create" not in handlers.get(resource_type, {}):
        raise PatchPointMoved(f"ministack patch point moved: no create handler: {resource_type}")
    handler: dict[str, Any] = handlers[resource_type]
    return handler
