import type { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';

/** The client of the worker that runs an activity; `undefined` in a test environment without one. */
export function clientOf(context: Context): Client | undefined {
  try {
    return context.client;
  } catch {
    return undefined;
  }
}
