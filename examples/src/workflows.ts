import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import { awaitCallOutcome, monitorFailureOf } from 'temporal-polyai/workflows';

import type { ContactActivities, ContactResult } from './activities.js';

const CALLS_PER_CONTACT = 3;

// Not retried: a request that timed out may have dialled.
const { callContact } = proxyActivities<ContactActivities>({
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

const { writeResult } = proxyActivities<ContactActivities>({ startToCloseTimeout: '30s' });

/** Calls each contact once a day until it is reached, at most three times. Contacts are IDs: histories hold no phone numbers. */
export async function reachContacts(contactIds: readonly string[]): Promise<ContactResult[]> {
  return await Promise.all(contactIds.map(reachContact));
}

async function reachContact(contactId: string): Promise<ContactResult> {
  for (let calls = 1; ; calls += 1) {
    const { callSid } = await callContact(contactId);
    const result = { contactId, callSid, calls, ...(await outcomeOf(callSid)) };
    await writeResult(result);
    if (result.status === 'success' || calls === CALLS_PER_CONTACT) return result;
    await sleep('1 day');
  }
}

async function outcomeOf(callSid: string): Promise<Pick<ContactResult, 'status' | 'reason'>> {
  const { taskQueue } = workflowInfo();
  try {
    const { status, reason } = await awaitCallOutcome({ callSid }, { taskQueue });
    return { status, reason };
  } catch (error) {
    // The monitor could not find out, for example because PolyAI no longer has the status.
    const failure = monitorFailureOf(error);
    if (!failure) throw error;
    return { status: 'unknown', reason: failure.type };
  }
}
