"""Other models solve drafts independently if the brief requests cross-checks."""

import json

from tests.workflow.conftest import Workflow

TWO = ["openai:practice-careful", "openai:practice-quick"]
WRITTEN = 2 * (1 + 2 * 2)  # calls for two models with two tasks


def test_each_verified_draft_is_solved_by_every_other_model(workflow: Workflow) -> None:
    event = workflow.event("sql_joins", tasks_count=2, models=TWO, cross_check=True)
    workflow.publish(event)
    reviewer = workflow.reviewer()
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable)

    assert workflow.output()["status"] == "published"
    assert workflow.invocations()["solve_draft"] == 4
    assert sum(workflow.paid().values()) == WRITTEN + 4
    solved = [item["SK"]["S"] for item in workflow.items("AGENT#solver#")]
    assert sum(key.startswith("SOLUTION#") for key in solved) == 4
    published = [json.loads(item["body"]["S"]) for item in workflow.items("MODULE#")]
    assert all(assignment["certificate"]["agreeing"] for assignment in published)


def test_no_model_solves_drafts_unless_requested(workflow: Workflow) -> None:
    workflow.publish(workflow.event("sql_joins", tasks_count=2, models=TWO))
    workflow.reviewer()

    assert workflow.invocations()["solve_draft"] == 0
    assert sum(workflow.paid().values()) == WRITTEN


def test_a_single_model_is_not_cross_checked(workflow: Workflow) -> None:
    workflow.publish(workflow.event("sql_joins", models=TWO[:1], cross_check=True))
    workflow.reviewer()

    assert workflow.invocations()["solve_draft"] == 0
