"""The commands that start and stop the laptop cloud."""

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from local import endpoint_file
from local.cli_models import BASE_URL, MODEL
from local.stack import ROOT
from local.terminal import console, exit_on_sigterm, fail

PORT = typer.Option(help="A fixed port instead of any free one.", show_default=False)
EVENT = typer.Option(
    help="Run the demo only for the event in this file.", exists=True, dir_okay=False
)
REJECT = typer.Option(help="Reject the drafts instead of approving them.")


def demo(
    event: Annotated[Path | None, EVENT] = None,
    model: Annotated[list[str] | None, MODEL] = None,
    base_url: Annotated[str, BASE_URL] = "",
    reject: Annotated[bool, REJECT] = False,
) -> None:
    """Run the full demo unattended. The exit code is 0 only if every step succeeds."""
    from local import demo as demo_runs
    from local.console import DemoConsole
    from local.demo_flow import DemoFailed
    from local.deploy import DeploymentFailed
    from local.emulator_host import PortTaken

    exit_on_sigterm()
    if base_url and not model:
        fail("--base-url requires at least one --model, such as openai:gpt-4.1-mini", code=2)
    demo_console = DemoConsole()
    try:
        if event is None and not model and not base_url:
            demo_runs.run_demo(demo_console, reject=reject)
            return
        path = event or ROOT / "events" / "module_published" / demo_runs.LESSONS[0]
        demo_runs.run_event(
            demo_console, path, models=model or (), base_url=base_url, reject=reject
        )
    except (DemoFailed, PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Interrupted. All processes have been stopped.", code=130)


def up(
    port: Annotated[int, PORT] = 0,
    site_port: Annotated[int, PORT] = 0,
    mailbox_port: Annotated[int, PORT] = 0,
    authoring_port: Annotated[int, PORT] = 0,
) -> None:
    """Start the cloud and leave it running until Ctrl-C or `down`."""
    from local.deploy import DeploymentFailed
    from local.emulator_host import PortTaken
    from local.running_stack import running_stack

    exit_on_sigterm()
    try:
        ports = {"port": port, "site_port": site_port, "mailbox_port": mailbox_port}
        with running_stack(ports=ports | {"authoring_port": authoring_port}) as cloud:
            endpoint_file.write(cloud.stack)
            console.print(f"authoring  {cloud.stack.authoring_url}/authoring")
            console.print(f"cloud      {cloud.stack.endpoint_url}")
            console.print(f"reviews    {cloud.stack.site_url}")
            console.print(f"mailbox    {cloud.stack.mailbox_url}")
            console.print(f"practice   {cloud.practice.url}  (not language models)")
            console.print("Publish a lesson: python -m local publish FILE. Stop with Ctrl-C.")
            threading.Event().wait()
    except (PortTaken, DeploymentFailed) as error:
        fail(str(error))
    except KeyboardInterrupt:
        console.print("The cloud has stopped.")
    finally:
        endpoint_file.remove()


def down() -> None:
    """Stop the cloud started by `up`."""
    os.kill(endpoint_file.read_pid(), signal.SIGTERM)
    console.print("Stopping the cloud.")
