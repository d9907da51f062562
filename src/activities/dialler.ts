import { Context, getClient } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import type { CampaignStore, Claim, UncheckedCall } from '../campaigns/store.js';
import type { TriggerCallResult } from '../contract/campaign.js';
import type { MonitorOutboundCallInput } from '../contract/monitor.js';
import { ATTEMPT_METADATA_KEY, MONITOR_WORKFLOW_TYPE } from '../contract/names.js';
import { backoffMs } from '../contract/pacing.js';
import { monitorStartOptions } from '../contract/start-options.js';
import { abortableSleep, withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import type { AccountClients, StatusSource } from './accounts.js';
import { dialFailureOf, LateRequestError } from './dial-failure.js';
import { readMonitor } from './read-monitor.js';

/** From the last check to the request: after a longer wait for the limiter, or a stop of the process, nothing is sent. */
export const SEND_WITHIN_MS = 5_000;
/** How long recording the result of a request is retried while the store is unavailable. */
export const RECORD_FOR_MS = 60_000;
/** The part of that time which is left for the last try. */
const LAST_TRY_MS = 5_000;
/** For a call that PolyAI has accepted a moment ago. */
const NOT_FOUND_GRACE = '1m';
/** Calls that are looked up at once. */
const MAX_CHECKS = 8;

/** Dials claimed contacts, and has each call monitored. */
export class Dialler {
  constructor(
    private readonly store: CampaignStore,
    private readonly clients: AccountClients,
  ) {}

  async accountOf(campaignId: string): Promise<string | undefined> {
    return (await this.store.find(campaignId))?.account;
  }

  /** Why this worker cannot dial for an account; `undefined` if it can. */
  obstacleFor(account: string | undefined): string | undefined {
    const client = this.#clientOf(account);
    if (client?.triggerCall) return undefined;
    const name = account === undefined ? 'the default account' : `account "${account}"`;
    return client ? `the client of ${name} has no triggerCall` : `this worker does not serve ${name}`;
  }

  /** Dials a claimed contact: sends at most one request, after the attempt is recorded as posting. */
  async dial(claim: Claim, campaignId: string): Promise<TriggerCallResult> {
    const { attemptId, contactId, owner } = claim;
    // From before the check: the process may be stopped while its answer is on its way.
    const sendByMs = performance.now() + SEND_WITHIN_MS;
    const posting = await this.store.beginPosting(claim);
    if (posting.kind === 'refused') return notDialled(posting.reason);
    const { account, number, variables } = posting;
    let callSid: string;
    try {
      const metadata = { ...variables, [ATTEMPT_METADATA_KEY]: attemptId };
      const client = this.#clientOf(account)!;
      const options = { maxWaitMs: SEND_WITHIN_MS, beforeWrite: () => requireInTime(sendByMs) };
      ({ callSid } = await client.triggerCall!({ toNumber: number, metadata }, options));
    } catch (error) {
      const { kind, ...failure } = dialFailureOf(error);
      if (kind === 'ambiguous') {
        await record(() => this.store.recordAmbiguous({ attemptId, owner, ...failure }), recordBy());
        return { kind, attemptId, reason: failure.reason };
      }
      const notSent = failure as Extract<ReturnType<typeof dialFailureOf>, { kind: 'not-sent' }>;
      await record(() => this.store.recordNotSent({ attemptId, owner, ...notSent }), recordBy());
      return notSent.then === 'again' ? notDialled(failure.reason) : { kind: 'not-dialled', reason: failure.reason };
    }
    // The call is watched even if the database is lost now.
    const call = { attemptId, contactId, callSid, account };
    const starting = startMonitor(call, campaignId).then(
      () => true,
      (error: unknown) => warn('monitor not started yet', call, error),
    );
    const giveUpAtMs = recordBy();
    await record(() => this.store.recordPosted({ attemptId, callSid }), giveUpAtMs);
    const leftMs = Math.max(LAST_TRY_MS, giveUpAtMs - performance.now());
    if (await withTimeout(leftMs, starting, () => false)) {
      // The next check makes up for it.
      await record(() => this.store.recordMonitored(attemptId), giveUpAtMs).catch((error: unknown) =>
        warn('monitor not recorded yet', call, error),
      );
    }
    return { kind: 'posted', attemptId, callSid };
  }

  /** Checks calls; one whose check fails is still unchecked at the next upkeep. */
  async checkAll(calls: readonly UncheckedCall[], campaignId: string): Promise<void> {
    for (let first = 0; first < calls.length; first += MAX_CHECKS) {
      await Promise.all(
        calls.slice(first, first + MAX_CHECKS).map(async (call) => {
          await this.check(call, campaignId).catch((error: unknown) => warn('call not checked', call, error));
        }),
      );
    }
  }

  /** Starts the monitor of a call that has none, and ends the attempt of a call whose monitor has ended. */
  async check(call: UncheckedCall, campaignId: string): Promise<void> {
    const { attemptId, callSid } = call;
    const monitor = await readMonitor({ callSid });
    if (monitor.state === 'ended') {
      const { result, failure } = monitor;
      const reason = result ? result.reason : failure.message;
      return await this.store.recordEnded({ attemptId, status: result?.status, reason });
    }
    if (monitor.state === 'absent') await startMonitor(call, campaignId);
    await this.store.recordMonitored(attemptId);
  }

  #clientOf(account: string | undefined): StatusSource | undefined {
    return account === undefined ? this.clients.polyAi : this.clients.accounts?.[account];
  }
}

/** When to give up recording what became of a request that has just ended, by `performance.now()`. */
function recordBy(): number {
  return performance.now() + RECORD_FOR_MS;
}

/**
 * Retries a write until it succeeds or time is up, even while the write itself blocks.
 *
 * @param write idempotent; one that is given up may still succeed
 */
async function record(write: () => Promise<void>, giveUpAtMs: number): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await withTimeout(Math.max(0, giveUpAtMs - performance.now()), write());
    } catch (error) {
      const leftMs = giveUpAtMs - performance.now() - LAST_TRY_MS;
      if (leftMs <= 0) throw error;
      await abortableSleep(Math.min(backoffMs(failures), leftMs), undefined);
    }
  }
}

/** The contact is due again at once: the next claim judges it anew, and says how long to wait. */
function notDialled(reason: string): TriggerCallResult {
  return { kind: 'not-dialled', reason, retryAt: new Date().toISOString() };
}

function requireInTime(sendByMs: number): void {
  if (performance.now() > sendByMs) throw new LateRequestError();
}

/** Idempotent by call SID. */
async function startMonitor({ callSid, account, ...ids }: UncheckedCall, campaignId: string): Promise<void> {
  const input: MonitorOutboundCallInput = { callSid, account, notFoundGrace: NOT_FOUND_GRACE };
  try {
    await getClient().workflow.start(MONITOR_WORKFLOW_TYPE, {
      taskQueue: Context.current().info.taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      ...monitorStartOptions(callSid, { memo: ids, campaignId }),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function warn(message: string, { attemptId, callSid }: UncheckedCall, error: unknown): false {
  Context.current().log.warn(message, { attemptId, callSid, problem: errorMessage(error) });
  return false;
}
