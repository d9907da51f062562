"""Reads how a monitor ended, and decides what to do next."""

from collections.abc import Awaitable
from typing import NotRequired, TypedDict

from temporalio import workflow
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    TemporalError,
    TerminatedError,
    TimeoutError,
    is_cancelled_exception,
)

from .monitor import MonitorFailure, MonitorResult


class Report(TypedDict):
    nextStep: str
    result: NotRequired[MonitorResult]
    failure: NotRequired[MonitorFailure]


async def report_on(outcome: Awaitable[MonitorResult]) -> Report:
    """Awaits a monitor: in a backend, as a child workflow or through Nexus."""
    try:
        result = await outcome
    except TemporalError as error:
        if is_own_cancellation(error):
            raise
        failure = monitor_failure_of(error)
        if failure is None:
            raise
        return {"nextStep": next_step_after(failure), "failure": failure}
    # A call that ended in `failure` is a result, not an error.
    return {"nextStep": "none" if result["status"] == "success" else "call again", "result": result}


def is_own_cancellation(error: TemporalError) -> bool:
    """Whether this workflow was cancelled, and not the monitor."""
    return (
        is_cancelled_exception(error)
        and workflow.in_workflow()
        and workflow.cancellation_reason() is not None
    )


def next_step_after(failure: MonitorFailure) -> str:
    match failure["type"]:
        case "CallNotFound" | "InvalidCallSid":
            return "correct the call SID"
        case "Unauthorized":
            return "renew the token"
        case "CallStatusExpired" | "MonitorDeadlineExceeded" | "MonitorEnded":
            return "look the call up by hand"
        case _:
            return "investigate"


def monitor_failure_of(error: BaseException | None) -> MonitorFailure | None:
    """The failure of the monitor in what was raised by awaiting it: the error itself or one of its causes."""
    match error:
        case None:
            return None
        case ApplicationError():
            return {"type": error.type or "", "message": error.message, "details": list(error.details)}
        case CancelledError() | TerminatedError() | TimeoutError():
            return {"type": "MonitorEnded", "message": error.message, "details": []}
        case _:
            return monitor_failure_of(error.__cause__)
