"""Plain-text parameters in Systems Manager."""

from aws_lambda_powertools.utilities.parameters import SSMProvider

PARAMETER_SECONDS = 30  # an edited parameter reaches every function within half a minute


class ParameterStore:
    """Parameters that operators can edit."""

    def __init__(self, parameters: SSMProvider) -> None:
        self._parameters = parameters

    def read(self, name: str) -> str:
        """Return a parameter's value, which may be half a minute old."""
        return str(self._parameters.get(name, max_age=PARAMETER_SECONDS))
