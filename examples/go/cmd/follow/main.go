// Command follow follows calls from a backend: follow '{"callSid":"OUT-550e8400"}' …
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"golang.org/x/sync/errgroup"

	"outboundcalls"
)

func main() {
	c, err := client.Dial(envconfig.MustLoadDefaultClientOptions())
	if err != nil {
		log.Fatalln("no connection to Temporal:", err)
	}
	defer c.Close()

	group, ctx := errgroup.WithContext(context.Background())
	for _, input := range os.Args[1:] {
		group.Go(func() error { return follow(ctx, c, input) })
	}
	if err := group.Wait(); err != nil {
		log.Fatalln(err)
	}
}

// line is one line of output: first the progress of a call, later the report on it.
type line struct {
	CallSID  string                         `json:"callSid"`
	Progress *outboundcalls.MonitorProgress `json:"progress,omitempty"`
	Report   *outboundcalls.Report          `json:"report,omitempty"`
}

func follow(ctx context.Context, c client.Client, input string) error {
	var call outboundcalls.MonitorInput
	if err := json.Unmarshal([]byte(input), &call); err != nil {
		return err
	}
	monitor, err := outboundcalls.MonitorOf(ctx, c, call)
	if err != nil {
		return err
	}
	progress, err := outboundcalls.ProgressOf(ctx, c, monitor)
	if err != nil {
		return err
	}
	if err := print(line{CallSID: call.CallSID, Progress: &progress}); err != nil {
		return err
	}
	report, err := outboundcalls.Outcome(ctx, monitor)
	if err != nil {
		return err
	}
	return print(line{CallSID: call.CallSID, Report: &report})
}

func print(line line) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(text))
	return err
}
