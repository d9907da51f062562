package outboundcalls

import (
	"errors"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// FollowUp is a workflow that follows a call with the monitor as its child.
func FollowUp(ctx workflow.Context, call MonitorInput) (Report, error) {
	result, err := outcomeOf(ctx, call)
	if err != nil && ctx.Err() != nil {
		return Report{}, ctx.Err() // This workflow was cancelled, and not the monitor.
	}
	return ReportOn(result, err)
}

func outcomeOf(ctx workflow.Context, call MonitorInput) (result MonitorResult, err error) {
	// Others may wait for the monitor: it goes on when this workflow ends or is cancelled.
	detached, _ := workflow.NewDisconnectedContext(ctx)
	monitor := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(detached, workflow.ChildWorkflowOptions{
		WorkflowID:            MonitorID(call.CallSID),
		TaskQueue:             TaskQueue,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_ABANDON,
	}), WorkflowType, call)
	if err := workflow.Await(ctx, monitor.IsReady); err != nil {
		return result, err
	}
	err = monitor.Get(ctx, &result)
	if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return result, err
	}
	completion, err := completionOf(ctx, call.CallSID)
	if err != nil {
		return result, err
	}
	if failure := completion.Failure; failure != nil {
		return result, temporal.NewApplicationError(failure.Message, failure.Type, failure.Details...)
	}
	return *completion.Result, nil
}

// completionOf says how a monitor ends that somebody else started. For one call at a time: a workflow that follows several has
// to keep the signals by call SID.
func completionOf(ctx workflow.Context, callSID string) (Completion, error) {
	signals := workflow.GetSignalChannel(ctx, "polyAiCallEnded")
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: TaskQueue, StartToCloseTimeout: 20 * time.Second,
	})
	for {
		// Subscribe before reading, so that it cannot close unseen between the two. An error says that it has closed.
		subscription := map[string]string{"workflowId": workflow.GetInfo(ctx).WorkflowExecution.ID}
		_ = workflow.SignalExternalWorkflow(ctx, MonitorID(callSID), "", "notifyWhenEnded", subscription).Get(ctx, nil)
		var monitor struct {
			State string `json:"state"`
			Completion
		}
		err := workflow.ExecuteActivity(ctx, "readMonitor", map[string]string{"callSid": callSID}).Get(ctx, &monitor)
		switch {
		case err != nil:
			return Completion{}, err
		case monitor.State == "ended":
			return monitor.Completion, nil
		case monitor.State == "absent":
			return Completion{}, errors.New("the monitor is past the retention of its namespace")
		}
		var signal struct {
			CallSID string `json:"callSid"`
			Completion
		}
		// A terminated monitor sends no signal: read it again now and then.
		if ok, _ := signals.ReceiveWithTimeout(ctx, 10*time.Minute, &signal); ok && signal.CallSID == callSID {
			return signal.Completion, nil
		}
	}
}
