import type { WorkflowHandle } from '@temporalio/client';
import { Ajv2020 } from 'ajv/dist/2020.js';

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;
type Payloads = NonNullable<Events[number]['workflowExecutionStartedEventAttributes']>['input'];

/** A message of a monitor, and its name in the JSON Schema. */
export type Message = readonly [type: string, message: unknown];

/** Checks messages by a JSON Schema, after their way through JSON. */
export function messageValidator(schema: object): (...message: Message) => boolean {
  const ajv = new Ajv2020({
    allowUnionTypes: true,
    formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  });
  ajv.addSchema(schema, 'monitor');
  return (type, message) => {
    const validate = ajv.getSchema(`monitor#/$defs/${type}`);
    if (!validate) throw new Error(`the schema has no ${type}`);
    return validate(JSON.parse(JSON.stringify(message))) as boolean;
  };
}

const SIGNAL_TYPES: Readonly<Record<string, string>> = {
  notifyWhenEnded: 'NotifyWhenEndedInput',
  polyAiCallEnded: 'CompletionSignal',
};

/** The messages in the history of a monitor, or of a workflow that follows a call. */
export function messagesIn(events: Events): Message[] {
  const reads = events.filter(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'readMonitor',
  );
  const readIds = reads.map(({ eventId }) => String(eventId));
  return events.flatMap((event): Message[] => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const completed = event.activityTaskCompletedEventAttributes;
    const signalType = SIGNAL_TYPES[signal?.signalName ?? ''];
    return [
      ...message('MonitorOutboundCallInput', event.workflowExecutionStartedEventAttributes?.input),
      ...(signalType === undefined ? [] : message(signalType, signal?.input)),
      ...(reads.includes(event) ? message('ReadMonitorInput', event.activityTaskScheduledEventAttributes?.input) : []),
      ...(readIds.includes(String(completed?.scheduledEventId)) ? message('ReadMonitorResult', completed?.result) : []),
    ];
  });
}

function message(type: string, payloads: Payloads): Message[] {
  const data = payloads?.payloads?.[0]?.data;
  return data ? [[type, JSON.parse(Buffer.from(data).toString())]] : [];
}
