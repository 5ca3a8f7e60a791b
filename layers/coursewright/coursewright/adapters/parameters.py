"""Plain-text parameters in Systems Manager."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


class ParameterStore:
    """Parameters that operators can edit."""

    def __init__(self, client: "SSMClient") -> None:
        self._client = client

    def read(self, name: str) -> str:
        """Return a parameter's value."""
        value: str = self._client.get_parameter(Name=name)["Parameter"]["Value"]
        return value
