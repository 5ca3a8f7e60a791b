"""The drill's clock: it stands still, but for the operator's patience before a redrive."""

from datetime import UTC, datetime, timedelta

PATIENCE = timedelta(minutes=10)  # longer than any lease: a function ends after five


class DrillClock:
    """A clock that only the drill moves."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the drill's present moment."""
        return self._now

    def wait(self) -> None:
        """Let the operator be late."""
        self._now += PATIENCE
