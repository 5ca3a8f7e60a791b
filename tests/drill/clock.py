"""The drill's clock, which only advances before a redrive."""

from datetime import UTC, datetime, timedelta

PATIENCE = timedelta(minutes=10)  # longer than any lease: functions time out after five


class DrillClock:
    """A clock that only the drill advances."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the current time of the drill."""
        return self._now

    def wait(self) -> None:
        """Advance by the time an operator takes to react."""
        self._now += PATIENCE
