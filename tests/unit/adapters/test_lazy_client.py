"""A function that never asks S3 does not pay for its client."""

from types import SimpleNamespace

from coursewright import wiring
from coursewright.adapters.lazy_client import LazyClient


def test_a_client_is_built_once_and_only_when_something_is_asked_of_it() -> None:
    built: list[str] = []

    def build() -> object:
        built.append("s3")
        return SimpleNamespace(get_object=lambda Key: f"the content of {Key}")

    late = LazyClient(build)
    before = list(built)
    answers = [late.get_object(Key="a"), late.get_object(Key="b")]

    assert before == []
    assert answers == ["the content of a", "the content of b"]
    assert built == ["s3"]


def test_a_late_client_is_the_real_one_to_whoever_asks() -> None:
    late = wiring.client("dynamodb")

    assert late.meta.service_model.service_name == "dynamodb"
    assert issubclass(late.exceptions.ConditionalCheckFailedException, Exception)
