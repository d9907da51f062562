package outboundcalls

import (
	"context"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// MonitorOf starts the monitor of a call, or attaches to the one that runs or has completed.
func MonitorOf(ctx context.Context, c client.Client, call MonitorInput) (client.WorkflowRun, error) {
	return c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       MonitorID(call.CallSID),
		TaskQueue:                TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,             // running: join it
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, // completed: keep it
		StaticSummary:            "PolyAI outbound call " + call.CallSID,
		Memo:                     map[string]any{"callSid": call.CallSID},
	}, WorkflowType, call)
}

// ProgressOf asks a monitor what it knows now.
func ProgressOf(ctx context.Context, c client.Client, monitor client.WorkflowRun) (progress MonitorProgress, err error) {
	answer, err := c.QueryWorkflow(ctx, monitor.GetID(), "", "progress") // of its latest run
	if err != nil {
		return progress, err
	}
	err = answer.Get(&progress)
	return progress, err
}

// Outcome awaits a monitor.
func Outcome(ctx context.Context, monitor client.WorkflowRun) (Report, error) {
	var result MonitorResult
	err := monitor.Get(ctx, &result)
	return ReportOn(result, err)
}
