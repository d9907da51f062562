import type { Context } from '@temporalio/activity';

import { classifyCallStatus } from '../contract/call.js';
import type {
  GetStatusFailureDetails,
  GetStatusInput,
  GetStatusResult,
  LongPollRequest,
  PollProgress,
  WorkerCapabilities,
} from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import { isAtRisk } from '../contract/retention.js';
import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from '../polyai/errors.js';
import type { RequestOptions } from '../polyai/options.js';
import type { Account, AccountRegistry } from './accounts.js';
import type { CallsAtRisk } from './calls-at-risk.js';
import { toApplicationFailure } from './failures.js';
import { HeartbeatScheduler, singlePollHeartbeatMs } from './heartbeat-scheduler.js';
import type { LongPollSlots } from './long-poll-slots.js';
import { isWorkerShutdown, LongPoll } from './long-poll.js';
import { type OutcomeSaver, storeFailure } from './outcomes.js';
import { PollProgressRecorder, type UndeliveredProgress } from './poll-progress.js';

/** How long the request of a single poll may wait to be sent. With the request it stays within the start-to-close timeout. */
const MAX_LIMITER_WAIT_MS = 4_000;

/** What all `getStatus` attempts of a worker share. */
interface GetStatusContext {
  readonly accounts: AccountRegistry;
  readonly capabilities: WorkerCapabilities;
  readonly callsAtRisk: CallsAtRisk;
  readonly now: () => number;
  readonly outcomes: OutcomeSaver;
  readonly longPolls: LongPollSlots;
  readonly undelivered: UndeliveredProgress;
}

/** One attempt of the activity `getStatus`: a single poll or a long poll of one call. */
export class GetStatusAttempt {
  readonly #key: string;
  readonly #recorder: PollProgressRecorder;

