"""The practice models' errors, in OpenAI's format."""

from http import HTTPStatus


class RequestRefused(Exception):
    """The request was rejected; `status` and `code` are returned to the client."""

    def __init__(self, message: str, *, status: HTTPStatus, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def as_body(self) -> dict[str, object]:
        """Return the error body in OpenAI's format."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            kind = "rate_limit_error"
        return {"error": {"message": str(self), "type": kind, "param": None, "code": self.code}}


def lesson_unknown() -> RequestRefused:
    """Return the error for any lesson other than the sample lessons."""
    return RequestRefused(
        "practice models only know the sample lessons; point --base-url at a real provider",
        status=HTTPStatus.BAD_REQUEST,
        code="lesson_unknown",
    )
