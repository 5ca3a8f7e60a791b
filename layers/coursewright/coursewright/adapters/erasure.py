"""Erases people and courses from the table and the bucket."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.erasable_objects import ErasableObjects
from coursewright.adapters.table import Item, Table
from coursewright.domain.assignment import Assignment
from coursewright.domain.author import ERASED_AUTHOR, Author, Person
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

META = "META"
NOBODY = Author(sub=ERASED_AUTHOR).model_dump()
ERASED_PERSON = f"{PSEUDONYM_PREFIX}erased"
BODY_ATTRIBUTES = ("body", "body_sha256")
WRITTEN_BY_REVIEWER = ("notes", "reason")
COMPACT = (",", ":")  # as pydantic writes it, so that a repeated step finds equal records
TEXTS = {"prompt_sha256": ("prompts", ".md"), "answer_sha256": ("answers", ".txt")}


class DynamoErasure:
    """Erases people and courses from the table and the bucket.

    Records are changed one at a time, META last, so that an interrupted erasure can be repeated.
    """

    def __init__(self, table: Table, blobs: BlobStore, objects: ErasableObjects) -> None:
        self._table = table
        self._blobs = blobs
        self._objects = objects

    def names_reviewer(self, generation: Generation, address: str) -> bool:
        """Return whether a generation or any of its reviews names this person."""
        addresses = set(generation.request.reviewers)
        for review, _ in self._reviews(generation):
            addresses |= {*review.reviewers, *display_names(review).values(), review.decided_by}
        return address.lower() in {known.lower() for known in addresses}

    def erase_reviewer(self, generation: Generation, address: str, *, link_salt: str) -> int:
        """Replace an address with a pseudonym, delete the person's texts and count the changes."""
        changed = 0
        for review, items in self._reviews(generation):
            changed += self._erase_published(generation, review, address)
            changed += self._erase_review(generation, review, items, address, link_salt)
        partition = f"GENERATION#{generation.request.generation}"
        if item := self._table.get(partition, META):
            changed += self._change(item, lambda old: _replace_address(old, address, ERASED_PERSON))
        return changed

    def erase_author(self, generation: Generation, *, salt: str) -> int:
        """Remove the author of a generation, and make the author's pseudonyms final."""
        item = self._table.get(f"GENERATION#{generation.request.generation}", META)
        return self._change(item, lambda old: _erase_author(old, salt)) if item else 0

    def erase_exports(self, person: Person) -> int:
        """Remove a person from the results of exports and count the changes."""
        results = (key for key in self._objects.keys("exports/") if key.endswith("/result.json"))
        changes = (
            self._objects.rewrite(key, lambda result: _without_person(result, person))
            for key in results
        )
        return sum(changes)

    def erase_generation(self, generation: Generation) -> int:
        """Delete a generation with all its texts; return the number of records."""
        request = generation.request
        name, sha256 = request.generation, request.lesson.sha256
        partitions = [f"AGENT#{agent}#{name}" for agent in Agent]
        partitions += [review_id(name, number) for number in range(1, MAX_ROUNDS + 1)]
        partitions += [f"MODULE#{request.course.id}#{request.module.id}"]
        deleted = sum(map(self._delete, partitions))
        for number in range(1, MAX_ROUNDS + 1):
            self._objects.delete(_bundle_key(name, number))
        self._objects.delete(request.lesson.key)
        self._objects.delete(f"uploads/{sha256}.html")
        return deleted + self._delete(f"GENERATION#{name}")

    def erase_course_notes(self, course: str) -> int:
        """Delete all data about a course that is stored outside its generations."""
        return self._delete(f"COURSE#{course}")

    def _reviews(self, generation: Generation) -> Iterator[tuple[Review, list[Item]]]:
        for number in range(1, MAX_ROUNDS + 1):
            items = list(self._table.query(review_id(generation.request.generation, number)))
            meta = next((item for item in items if item["SK"] == META), None)
            if meta is None:
                return
            facts = json.loads(self._blobs.unpack(meta)) | json.loads(meta.get("ruling", "{}"))
            facts |= {"decision": meta["decision"]}
            yield Review.model_validate_json(json.dumps(facts)), items

    def _erase_review(
        self,
        generation: Generation,
        review: Review,
        items: list[Item],
        address: str,
        link_salt: str,
    ) -> int:
        name, reviewer = pseudonym(review, address), reviewer_id(address)
        own_items = [item for item in items if reviewer in item["SK"]]
        self._table.delete([(item["PK"], item["SK"]) for item in own_items])
        changed = len(own_items)
        changed += self._erase_notes(generation, review, address)
        for item in sorted(items, key=lambda item: bool(item["SK"] == META)):
            if item["SK"] == META:
                changed += self._change(
                    item, lambda old: _erase_person(old, review, address, link_salt)
                )
            elif item not in own_items:
                changed += self._change(item, lambda old: _replace_address(old, address, name))
        return changed

    def _erase_notes(self, generation: Generation, review: Review, address: str) -> int:
        partition = f"COURSE#{generation.request.course.id}"
        items = self._table.query(partition, "NOTE#")
        notes = [item for item in items if review.review in item["SK"]]
        if review.decided_by.lower() == address.lower():
            self._table.delete([(note["PK"], note["SK"]) for note in notes])
            return len(notes)
        return sum(
            self._change(note, lambda old: _replace_address(old, address, ERASED_PERSON))
            for note in notes
        )

    def _erase_published(self, generation: Generation, review: Review, address: str) -> int:
        request, name = generation.request, pseudonym(review, address)
        changed = 0
        for item in self._table.query(f"MODULE#{request.course.id}#{request.module.id}"):
            assignment = Assignment.model_validate_json(self._blobs.unpack(item))
            is_of_review = f"/r{review.round}/" in assignment.draft
            if assignment.generation == request.generation and is_of_review:
                changed += self._change(item, lambda old: _erase_approver(old, address, name))
        self._objects.rewrite(
            _bundle_key(request.generation, review.round),
            lambda content: _replace_in(content, address, name),
        )
        return changed

    def _change(self, old: Item, change: Callable[[Item], Item]) -> int:
        before = {name: value for name, value in old.items() if name not in BODY_ATTRIBUTES}
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
            for key in _text_keys(item):
                self._objects.delete(key)
        keys = ((item["PK"], item["SK"]) for item in items)
        self._table.delete(sorted(keys, key=lambda key: key[1] == META))
        return len(items)


