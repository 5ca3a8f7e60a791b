"""A port is found in its family and by its name alone."""

import importlib
from pathlib import Path

import pytest

from coursewright import ports

PLACE = Path(ports.__path__[0])


def test_every_family_is_known() -> None:
    modules = {file.stem for file in PLACE.glob("*.py")} - {"__init__"}

    assert set(ports.FAMILIES) == modules


@pytest.mark.parametrize("family", ports.FAMILIES)
def test_every_port_may_be_asked_of_the_package(family: str) -> None:
    module = importlib.import_module(f"coursewright.ports.{family}")

    own = [one for one in vars(module).values() if getattr(one, "_is_protocol", False)]

    assert len([one for one in own if one.__module__ == module.__name__]) > 2
    assert all(getattr(ports, one.__name__) is one for one in own if one.__name__ != "Protocol")


def test_an_unknown_port_is_named() -> None:
    with pytest.raises(ImportError, match="Postbox"):
        exec("from coursewright.ports import Postbox")
