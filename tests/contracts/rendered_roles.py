"""The template's roles as IAM sees them: expanded by SAM, with all intrinsics resolved."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document
from moto.iam.aws_managed_policies import aws_managed_policies_data
from samtranslator.translator.transform import transform

from tests.cloudformation import load_template

REGION, ACCOUNT, STACK = "eu-west-1", "123456789012", "coursewright"
PSEUDO: dict[str, str | None] = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}
ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/%s",
    "AWS::Events::EventBus": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/%s",
    "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:%s",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/%s",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:%s",
    "AWS::S3::Bucket": "arn:aws:s3:::%s",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:%s",
    "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:%s",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:%s",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:%s",
}
REF_IS_ARN = {
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}
NAMES = {
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::SSM::Parameter": "Name",
    "AWS::Events::EventBus": "Name",
}
# Optional resources are included, because they also have permissions.
CHAT_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:chat"
CLIENT_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:client"
GIVEN = {"ChatSecretArn": CHAT_SECRET, "WithSignIn": "oidc", "SignInSecretArn": CLIENT_SECRET}
SOURCES = ("CodeUri", "ContentUri", "DefinitionUri")
POLICY_TYPES = {"AWS::IAM::Policy", "AWS::IAM::RolePolicy"}
ATTACHMENTS = {"Roles", "Users", "Groups"}
TEMPLATE = Path(__file__).parents[2] / "template.yaml"

Template = dict[str, Any]
Policies = list[list[Any]]


class Roles:
    """The permissions of all roles; a function's role is named after the function."""

    def __init__(self, documents: Mapping[str, list[dict[str, Any]]]) -> None:
        self.documents = documents
        self._parsed: dict[str, Policies] = {
            role: [parse_policy_document(document) for document in found]
            for role, found in documents.items()
        }

    def may(
        self, role: str, action: str, resource: str, context: Mapping[str, Any] | None = None
    ) -> bool:
        """Return whether IAM's evaluation logic allows an action."""
        request = EvalContext(
            principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session",
            principal_type="AssumedRole",
            principal_account=ACCOUNT,
            action=action,
            resource_arn=resource,
            region=REGION,
            service_context={name.lower(): value for name, value in (context or {}).items()},
        )
        return bool(evaluate(request, self._parsed[role]).decision == "Allow")

    def may_key(self, role: str, action: str, *keys: str, resource: str = "") -> bool:
        """Return whether a DynamoDB action on items in these partitions is allowed."""
        context = {"dynamodb:LeadingKeys": list(keys)} if keys else {}
        return self.may(role, action, resource or arn("Table"), context)


def roles(change: Callable[[Template], None] | None = None) -> Roles:
    """Return the roles in template.yaml, optionally after changing the template."""
    template = deepcopy(load_template(TEMPLATE))
    if change is not None:
        change(template)
    return Roles(_documents(template))


@cache
def arn(logical_id: str) -> str:
    """Return the ARN assumed for a resource of the template."""
    return _plain().arn(logical_id)


def resolved(value: Any, **parameters: str) -> Any:
    """Return a value of the template as a deployment with these parameters sees it."""
    return _Resolver(load_template(TEMPLATE), parameters).value(value)


@cache
def _plain() -> "_Resolver":
    return _Resolver(_expanded(deepcopy(load_template(TEMPLATE))))


