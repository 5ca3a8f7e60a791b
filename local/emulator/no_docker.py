"""Defect in ministack 1.5.33: it looks for a Docker daemon and removes containers.

When it starts or stops, ministack deletes all containers with its labels, including those of
another ministack on the same machine. The laptop cloud uses no containers and must not touch any.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from ministack import app

from local.emulator.patch_point import patch_point, patch_points


def no_client(*_arguments: object, **_options: object) -> NoReturn:
    """Raise an error instead of connecting to a daemon."""
    raise ConnectionError("The laptop cloud does not use Docker.")


@cache
def apply() -> None:
    """Prevent every service of ministack from using Docker."""
    patch_points(app, "_docker_socket_present", "_stop_docker_containers")
    app._docker_socket_present = lambda: False
    app._stop_docker_containers = lambda *_: None
    if find_spec("docker") is not None:
        docker = import_module("docker")
        patch_point(docker, "from_env")
        vars(docker)["from_env"] = no_client
