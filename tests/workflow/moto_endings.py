"""Patches moto's interpreter for executions that are stopped or timed out externally.

Each patch's docstring describes the defect of moto 5.2.5 that it fixes.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import moto.stepfunctions.parser.asl.eval.environment as environment
import moto.stepfunctions.parser.asl.eval.event.event_manager as event_manager
import moto.stepfunctions.parser.backend.execution as executions
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branch_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service,
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

__all__ = ["EvalTimeoutError", "after_work_of", "patch_endings", "time_out"]
SECONDS_TO_BEGIN = 30
LAST_EVENTS = ("ExecutionAborted", "ExecutionTimedOut")
Hook = Callable[[str], None]
after_work_of: dict[str, Hook] = {}  # by state name; called with the execution's ARN


def time_out(account: str, region: str, arn: str) -> None:
    """Time out a whole execution now, as if its `TimeoutSeconds` had elapsed."""
    machines = stepfunctions_parser_backends[account][region].state_machines
    running = (execution for machine in machines for execution in machine.executions)
    found = next(execution for execution in running if execution.execution_arn == arn)
    found.exec_worker.env.set_timed_out()
    executions.BaseExecutionWorkerCommunication(found).terminated()


def _end_at_once() -> None:
    """End a stopped execution at once, even if it has just started; moto awaits its functions."""
    plain_stop = executions.Execution.stop

    def stop(self: Any, *args: Any, **names: Any) -> None:
        end = time.monotonic() + SECONDS_TO_BEGIN
        while not _has_begun(self.exec_worker) and time.monotonic() < end:
            time.sleep(0.01)
        plain_stop(self, *args, **names)
        executions.BaseExecutionWorkerCommunication(self).terminated()

    executions.Execution.stop = stop


def _has_begun(worker: Any) -> bool:
    """Whether an execution has entered its first state and can therefore be stopped."""
    env = getattr(worker, "env", None)
    return env is not None and env.program_state() is not None


def _end_once() -> None:
    """Make an end final; in moto, a late state turns it into a failure or waits for its token."""
    plain_error = environment.Environment.set_error

    def set_error(self: Any, error: Any) -> None:
        if not isinstance(self.program_state(), ProgramStopped | ProgramTimedOut):
            plain_error(self, error)

    def closing(plain: Callable[..., None]) -> Callable[..., None]:
        def end(self: Any, *args: Any, **names: Any) -> None:
            plain(self, *args, **names)
            if not self.is_frame():
                self.event_manager.is_closed = True
                for endpoint in list(self.callback_pool_manager._pool.values()):
                    endpoint.interrupt_all()

        return end

    environment.Environment.set_error = set_error
    for name in ("set_stop", "set_timed_out"):
        setattr(environment.Environment, name, closing(getattr(environment.Environment, name)))


def _close_histories() -> None:
    """Record no more events after the end; moto still records Maps and Parallels as exited."""
    plain_add = event_manager.EventManager.add_event

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **names: Any) -> Any:
        if getattr(self, "is_closed", False) and event_type not in LAST_EVENTS:
            return context.last_published_event_id
        return plain_add(self, context, event_type, *args, **names)

    event_manager.EventManager.add_event = add_event


def _begin_no_ended_branch() -> None:
    """Report branches that start after the end as terminated; in moto, their Parallel hangs."""
    plain_routine = branch_worker.BranchWorker._thread_routine

    def routine(self: Any) -> None:
        try:
            plain_routine(self)
        except RuntimeError:
            if self.env.is_running():
                raise
            self._branch_worker_comm.on_terminated(env=self.env)

    branch_worker.BranchWorker._thread_routine = routine


def _tell_of_work() -> None:
    """Add a hook between a task's work and its answer, which moto lacks."""
    waiting = state_task_service_callback.StateTaskServiceCallback
    for owner, is_waiting in ((state_task_service.StateTaskService, False), (waiting, True)):
        owner._after_eval_execution = _telling(owner._after_eval_execution, is_waiting)


def _telling(plain: Callable[..., None], is_waiting: bool) -> Callable[..., None]:
    def after(self: Any, env: Any, *args: Any, **names: Any) -> None:
        hook = after_work_of.get(self.name)
        if hook and is_waiting is (self.resource.condition is not None):
            hook(env.states.context_object.context_object_data["Execution"]["Id"])
        plain(self, env, *args, **names)

    return after


@cache
def patch_endings() -> None:
    """Patch moto once per process."""
    _end_at_once()
    _end_once()
    _close_histories()
    _begin_no_ended_branch()
    _tell_of_work()
