"""The sandbox, its evidence about drafts, and the comparison of models based on it."""

from collections.abc import Mapping
from typing import Any, Protocol

from coursewright.domain.certificate import Certificate
from coursewright.domain.evidence import Evidence
from coursewright.domain.league import LeagueRow
from coursewright.domain.verification import CrossCheck, Verification


class Sandbox(Protocol):
    """Executes untrusted code in isolation."""

    def check(self, request: dict[str, Any]) -> Evidence:
        """Return the evidence for a `check_code` request.

        Raises: SandboxUnavailable, CheckFailed or EventInvalid.
        """
        ...


class Verifications(Protocol):
    """Evidence per draft and attempt, and the comparison of models based on it."""

    def save(self, generation: str, verification: Verification) -> Verification:
        """Store an attempt's evidence once; return the stored evidence."""
        ...

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        """Return the evidence of one attempt."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        """Return all evidence of a round."""
        ...

    def save_cross_check(self, generation: str, check: CrossCheck) -> CrossCheck:
        """Store the comparison with another model's solution once; return the stored comparison."""
        ...

    def cross_checks(self, generation: str, round_number: int) -> tuple[CrossCheck, ...]:
        """Return a round's comparisons with other models' solutions."""
        ...

    def save_certificates(
        self, generation: str, round_number: int, certificates: tuple[Certificate, ...]
    ) -> None:
        """Store a round's certificates; certificates already stored are not changed."""
        ...

    def certificates(self, generation: str, round_number: int) -> tuple[Certificate, ...]:
        """Return the certificates of a round."""
        ...

    def save_league(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        """Store a round's league table and the cost of each call, once."""
        ...

    def league(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        """Return a round's league table, best model first."""
        ...
