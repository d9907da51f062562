package outboundcalls

import "go.temporal.io/sdk/workflow"

// Names of the Nexus endpoint and of what temporal-polyai offers there.
const (
	Endpoint  = "outbound-calls"
	Service   = "PolyAiOutboundCalls"
	Operation = "monitorOutboundCall"
)

// FollowUpViaNexus is a workflow that follows a call through Nexus, without access to the monitor's namespace.
func FollowUpViaNexus(ctx workflow.Context, call MonitorInput) (Report, error) {
	calls := workflow.NewNexusClient(Endpoint, Service)
	outcome := calls.ExecuteOperation(ctx, Operation, call, workflow.NexusOperationOptions{
		// The monitor is not cancelled, so do not wait for it after a cancellation.
		CancellationType: workflow.NexusOperationCancellationTypeAbandon,
	})
	var result MonitorResult
	err := outcome.Get(ctx, &result)
	if err != nil && ctx.Err() != nil {
		return Report{}, ctx.Err() // This workflow was cancelled, and not the monitor.
	}
	return ReportOn(result, err)
}
