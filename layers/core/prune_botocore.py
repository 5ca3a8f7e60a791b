"""Removes unused services and all documentation from botocore: `prune_botocore.py FOLDER`.

botocore contains a model of every AWS service and reads one for each client; two thirds of a model
are documentation. FOLDER is the installed package.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

SERVICES = {
    "bedrock",  # used by langchain-aws, like bedrock-runtime
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
    "sts",  # for assumed-role credentials
}
DOCUMENTATION = {"documentation", "documentationUrl"}


def prune(data: Path) -> None:
    """Remove unused services, unused endpoints and all documentation."""
    for folder in (path for path in data.iterdir() if path.is_dir()):
        if folder.name not in SERVICES:
            shutil.rmtree(folder)
    prefixes = SERVICES.copy()
    for file in data.glob("*/*/*.json*"):
        content = _without_documentation(_read(file))
        prefixes.add(content.get("metadata", {}).get("endpointPrefix", ""))
        _replace(file, content)
    endpoints = _read(data / "endpoints.json")
    for partition in endpoints["partitions"]:
        services = partition["services"].items()
        partition["services"] = {name: entry for name, entry in services if name in prefixes}
    _replace(data / "endpoints.json", endpoints)


def _without_documentation(content: Any) -> Any:
    """Empty the documentation but keep its keys, because botocore reads some of them."""
    if isinstance(content, dict):
        return {
            name: ""
            if name in DOCUMENTATION and isinstance(value, str)
            else _without_documentation(value)
            for name, value in content.items()
        }
    return list(map(_without_documentation, content)) if isinstance(content, list) else content


def _read(file: Path) -> Any:
    raw = file.read_bytes()
    return json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)


def _replace(file: Path, content: Any) -> None:
    """Replace a file rather than overwrite it: it may be a hard link into the installer's cache."""
    file.unlink()
    text = json.dumps(content, separators=(",", ":"))
    file.with_name(file.name.removesuffix(".gz")).write_text(text, "utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]) / "data")