def _documents(template: Template) -> dict[str, list[dict[str, Any]]]:
    expanded = _expanded(template)
    resolver = _Resolver(expanded)
    value = resolver.value
    managed = _managed() | _own_policies(expanded, resolver)
    kinds = {resource["Type"] for resource in expanded["Resources"].values()}
    assert not kinds & POLICY_TYPES, "a policy beside its role would be overlooked here"
    found: dict[str, list[dict[str, Any]]] = {}
    for name, resource in expanded["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            properties = resource["Properties"]
            own = [value(policy["PolicyDocument"]) for policy in properties.get("Policies", [])]
            attached = [managed[name] for name in value(properties.get("ManagedPolicyArns", []))]
            found[_role_name(name)] = own + attached
    return found


def _own_policies(expanded: Template, resolver: "_Resolver") -> dict[str, dict[str, Any]]:
    """Return the template's managed policies by ARN; they must not attach themselves to roles."""
    policies = {
        name: resource["Properties"]
        for name, resource in expanded["Resources"].items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    }
    assert not any(ATTACHMENTS & set(policy) for policy in policies.values())
    return {
        resolver.arn(name): resolver.value(policy["PolicyDocument"])
        for name, policy in policies.items()
    }


def _role_name(logical_id: str) -> str:
    plain = logical_id.removesuffix("Role").removesuffix("Function")
    return re.sub(r"(?<!^)([A-Z])", r"_\1", plain).lower()


def _expanded(template: Template) -> Template:
    for resource in template["Resources"].values():
        properties = resource.get("Properties") or {}
        properties.update({name: "s3://bucket/key" for name in SOURCES if name in properties})

    class NoManagedPolicies:
        def load(self) -> dict[str, str]:
            return {}

    defaults = _defaults(template)
    expanded: Template = transform(template, dict(defaults), NoManagedPolicies())
    return expanded


def _defaults(template: Template) -> dict[str, Any]:
    return {
        name: parameter["Default"] for name, parameter in template["Parameters"].items()
    } | GIVEN


@cache
def _managed() -> dict[str, dict[str, Any]]:
    known = json.loads(aws_managed_policies_data)
    return {
        f"arn:aws:iam::aws:policy{policy['Path']}{name}": policy["Document"]
        for name, policy in known.items()
    }


class _Resolver:
    """Resolves intrinsic functions; an unknown one raises an error."""

    def __init__(self, template: Template, parameters: Mapping[str, str] | None = None) -> None:
        self._resources = template["Resources"]
        self._conditions = template["Conditions"]
        self._parameters = PSEUDO | _defaults(template) | dict(parameters or {})

    def arn(self, logical_id: str) -> str:
        return ARNS[self._resources[logical_id]["Type"]] % self._name(logical_id)

    def value(self, given: Any) -> Any:
        if isinstance(given, list):
            return [found for value in given if (found := self.value(value)) is not None]
        if not isinstance(given, dict):
            return given
        if len(given) == 1:
            ((kind, argument),) = given.items()
            if kind in self._functions():
                return self._functions()[kind](argument)
            assert not kind.startswith("Fn::"), f"teach the resolver {kind}"
        return {name: self.value(value) for name, value in given.items()}

    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._filled,
            "Fn::If": self._chosen,
            "Fn::Split": lambda given: str(self.value(given[1])).split(given[0]),
            "Fn::Join": lambda given: given[0].join(map(str, self.value(given[1]))),
        }

    def _name(self, logical_id: str) -> str:
        resource = self._resources[logical_id]
        given = resource.get("Properties", {}).get(NAMES.get(resource["Type"], ""))
        return str(self.value(given)) if given else logical_id

    def _ref(self, name: str) -> Any:
        if name in self._parameters:
            return self._parameters[name]
        is_arn = self._resources[name]["Type"] in REF_IS_ARN
        return self.arn(name) if is_arn else self._name(name)

    def _attribute(self, given: str | list[str]) -> str:
        name, attribute = given.split(".", 1) if isinstance(given, str) else tuple(given)
        assert attribute == "Arn", f"teach the resolver {attribute}"
        return self.arn(name)

    def _filled(self, given: str | list[Any]) -> str:
        text, own = (given, {}) if isinstance(given, str) else (given[0], given[1])

        def placeholder(found: re.Match[str]) -> str:
            name = found[1]
            if name in own:
                return str(self.value(own[name]))
            return self._attribute(name) if "." in name else str(self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", placeholder, text)

    def _chosen(self, given: Sequence[Any]) -> Any:
        condition, yes, no = given
        return self.value(yes if self._holds(self._conditions[condition]) else no)

    def _holds(self, condition: Any) -> bool:
        ((kind, argument),) = condition.items()
        if kind == "Fn::Not":
            return not self._holds(argument[0])
        if kind == "Condition":
            return self._holds(self._conditions[argument])
        if kind == "Fn::And":
            return all(self._holds(value) for value in argument)
        if kind == "Fn::Or":
            return any(self._holds(value) for value in argument)
        assert kind == "Fn::Equals", f"teach the resolver {kind}"
        left, right = self.value(argument)
        return bool(left == right)


if __name__ == "__main__":
    print(json.dumps(roles().documents))  # noqa: T201
