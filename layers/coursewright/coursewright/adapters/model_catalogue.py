"""Invokes the function that lists the models a course author may choose from."""

import json
from typing import TYPE_CHECKING

from coursewright.domain.errors import ModelNotUsable
from coursewright.domain.model_call import ListedModel

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class LambdaModelCatalogue:
    """The `list_models` function, the only one that can read the providers' keys."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def models(self) -> tuple[ListedModel, ...]:
        """Return all registered models, each with anything it needs before it can be called."""
        answer = self._client.invoke(FunctionName=self._function, Payload=b"{}")
        content = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise ModelNotUsable(f"the models cannot be listed: {content.get('errorMessage')}")
        return tuple(ListedModel.model_validate(model) for model in content["models"])
