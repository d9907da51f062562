import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

import type { MonitorHandle } from '../client/monitor-handle.js';
import { startMonitor } from '../client/start-monitor.js';
import type { TerminalStatus } from '../contract/call.js';
import type { FailureType } from '../contract/failures.js';
import type { DisposalStack } from '../platform/disposal.js';
import type { PolyAiClient } from '../polyai/client.js';
import type { CallScript } from '../simulator/script.js';
import { SIMULATOR_SCRIPT_METADATA_KEY } from '../simulator/trigger-request.js';
import { terminateWorkflow } from './environment.js';

/** One of the calls that the demo shows. */
export interface DemoCall {
  readonly number: number;
  readonly about: string;
  readonly expected: TerminalStatus | FailureType;
  /** The simulator's script; absent for a call that was never triggered. */
  readonly script?: CallScript;
  /** Whether the worker is killed while this call is `calling`. It has single polls, so that Temporal notices the loss soon. */
  readonly losesWorker?: boolean;
}

/** A call of the demo, and its monitor. */
export interface MonitoredCall {
  readonly call: DemoCall;
  readonly monitor: MonitorHandle;
}

const DEMO_CALLS: readonly DemoCall[] = [
  {
    number: 1,
    about: 'goes well',
    expected: 'success',
    script: { queuedMs: 3_500, callingMs: 5_000 },
  },
  {
    number: 2,
    about: 'line is busy',
    expected: 'failure',
    script: { queuedMs: 2_500, callingMs: 4_000, outcome: 'failure', reason: 'busy' },
  },
  {
    number: 3,
    about: 'API answers 500s, 429',
    expected: 'success',
    script: {
      queuedMs: 4_000,
      callingMs: 8_000,
      faults: [
        { kind: 'status', status: 500, times: 3 },
        { kind: 'status', status: 429, retryAfter: 3 },
      ],
    },
  },
  {
    number: 4,
    about: 'API does not know it',
    expected: 'CallNotFound',
  },
  {
    number: 5,
    about: 'worker is killed',
    expected: 'success',
    script: { queuedMs: 16_000, callingMs: 8_000 },
    losesWorker: true,
  },
];

interface StartCallsOptions {
  readonly polyAi: PolyAiClient;
  readonly client: Client;
  readonly taskQueue: string;
  readonly disposal: DisposalStack;
}

/** Triggers the calls and starts their monitors. */
export async function startCalls(options: StartCallsOptions): Promise<readonly MonitoredCall[]> {
  return await Promise.all(DEMO_CALLS.map((call) => startCall(call, options)));
}

async function startCall(call: DemoCall, options: StartCallsOptions): Promise<MonitoredCall> {
  const { polyAi, client, taskQueue, disposal } = options;
  const callSid = call.script ? await trigger(polyAi, call.number, call.script) : `OUT-${randomUUID()}`;
  const polling = { interval: '2s', ...(call.losesWorker && { hold: 0 }) };
  const input = { callSid, polling, deadline: '5m' };
  const monitor = await startMonitor(client, input, { taskQueue });
  disposal.defer(() => terminateWorkflow(client, monitor.workflowId));
  return { call, monitor };
}

async function trigger(polyAi: PolyAiClient, number: number, script: CallScript): Promise<string> {
  const metadata = { [SIMULATOR_SCRIPT_METADATA_KEY]: JSON.stringify(script) };
  const { callSid } = await polyAi.triggerCall({ toNumber: `+1202555010${number}`, metadata });
  return callSid;
}
