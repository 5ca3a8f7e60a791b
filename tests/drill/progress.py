"""Shows a drill's progress as a bar in a terminal and as occasional lines elsewhere."""

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

EVERY = 50


class ProgressDisplay:
    """Counts finished runs and displays their rate and the remaining time."""

    def __init__(self, console: Console, name: str, total: int) -> None:
        self._console, self._name, self._total = console, name, total
        self._done, self._began = 0, time.monotonic()
        text = "{task.description}, {task.fields[rate]:.1f} runs a second"
        columns = TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task(name, total=total, rate=0.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self) -> None:
        """Count a finished run."""
        self._done += 1
        rate = self._done / max(time.monotonic() - self._began, 0.001)
        self._bar.update(self._task, advance=1, rate=rate)
        if self._bar.disable and (self._done % EVERY == 0 or self._done == self._total):
            left = (self._total - self._done) / rate
            self._console.print(
                f"{self._name}: {self._done} of {self._total} runs,"
                f" {rate:.1f} a second, {left:.0f} s left"
            )
