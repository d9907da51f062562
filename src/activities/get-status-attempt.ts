import type { Context } from '@temporalio/activity';

import { classifyCallStatus } from '../contract/call.js';
import type { GetStatusInput, GetStatusResult, PollProgress, LongPollRequest } from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import { isAtRisk } from '../contract/retention.js';
import type { PolyAiClient } from '../polyai/client.js';
import { PolyAiError } from '../polyai/errors.js';
import type { RequestOptions } from '../polyai/options.js';
import type { ServedAccount, ServedAccounts } from './accounts.js';
import type { CallsAtRisk } from './calls-at-risk.js';
import { knowledgeOf, toApplicationFailure } from './failures.js';
import { whileHeartbeating } from './heartbeats.js';
import type { HeldCalls } from './long-poll-slots.js';
import { HeldCall, isWorkerShutdown } from './long-poll.js';
import { type OutcomeKeeper, storeFailure } from './outcomes.js';
import { HoldRecord, type UnheardRecords } from './poll-progress.js';

/** How long a single poll waits to be let through while requests are held back: within its time limit, with the request. */
const MAX_GATE_WAIT_MS = 4_000;

/** What all `getStatus` of a worker share. */
interface StatusRequestContext {
  readonly accounts: ServedAccounts;
  readonly searchAttributes: boolean;
  readonly alarmAttribute: boolean;
  readonly callsAtRisk: CallsAtRisk;
  readonly now: () => number;
  readonly keeper: OutcomeKeeper;
  readonly heldCalls: HeldCalls;
  readonly unheard: UnheardRecords;
}

/** One attempt of `getStatus`. */
export class StatusRequest {
  readonly #key: string;
  readonly #record: HoldRecord;

