"""Leaves in botocore what is called here, without its documentation: `prune_botocore.py FOLDER`.

botocore brings a description of every AWS service, and reads one whenever a client is made; two
thirds of it are texts for people. FOLDER is the installed package.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SERVICES = {
    "bedrock",  # both by langchain-aws
    "bedrock-runtime",
    "dynamodb",
    "events",
    "lambda",
    "s3",
    "secretsmanager",
    "sesv2",
    "sns",
    "ssm",
    "stepfunctions",
    "sts",  # where credentials are those of an assumed role
}
TEXTS = {"documentation", "documentationUrl"}


def prune(data: Path) -> None:
    """Keep the services that are called, and where they are found."""
    for folder in (one for one in data.iterdir() if one.is_dir()):
        if folder.name not in SERVICES:
            shutil.rmtree(folder)
    prefixes = SERVICES.copy()
    for file in data.glob("*/*/*.json*"):
        content = _without_texts(_read(file))
        prefixes.add(content.get("metadata", {}).get("endpointPrefix", ""))
        _replace(file, content)
    places = _read(data / "endpoints.json")
    for partition in places["partitions"]:
        found = partition["services"].items()
        partition["services"] = {name: one for name, one in found if name in prefixes}
    _replace(data / "endpoints.json", places)


def _without_texts(content: Any) -> Any:
    """Empty what is text for people: botocore asks for some of it without need."""
    if isinstance(content, dict):
        return {
            name: "" if name in TEXTS and isinstance(one, str) else _without_texts(one)
            for name, one in content.items()
        }
    return list(map(_without_texts, content)) if isinstance(content, list) else content


def _read(file: Path) -> Any:
    raw = file.read_bytes()
    return json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)


def _replace(file: Path, content: Any) -> None:
    """Write a new file: the old one may be a link into the installer's cache, which others use."""
    file.unlink()
    text = json.dumps(content, separators=(",", ":"))
    file.with_name(file.name.removesuffix(".gz")).write_text(text, "utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]) / "data")
