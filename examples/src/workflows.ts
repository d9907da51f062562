import { ActivityFailure, isCancellation, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
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
    const result = { contactId, calls, ...(await callOnce(contactId)) };
    await writeResult(result);
    if (result.status === 'success' || calls === CALLS_PER_CONTACT) return result;
    await sleep('1 day');
  }
}

/** A trigger that fails, and may have dialled all the same, must not end the workflow of all contacts. */
async function callOnce(contactId: string): Promise<Pick<ContactResult, 'callSid' | 'status' | 'reason'>> {
  try {
    const { callSid } = await callContact(contactId);
    return { callSid, ...(await outcomeOf(callSid)) };
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return { callSid: '', status: 'unknown', reason: 'the call could not be triggered, or was and nobody knows' };
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
