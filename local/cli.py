"""The commands of the laptop cloud: tell the demo, leave the cloud running, touch what runs."""

import json
import os
import signal
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from coursewright.domain.errors import CoursewrightError
from coursewright.domain.export import Format
from coursewright.domain.verification import Verdict
from coursewright.exports.files import Named
from local import course, endpoint_file, erase, import_export
from local import demo as demo_stories
from local import verify as verification
from local.cli_models import BASE_URL, MODEL, evaluate, league, models
from local.console import Teller
from local.demo_flow import StoryBroken, words
from local.deploy import DeploymentFailed
from local.emulator_host import PortTaken
from local.erase import Erasable, NotErased
from local.execution_events import ending, open_states
from local.stack import ROOT, Laptop, running
from local.terminal import console, die_on_terminate, fail

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
PORT, SITE_PORT, MAILBOX_PORT, AUTHORING_PORT = 4566, 8800, 8801, 8802
EVENT = typer.Option(help="Tell the story of this event alone.", exists=True, dir_okay=False)


@app.command()
def demo(
    event: Annotated[Path | None, EVENT] = None,
    model: Annotated[list[str] | None, MODEL] = None,
    base_url: Annotated[str, BASE_URL] = "",
    reject: Annotated[bool, typer.Option(help="Reject the drafts instead.")] = False,
) -> None:
    """Tell the whole story, unattended; exit 0 only if all of it happened."""
    die_on_terminate()
    if base_url and not model:
        fail("--base-url needs at least one --model, such as openai:gpt-4.1-mini", code=2)
    teller = Teller()
    try:
        if event is None and not model and not base_url:
            demo_stories.tell_everything(teller, reject=reject)
            return
        path = event or ROOT / "events" / "module_published" / demo_stories.LESSONS[0]
        demo_stories.tell_event(teller, path, models=model or (), base_url=base_url, reject=reject)
    except (StoryBroken, PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("interrupted; everything that was started has ended", code=130)


@app.command()
def up(
    port: int = PORT,
    site_port: int = SITE_PORT,
    mailbox_port: int = MAILBOX_PORT,
    authoring_port: int = AUTHORING_PORT,
) -> None:
    """Leave the cloud running until Ctrl-C or `down`."""
    die_on_terminate()
    try:
        ports = {"port": port, "site_port": site_port, "mailbox_port": mailbox_port}
        with running(ports=ports | {"authoring_port": authoring_port}) as cloud:
            endpoint_file.remember(cloud.laptop)
            console.print(f"desk       {cloud.laptop.authoring_url}/authoring")
            console.print(f"cloud      {cloud.laptop.endpoint_url}")
            console.print(f"reviews    {cloud.laptop.site_url}")
            console.print(f"mailbox    {cloud.laptop.mailbox_url}")
            console.print(f"practice   {cloud.practice.url}  (no language models)")
            console.print("Publish a lesson: python -m local publish FILE. End with Ctrl-C.")
            threading.Event().wait()
    except (PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        console.print("The cloud has ended.")
    finally:
        endpoint_file.forget()


for command in (evaluate, league):
    app.command()(command)


@app.command()
def publish(file: Path) -> None:
    """Put an event on the bus of the running cloud."""
    try:
        endpoint_file.attached().publish(demo_stories.read_event(file))
    except StoryBroken as error:
        fail(str(error))
    console.print("The event is on the bus. See: python -m local status")


@app.command("author-course")
def author_course(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Start a generation for each module of a course, and say what came of each."""
    laptop = endpoint_file.attached()
    try:
        execution = course.start_course(laptop, course.read_course(file))
    except CoursewrightError as error:
        fail(str(error))
    _follow_course(laptop, execution)


app.command()(models)


@app.command("export")
def export_assignments(
    names: Annotated[list[str], typer.Argument(help="Assignments, generations, course/module.")],
    form: Annotated[Format, typer.Option("--format", help="The program that shall read them.")],
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
) -> None:
    """Write approved assignments for another program, all of them or none."""
    try:
        found = import_export.approved_on(endpoint_file.attached(), names)
        units = import_export.write_export(found, form, out, progress=_shown)
    except CoursewrightError as error:
        fail(str(error))
    console.print(import_export.told(found, units, out), markup=False)


@app.command("import")
def import_assignments(file: Path) -> None:
    """Take exported JSON lines back, as drafts that are verified and reviewed here."""
    try:
        assignments = import_export.read_import(file)
    except CoursewrightError as error:
        fail(str(error))
    console.print(import_export.bring_in(endpoint_file.attached(), assignments), markup=False)
    console.print("See: python -m local mail")


@app.command()
def mail() -> None:
    """Print the mails sent so far."""
    teller = Teller(console)
    mails = endpoint_file.attached().mails()
    for one in mails:
        teller.mail(one)
    if not mails:
        console.print("No mail was sent yet.")


@app.command()
def status(name: Annotated[str, typer.Argument(help="Execution or generation.")] = "") -> None:
    """List the executions, or show one with its error."""
    laptop = endpoint_file.attached()
    if name:
        _show(laptop, _found(laptop, name))
        return
    table = Table("execution", "status", "started")
    for one in laptop.executions():
        table.add_row(one["name"], one["status"], f"{one['startDate']:%H:%M:%S}")
    console.print(table)


@app.command()
def redrive(
    name: Annotated[str, typer.Argument(help="Execution, generation or course run.")],
) -> None:
    """Run a failed execution on from where it stopped."""
    laptop = endpoint_file.attached()
    execution = _found(laptop, name)
    engine = laptop.client("stepfunctions")
    try:
        engine.redrive_execution(executionArn=execution["executionArn"])
    except engine.exceptions.ExecutionNotRedrivable as error:
        fail(f"{execution['name']} cannot be redriven: {error.response['Error']['Message']}")
    console.print(f"{execution['name']} goes on. See: python -m local status {name}")
    if execution["stateMachineArn"] == laptop.outputs["CourseMachineArn"]:
        _follow_course(laptop, execution["executionArn"])


@app.command()
def invoke(function: str, file: Path) -> None:
    """Run one function of the deployed stack with an event from a file."""
    laptop = endpoint_file.attached()
    try:
        name = laptop.function(function)
    except LookupError as error:
        fail(str(error))
    answer = laptop.client("lambda").invoke(FunctionName=name, Payload=file.read_bytes())
    console.print_json(answer["Payload"].read().decode())
    if "FunctionError" in answer:
        raise typer.Exit(1)


@app.command()
def forget(
    what: Erasable,
    name: Annotated[str, typer.Argument(help="The reviewer's address, or the course's id.")],
    also_running: Annotated[bool, typer.Option(help="Do not wait for runs to end.")] = False,
) -> None:
    """Forget a reviewer or a course; the audit keeps pseudonyms that nobody can resolve."""
    try:
        found = erase.forget(
            endpoint_file.attached(), what, name, also_running=also_running, say=console.print
        )
    except (NotErased, LookupError) as error:
        fail(str(error))
    console.print(
        f"{name} is forgotten: {found['records']} records of {found['generations']} generations"
        f" changed or deleted, {found['seen']} looked at."
    )


@app.command()
def verify(file: Path) -> None:
    """Check the draft in a file, the input of `check_code`; exit 0 only if it is verified."""
    try:
        found = verification.verify(file)
    except CoursewrightError as error:
        fail(f"{type(error).__name__}: {error}")
    verification.tell(found, console)
    if found.verdict is not Verdict.VERIFIED:
        raise typer.Exit(1)


@app.command()
def down() -> None:
    """End the cloud that `up` left running."""
    os.kill(endpoint_file.process(), signal.SIGTERM)
    console.print("The cloud is asked to end.")


def _shown(assignments: Sequence[Named]) -> Iterable[Named]:
    return track(assignments, "Writing", console=Console(stderr=True), transient=True)


def _show(laptop: Laptop, execution: dict[str, Any]) -> None:
    end = ending(laptop, execution["executionArn"])
    console.print(f"{execution['name']}  {end.status}")
    for state, times in open_states(laptop, execution["executionArn"]).items():
        console.print(f"  is at {state}" + (f" ({times})" if times > 1 else ""))
    if end.error:
        console.print(f"at {words(end)}", style="red")
        console.print(f"Mend the cause, then: python -m local redrive {execution['name']}")
    elif end.output:
        console.print_json(json.dumps(end.output))


def _follow_course(laptop: Laptop, execution: str) -> None:
    found = course.follow(laptop, execution, console)
    if found.status != "SUCCEEDED":
        fail(f"{found.run} ended as {found.status}. {found.error}")


def _found(laptop: Laptop, name: str) -> dict[str, Any]:
    try:
        return laptop.find_execution(name)
    except LookupError as error:
        fail(str(error))
