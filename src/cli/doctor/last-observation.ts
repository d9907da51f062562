import type { Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import type { PollProgress } from '../../contract/get-status.js';
import { REPORT_STATUS_SIGNAL_NAME } from '../../contract/names.js';
import type { CallObservation } from '../../contract/observation.js';
import type { WatchedCall } from '../../contract/retention.js';
import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import { PayloadReader } from '../../platform/payloads.js';
import type { TemporalAccess } from './temporal.js';

/** `WORKFLOW_EXECUTION_STATUS_RUNNING` of Temporal's API. */
const RUNNING = 1;

/**
 * The last observation in the heartbeat of a monitor's pending activity, if it has one; `ended` when the monitor has ended,
 * `unreadable` when the client lacks the payload codec.
 */
export async function lastHeartbeat(
  { client, namespace }: TemporalAccess,
  workflowId: string,
): Promise<CallObservation | 'ended' | 'unreadable' | undefined> {
  try {
    const request = { namespace, execution: { workflowId } };
    const { workflowExecutionInfo: info, pendingActivities } =
      await client.workflowService.describeWorkflowExecution(request);
    if (Number(info?.status) !== RUNNING) return 'ended';
    const payloads = new PayloadReader(client);
    const heartbeats = await Promise.all(
      pendingActivities.flatMap(({ activityId, heartbeatDetails }) => {
        const payload = heartbeatDetails?.payloads?.[0];
        return payload ? [payloads.ofActivity({ workflowId, activityId }, payload)] : [];
      }),
    );
    if (heartbeats.includes(undefined)) return 'unreadable';
    const observations = heartbeats.flatMap((heartbeat) => (heartbeat as PollProgress | null)?.observation ?? []);
    return observations.sort((a, b) => b.observedAt.localeCompare(a.observedAt))[0];
  } catch (error) {
    if (grpcStatusOf(error) === GRPC_STATUS.NOT_FOUND) return 'ended';
    throw error;
  }
}

const PAGE_EVENTS = 200;
/** 1,000 events are 45 minutes of a rejected token, which causes more events than anything else without an observation. */
const MAX_PAGES = 5;

type HistoryPage = Awaited<
  ReturnType<TemporalAccess['connection']['workflowService']['getWorkflowExecutionHistoryReverse']>
>;
type HistoryEvent = NonNullable<NonNullable<HistoryPage['history']>['events']>[number];

/**
 * Reads a monitor's history backwards to the last observation; `undefined` where its payloads cannot be read. Without an
 * observation, `startedAt` is the earliest time that was read.
 */
export async function readHistory(access: TemporalAccess, workflowId: string): Promise<WatchedCall | undefined> {
  const reader = new EventReader(access.client, workflowId);
  let nextPageToken: Uint8Array = new Uint8Array();
  let startedAt = new Date().toISOString();
  let lastObservation: CallObservation | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: HistoryPage = await access.client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: access.namespace,
      execution: { workflowId },
      maximumPageSize: PAGE_EVENTS,
      nextPageToken,
    });
    for (const event of answer.history?.events ?? []) {
      startedAt = new Date(optionalTsToMs(event.eventTime) ?? 0).toISOString();
      const report = await reader.read(event);
      if (report === 'unreadable') return undefined;
      if (report?.observation) lastObservation = laterOf(report.observation, lastObservation);
      if (lastObservation && !reader.isWithinActivity) return { startedAt, lastObservation };
      if (report?.startedAtMs !== undefined) return { startedAt: new Date(report.startedAtMs).toISOString() };
    }
    nextPageToken = answer.nextPageToken;
    if (nextPageToken.length === 0) break;
  }
  return { startedAt, ...(lastObservation && { lastObservation }) };
}

function laterOf(one: CallObservation, other: CallObservation | undefined): CallObservation {
  return other && other.observedAt > one.observedAt ? other : one;
}

interface EventReport {
  readonly observation?: CallObservation;
  readonly startedAtMs?: number;
}

/** Reads what the events of a monitor say about its call, the latest event first. */
class EventReader {
  readonly #payloads: PayloadReader;
  /** Results, failures and heartbeats of activities, by the event that scheduled the activity and has its ID. */
  readonly #endings = new Map<string, Payload>();

  constructor(
    client: TemporalAccess['client'],
    private readonly workflowId: string,
  ) {
    this.#payloads = new PayloadReader(client);
  }

  /** Whether an activity has ended whose scheduling is still to be read: what it knew was later than what is in between. */
  get isWithinActivity(): boolean {
    return this.#endings.size > 0;
  }

  /** A result, failure, heartbeat or report of `getStatus`, or the state after continue-as-new. */
  async read(event: HistoryEvent): Promise<EventReport | 'unreadable' | undefined> {
    const payload = await this.#payloadOf(event);
    if (!payload) return undefined;
    const { value } = payload;
    if (value === undefined) return 'unreadable';
    if (typeof value !== 'object' || value === null) return undefined;
    const { observation, lastObservation, startedAtMs } = value as EventReport & { lastObservation?: CallObservation };
    const known = observation ?? lastObservation;
    return { ...(known && { observation: known }), ...(startedAtMs !== undefined && { startedAtMs }) };
  }

  async #payloadOf(event: HistoryEvent): Promise<{ readonly value: unknown } | undefined> {
    const { workflowId } = this;
    const ending = endingOf(event);
    if (ending) this.#endings.set(ending.scheduledEventId, ending.payload);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const payload = this.#endings.get(String(event.eventId));
      this.#endings.delete(String(event.eventId));
      const { activityId } = scheduled;
      return payload && { value: await this.#payloads.ofActivity({ workflowId, activityId }, payload) };
    }
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal?.signalName === REPORT_STATUS_SIGNAL_NAME) {
      return { value: await this.#payloads.ofWorkflow(workflowId, signal.input?.payloads?.[0]) };
    }
    const started = event.workflowExecutionStartedEventAttributes;
    // The second argument of a run that continues another is that run's state.
    const state = started?.continuedExecutionRunId ? started.input?.payloads?.[1] : undefined;
    return state && { value: await this.#payloads.ofWorkflow(workflowId, state) };
  }
}

/** What an activity returned, or what its failure says first. */
function endingOf(event: HistoryEvent): { readonly scheduledEventId: string; readonly payload: Payload } | undefined {
  const completed = event.activityTaskCompletedEventAttributes;
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  const failure = failed?.failure;
  const details = failure?.applicationFailureInfo?.details ?? failure?.timeoutFailureInfo?.lastHeartbeatDetails;
  const payload = (completed?.result ?? details)?.payloads?.[0];
  return payload && { scheduledEventId: String((completed ?? failed)?.scheduledEventId), payload };
}
