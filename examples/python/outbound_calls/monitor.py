"""Names and messages of the monitor of a call, as temporal-polyai defines them."""

from typing import Any, Literal, NotRequired, TypedDict

TASK_QUEUE = "polyai-outbound-calls"
WORKFLOW_TYPE = "monitorOutboundCall"

# Milliseconds, or text such as "3s" or "2h".
Duration = int | str


def monitor_id(call_sid: str) -> str:
    """The workflow ID of the one monitor of a call."""
    return f"outbound-call-{call_sid}"


class Polling(TypedDict):
    interval: NotRequired[Duration]


class MonitorInput(TypedDict):
    callSid: str
    account: NotRequired[str]
    polling: NotRequired[Polling]
    deadline: NotRequired[Duration]


class StatusChange(TypedDict):
    status: str
    at: str


class MonitorResult(TypedDict):
    callSid: str
    status: Literal["success", "failure"]
    reason: str
    polls: int
    timeline: list[StatusChange]
    finishedAt: str


class MonitorProgress(TypedDict):
    callSid: str
    phase: str
    polls: int
    timeline: list[StatusChange]
    startedAt: str
    deadlineAt: str


class MonitorFailure(TypedDict):
    """Why a monitor ended without a result."""

    type: str
    message: str
    details: list[Any]


class Completion(TypedDict):
    """How a monitor ended. It has either a result or a failure."""

    result: NotRequired[MonitorResult]
    failure: NotRequired[MonitorFailure]


class CompletionSignal(Completion):
    """The argument of the signal polyAiCallEnded."""

    callSid: str


class MonitorState(Completion):
    """The result of the activity readMonitor. It has a completion when the state is `ended`."""

    state: Literal["ended", "running", "absent"]
