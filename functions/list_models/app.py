"""Lists the models that can be called; only this function can read the providers' keys."""

import os
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.list_models import list_models


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the registered models, each with anything it is missing."""
    # A substitute AWS endpoint does not offer Bedrock.
    models = list_models(
        registry=wiring.registry(),
        model_key=wiring.model_keys().get,
        has_aws="AWS_ENDPOINT_URL" not in os.environ,
    )
    return {"models": [model.model_dump(mode="json") for model in models]}
