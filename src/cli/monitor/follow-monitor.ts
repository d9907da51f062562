import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcDeadlineError } from '@temporalio/client';

import type { MonitorView } from '../../client/describe-monitor.js';
import type { MonitorHandle } from '../../client/monitor-handle.js';
import type { Display } from './display.js';

const LOOK_EVERY_MS = 500;
const LOOK_TIMEOUT_MS = 5_000;

export interface FollowMonitorOptions {
  readonly client: Client;
  readonly monitor: MonitorHandle;
  readonly display: Display;
  /** Ends the following with an `AbortError`. */
  readonly signal: AbortSignal;
}

/** Shows a monitor until it has ended. Outlasts an outage of Temporal. */
export async function followMonitor({ client, monitor, display, signal }: FollowMonitorOptions): Promise<void> {
  for (;;) {
    const view = await lookInTime(client, monitor);
    if (view) display.show(view);
    else display.note(`Temporal does not answer for ${monitor.callSid}; trying on`);
    if (view && view.state !== 'RUNNING') return;
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function lookInTime(client: Client, monitor: MonitorHandle): Promise<MonitorView | undefined> {
  try {
    return await client.withDeadline(Date.now() + LOOK_TIMEOUT_MS, () => monitor.look());
  } catch (error) {
    if (isGrpcDeadlineError(error)) return undefined;
    throw error;
  }
}
