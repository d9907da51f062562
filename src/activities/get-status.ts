import { Context } from '@temporalio/activity';

import type { GetStatusInput, GetStatusResult } from '../contract/get-status.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { type AccountClients, ServedAccounts } from './accounts.js';
import { CallsAtRisk } from './calls-at-risk.js';
import { StatusRequest } from './get-status-attempt.js';
import { HeldCalls } from './long-poll-slots.js';
import { OutcomeKeeper } from './outcomes.js';
import { UnheardRecords } from './poll-progress.js';

export interface GetStatusDependencies extends AccountClients {
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`.
   * @default false
   */
  readonly searchAttributes?: boolean | undefined;
  /**
   * Whether the namespace has the search attribute `PolyAiAlarm`.
   * @default false
   */
  readonly alarmAttribute?: boolean | undefined;
  /**
   * How many calls this worker holds at once. Fewer than its activity slots (`maxConcurrentActivityTaskExecutions`, 100
   * unless set): with more calls than that the longest held ones make room in turn.
   * @default 80
   */
  readonly callsAtOnce?: number | undefined;
  /**
   * Where outcomes are kept beyond the vendor's two hours and Temporal's retention; see `openOutcomeStore`.
   * @default none: they are not
   */
  readonly outcomes?: OutcomeStore | undefined;
  /**
   * The clock, in epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
}

/** Below the 100 activity slots that a worker of the SDK has by default. */
const SAFE_CALLS_AT_ONCE = 80;

/** Makes the activity `getStatus`: one observation of one call, or as many as come while it holds. */
export function createGetStatus({
  polyAi,
  accounts,
  searchAttributes = false,
  alarmAttribute = false,
  callsAtOnce = SAFE_CALLS_AT_ONCE,
  outcomes,
  now = Date.now,
}: GetStatusDependencies) {
  const shared = {
    accounts: new ServedAccounts({ polyAi, accounts }),
    ...{ searchAttributes, alarmAttribute, now },
    callsAtRisk: new CallsAtRisk(),
    keeper: new OutcomeKeeper(outcomes),
    heldCalls: new HeldCalls(callsAtOnce),
    unheard: new UnheardRecords(),
  };
  return async function getStatus(input: GetStatusInput): Promise<GetStatusResult> {
    return await new StatusRequest(shared, Context.current(), input).run();
  };
}
