"""The drill's clock, which advances only before a redrive."""

from datetime import UTC, datetime, timedelta

PATIENCE = timedelta(minutes=10)  # exceeds all leases; functions time out after five


class DrillClock:
    """A clock that only the drill advances."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the drill's current time."""
        return self._now

    def wait(self) -> None:
        """Advance by the time that an operator takes to react."""
        self._now += PATIENCE
