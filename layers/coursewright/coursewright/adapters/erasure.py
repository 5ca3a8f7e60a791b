"""What the table and the bucket hold of a reviewer or of a course, and how it leaves them."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import Item, Table
from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint, identity_content
from coursewright.domain.generation import Generation
from coursewright.domain.model_call import Agent
from coursewright.domain.review import (
    MAX_ROUNDS,
    PSEUDONYM_PREFIX,
    Decision,
    Review,
    display_names,
    pseudonym,
    review_id,
    reviewer_id,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

META = "META"
ANYBODY = f"{PSEUDONYM_PREFIX}forgotten"
BODY = ("body", "body_sha256")
OWN_WORDS = ("notes", "reason")
COMPACT = (",", ":")  # as records are written, so that a step that comes again finds them equal
TEXTS = {"prompt_sha256": ("prompts", ".md"), "answer_sha256": ("answers", ".txt")}


class Objects:
    """Objects of the content bucket, as far as they have to be changed or deleted."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def delete(self, key: str) -> None:
        """Delete an object; one that is gone already is no error."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def rewrite(self, key: str, change: Callable[[Any], Any]) -> None:
        """Change the JSON of an object, where there is one."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return
        old = json.loads(found)
        if (new := change(old)) != old:
            body = json.dumps(new, ensure_ascii=False).encode()
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )


class DynamoErasure:
    """Erases people and courses from the table and the bucket.

    Each record is changed separately and META last, so that an interrupted erasure can be repeated.
    """

    def __init__(self, table: Table, blobs: BlobStore, objects: Objects) -> None:
        self._table = table
        self._blobs = blobs
        self._objects = objects

    def names_reviewer(self, generation: Generation, address: str) -> bool:
        """Return whether a generation or one of its reviews names this person."""
        everybody = set(generation.request.reviewers)
        for review, _ in self._reviews(generation):
            everybody |= {*review.reviewers, *display_names(review).values(), review.decided_by}
        return address.lower() in {one.lower() for one in everybody}

    def erase_reviewer(self, generation: Generation, address: str, *, link_salt: str) -> int:
        """Replace an address by a pseudonym and delete the person's texts; count the changes."""
        changed = 0
        for review, whole in self._reviews(generation):
            changed += self._erase_published(generation, review, address)
            changed += self._erase_review(generation, review, whole, address, link_salt)
        place = f"GENERATION#{generation.request.generation}"
        if item := self._table.get(place, META):
            changed += self._change(item, lambda one: _replaced(one, address, ANYBODY))
        return changed

    def erase_generation(self, generation: Generation) -> int:
        """Delete a generation with all its texts; return the number of records."""
        request = generation.request
        name, sha256 = request.generation, request.lesson.sha256
        partitions = [f"AGENT#{agent}#{name}" for agent in Agent]
        partitions += [review_id(name, number) for number in range(1, MAX_ROUNDS + 1)]
        partitions += [f"MODULE#{request.course.id}#{request.module.id}"]
        deleted = sum(map(self._delete, partitions))
        for number in range(1, MAX_ROUNDS + 1):
            self._objects.delete(_bundle(name, number))
        self._objects.delete(request.lesson.key)
        self._objects.delete(f"uploads/{sha256}.html")
        return deleted + self._delete(f"GENERATION#{name}")

    def erase_course_notes(self, course: str) -> int:
        """Delete what is stored about a course outside its generations."""
        return self._delete(f"COURSE#{course}")

    def _reviews(self, generation: Generation) -> Iterator[tuple[Review, list[Item]]]:
        for number in range(1, MAX_ROUNDS + 1):
            whole = list(self._table.query(review_id(generation.request.generation, number)))
            meta = next((one for one in whole if one["SK"] == META), None)
            if meta is None:
                return
            facts = json.loads(self._blobs.unpack(meta)) | json.loads(meta.get("ruling", "{}"))
            facts |= {"decision": meta["decision"]}
            yield Review.model_validate_json(json.dumps(facts)), whole

    def _erase_review(
        self,
        generation: Generation,
        review: Review,
        whole: list[Item],
        address: str,
        link_salt: str,
    ) -> int:
        who, mark = pseudonym(review, address), reviewer_id(address)
        own = [one for one in whole if mark in one["SK"]]
        self._table.delete([(one["PK"], one["SK"]) for one in own])
        changed = len(own)
        changed += self._erase_notes(generation, review, address)
        for item in sorted(whole, key=lambda one: bool(one["SK"] == META)):
            if item["SK"] == META:
                changed += self._change(
                    item, lambda one: _without_person(one, review, address, link_salt)
                )
            elif item not in own:
                changed += self._change(item, lambda one: _replaced(one, address, who))
        return changed

    def _erase_notes(self, generation: Generation, review: Review, address: str) -> int:
        course = f"COURSE#{generation.request.course.id}"
        notes = [one for one in self._table.query(course, "NOTE#") if review.review in one["SK"]]
        if review.decided_by.lower() != address.lower():
            return sum(
                self._change(one, lambda item: _replaced(item, address, ANYBODY)) for one in notes
            )
        self._table.delete([(one["PK"], one["SK"]) for one in notes])
        return len(notes)

    def _erase_published(self, generation: Generation, review: Review, address: str) -> int:
        request, who = generation.request, pseudonym(review, address)
        changed = 0
        for item in self._table.query(f"MODULE#{request.course.id}#{request.module.id}"):
            one = Assignment.model_validate_json(self._blobs.unpack(item))
            if one.generation == request.generation and f"/r{review.round}/" in one.draft:
                changed += self._change(item, lambda found: _unsigned(found, address, who))
        bundle = _bundle(request.generation, review.round)
        self._objects.rewrite(bundle, lambda content: _in(content, address, who))
        return changed

    def _change(self, old: Item, change: Callable[[Item], Item]) -> int:
        before = {name: value for name, value in old.items() if name not in BODY}
        if len(before) < len(old):
            before["body"] = self._blobs.unpack(old)
        after = change(before)
        if after == before:
            return 0
        if "body" in after:
            after |= self._blobs.pack(after.pop("body"))
        self._table.replace(old, after)
        if old.get("body_sha256") != after.get("body_sha256"):
            self._objects.delete(f"bodies/{old['body_sha256']}.json")
        return 1

    def _delete(self, partition: str) -> int:
        items = list(self._table.query(partition))
        for item in items:
            for key in _texts(item):
                self._objects.delete(key)
        places = sorted(((one["PK"], one["SK"]) for one in items), key=lambda at: at[1] == META)
        self._table.delete(places)
        return len(items)


