import { decodePayload } from '../../client/describe-monitor.js';
import type { HoldProgress } from '../../contract/get-status.js';
import type { CallObservation } from '../../contract/observation.js';
import { GRPC_CODES, grpcCodeOf } from './reason-of.js';
import type { TemporalAccess } from './temporal-access.js';

/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of Temporal's API. */
const RUNNING = 1;

/**
 * The last good answer in the heartbeat of a monitor's pending activity, if there is one; `ended` when the monitor has, and
 * `unreadable` when the client lacks the payload codec.
 */
export async function heldObservation(
  { client, namespace }: TemporalAccess,
  workflowId: string,
): Promise<CallObservation | 'ended' | 'unreadable' | undefined> {
  try {
    const request = { namespace, execution: { workflowId } };
    const { workflowExecutionInfo: info, pendingActivities } =
      await client.workflowService.describeWorkflowExecution(request);
    if (Number(info?.status) !== RUNNING) return 'ended';
    const payloads = pendingActivities.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0] ?? []);
    const beats = await Promise.all(payloads.map((payload) => decodePayload(client, payload)));
    if (beats.includes(undefined)) return 'unreadable';
    const seen = beats.flatMap((beat) => (beat as HoldProgress | null)?.observation ?? []);
    return seen.sort((a, b) => b.observedAt.localeCompare(a.observedAt))[0];
  } catch (error) {
    if (grpcCodeOf(error) === GRPC_CODES.notFound) return 'ended';
    throw error;
  }
}
