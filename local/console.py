"""Prints a demo's progress in the terminal: states, emails, the league and assignments."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.execution_events import StateTransition
from local.mailbox import SentEmail

COUNTED_STATES = {
    "Write conditions",
    "Write tests",
    "Write solution",
    "Verify draft",
    "Repair draft",
}
SHOWN_STATES = {
    "Claim generation",
    "Build prompts",
    "Reserve budget",
    "For each model",
    "Model skipped",
    "Draft refused",
    "Compare models",
    "Open review",
    "Request review",
    "Expire review",
    "Read decision",
    "Publish assignments",
    "Announce publication",
    "Close generation",
    "Duplicate",
}


class DemoConsole:
    """Prints a demo's progress to a console."""

    def __init__(self, output: Console | None = None) -> None:
        """Print to the given console, by default to the terminal."""
        self.output = output or wide_console()
        self._started_at = time.monotonic()
        self._counts: Counter[str] = Counter()

    @property
    def seconds(self) -> float:
        """The seconds since the demo started."""
        return time.monotonic() - self._started_at

    def print_line(self, text: str, style: str = "") -> None:
        """Print one line, preceded by the elapsed time."""
        elapsed = Text(f"{self.seconds:6.1f}s  ", style="dim")
        self.output.print(elapsed + Text(text, style=style))

    def print_heading(self, text: str) -> None:
        """Print the heading of a new part of the demo."""
        self.output.print()
        self.output.rule(Text(text, style="bold"), align="left")

    def print_transition(self, transition: StateTransition) -> None:
        """Print a line for a state unless it is a choice or another minor state."""
        if transition.state in COUNTED_STATES:
            self._print_counted(transition)
        elif transition.entered and transition.state in SHOWN_STATES:
            self.print_line(f"▸ {transition.state}", "cyan")

    def _print_counted(self, transition: StateTransition) -> None:
        if transition.entered:
            return
        self._counts[transition.state] += 1
        line = f"  ✓ {transition.state} ({self._counts[transition.state]})"
        if transition.state == "Verify draft":
            draft = transition.data["verification"].split("#")[1]
            verdict, repair = transition.data["verdict"], transition.data["repair"]
            follow_up = "" if repair == "none" else f" → to be repaired by the {repair} agent"
            style = "" if verdict == "verified" else "yellow"
            self.print_line(f"{line} {draft}: {verdict}{follow_up}", style)
        else:
            self.print_line(line)

    def print_email(self, mail: SentEmail) -> None:
        """Print an email with its recipients and subject."""
        self.output.rule("email", style="dim")
        head = f"To: {', '.join(mail.recipients)}\nSubject: {mail.subject}\n\n"
        self.output.print(Text(head + mail.text.strip()))
        self.output.rule(style="dim")

    def print_league(self, rows: Sequence[dict[str, Any]]) -> None:
        """Print the comparison of the models."""
        from coursewright.domain.league import LeagueRow
        from local.league import league_tables

        self.output.print(*league_tables([LeagueRow.model_validate(row) for row in rows]))

    def print_assignments(self, publication: dict[str, Any]) -> None:
        """Print the assignments received by the course platform."""
        table = Table(
            title=f"Published for {publication['course']['title']} / "
            f"{publication['module']['title']} (publication {publication['publication_id']})",
            title_justify="left",
        )
        for name in ("assignment", "name", "difficulty", "model"):
            table.add_column(name)
        for assignment in publication["assignments"]:
            table.add_row(
                assignment["assignment"],
                assignment["name"],
                str(assignment["difficulty"]),
                assignment["model"],
            )
        self.output.print(table)


def wide_console() -> Console:
    """Return a console with the terminal's width, or 120 columns in a log file."""
    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=120)
