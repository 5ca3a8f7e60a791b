"""Wires what needs a secret: links and their signatures, keys to the providers, the team's chat."""

from functools import cache

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from coursewright.adapters.links import SignedLinks
from coursewright.adapters.notifications import WebhookChat
from coursewright.adapters.secrets import SecretLinkKeys, SecretModelKeys
from coursewright.settings import settings
from coursewright.wiring import client


@cache
def secrets() -> SecretsProvider:
    """Return the secrets, read anew every few minutes."""
    return SecretsProvider(boto3_client=client("secretsmanager"))


@cache
def link_keys() -> SecretLinkKeys:
    """Return the keys that sign links."""
    return SecretLinkKeys(secrets(), settings().link_keys_secret)


@cache
def model_keys() -> SecretModelKeys:
    """Return the keys to the providers."""
    return SecretModelKeys(secrets(), settings().model_keys_secret)


@cache
def links() -> SignedLinks:
    """Return the signer of links and sessions."""
    return SignedLinks(link_keys())


@cache
def chat() -> WebhookChat:
    """Return the team's chat."""
    return WebhookChat(secrets(), settings().chat_secret)
