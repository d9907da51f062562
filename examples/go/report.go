package outboundcalls

import (
	"errors"

	"go.temporal.io/sdk/temporal"
)

// Report says how a call ended, or why nobody knows, and what to do next.
type Report struct {
	NextStep string          `json:"nextStep"`
	Result   *MonitorResult  `json:"result,omitempty"`
	Failure  *MonitorFailure `json:"failure,omitempty"`
}

// ReportOn reads what awaiting a monitor returned: in a backend, as a child workflow or through Nexus.
func ReportOn(result MonitorResult, err error) (Report, error) {
	if err != nil {
		failure := MonitorFailureOf(err)
		if failure == nil {
			return Report{}, err
		}
		return Report{NextStep: nextStepAfter(failure), Failure: failure}, nil
	}
	if result.Status == "failure" { // a result, not an error
		return Report{NextStep: "call again", Result: &result}, nil
	}
	return Report{NextStep: "none", Result: &result}, nil
}

func nextStepAfter(failure *MonitorFailure) string {
	switch failure.Type {
	case "CallNotFound", "InvalidCallSid":
		return "correct the call SID"
	case "Unauthorized":
		return "renew the token"
	case "CallStatusExpired", "MonitorDeadlineExceeded", "MonitorEnded":
		return "look the call up by hand"
	default:
		return "investigate"
	}
}

// MonitorFailureOf finds the failure of the monitor in what awaiting it returned, and is nil for any other error.
func MonitorFailureOf(err error) *MonitorFailure {
	var (
		failed     *temporal.ApplicationError
		cancelled  *temporal.CanceledError
		terminated *temporal.TerminatedError
		timedOut   *temporal.TimeoutError
	)
	switch {
	case errors.As(err, &failed):
		failure := &MonitorFailure{Type: failed.Type(), Message: failed.Message(), Details: []any{}}
		var observed map[string]any
		if failed.Details(&observed) == nil { // absent when the input was invalid
			failure.Details = append(failure.Details, observed)
		}
		return failure
	case errors.As(err, &cancelled), errors.As(err, &terminated), errors.As(err, &timedOut):
		return &MonitorFailure{Type: "MonitorEnded", Message: err.Error(), Details: []any{}}
	default:
		return nil
	}
}
