"""An AWS client is built only on first use."""

from types import SimpleNamespace

from coursewright import wiring
from coursewright.adapters.lazy_client import LazyClient


def test_a_client_is_built_once_on_first_use() -> None:
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


def test_a_lazy_client_behaves_like_the_real_one() -> None:
    late = wiring.client("dynamodb")

    assert late.meta.service_model.service_name == "dynamodb"
    assert issubclass(late.exceptions.ConditionalCheckFailedException, Exception)
