"""The access key with which this machine's programs sign their requests to the laptop cloud."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

REGION = "eu-west-1"
ID_CHARACTERS = string.ascii_uppercase + "234567"
RANDOM_ID_CHARS = 16
SECRET_BYTES = 30


def random_id(prefix: str) -> str:
    """Return a random access key id: `AKIA` begins a user's, `ASIA` a session's."""
    return prefix + "".join(secrets.choice(ID_CHARACTERS) for _ in range(RANDOM_ID_CHARS))


def random_secret() -> str:
    """Return a random secret access key."""
    return secrets.token_urlsafe(SECRET_BYTES)


@dataclass(frozen=True)
class AccessKey:
    """The random access key of one run of the cloud."""

    id: str = field(default_factory=lambda: random_id("AKIA"))
    secret: str = field(default_factory=random_secret, repr=False)

    @property
    def credentials(self) -> Mapping[str, str]:
        """The arguments with which boto3 signs requests."""
        return {"aws_access_key_id": self.id, "aws_secret_access_key": self.secret}

    def signed_headers(self, url: str, *, service: str) -> dict[str, str]:
        """Return the headers that sign a GET request, for clients without an SDK."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("GET", url)
        SigV4Auth(Credentials(self.id, self.secret), service, REGION).add_auth(request)
        return {name: str(value) for name, value in request.headers.items()}
