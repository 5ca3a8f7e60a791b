"""Renders the authoring pages; writes nothing."""

import secrets
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.pages.authoring import respond
from coursewright.settings import settings
from coursewright.steps.generation_progress import ProgressDeps
from coursewright.web.http import parse_request
from coursewright.web.show_authoring import AuthoringDeps, show_authoring


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `GET` of the list, the form or a generation."""
    deps = AuthoringDeps(
        progress=ProgressDeps(
            generations=wiring.generations(),
            drafts=wiring.drafts(),
            verifications=wiring.verifications(),
            answers=wiring.answers(),
            reviews=wiring.reviews(),
            leagues=wiring.leagues(),
            executions=wiring.known_executions(),
            models=wiring.registry(),
        ),
        listed=wiring.generations(),
        catalogue=wiring.model_catalogue(),
        settings=settings(),
        clock=wiring.clock(),
        ticket=secrets.token_urlsafe,
    )
    request = parse_request(event, public_url=settings().authoring_url)
    outcome = show_authoring(request, deps=deps)
    return respond(outcome, accept_language=request.accept_language).payload(request)
