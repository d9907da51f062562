import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

import type { MonitorDescription } from '../../client/describe-monitor.js';
import { type Execution, listExecutions, memoOf } from '../../client/list-executions.js';
import { MonitorHandle } from '../../client/monitor-handle.js';
import { formatDuration } from '../../contract/duration.js';
import {
  ALARM_SEARCH_ATTRIBUTE,
  CALL_STATUS_SEARCH_ATTRIBUTE,
  MONITOR_WORKFLOW_TYPE,
  monitorWorkflowId,
} from '../../contract/names.js';
import { errorMessage } from '../../platform/error-message.js';
import { grpcStatusOf } from '../../platform/grpc.js';
import { oneLine } from '../../platform/printing.js';
import { type Cells, printList } from '../list.js';
import { withTemporal } from '../temporal.js';
import { CliError, EXIT_CODES, type ExitCode } from '../terminal.js';

interface ListOptions {
  /** Also those that have ended. */
  readonly all: boolean;
  /** Only those with an alarm. */
  readonly alarm: boolean;
  readonly taskQueue: string | undefined;
  /** `Infinity` for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** A monitor in the list. */
interface ListedMonitor {
  readonly callSid: string;
  readonly workflowId: string;
  /** Temporal's status of the workflow, in lower case. */
  readonly state: string;
  /** The latest known status of the call, in the API's spelling. */
  readonly status?: string;
  readonly startedAt: string;
  readonly closedAt?: string;
  readonly alarm?: string;
  readonly lastError?: { readonly type: string; readonly message: string };
  /** Until then an outage cannot cost the outcome. */
  readonly outcomeSafeUntil?: string;
}

/** Runs `monitors list`, without a worker. */
export async function listMonitors({ limit, json, ...filter }: ListOptions): Promise<ExitCode> {
  return await withTemporal(async (client) => {
    const items = describeInOrder(client, listExecutions(client, queryOf(filter), limit + 1));
    try {
      await printList({ items, limit, what: 'monitors', json, head: HEAD, cellsOf });
    } catch (error) {
      if (!filter.alarm || !errorMessage(error).includes(ALARM_SEARCH_ATTRIBUTE)) throw error;
      const remedy = `temporal operator search-attribute create --name ${ALARM_SEARCH_ATTRIBUTE} --type Keyword`;
      throw new CliError(`the search attribute ${ALARM_SEARCH_ATTRIBUTE} is not registered; to register it: ${remedy}`);
    }
    return EXIT_CODES.done;
  });
}

const HEAD = ['CALL', 'STATUS', 'AGE', 'ALARM', 'LAST ERROR'];

function cellsOf({ callSid, state, status = 'not observed', startedAt, alarm, lastError }: ListedMonitor): Cells {
  const shown = state === 'running' ? status : `${status} (${state})`;
  const age = formatDuration(Math.max(0, Math.floor((Date.now() - Date.parse(startedAt)) / 1_000) * 1_000));
  return [callSid, shown, age, alarm ?? '', lastError ? `${lastError.type}: ${lastError.message}` : ''].map(oneLine);
}

function queryOf({ all, alarm, taskQueue }: Pick<ListOptions, 'all' | 'alarm' | 'taskQueue'>): string {
  return [
    `WorkflowType = '${MONITOR_WORKFLOW_TYPE}'`,
    ...(all ? [`ExecutionStatus != 'ContinuedAsNew'`] : [`ExecutionStatus = 'Running'`]),
    ...(alarm ? [`${ALARM_SEARCH_ATTRIBUTE} IS NOT NULL`] : []),
    ...(taskQueue === undefined ? [] : [`TaskQueue = '${taskQueue.replaceAll("'", "''")}'`]),
  ].join(' AND ');
}

/** Descriptions that are requested ahead of the one that is printed. */
const CONCURRENCY = 10;

async function* describeInOrder(
  client: Client,
  executions: AsyncIterable<Execution>,
): AsyncGenerator<ListedMonitor, void> {
  const ahead: Promise<ListedMonitor>[] = [];
  for await (const execution of executions) {
    const described = describe(client, execution);
    // It is awaited in its turn.
    described.catch(() => undefined);
    ahead.push(described);
    if (ahead.length === CONCURRENCY) yield (await ahead.shift())!;
  }
  for (const described of ahead) yield await described;
}

async function describe(client: Client, execution: Execution): Promise<ListedMonitor> {
  const listed = await readExecution(client, execution);
  if (listed.state !== 'running') return listed;
  try {
    const monitor = new MonitorHandle(client, listed.callSid, listed.workflowId);
    return { ...listed, ...latestOf(await monitor.describe({ workerTimeoutMs: 0 })) };
  } catch (error) {
    // The namespace has deleted it since, or its payloads need a codec that is missing here.
    if (error instanceof WorkflowNotFoundError || grpcStatusOf(error) === undefined) return listed;
    throw error;
  }
}

function latestOf({ callStatus, pendingPoll, outcomeSafeUntil }: MonitorDescription): Partial<ListedMonitor> {
  const lastError = pendingPoll?.held?.lastError ?? pendingPoll?.lastFailure;
  return {
    ...(callStatus !== undefined && { status: callStatus }),
    ...(lastError && { lastError: { type: lastError.type, message: lastError.message } }),
    ...(outcomeSafeUntil && { outcomeSafeUntil: outcomeSafeUntil.toISOString() }),
  };
}

/** `WorkflowExecutionStatus` of Temporal's API, whose enum is in @temporalio/proto. */
const STATES = [
  'unknown',
  'running',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'continued_as_new',
  'timed_out',
];

async function readExecution(client: Client, execution: Execution): Promise<ListedMonitor> {
  const workflowId = execution.execution?.workflowId ?? '';
  const fields = execution.searchAttributes?.indexedFields ?? {};
  const status = keywordOf(fields[CALL_STATUS_SEARCH_ATTRIBUTE]) ?? (await memoOf(client, execution, 'callStatus'));
  const alarm = keywordOf(fields[ALARM_SEARCH_ATTRIBUTE]);
  const closedMs = optionalTsToMs(execution.closeTime);
  const ofPrefix = monitorWorkflowId('');
  const callSid = workflowId.startsWith(ofPrefix)
    ? workflowId.slice(ofPrefix.length)
    : ((await memoOf(client, execution, 'callSid')) ?? workflowId);
  return {
    callSid,
    workflowId,
    state: STATES[Number(execution.status)] ?? 'unknown',
    ...(status !== undefined && { status }),
    startedAt: new Date(optionalTsToMs(execution.startTime) ?? 0).toISOString(),
    ...(closedMs !== undefined && { closedAt: new Date(closedMs).toISOString() }),
    ...(alarm !== undefined && { alarm }),
  };
}

/** Search attributes are JSON, which no payload codec encodes. */
function keywordOf(payload: Payload | undefined): string | undefined {
  if (!payload?.data) return undefined;
  const value: unknown = JSON.parse(Buffer.from(payload.data).toString());
  return typeof value === 'string' ? value : undefined;
}
