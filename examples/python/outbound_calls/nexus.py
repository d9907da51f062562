"""A workflow that follows a call through Nexus, without access to the monitor's namespace."""

import nexusrpc
from temporalio import workflow

from .monitor import MonitorInput, MonitorResult
from .report import Report, report_on

ENDPOINT = "outbound-calls"


@nexusrpc.service(name="PolyAiOutboundCalls")
class OutboundCalls:
    monitor_outbound_call: nexusrpc.Operation[MonitorInput, MonitorResult] = nexusrpc.Operation(
        name="monitorOutboundCall"
    )


@workflow.defn
class FollowUpViaNexus:
    @workflow.run
    async def run(self, call: MonitorInput) -> Report:
        calls = workflow.create_nexus_client(service=OutboundCalls, endpoint=ENDPOINT)
        outcome = calls.execute_operation(
            OutboundCalls.monitor_outbound_call,
            call,
            # The monitor is not cancelled, so do not wait for it after a cancellation.
            cancellation_type=workflow.NexusOperationCancellationType.ABANDON,
        )
        return await report_on(outcome)
