"""Lets parliament read every policy of the rendered roles: `… rendered_roles | … lint_policies`.

Runs in an environment of its own, hence imports nothing of this repository.
"""

import json
import sys
from typing import Any

EXCEPTIONS = {
    # AWS's own AWSLambdaBasicExecutionRole lets a function write to any log group.
    ("RESOURCE_STAR", "logs:PutLogEvents"),
    # Written by SAM for the destination of failed events.
    ("NO_VERSION", ""),
    # Its tables are older than the service: SAM's own StepFunctionsCallbackPolicy names a machine.
    ("RESOURCE_MISMATCH", "states:SendTaskSuccess"),
    # It asks for a resource of every kind; these two kinds are what the registry can name.
    ("RESOURCE_MISMATCH", "bedrock:InvokeModel"),
    # It asks for executions of express machines too; ours is a standard one.
    ("RESOURCE_MISMATCH", "states:DescribeExecution"),
    # Log deliveries have no ARN of their own; the template says so beside the statement.
    ("RESOURCE_STAR", "logs:CreateLogDelivery"),
    # AWS's own AWSXrayWriteOnlyAccess.
    ("RESOURCE_STAR", "xray:PutTraceSegments"),
}


def is_excepted(issue: str, detail: str) -> bool:
    """Return whether a finding is known and has its reason above."""
    return any(issue == known and action in detail for known, action in EXCEPTIONS)


def main() -> int:
    """Print what is new, and fail if there is any."""
    from parliament import analyze_policy_string  # type: ignore[import-not-found]

    documents: dict[str, list[dict[str, Any]]] = json.load(sys.stdin)
    new = [
        f"{role}: {finding.issue} {finding.detail}"
        for role, policies in documents.items()
        for policy in policies
        for finding in analyze_policy_string(json.dumps(policy)).findings
        if not is_excepted(finding.issue, str(finding.detail))
    ]
    print("\n".join(new) or f"{sum(map(len, documents.values()))} policies, no finding")  # noqa: T201
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
