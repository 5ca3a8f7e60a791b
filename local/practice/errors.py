"""What a practice model says no to, in the shape of OpenAI's errors."""

from http import HTTPStatus


class RequestRefused(Exception):
    """The request cannot be answered; `status` and `code` travel to the client."""

    def __init__(self, message: str, *, status: HTTPStatus, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def as_body(self) -> dict[str, object]:
        """Return the body that OpenAI's clients expect."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            kind = "rate_limit_error"
        return {"error": {"message": str(self), "type": kind, "param": None, "code": self.code}}


def lesson_unknown() -> RequestRefused:
    """Return the refusal for work on anything but the sample lessons."""
    return RequestRefused(
        "practice models know only the sample lessons; point --base-url at a real provider",
        status=HTTPStatus.BAD_REQUEST,
        code="lesson_unknown",
    )
