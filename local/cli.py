"""The laptop cloud's commands.

Modules that are slow to import (the emulator, boto3, LangChain, pydantic) are imported only by the
commands that need them, so that `--help`, `status` and `mail` respond quickly.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from coursewright.domain.errors import CoursewrightError
from local import endpoint_file
from local.cli_cloud import demo, down, up
from local.cli_models import evaluate, league, models
from local.erase import Erasable, ErasureFailed
from local.stack import DeployedStack
from local.terminal import console, fail

if TYPE_CHECKING:
    from coursewright.exports.files import ExportItem

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
ExportFormat = Literal["moodle", "exercism", "jsonl", "nbgrader"]

EVENT_FILE = typer.Argument(help="JSON file with a `Module Published` event.")
COURSE_FILE = typer.Argument(help="Course file.", exists=True, dir_okay=False)
EXPORTED = typer.Argument(help="IDs of assignments or generations, or COURSE/MODULE.")
EXPORT_FORMAT = typer.Option("--format", help="Export format.")
EXPORT_FOLDER = typer.Option(help="Folder to write the export to.")
IMPORT_FILE = typer.Argument(help="JSON Lines file written by `export --format jsonl`.")
EXECUTION = typer.Argument(
    help="Name of an execution or generation. If omitted, all executions are listed."
)
REDRIVEN = typer.Argument(help="Name of an execution, generation or course execution.")
FUNCTION = typer.Argument(help="Name of a function, such as check_code.")
FUNCTION_EVENT = typer.Argument(help="JSON file with the function's input.")
SUBJECT = typer.Argument(help="Whose data to erase.")
SUBJECT_NAME = typer.Argument(help="Email address of the reviewer, or ID of the course.")
ALSO_RUNNING = typer.Option(help="Erase the data even if executions are still running.")
DRAFT_FILE = typer.Argument(help="JSON file with a draft, in the input format of check_code.")


for command in (demo, up, down, evaluate, league):
    app.command()(command)


@app.command()
def publish(file: Annotated[Path, EVENT_FILE]) -> None:
    """Publish an event to the running cloud's event bus."""
    from local.demo import read_event
    from local.demo_flow import DemoFailed

    try:
        endpoint_file.read_stack().publish(read_event(file))
    except DemoFailed as error:
        fail(str(error))
    console.print("Event published. See: python -m local status")


@app.command("author-course")
def author_course(file: Annotated[Path, COURSE_FILE]) -> None:
    """Start a generation for each module of a course and print the results."""
    from local import course_runs

    stack = endpoint_file.read_stack()
    try:
        execution = course_runs.start_course(stack, course_runs.read_course(file))
    except CoursewrightError as error:
        fail(str(error))
    _follow_course(stack, execution)


app.command()(models)


@app.command("export")
def export_assignments(
    names: Annotated[list[str], EXPORTED],
    form: Annotated[ExportFormat, EXPORT_FORMAT],
    out: Annotated[Path, EXPORT_FOLDER],
) -> None:
    """Export approved assignments for another program. Writes all of them or none."""
    from coursewright.domain.errors import ExportImpossible
    from coursewright.domain.export import Format
    from coursewright.markup.export_text import export_problems_text
    from local import import_export

    try:
        assignments = import_export.find_approved(endpoint_file.read_stack(), names)
        units = import_export.write_export(assignments, Format(form), out, progress=_with_progress)
    except ExportImpossible as error:
        fail(export_problems_text(error.problems))
    except CoursewrightError as error:
        fail(str(error))
    console.print(import_export.export_summary(assignments, units, out), markup=False)


@app.command("import")
def import_assignments(file: Annotated[Path, IMPORT_FILE]) -> None:
    """Import exported assignments as drafts to be verified and reviewed here."""
    from local import import_export

    try:
        assignments = import_export.read_import(file)
    except CoursewrightError as error:
        fail(str(error))
    summary = import_export.import_assignments(endpoint_file.read_stack(), assignments)
    console.print(summary, markup=False)
    console.print("See: python -m local mail")


@app.command()
def mail() -> None:
    """Print the emails sent so far."""
    from local.console import DemoConsole

    demo_console = DemoConsole(console)
    mails = endpoint_file.read_stack().mails()
    for sent in mails:
        demo_console.print_email(sent)
    if not mails:
        console.print("No emails have been sent yet.")