  constructor(
    private readonly shared: GetStatusContext,
    private readonly context: Context,
    private readonly input: GetStatusInput,
  ) {
    const { info } = context;
    this.#key = `${info.workflowExecution?.runId ?? info.base64TaskToken}/${input.callSid}`;
    const undelivered = shared.undelivered.resume(this.#key);
    this.#recorder = new PollProgressRecorder(earlierProgress(context, input.resumes ? undelivered : undefined));
  }

  async run(): Promise<GetStatusResult> {
    const { hold } = this.input;
    try {
      const account = this.#findAccount();
      return await this.#deliver(await (hold ? this.#longPoll(account, hold) : this.#singlePoll(account)));
    } catch (error) {
      if (!(error instanceof PolyAiError)) throw error;
      if (!hold) this.#recorder.recordFailure(error, this.#nowIso());
      const found = error.kind === 'CallNotFound' ? await this.#findOutcome() : undefined;
      if (found) return found;
      throw this.#failure(error);
    } finally {
      this.shared.undelivered.markEnded(this.#key, this.#recorder);
    }
  }

  /** @throws ApplicationFailure `InvalidInput` */
  #findAccount(): Account {
    const { accounts, undelivered } = this.shared;
    // Tracked first: also an attempt that finds no account must not lose what an earlier one observed.
    undelivered.track(this.#key, this.#recorder);
    return accounts.find(this.input.account, { isNewCall: this.#isNewCall(), details: this.#failureDetails() });
  }

  /** Whether the call has never been observed. */
  #isNewCall(): boolean {
    const { hold, known } = this.input;
    return known !== undefined && !known.answeredAt && !hold?.knownStatus && !this.#recorder.observation;
  }

  async #singlePoll(account: Account): Promise<GetStatusResult> {
    const { context } = this;
    const heartbeat = new HeartbeatScheduler(() => context.heartbeat(this.#recorder.progress), singlePollHeartbeatMs);
    try {
      this.#recorder.recordObservation(await this.#observe(account, singlePollOptions(context)));
    } finally {
      heartbeat.stop();
    }
    return this.#recorder.report(this.input.resumes);
  }

  async #longPoll(account: Account, hold: LongPollRequest): Promise<GetStatusResult> {
    const { longPolls, undelivered, now, capabilities } = this.shared;
    const longPoll = new LongPoll({
      context: this.context,
      hold,
      recorder: this.#recorder,
      now,
      returnsOnFirstStatus: capabilities.searchAttributes === true,
      observe: (options) => this.#observe(account, options),
      isThrottled: () => account.polyAi.throttling !== undefined,
      isAboveHeartbeatLimit: () => longPolls.isAboveHeartbeatLimit,
    });
    undelivered.track(this.#key, this.#recorder, () => longPoll.end('superseded'));
    await longPolls.run(longPoll);
    const isShutdown = longPoll.endedBy === 'worker-shutdown';
    return { ...this.#recorder.report(true), ...(isShutdown && { handedBack: true }) };
  }

  /** @throws {PolyAiError} for anything but a call status */
  async #observe({ polyAi, log }: Account, options: RequestOptions): Promise<CallObservation> {
    const { callsAtRisk } = this.shared;
    const { callSid } = this.input;
    try {
      const bypassCircuit = this.#isNewCall();
      const { status: rawStatus, reason } = await polyAi.getCallStatus(callSid, { ...options, bypassCircuit });
      const { status } = classifyCallStatus(rawStatus);
      callsAtRisk.remove(this.#key, this.context);
      return { status, rawStatus, reason, observedAt: this.#nowIso() };
    } catch (error) {
      if (this.#isAtRisk()) callsAtRisk.add(this.#key, this.context);
      throw error;
    } finally {
      log.record(polyAi, this.context.log);
    }
  }

  #isAtRisk(): boolean {
    const { known } = this.input;
    const lastAt = this.#recorder.observation?.observedAt ?? known?.answeredAt ?? known?.startedAt;
    return lastAt !== undefined && isAtRisk({ startedAt: lastAt }, this.shared.now());
  }

  /** Saves the outcome if the status is terminal, and adds the worker's capabilities. */
  async #deliver(result: GetStatusResult): Promise<GetStatusResult> {
    const { outcomes, undelivered, capabilities } = this.shared;
    const isSaved = await outcomes.save(this.context, this.input, this.#recorder.report(true));
    undelivered.markDelivered(this.#key, this.#recorder);
    return { ...result, ...capabilities, ...(isSaved && { outcomeStore: 'saved' }) };
  }

  /** The result for a call that the API does not know, from the outcome of an earlier monitor. */
  async #findOutcome(): Promise<GetStatusResult | undefined> {
    const { outcomes, undelivered } = this.shared;
    const stored = await outcomes.find(this.input.callSid).catch((error: unknown) => {
      this.context.heartbeat(this.#recorder.progress);
      const message = 'the API does not know the call, and the outcome store could not be read';
      throw storeFailure(message, error, this.#failureDetails());
    });
    if (!stored?.lastObservation) return undefined;
    undelivered.markDelivered(this.#key, this.#recorder);
    const { lastObservation: observation, timeline: changes } = stored;
    return { observation, changes, polls: this.#recorder.polls, outcomeStore: 'saved' };
  }

  #failure(error: PolyAiError): Error {
    const { undelivered, callsAtRisk } = this.shared;
    const failure = toApplicationFailure(error, this.#failureDetails());
    if (failure.nonRetryable) {
      undelivered.markDelivered(this.#key, this.#recorder);
      callsAtRisk.remove(this.#key, this.context);
    } else {
      // The SDK sends the last heartbeat before the failure, and the next attempt resumes from it.
      this.context.heartbeat(this.#recorder.progress);
    }
    return failure;
  }

  #failureDetails(): GetStatusFailureDetails {
    const { searchAttributes: _, ...capabilities } = this.shared.capabilities;
    return { ...this.#recorder.report(this.#recorder.observation !== undefined), ...capabilities };
  }

  #nowIso(): string {
    return new Date(this.shared.now()).toISOString();
  }
}

/** The progress of earlier attempts, or of the `getStatus` that the monitor cancelled before this one. */
function earlierProgress({ info }: Context, undelivered: PollProgress | undefined): PollProgress {
  const reported = info.heartbeatDetails as PollProgress | undefined;
  const latest = (undelivered?.polls ?? -1) > (reported?.polls ?? -1) ? undelivered : reported;
  const earlierAttempts = info.attempt - 1;
  return latest ?? { changes: [], polls: earlierAttempts, errors: earlierAttempts };
}

/** A worker shutdown does not cancel a single poll, because its request ends within seconds. */
function singlePollOptions({ cancellationSignal }: Context): RequestOptions {
  const cancelled = new AbortController();
  onAbort(cancellationSignal, () => {
    const { reason } = cancellationSignal as { reason: unknown };
    if (!isWorkerShutdown(reason)) cancelled.abort(reason);
  });
  return { signal: cancelled.signal, maxWaitMs: MAX_LIMITER_WAIT_MS, urgent: true };
}
