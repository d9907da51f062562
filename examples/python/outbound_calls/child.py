"""A workflow that follows a call with the monitor as its child."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, FailureError, WorkflowAlreadyStartedError

from .monitor import (
    TASK_QUEUE,
    WORKFLOW_TYPE,
    Completion,
    CompletionSignal,
    MonitorInput,
    MonitorResult,
    MonitorState,
    monitor_id,
)
from .report import Report, report_on


@workflow.defn
class FollowUp:
    def __init__(self) -> None:
        self._completions: dict[str, Completion] = {}

    @workflow.run
    async def run(self, call: MonitorInput) -> Report:
        return await report_on(self._outcome_of(call))

    @workflow.signal(name="polyAiCallEnded")
    def call_ended(self, completion: CompletionSignal) -> None:
        self._completions[completion["callSid"]] = completion

    async def _outcome_of(self, call: MonitorInput) -> MonitorResult:
        call_sid = call["callSid"]
        try:
            monitor: workflow.ChildWorkflowHandle[Any, MonitorResult] = await workflow.start_child_workflow(
                WORKFLOW_TYPE,
                call,
                id=monitor_id(call_sid),
                task_queue=TASK_QUEUE,
                result_type=MonitorResult,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                # Others may wait for the monitor: it goes on when this workflow ends or is cancelled.
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            completion = await self._completion_of(call_sid)
        else:
            return await monitor
        if failure := completion.get("failure"):
            raise ApplicationError(failure["message"], *failure["details"], type=failure["type"])
        return completion["result"]

    async def _completion_of(self, call_sid: str) -> Completion:
        """How a monitor ends that somebody else started."""
        monitor = workflow.get_external_workflow_handle(monitor_id(call_sid))
        while call_sid not in self._completions:
            # Subscribe before reading, so that it cannot close unseen between the two.
            with suppress(FailureError):  # It has closed.
                await monitor.signal("notifyWhenEnded", {"workflowId": workflow.info().workflow_id})
            state: MonitorState = await workflow.execute_activity(
                "readMonitor",
                {"callSid": call_sid},
                task_queue=TASK_QUEUE,
                result_type=MonitorState,
                start_to_close_timeout=timedelta(seconds=20),
            )
            if state["state"] == "ended":
                return state
            if state["state"] == "absent":
                raise ApplicationError("the monitor is past the retention of its namespace")
            # A terminated monitor sends no signal: read it again now and then.
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: call_sid in self._completions, timeout=timedelta(minutes=10)
                )
        return self._completions[call_sid]
