"""Says which models can be called; it alone sees the providers' keys for the authoring pages."""

import os
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.list_models import list_models


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the registry's models, each with what it lacks."""
    # Where an address stands in for AWS there is no Bedrock behind it.
    found = list_models(
        registry=wiring.registry(),
        model_keys=wiring.model_keys(),
        has_aws="AWS_ENDPOINT_URL" not in os.environ,
    )
    return {"models": [one.model_dump(mode="json") for one in found]}
