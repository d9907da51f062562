import type { OutcomeRecord } from '../../src/contract/outcome.js';

/** A call that ended in success. */
export function succeeded(callSid: string, change: Partial<OutcomeRecord> = {}): OutcomeRecord {
  return {
    callSid,
    status: 'success',
    reason: '',
    lastObservation: {
      status: 'success',
      rawStatus: 'SUCCESS',
      reason: '',
      observedAt: '2026-01-31T12:02:00.500Z',
    },
    polls: 41,
    timeline: [
      { status: 'queued', at: '2026-01-31T12:00:00.100Z' },
      { status: 'calling', at: '2026-01-31T12:00:03.200Z' },
      { status: 'success', at: '2026-01-31T12:02:00.500Z' },
    ],
    startedAt: '2026-01-31T12:00:00.000Z',
    finishedAt: '2026-01-31T12:02:00.500Z',
    workflowId: `outbound-call-${callSid}`,
    runId: 'run-1',
    ...change,
  };
}

/** A call that ended in failure, of an account that is not the default one. */
export function failed(callSid: string, reason = 'No answer, "busy"'): OutcomeRecord {
  return succeeded(callSid, { status: 'failure', reason, account: 'sales' });
}

/** A monitor that ended without a final status, before its first good answer. */
export function unseen(callSid: string, change: Partial<OutcomeRecord> = {}): OutcomeRecord {
  const { status: _status, lastObservation: _last, ...rest } = succeeded(callSid);
  return {
    ...rest,
    ending: { type: 'CallNotFound', message: `the API does not know ${callSid}` },
    timeline: [],
    polls: 3,
    ...change,
  };
}
