"""The sandbox, its evidence, and the comparison of models that rests on it."""

from collections.abc import Mapping
from typing import Any, Protocol

from coursewright.domain.certificate import Certificate
from coursewright.domain.league import LeagueRow
from coursewright.domain.verification import CrossCheck, Verification


class Sandbox(Protocol):
    """Runs code that nobody trusts."""

    def check(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the evidence of DESIGN §7 for a `check_code` request."""
        ...


class Verifications(Protocol):
    """Evidence per draft and attempt."""

    def save(self, generation: str, verification: Verification) -> Verification:
        """Keep the evidence of an attempt; the first one stands and is given back."""
        ...

    def of_round(self, generation: str, round_number: int) -> tuple[Verification, ...]:
        """Return all evidence of a round."""
        ...

    def get(self, generation: str, draft: str, attempt: int) -> Verification | None:
        """Return the evidence of one attempt."""
        ...

    def save_cross_check(self, generation: str, check: CrossCheck) -> CrossCheck:
        """Keep what came of another model's solution; the first one stands and is given back."""
        ...

    def cross_checks(self, generation: str, round_number: int) -> tuple[CrossCheck, ...]:
        """Return what came of the other models' solutions in a round."""
        ...

    def save_certificates(
        self, generation: str, round_number: int, certificates: tuple[Certificate, ...]
    ) -> None:
        """Keep the certificates of a round; the first ones stand."""
        ...

    def certificates(self, generation: str, round_number: int) -> tuple[Certificate, ...]:
        """Return the certificates of a round."""
        ...


class Leagues(Protocol):
    """The comparison of models, per round."""

    def save(
        self,
        generation: str,
        round_number: int,
        rows: tuple[LeagueRow, ...],
        costs: Mapping[str, str],
    ) -> None:
        """Keep a round's league and the cost record of each call; the first ones stand."""
        ...

    def get(self, generation: str, round_number: int) -> tuple[LeagueRow, ...]:
        """Return a round's league, best model first."""
        ...
