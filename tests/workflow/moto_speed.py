"""Speeds up moto's interpreter by caching repeated work.

Each patch's docstring describes the work that moto 5.2.5 repeats.
"""

import copy
import json
import re
import sys
from collections import defaultdict
from functools import cache, lru_cache
from typing import Any

import jsonata
import moto.stepfunctions.parser.asl.jsonata.jsonata as moto_jsonata
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import boto_client

OPENED = re.compile(r"(\$\w+\()?\(")  # moto also reads a value's type
ASSIGNED = re.compile(r"\$(\w+):=")
JSON = json.JSONDecoder()
CLIENT = "boto_client_for"
NULL = jsonata.utils.Utils.NULL_VALUE


@cache
def speed_up() -> None:
    """Patch moto once per process; expressions go through `evaluate`."""
    _read_definitions_once()
    _make_clients_once()
    _copy_on_write()


def evaluate(expression: str) -> Any:
    """Evaluate an expression in Python; moto would call a Java engine that it does not include."""
    try:
        body, values = _apart(expression)
        return json.loads(json.dumps(_parsed(body).evaluate(None, values)))
    except Exception as error:
        raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from error


def _apart(expression: str) -> tuple[str, dict[str, Any]]:
    """Split an expression from the values assigned before it, so that it is parsed only once."""
    opened = OPENED.match(expression)
    values: dict[str, Any] = {}
    at = start = opened.end() if opened else 0
    while assigned := ASSIGNED.match(expression, at):
        try:
            value, end = JSON.raw_decode(expression, assigned.end())
        except json.JSONDecodeError:  # the definition's own function or variable, not a value
            break
        if expression[end] != ";":
            break
        values[assigned[1]], at = (NULL if value is None else value), end + 1
    return expression[:start] + expression[at:], values


def _parsed(body: str) -> jsonata.Jsonata:
    """Return a separate copy of a parsed expression, because evaluation binds names in it."""
    own = copy.copy(_tree(body))
    own.environment = own.create_frame(jsonata.Jsonata.static_frame)
    jsonata.Jsonata.CURRENT.jsonata = own
    return own


@lru_cache(maxsize=2_000)
def _tree(body: str) -> jsonata.Jsonata:
    return jsonata.Jsonata(body)


def _read_definitions_once() -> None:
    """Parse each definition once; moto spends a quarter of every execution on parsing."""
    plain_parse = AmazonStateLanguageParser.parse

    @lru_cache(maxsize=8)
    def tree_of(definition: str) -> Any:
        return plain_parse(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        tree = tree_of(definition)
        return Preprocessor().visit(tree), tree

    AmazonStateLanguageParser.parse = staticmethod(parse)


def _make_clients_once() -> None:
    """Create each client once; moto creates one per task, which takes as long as the call."""
    plain_client = boto_client.boto_client_for
    cached = cache(plain_client)

    def client(region: str, service: str, state_credentials: Any = None) -> Any:
        return cached(region, service)

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions") and hasattr(module, CLIENT):
            setattr(module, CLIENT, client)


def _copy_on_write() -> None:
    """Copy items on change only; in a transaction, moto copies the whole table for each write."""
    plain_update = DynamoDBBackend.update_item

    def update_item(
        self: Any, table_name: str, key: dict[str, Any], *rest: Any, **names: Any
    ) -> Any:
        table = self.get_table(table_name)
        if (item := self.get_item(table_name, key)) is not None:
            own = copy.deepcopy(item)  # the only write that changes an item in place
            if item.range_key is None:
                table.items[item.hash_key] = own
            else:
                table.items[item.hash_key][item.range_key] = own
        return plain_update(self, table_name, key, *rest, **names)

    def copied(self: Table, memo: dict[int, Any]) -> Table:
        clone = copy.copy(self)
        clone.items = defaultdict(dict)
        for key, found in self.items.items():
            clone.items[key] = dict(found) if isinstance(found, dict) else found
        return clone

    DynamoDBBackend.update_item = update_item
    Table.__deepcopy__ = copied
