"""Lists the models that can be called; only it can read the providers' keys."""

import os
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.list_models import list_models


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the registered models, each with what it still needs."""
    # Behind a substitute endpoint there is no Bedrock.
    models = list_models(
        registry=wiring.registry(),
        model_keys=wiring.model_keys(),
        has_aws="AWS_ENDPOINT_URL" not in os.environ,
    )
    return {"models": [model.model_dump(mode="json") for model in models]}
