import type { Payload } from '@temporalio/common';

import { decodePayload } from '../../client/describe-monitor.js';
import type { CallObservation } from '../../contract/observation.js';
import type { WatchedCall } from '../../contract/retention.js';
import { type TemporalAccess, timestampMs } from './temporal-access.js';

const PAGE_EVENTS = 200;
/** 1,000 events are 45 minutes of a refused token, which leaves more of them than anything else without a good answer. */
const MAX_PAGES = 5;

type HistoryPage = Awaited<
  ReturnType<TemporalAccess['connection']['workflowService']['getWorkflowExecutionHistoryReverse']>
>;
type HistoryEvent = NonNullable<NonNullable<HistoryPage['history']>['events']>[number];

/**
 * What a monitor's history knows of its call, read from its end to the last good answer; nothing where the payloads cannot
 * be read. Where there is no such answer, `startedAt` is the time since when there was none.
 */
export async function lastGoodAnswer(access: TemporalAccess, workflowId: string): Promise<WatchedCall | undefined> {
  let nextPageToken: Uint8Array = new Uint8Array();
  let startedAt = new Date().toISOString();
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: HistoryPage = await access.client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: access.namespace,
      execution: { workflowId },
      maximumPageSize: PAGE_EVENTS,
      nextPageToken,
    });
    for (const event of answer.history?.events ?? []) {
      startedAt = new Date(timestampMs(event.eventTime) ?? 0).toISOString();
      const told = await toldBy(access, event);
      if (told === 'unreadable') return undefined;
      if (told?.observation) return { startedAt, lastObservation: told.observation };
      if (told?.startedAtMs !== undefined) return { startedAt: new Date(told.startedAtMs).toISOString() };
    }
    nextPageToken = answer.nextPageToken;
    if (nextPageToken.length === 0) break;
  }
  return { startedAt };
}

interface Told {
  readonly observation?: CallObservation;
  readonly startedAtMs?: number;
}

/** What `getStatus` has returned, failed with or last reported, or the run before has handed on. */
async function toldBy({ client }: TemporalAccess, event: HistoryEvent): Promise<Told | 'unreadable' | undefined> {
  const payload = payloadOf(event);
  if (!payload) return undefined;
  const value = await decodePayload(client, payload);
  if (value === undefined) return 'unreadable';
  if (typeof value !== 'object' || value === null) return undefined;
  const { observation, lastObservation, startedAtMs } = value as Told & { readonly lastObservation?: CallObservation };
  const known = observation ?? lastObservation;
  return { ...(known && { observation: known }), ...(startedAtMs !== undefined && { startedAtMs }) };
}

function payloadOf(event: HistoryEvent): Payload | null | undefined {
  const completed = event.activityTaskCompletedEventAttributes?.result;
  if (completed) return completed.payloads?.[0];
  const failure = (event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes)?.failure;
  if (failure)
    return (failure.applicationFailureInfo?.details ?? failure.timeoutFailureInfo?.lastHeartbeatDetails)?.payloads?.[0];
  const started = event.workflowExecutionStartedEventAttributes;
  // Its second argument is the state that continue-as-new has carried over.
  return started?.continuedExecutionRunId ? started.input?.payloads?.[1] : undefined;
}
