// Package outboundcalls follows PolyAI outbound calls that temporal-polyai monitors.
package outboundcalls

// Names of the monitor of a call, as temporal-polyai defines them.
const (
	TaskQueue    = "polyai-outbound-calls"
	WorkflowType = "monitorOutboundCall"
)

// MonitorID is the workflow ID of the one monitor of a call.
func MonitorID(callSID string) string {
	return "outbound-call-" + callSID
}

// MonitorInput has durations as text, such as "3s" or "2h": a time.Duration would become a number of nanoseconds.
type MonitorInput struct {
	CallSID  string   `json:"callSid"`
	Account  string   `json:"account,omitempty"`
	Polling  *Polling `json:"polling,omitempty"`
	Deadline string   `json:"deadline,omitempty"`
}

type Polling struct {
	Interval string `json:"interval,omitempty"`
}

type MonitorResult struct {
	CallSID    string         `json:"callSid"`
	Status     string         `json:"status"` // "success" or "failure"
	Reason     string         `json:"reason"`
	Polls      int            `json:"polls"`
	Timeline   []StatusChange `json:"timeline"`
	FinishedAt string         `json:"finishedAt"`
}

type StatusChange struct {
	Status string `json:"status"`
	At     string `json:"at"`
}

// MonitorProgress is the answer to the query progress.
type MonitorProgress struct {
	CallSID    string         `json:"callSid"`
	Phase      string         `json:"phase"`
	Polls      int            `json:"polls"`
	Timeline   []StatusChange `json:"timeline"`
	StartedAt  string         `json:"startedAt"`
	DeadlineAt string         `json:"deadlineAt"`
}

// MonitorFailure says why a monitor ended without a result.
type MonitorFailure struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Details []any  `json:"details"`
}

// Completion says how a monitor ended. It is in the signal polyAiCallEnded, and in the result of the activity readMonitor,
// and has either a result or a failure.
type Completion struct {
	Result  *MonitorResult  `json:"result"`
	Failure *MonitorFailure `json:"failure"`
}