@app.command()
def status(name: Annotated[str, EXECUTION] = "") -> None:
    """List all executions, or show the status, error or output of one."""
    from rich.table import Table

    stack = endpoint_file.read_stack()
    if name:
        _print_execution(stack, _find_execution(stack, name))
        return
    table = Table("execution", "status", "started")
    for execution in stack.executions():
        table.add_row(execution["name"], execution["status"], f"{execution['startDate']:%H:%M:%S}")
    console.print(table)


@app.command()
def redrive(name: Annotated[str, REDRIVEN]) -> None:
    """Redrive a failed execution from the state in which it failed."""
    stack = endpoint_file.read_stack()
    execution = _find_execution(stack, name)
    step_functions = stack.client("stepfunctions")
    try:
        step_functions.redrive_execution(executionArn=execution["executionArn"])
    except step_functions.exceptions.ExecutionNotRedrivable as error:
        fail(f"{execution['name']} cannot be redriven: {error.response['Error']['Message']}")
    console.print(f"{execution['name']} is running again. See: python -m local status {name}")
    if execution["stateMachineArn"] == stack.outputs["CourseMachineArn"]:
        _follow_course(stack, execution["executionArn"])


@app.command()
def invoke(function: Annotated[str, FUNCTION], file: Annotated[Path, FUNCTION_EVENT]) -> None:
    """Invoke a deployed function with an event from a file."""
    stack = endpoint_file.read_stack()
    try:
        name = stack.function(function)
    except LookupError as error:
        fail(str(error))
    response = stack.client("lambda").invoke(FunctionName=name, Payload=file.read_bytes())
    console.print_json(response["Payload"].read().decode())
    if "FunctionError" in response:
        raise typer.Exit(1)


@app.command()
def erase(
    subject: Annotated[Erasable, SUBJECT],
    name: Annotated[str, SUBJECT_NAME],
    also_running: Annotated[bool, ALSO_RUNNING] = False,
) -> None:
    """Erase a reviewer's or a course's data. The audit log keeps irreversible pseudonyms."""
    from local import erase as erasure

    try:
        total = erasure.erase(
            endpoint_file.read_stack(),
            subject,
            name,
            also_running=also_running,
            report_progress=console.print,
        )
    except (ErasureFailed, LookupError) as error:
        fail(str(error))
    console.print(
        f"The data of {name} has been erased: {total['records']} records in"
        f" {total['generations']} generations changed or deleted,"
        f" {total['seen']} generations checked."
    )


@app.command()
def verify(
    file: Annotated[Path, DRAFT_FILE],
    as_json: Annotated[bool, typer.Option("--json", help="Print the complete evidence.")] = False,
) -> None:
    """Verify the draft in a file. The exit code is 0 only if the draft is verified."""
    from coursewright.domain.evidence import Verdict
    from local import verify as verification

    try:
        result = verification.verify(file)
    except CoursewrightError as error:
        fail(f"{type(error).__name__}: {error}")
    show = verification.print_json if as_json else verification.print_evidence
    show(result, console)
    if result.verdict is not Verdict.VERIFIED:
        raise typer.Exit(1)


def _with_progress(assignments: Sequence["ExportItem"]) -> Iterable["ExportItem"]:
    from rich.console import Console
    from rich.progress import track

    return track(assignments, "Writing", console=Console(stderr=True), transient=True)


def _print_execution(stack: DeployedStack, execution: dict[str, Any]) -> None:
    from local.execution_events import open_states, summarize_execution

    end = summarize_execution(stack, execution["executionArn"])
    console.print(f"{execution['name']}  {end.status}")
    for state, times in open_states(stack, execution["executionArn"]).items():
        console.print(f"  running: {state}" + (f" ({times})" if times > 1 else ""))
    if end.error:
        console.print(
            f"Failed in “{end.state}”: {end.error}: {end.message}", style="red", markup=False
        )
        console.print(f"Fix the cause, then run: python -m local redrive {execution['name']}")
    elif end.output:
        console.print_json(json.dumps(end.output))


def _follow_course(stack: DeployedStack, execution: str) -> None:
    from local import course_runs

    report = course_runs.follow_course(stack, execution, console)
    if report.status != "SUCCEEDED":
        fail(f"{report.execution} finished with status {report.status}. {report.error}")


def _find_execution(stack: DeployedStack, name: str) -> dict[str, Any]:
    try:
        return stack.find_execution(name)
    except LookupError as error:
        fail(str(error))
