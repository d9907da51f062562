import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

import { classifyCallStatus } from '../contract/call.js';
import type {
  GetStatusFailureDetails,
  GetStatusInput,
  GetStatusResult,
  LongPollRequest,
  PollReport,
  WorkerCapabilities,
} from '../contract/get-status.js';
import type { CallObservation } from '../contract/observation.js';
import { onAbort } from '../platform/abortable.js';
import { PolyAiError } from '../polyai/errors.js';
import type { RequestOptions } from '../polyai/options.js';
import type { Account, AccountRegistry } from './accounts.js';
import { isWorkerShutdown } from './activity-context.js';
import { toApplicationFailure } from './failures.js';
import { HeartbeatScheduler, singlePollHeartbeatMs } from './heartbeat-scheduler.js';
import type { LatestPolls } from './latest-polls.js';
import type { LiveCallAttempt } from './live-calls.js';
import type { LongPollSlots } from './long-poll-slots.js';
import { LongPoll } from './long-poll.js';
import { type OutcomeSaver, storeFailure } from './outcomes.js';
import { addReports, earlierProgress, PollProgressRecorder } from './poll-progress.js';
import { StatusReporter } from './status-reporter.js';
import type { StatusUpdates } from './status-updates.js';
import type { MetricsOfWorkers, WorkerMetrics } from './worker-metrics.js';

/** How long the request of a single poll may wait to be sent. With the request it stays within the start-to-close timeout. */
const MAX_LIMITER_WAIT_MS = 4_000;

/** What all `getStatus` attempts of a worker share. */
interface GetStatusContext {
  readonly accounts: AccountRegistry;
  /** Tells the workers apart that share the activities. */
  readonly workerOf: (context: Context) => object;
  readonly capabilities: WorkerCapabilities;
  readonly metrics: MetricsOfWorkers;
  readonly now: () => number;
  readonly outcomes: OutcomeSaver;
  readonly latestPolls: LatestPolls;
  readonly longPolls: LongPollSlots;
  readonly statusUpdates: StatusUpdates;
}

/** One attempt of the activity `getStatus`: a single poll or a long poll of one call. */
export class GetStatusAttempt {
  readonly #key: string;
  readonly #recorder: PollProgressRecorder;
  readonly #metrics: WorkerMetrics;
  readonly #reporter: StatusReporter;
  #live: LiveCallAttempt | undefined;
  #running: { readonly longPoll: LongPoll; readonly ended: Promise<void> } | undefined;

  constructor(
    private readonly shared: GetStatusContext,
    private readonly context: Context,
    private readonly input: GetStatusInput,
  ) {
    const { info } = context;
    this.#key = `${info.workflowExecution?.runId ?? info.base64TaskToken}/${input.callSid}`;
    const recorder = new PollProgressRecorder(earlierProgress(context));
    const { capabilities, statusUpdates } = shared;
    this.#recorder = recorder;
    this.#reporter = new StatusReporter({ context, input, recorder, capabilities, statusUpdates });
    this.#metrics = shared.metrics.of(shared.workerOf(context), context);
  }

  async run(): Promise<GetStatusResult> {
    const { latestPolls } = this.shared;
    const superseded = latestPolls.begin(this.#key, this, this.input.followsAbandoned === true);
    try {
      return await this.#poll(superseded);
    } finally {
      this.#live?.end();
      latestPolls.end(this.#key, this);
      // The monitor gets the last report of the `getStatus` that it abandoned before what came of this one.
      await superseded;
    }
  }

  /** The monitor has abandoned this `getStatus`, and the next one has begun. */
  async supersede(): Promise<PollReport | undefined> {
    this.#running?.longPoll.end('superseded');
    await this.#running?.ended.catch(() => undefined);
    return await this.#reporter.reportAbandoned();
  }

  async #poll(superseded: Promise<PollReport | undefined>): Promise<GetStatusResult> {
    const { hold } = this.input;
    try {
      const account = this.#findAccount();
      this.#live = this.#beginLiveCall(account);
      const result = await (hold ? this.#longPoll(account, hold) : this.#singlePoll(account));
      return await this.#deliver(result, await superseded);
    } catch (error) {
      if (error instanceof CancelledFailure) {
        this.#live?.recordEnd();
        await this.#reporter.reportAbandoned();
      }
      if (!(error instanceof PolyAiError)) throw error;
      if (!hold) this.#recorder.recordFailure(error, this.#nowIso());
      const found = error.kind === 'CallNotFound' ? await this.#findOutcome() : undefined;
      if (found) return found;
      throw this.#failure(error);
    }
  }

  /** @throws ApplicationFailure `InvalidInput` */
  #findAccount(): Account {
    const { accounts } = this.shared;
    return accounts.find(this.input.account, { isNewCall: this.#isNewCall(), details: this.#failureDetails() });
  }

  #beginLiveCall({ polyAi }: Account): LiveCallAttempt {
    const { callSid, account, hold, known } = this.input;
    const { observation } = this.#recorder;
    return this.#metrics.liveCalls.begin({
      callSid,
      account,
      polyAi,
      startedAt: known?.startedAt,
      status: observation?.status ?? hold?.knownStatus ?? known?.timeline.at(-1)?.status,
      observedAt: observation?.observedAt ?? known?.answeredAt,
    });
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
    return this.#recorder.report(false);
  }