def _text_keys(item: Item) -> Iterator[str]:
    if "body_sha256" in item:
        yield f"bodies/{item['body_sha256']}.json"
    for sha256 in json.loads(item.get("built_prompts", "[]")):
        yield f"prompts/built/{sha256}.md"
    call = json.loads(item.get("call", "{}"))
    for name, (prefix, suffix) in TEXTS.items():
        if call.get(name):
            yield f"{prefix}/{call[name]}{suffix}"


def _bundle_key(generation: str, round_number: int) -> str:
    return f"publications/{fingerprint([generation, round_number])[:16]}.json"


def _erase_approver(item: Item, address: str, name: str) -> Item:
    new = _replace_address(item, address, name)
    if new != item and "body" in new:
        content = identity_content(Assignment.model_validate_json(new["body"]))
        new["sha256"] = fingerprint(content)
    return new


def _erase_person(item: Item, review: Review, address: str, link_salt: str) -> Item:
    """Replace an address; a closed review gets a new salt, so that pseudonyms cannot be guessed."""
    name = pseudonym(review, address)
    new = _replace_address(item, address, name)
    if new == item:
        return item
    facts = json.loads(new["body"])
    if review.decision is not Decision.PENDING:
        facts["link_salt"] = link_salt
        known = display_names(review).items()
        facts["known_as"] = {other: alias for other, alias in known if other != name}
    new["body"] = _to_json(facts)
    if review.decided_by.lower() == address.lower():
        new["ruling"] = _to_json(_remove_texts(json.loads(new["ruling"])))
    return new


def _erase_author(item: Item, salt: str) -> Item:
    request = json.loads(item["request"])
    if (request.get("author") or NOBODY) == NOBODY:
        return item
    return item | {"request": _to_json(request | {"author": NOBODY, "author_salt": salt})}


def _without_person(result: dict[str, Any], person: Person) -> dict[str, Any]:
    author = result.get("author")
    is_theirs = author is not None and person.is_author(Author.model_validate(author))
    return result | {"author": NOBODY} if is_theirs else result


def _to_json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=COMPACT)


def _remove_texts(ruling: Any) -> Any:
    if isinstance(ruling, dict):
        return {
            name: "" if name in WRITTEN_BY_REVIEWER else _remove_texts(value)
            for name, value in ruling.items()
        }
    return [_remove_texts(value) for value in ruling] if isinstance(ruling, list) else ruling


def _replace_address(item: Item, address: str, name: str) -> Item:
    """Replace an address in all non-key attributes, which may contain JSON."""

    def replace(text: str) -> str:
        try:
            content = json.loads(text)
        except ValueError:
            return str(_replace_in(text, address, name))
        new = _replace_in(content, address, name)
        return text if new == content else _to_json(new)

    keys = ("PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK")
    return {
        attribute: replace(value) if isinstance(value, str) and attribute not in keys else value
        for attribute, value in item.items()
    }


def _replace_in(content: Any, address: str, name: str) -> Any:
    if isinstance(content, str):
        whole = rf"(?<![A-Za-z0-9._%+-]){re.escape(address)}(?!\.?[A-Za-z0-9-])"
        return re.sub(whole, name, content, flags=re.IGNORECASE)
    if isinstance(content, dict):
        return {
            _replace_in(key, address, name): _replace_in(value, address, name)
            for key, value in content.items()
        }
    return (
        [_replace_in(x, address, name) for x in content] if isinstance(content, list) else content
    )
