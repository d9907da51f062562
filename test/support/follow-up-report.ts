import { completionFailureOf, type CompletionFailure } from '../../src/contract/completion.js';
import type { MonitorOutboundCallResult } from '../../src/contract/monitor.js';

/** What `examples/python` and `examples/go` report on a call. */
export interface Report {
  readonly nextStep: string;
  readonly result?: MonitorOutboundCallResult;
  readonly failure?: CompletionFailure;
}

/** What they do, in TypeScript. */
export async function reportOn(callSid: string, outcome: Promise<MonitorOutboundCallResult>): Promise<Report> {
  try {
    const result = await outcome;
    return { nextStep: result.status === 'success' ? 'none' : 'call again', result };
  } catch (error) {
    const failure = completionFailureOf(callSid, error);
    return { nextStep: nextStepAfter(failure.type), failure };
  }
}

function nextStepAfter(failureType: string): string {
  switch (failureType) {
    case 'CallNotFound':
    case 'InvalidCallSid':
      return 'correct the call SID';
    case 'Unauthorized':
      return 'renew the token';
    case 'CallStatusExpired':
    case 'MonitorDeadlineExceeded':
    case 'MonitorEnded':
      return 'look the call up by hand';
    default:
      return 'investigate';
  }
}
