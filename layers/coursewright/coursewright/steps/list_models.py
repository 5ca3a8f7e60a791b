"""Lists the models that a course author may choose, and what each unusable model is missing."""

from coursewright.agents.availability import missing_requirements
from coursewright.agents.model_registry import Registry
from coursewright.domain.model_call import ListedModel
from coursewright.ports.agents import ModelKey


def list_models(
    *, registry: Registry, model_key: ModelKey, has_aws: bool
) -> tuple[ListedModel, ...]:
    """Return all models in the registry, without any keys."""
    return tuple(
        ListedModel(
            id=entry.id,
            label=entry.label,
            group=entry.group,
            price=entry.price,
            missing=tuple(missing_requirements(entry, model_key, lambda: has_aws)),
        )
        for entry in registry.entries()
    )
