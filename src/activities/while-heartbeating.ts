import type { Context } from '@temporalio/activity';

const SINGLE_POLL_HEARTBEAT_MS = 1_000;

/** Heartbeats until `work` is done, so that a cancellation or the worker's death is noticed meanwhile. */
export async function whileHeartbeating<T>(context: Context, details: unknown, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => context.heartbeat(details), SINGLE_POLL_HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
