/**
 * The workflow ID of the one monitor of a call: `outbound-call-<callSid>`. Starters that share it share the monitor.
 *
 * @example
 * await executeChild(monitorOutboundCall, { workflowId: monitorWorkflowId(callSid), args: [{ callSid }] });
 */
export function monitorWorkflowId(callSid: string): string {
  return `outbound-call-${callSid}`;
}