  async #longPoll(account: Account, hold: LongPollRequest): Promise<GetStatusResult> {
    const { longPolls, now, workerOf } = this.shared;
    const { context, input } = this;
    const recorder = this.#recorder;
    const longPoll = new LongPoll({
      context,
      hold,
      recorder,
      now,
      returnsOnChange: input.reportAs === undefined,
      reporter: this.#reporter,
      observe: (options) => this.#observe(account, options),
      isThrottled: () => account.polyAi.throttling !== undefined,
    });
    const ended = longPolls.run({ worker: workerOf(context), account }, longPoll);
    this.#running = { longPoll, ended };
    await ended;
    const isShutdown = longPoll.endedBy === 'worker-shutdown';
    if (!isShutdown) return recorder.report(true);
    this.#live?.recordEnd();
    const { lastError } = recorder.progress;
    return { ...recorder.report(true), handedBack: true, ...(lastError && { lastError }) };
  }

  /** @throws {PolyAiError} for anything but a call status */
  async #observe({ polyAi, log }: Account, options: RequestOptions): Promise<CallObservation> {
    const { callSid, account } = this.input;
    try {
      const bypassCircuit = this.#isNewCall();
      const { status: rawStatus, reason } = await this.#metrics.measure(account, (onSent) =>
        polyAi.getCallStatus(callSid, { ...options, bypassCircuit, onSent }),
      );
      const { status } = classifyCallStatus(rawStatus);
      this.#live?.recordObservation(status);
      return { status, rawStatus, reason, observedAt: this.#nowIso() };
    } catch (error) {
      this.#live?.recordFailure(this.context.log);
      throw error;
    } finally {
      log.record(polyAi, this.context.log);
    }
  }

  /**
   * Saves the outcome if the status is terminal, and adds the worker's capabilities.
   *
   * @param superseded what the monitor has been told since it called this `getStatus`
   */
  async #deliver(result: GetStatusResult, superseded: PollReport | undefined): Promise<GetStatusResult> {
    const { outcomes, capabilities } = this.shared;
    const report = addReports(superseded, this.#recorder.report(true));
    this.#countOutcome(report);
    const isSaved = await outcomes.save(this.context, this.input, report);
    return { ...result, ...capabilities, ...(isSaved && { outcomeStore: 'saved' }) };
  }

  #countOutcome({ observation }: PollReport): void {
    if (!observation || classifyCallStatus(observation.status).kind !== 'terminal') return;
    this.#metrics.countOutcome(this.input.account, observation.status);
    this.#live?.recordEnd();
  }

  /** The result for a call that the API does not know, from the outcome of an earlier monitor. */
  async #findOutcome(): Promise<GetStatusResult | undefined> {
    const { outcomes, capabilities } = this.shared;
    const stored = await outcomes.find(this.input.callSid).catch((error: unknown) => {
      this.context.heartbeat(this.#recorder.progress);
      const message = 'the API does not know the call, and the outcome store could not be read';
      throw storeFailure(message, error, this.#failureDetails());
    });
    if (!stored?.lastObservation) return undefined;
    this.#live?.recordEnd();
    const { lastObservation: observation, timeline: changes } = stored;
    return { observation, changes, polls: this.#recorder.polls, ...capabilities, outcomeStore: 'saved' };
  }

  #failure(error: PolyAiError): Error {
    const failure = toApplicationFailure(error, this.#failureDetails());
    if (failure.nonRetryable) {
      // A monitor goes on with a call that it has observed when the token is rejected.
      if (error.kind !== 'Unauthorized') this.#live?.recordEnd();
    } else {
      // The SDK sends the last heartbeat before the failure, and the next attempt resumes from it.
      this.context.heartbeat(this.#recorder.progress);
    }
    return failure;
  }

  #failureDetails(): GetStatusFailureDetails {
    return { ...this.#recorder.report(this.#recorder.observation !== undefined), ...this.shared.capabilities };
  }

  #nowIso(): string {
    return new Date(this.shared.now()).toISOString();
  }
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
