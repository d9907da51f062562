"""Follows calls from a backend: python -m outbound_calls.backend '{"callSid": "OUT-550e8400"}' …"""

import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import WorkflowAlreadyStartedError

from .monitor import TASK_QUEUE, WORKFLOW_TYPE, MonitorInput, MonitorProgress, MonitorResult, monitor_id
from .report import report_on


async def monitor_of(client: Client, call: MonitorInput) -> WorkflowHandle[object, MonitorResult]:
    """Starts the monitor of a call, or attaches to the one that runs or has completed."""
    call_sid = call["callSid"]
    try:
        return await client.start_workflow(
            WORKFLOW_TYPE,
            call,
            id=monitor_id(call_sid),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,  # running: join it
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,  # completed: keep it
            result_type=MonitorResult,
            static_summary=f"PolyAI outbound call {call_sid}",
            memo={"callSid": call_sid},
        )
    except WorkflowAlreadyStartedError:  # it has completed, and has the result
        return client.get_workflow_handle(monitor_id(call_sid), result_type=MonitorResult)


async def follow(client: Client, call: MonitorInput) -> None:
    monitor = await monitor_of(client, call)
    progress = await monitor.query("progress", result_type=MonitorProgress)
    print(json.dumps({"callSid": call["callSid"], "progress": progress}), flush=True)
    report = await report_on(monitor.result())
    print(json.dumps({"callSid": call["callSid"], "report": report}), flush=True)


async def main() -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    await asyncio.gather(*(follow(client, json.loads(call)) for call in sys.argv[1:]))


if __name__ == "__main__":
    asyncio.run(main())
    # Skips the interpreter's shutdown, in which a late thread of the SDK can crash the process:
    # https://github.com/temporalio/sdk-python/issues/300
    os._exit(0)