def _texts(item: Item) -> Iterator[str]:
    if "body_sha256" in item:
        yield f"bodies/{item['body_sha256']}.json"
    call = json.loads(item.get("call", "{}"))
    for name, (prefix, suffix) in TEXTS.items():
        if call.get(name):
            yield f"{prefix}/{call[name]}{suffix}"


def _bundle(generation: str, round_number: int) -> str:
    return f"publications/{fingerprint([generation, round_number])[:16]}.json"


def _unsigned(item: Item, address: str, who: str) -> Item:
    new = _replaced(item, address, who)
    if new != item and "body" in new:
        said = identity_content(Assignment.model_validate_json(new["body"]))
        new["sha256"] = fingerprint(said)
    return new


def _without_person(item: Item, review: Review, address: str, link_salt: str) -> Item:
    """Replace an address; a closed review gets a new salt, so pseudonyms cannot be guessed."""
    who, mark = pseudonym(review, address), reviewer_id(address)
    new = _replaced(item, address, who)
    if new == item:
        return item
    facts = json.loads(new["body"])
    facts["link_salts"] = {
        one: of for one, of in facts.get("link_salts", {}).items() if one != mark
    }
    if review.decision is not Decision.PENDING:
        facts["link_salt"] = link_salt
        facts["known_as"] = {one: name for one, name in display_names(review).items() if one != who}
    new["body"] = _written(facts)
    if review.decided_by.lower() == address.lower():
        new["ruling"] = _written(_silenced(json.loads(new["ruling"])))
    return new


def _written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=COMPACT)


def _silenced(ruling: Any) -> Any:
    if isinstance(ruling, dict):
        return {k: "" if k in OWN_WORDS else _silenced(value) for k, value in ruling.items()}
    return [_silenced(one) for one in ruling] if isinstance(ruling, list) else ruling


def _replaced(item: Item, address: str, by: str) -> Item:
    """Replace an address in every attribute but the keys; attributes may hold JSON."""

    def in_text(text: str) -> str:
        try:
            content = json.loads(text)
        except ValueError:
            return str(_in(text, address, by))
        new = _in(content, address, by)
        return text if new == content else _written(new)

    keys = ("PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK")
    return {
        name: in_text(value) if isinstance(value, str) and name not in keys else value
        for name, value in item.items()
    }


def _in(content: Any, address: str, by: str) -> Any:
    if isinstance(content, str):
        whole = rf"(?<![A-Za-z0-9._%+-]){re.escape(address)}(?!\.?[A-Za-z0-9-])"
        return re.sub(whole, by, content, flags=re.IGNORECASE)
    if isinstance(content, dict):
        return {_in(key, address, by): _in(value, address, by) for key, value in content.items()}
    return [_in(one, address, by) for one in content] if isinstance(content, list) else content
