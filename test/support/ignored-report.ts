import type { RecordedRun } from './recorded-histories.js';

type Event = RecordedRun['history']['events'][number];

const REPORT = {
  reportAs: 1,
  polls: 1,
  observation: { status: 'calling', rawStatus: 'calling', reason: '', observedAt: '2026-11-24T02:19:46.000Z' },
  changes: [{ status: 'calling', at: '2026-11-24T02:19:46.000Z' }],
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/**
 * A run whose monitor has received a status report from a worker of this version, and whose next workflow task a worker of an
 * earlier version completed, which knows no such signal.
 */
export function withIgnoredReport({ workflowId, history }: RecordedRun): RecordedRun {
  const { events } = history;
  // Behind the commands of the workflow task that has begun the first getStatus.
  const first = events.findIndex(({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
  const command = /"workflowTaskCompletedEventId":"\d+"/.exec(JSON.stringify(events[first]))![0];
  const scheduled = events.findLastIndex((event) => JSON.stringify(event).includes(command));
  const at = Number(events[scheduled]!.eventId);
  const { eventTime } = events[scheduled] as unknown as { eventTime: string };
  const event = (offset: number, type: string, attributes: object): Event => {
    const name = type.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const eventId = String(at + offset);
    return { eventId, eventType: `EVENT_TYPE_${type}`, ...{ eventTime, [`${name}EventAttributes`]: attributes } };
  };
  const payload = { metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(REPORT)) };
  const ignored = [
    event(1, 'WORKFLOW_EXECUTION_SIGNALED', { signalName: 'reportStatus', input: { payloads: [payload] } }),
    event(2, 'WORKFLOW_TASK_SCHEDULED', { attempt: 1, startToCloseTimeout: '10s' }),
    event(3, 'WORKFLOW_TASK_STARTED', { scheduledEventId: String(at + 2) }),
    event(4, 'WORKFLOW_TASK_COMPLETED', { scheduledEventId: String(at + 2), startedEventId: String(at + 3) }),
  ];
  const later = events.slice(scheduled + 1).map((one) => renumbered(one, at, ignored.length));
  return { workflowId, history: { events: [...events.slice(0, scheduled + 1), ...ignored, ...later] } };
}

/** Adds `by` to each event number above `after`, also in references. */
function renumbered(event: Event, after: number, by: number): Event {
  const json = JSON.stringify(event, (key, value: unknown) =>
    key.endsWith('EventId') || key === 'eventId' ? shifted(value, after, by) : value,
  );
  return JSON.parse(json) as Event;
}

function shifted(value: unknown, after: number, by: number): unknown {
  return Number(value) > after ? String(Number(value) + by) : value;
}