  constructor(
    private readonly shared: StatusRequestContext,
    private readonly context: Context,
    private readonly input: GetStatusInput,
  ) {
    const { info } = context;
    this.#key = `${info.workflowExecution?.runId ?? info.base64TaskToken}/${input.callSid}`;
    const before = shared.unheard.takeOver(this.#key);
    this.#record = new HoldRecord(progressBefore(context, input.resumes ? before : undefined));
  }

  async run(): Promise<GetStatusResult> {
    const { hold } = this.input;
    try {
      const account = this.#account();
      return await this.#kept(await (hold ? this.#hold(account, hold) : this.#pollOnce(account)));
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      if (!hold) this.#record.failed(error, new Date(this.shared.now()).toISOString());
      const recalled = error.kind === 'CallNotFound' ? await this.#recalled() : undefined;
      if (recalled) return recalled;
      throw this.#failure(error);
    } finally {
      this.shared.unheard.ended(this.#key, this.#record);
    }
  }

  /** @throws ApplicationFailure `InvalidInput` */
  #account(): ServedAccount {
    const { account } = this.input;
    const { accounts, unheard } = this.shared;
    // A worker that cannot ask keeps what an earlier attempt here has seen.
    unheard.add(this.#key, this.#record);
    return accounts.find(account, !this.#isNewCall(), { ...this.#record.progress, ...this.#worker() });
  }

  /** Whether nobody has had an answer about the call yet. */
  #isNewCall(): boolean {
    const { hold, known } = this.input;
    return known !== undefined && !known.answeredAt && !hold?.knownStatus && !this.#record.observation;
  }

  /** What the monitor is told of this worker. */
  #worker() {
    const { keeper, alarmAttribute } = this.shared;
    return {
      ...(keeper.isOn && { outcomeStore: 'on' as const }),
      ...(alarmAttribute && { alarmAttribute: true as const }),
    };
  }

  async #pollOnce(account: ServedAccount): Promise<GetStatusResult> {
    const { context } = this;
    const record = this.#record;
    record.observed(await whileHeartbeating(context, record.progress, () => this.#observe(account, onePoll(context))));
    return { ...seenIn(record), ...(this.input.resumes && { changes: record.changes }) };
  }

  async #hold(account: ServedAccount, hold: LongPollRequest): Promise<GetStatusResult> {
    const { context } = this;
    const record = this.#record;
    const { heldCalls, unheard, now, searchAttributes } = this.shared;
    const call = new HeldCall({
      ...{ context, hold, record, now, endsOnChange: searchAttributes },
      observe: (options) => this.#observe(account, options),
      isTroubleWide: () => account.polyAi.throttling !== undefined,
      isCrowded: () => heldCalls.isCrowded,
    });
    unheard.add(this.#key, record, call);
    await heldCalls.run(call);
    const isHandedBack = call.endedBy === 'handed back';
    return { ...seenIn(record), changes: record.changes, ...(isHandedBack && { handedBack: true }) };
  }

  async #observe(account: ServedAccount, options: RequestOptions): Promise<CallObservation> {
    const { callsAtRisk, now } = this.shared;
    const bypassCircuit = this.#isNewCall();
    try {
      const source = { polyAi: account.polyAi, now };
      const observation = await observeCall(source, this.input.callSid, { ...options, bypassCircuit });
      callsAtRisk.remove(this.#key, this.context);
      return observation;
    } catch (error) {
      if (this.#isAtRisk()) callsAtRisk.add(this.#key, this.context);
      throw error;
    } finally {
      account.note(this.context.log);
    }
  }

  #isAtRisk(): boolean {
    const { known } = this.input;
    const observedAt = this.#record.observation?.observedAt ?? known?.answeredAt ?? known?.startedAt;
    return observedAt !== undefined && isAtRisk({ startedAt: observedAt }, this.shared.now());
  }

  /** A result as its monitor is told it: what has ended is saved by then, as a rule. */
  async #kept(result: GetStatusResult): Promise<GetStatusResult> {
    const { keeper, unheard, searchAttributes } = this.shared;
    const { callSid, account, known } = this.input;
    const isSaved = await keeper.keep(this.context, { callSid, account, known, record: this.#record });
    unheard.heard(this.#key, this.#record);
    return {
      ...result,
      ...(searchAttributes && { searchAttributes }),
      ...this.#worker(),
      ...(isSaved && { outcomeStore: 'saved' }),
    };
  }

  /** The API has forgotten the call, but the store has not. */
  async #recalled(): Promise<GetStatusResult | undefined> {
    const stored = await this.shared.keeper.recall(this.input.callSid).catch((error: unknown) => {
      const { progress } = this.#record;
      this.context.heartbeat(progress);
      const what = 'the API does not know the call, and the outcome store could not be asked';
      throw storeFailure(what, error, { ...knowledgeOf(progress), ...this.#worker() });
    });
    if (!stored?.lastObservation) return undefined;
    const { lastObservation: observation, timeline: changes } = stored;
    this.shared.unheard.heard(this.#key, this.#record);
    return { observation, changes, polls: this.#record.polls, outcomeStore: 'saved' };
  }

  #failure(error: PolyAiError): Error {
    const { unheard } = this.shared;
    const failure = toApplicationFailure(error, this.#record.progress, this.#worker());
    if (failure.nonRetryable) {
      unheard.heard(this.#key, this.#record);
      this.shared.callsAtRisk.remove(this.#key, this.context);
    }
    // Goes with the failure, not apart: the next attempt begins with it.
    else this.context.heartbeat(this.#record.progress);
    return failure;
  }
}

function seenIn({ observation, polls }: HoldRecord): GetStatusResult {
  return { polls, ...(observation && { observation }) };
}

/** What is known from an earlier attempt, or from the `getStatus` that this one has cut short. */
function progressBefore({ info }: Context, cutShort: PollProgress | undefined): PollProgress {
  const reported = info.heartbeatDetails as PollProgress | undefined;
  const latest = (cutShort?.polls ?? -1) > (reported?.polls ?? -1) ? cutShort : reported;
  if (latest) return latest;
  const earlierAttempts = info.attempt - 1;
  return { changes: [], polls: earlierAttempts, errors: earlierAttempts };
}

/** A single poll is not failed for a worker's shutdown: its request ends by itself in seconds. */
function onePoll({ cancellationSignal }: Context): RequestOptions {
  const cancelled = new AbortController();
  const onAbort = (): void => {
    const { reason } = cancellationSignal as { reason: unknown };
    if (!isWorkerShutdown(reason)) cancelled.abort(reason);
  };
  if (cancellationSignal.aborted) onAbort();
  else cancellationSignal.addEventListener('abort', onAbort, { once: true });
  return { signal: cancelled.signal, maxWaitMs: MAX_GATE_WAIT_MS };
}

/** Where observations come from, and what dates them. */
interface ObservationSource {
  readonly polyAi: Pick<PolyAiClient, 'getCallStatus'>;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Asks the API once.
 *
 * @throws {PolyAiError} for anything but a call status
 */
async function observeCall(
  { polyAi, now }: ObservationSource,
  callSid: string,
  options: RequestOptions,
): Promise<CallObservation> {
  const { status: rawStatus, reason } = await polyAi.getCallStatus(callSid, options);
  const { status } = classifyCallStatus(rawStatus);
  return { status, rawStatus, reason, observedAt: new Date(now()).toISOString() };
}
