"""The replay ledger in the table: leases of calls in flight, accepted answers, paid calls."""

from datetime import datetime

from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.drafts import partition
from coursewright.adapters.table import ABSENT, Item, Table, put, update
from coursewright.domain.errors import ModelCallInFlight
from coursewright.domain.model_call import Agent, Answer, AnswerKey, ModelCall

PENDING = "pending"
ACCEPTED = "accepted"
FREE = "free"
RETENTION_DAYS = 180  # far longer than an execution can be redriven


class DynamoAnswers:
    """One item per answer; its state goes from free to pending to accepted."""

    def __init__(
        self, table: Table, blobs: BlobStore, *, prompts: TextStore, responses: TextStore
    ) -> None:
        self._table = table
        self._blobs = blobs
        self._prompts = prompts
        self._responses = responses

    def accepted(self, key: AnswerKey) -> Answer | None:
        """Return the accepted answer, if there is one."""
        item = self._table.get(*_place(key))
        if item is None or item["answer_state"] != ACCEPTED:
            return None
        return Answer.model_validate_json(self._blobs.unpack(item))

    def start(self, key: AnswerKey, *, lease: str, now: datetime, until: datetime) -> None:
        """Mark a call as in flight. Raises: ModelCallInFlight while another lease is valid."""
        pk, sk = _place(key)
        item = {
            "PK": pk,
            "SK": sk,
            "answer_state": PENDING,
            "lease": lease,
            "lease_until": int(until.timestamp() * 1000),
            **self._table.expiry(RETENTION_DAYS),
        }
        condition = (
            f"{ABSENT} OR answer_state = :free"
            " OR (answer_state = :pending AND (lease = :lease OR lease_until <= :now))"
        )
        values: Item = {
            ":free": FREE,
            ":pending": PENDING,
            ":lease": lease,
            ":now": int(now.timestamp() * 1000),
        }
        if not self._table.put(item, condition, values):
            raise ModelCallInFlight(f"{pk} {sk}: another call holds the lease")

    def accept(self, key: AnswerKey, answer: Answer, *, lease: str) -> None:
        """Store an answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        pk, sk = _place(key)
        item = {"PK": pk, "SK": sk, "answer_state": ACCEPTED, "lease": lease}
        item |= self._blobs.pack(answer.model_dump_json()) | self._table.expiry(RETENTION_DAYS)
        values: Item = {":pending": PENDING, ":lease": lease}
        mine = "answer_state = :pending AND lease = :lease"
        actions = [
            put(self._table.name, item, mine, values),
            self._call(key, answer.call, lease),
        ]
        if not self._table.write(actions):
            raise ModelCallInFlight(f"{pk} {sk}: the lease was lost before the answer arrived")

    def refuse(self, key: AnswerKey, call: ModelCall, *, lease: str) -> None:
        """Record a paid but unusable answer and release the lease."""
        self._table.write([self._call(key, call, lease)])
        self.release(key, lease=lease)

    def release(self, key: AnswerKey, *, lease: str) -> None:
        """Release the lease for a call that returned no answer."""
        pk, sk = _place(key)
        values: Item = {":free": FREE, ":pending": PENDING, ":lease": lease}
        mine = "answer_state = :pending AND lease = :lease"
        self._table.write(
            [
                update(
                    self._table.name, {"PK": pk, "SK": sk}, "SET answer_state = :free", mine, values
                )
            ]
        )

    def calls(self, agent: Agent, generation: str) -> tuple[ModelCall, ...]:
        """Return every paid call that an agent made in a generation."""
        items = self._table.query(partition(agent, generation), "CALL#")
        return tuple(ModelCall.model_validate_json(item["call"]) for item in items)

    def save_prompt(self, text: str) -> str:
        """Store a prompt as sent and return its sha256."""
        return self._prompts.save(text)

    def save_response(self, text: str) -> str:
        """Store a provider's response as received and return its sha256."""
        return self._responses.save(text)

    def _call(self, key: AnswerKey, call: ModelCall, lease: str) -> Item:
        item = {
            "PK": partition(key.agent, key.generation),
            "SK": f"CALL#{key.sort_key}#{lease}",
            "call": call.model_dump_json(),
            **self._table.expiry(RETENTION_DAYS),
        }
        return put(self._table.name, item)


def _place(key: AnswerKey) -> tuple[str, str]:
    return partition(key.agent, key.generation), f"ANSWER#{key.sort_key}"
