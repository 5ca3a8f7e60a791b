"""How the laptop tells a story in the terminal: states, mail, league, assignments."""

import io
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coursewright.domain.league import LeagueRow
from local.execution_events import Passage
from local.league import league_tables
from local.mailbox import Mail

INNER = {"Write conditions", "Write tests", "Write solution", "Verify draft", "Repair draft"}
TOLD = {
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


class Teller:
    """Writes to one console and knows how long the story has lasted."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or wide_console()
        self._begin = time.monotonic()
        self._counts: Counter[str] = Counter()

    @property
    def seconds(self) -> float:
        """The seconds since the story began."""
        return time.monotonic() - self._begin

    def say(self, words: str, style: str = "") -> None:
        """Write one line with the time in front."""
        line = Text(f"{self.seconds:6.1f}s  ", style="dim")
        self.console.print(line + Text(words, style=style))

    def headline(self, words: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.rule(Text(words, style="bold"), align="left")

    def passage(self, passage: Passage) -> None:
        """Tell of a state, shortly; choices and passes without news are left out."""
        if passage.state in INNER:
            self._inner(passage)
        elif passage.entered and passage.state in TOLD:
            self.say(f"▸ {passage.state}", "cyan")

    def _inner(self, passage: Passage) -> None:
        if passage.entered:
            return
        self._counts[passage.state] += 1
        said = f"  ✓ {passage.state} ({self._counts[passage.state]})"
        if passage.state == "Verify draft":
            draft = passage.data["verification"].split("#")[1]
            repair = passage.data["repair"]
            mends = "" if repair == "none" else f" → the {repair} agent mends"
            style = "" if passage.data["verdict"] == "verified" else "yellow"
            self.say(f"{said} {draft}: {passage.data['verdict']}{mends}", style)
        else:
            self.say(said)

    def mail(self, mail: Mail) -> None:
        """Show a mail as it lies in the mailbox."""
        self.console.rule("mail", style="dim")
        head = f"To: {', '.join(mail.recipients)}\nSubject: {mail.subject}\n\n"
        self.console.print(Text(head + mail.text.strip()))
        self.console.rule(style="dim")

    def league(self, rows: Sequence[dict[str, Any]]) -> None:
        """Show how the models compare."""
        self.console.print(*league_tables([LeagueRow.model_validate(row) for row in rows]))

    def assignments(self, publication: dict[str, Any]) -> None:
        """Show what the course platform received."""
        table = Table(
            title=f"Published for {publication['course']['title']} / "
            f"{publication['module']['title']} (publication {publication['publication_id']})",
            title_justify="left",
        )
        for name in ("assignment", "name", "difficulty", "model"):
            table.add_column(name)
        for one in publication["assignments"]:
            table.add_row(one["assignment"], one["name"], str(one["difficulty"]), one["model"])
        self.console.print(table)


def quiet_console() -> Console:
    """Return a console that keeps its words to itself."""
    return Console(file=io.StringIO(), width=120, highlight=False)


def wide_console() -> Console:
    """Return a console that is as wide as the terminal, or wide enough for a log file."""
    console = Console(highlight=False, soft_wrap=True)
    return console if console.is_terminal else Console(highlight=False, soft_wrap=True, width=120)
