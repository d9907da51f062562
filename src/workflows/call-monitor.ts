import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

import { classifyCallStatus } from '../contract/call.js';
import { formatDuration } from '../contract/duration.js';
import type { FailureType } from '../contract/failures.js';
import type { KnownCall, LongPollRequest } from '../contract/get-status.js';
import type { MonitorOutboundCallResult, MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import type { FailureReason } from '../contract/outcome.js';
import { MAX_REQUEST_TIMEOUT_MS } from '../contract/pacing.js';
import { atRiskAtMs } from '../contract/retention.js';
import { knownCall, pollCall, type PollRequest, saveOutcome } from './activity-calls.js';
import { nudgeSignal, progressQuery, reportStatusSignal } from './messages.js';
import type { MonitorSettings } from './monitor-input.js';
import {
  applyPoll,
  failureDetailsOf,
  isoTime,
  type MonitorState,
  type PollResult,
  progressOf,
} from './monitor-state.js';
import { planNextStep } from './polling-plan.js';
import { parseStatusReport, StatusReports } from './status-reports.js';
import {
  escapeMarkdown,
  logNotFound,
  memoAddsToSearchAttribute,
  publishAlarmChange,
  publishStatusChange,
  showCurrentDetails,
} from './visibility.js';

/** For so long a nudge does not interrupt a new poll: its request is probably in flight, not backing off. */
const NUDGE_GRACE_MS = 1_000;

/** Since 0.2.0. */
const SAVE_WITHOUT_WORKER_REPORT_PATCH = 'asks-for-outcome-store';

/** Since 0.2.0. A worker of an earlier version ignores the reports that it receives, also in a run that goes on here. */
const STATUS_REPORTS_PATCH = 'status-reports';

/** Since 0.2.0. */
const WAIT_FOR_STORE_PATCH = 'waits-for-store-at-deadline';

/** Attempts of the poll at the deadline: enough to survive a worker crash or a short outage. */
const FINAL_POLL_ATTEMPTS = 5;

interface InterruptiblePoll {
  readonly scope: CancellationScope;
  /** Before this time a nudge does not interrupt the poll. */
  readonly protectedUntilMs: number;
}

interface PollContext {
  /** The deadline has passed. */
  readonly isFinalPoll: boolean;
  /** A nudge interrupted the previous poll. */
  readonly followsInterruption: boolean;
}

/** Carries out the decisions of the polling plan for one call. Workflow code: handles the query and the signal `nudge`. */
export class CallMonitor {
  #phase: MonitorPhase = 'polling';
  #isNudged = false;
  readonly #reports = new StatusReports();
  /** This run has acted on a status report, so no worker of an earlier version can have processed all of it. */
  #hasReports = false;
  #interruptiblePoll: InterruptiblePoll | undefined;

  constructor(
    private readonly settings: MonitorSettings,
    private state: MonitorState,
  ) {
    setHandler(progressQuery, () => this.#progress(), {
      description: 'What the monitor is doing and what it has observed',
    });
    setHandler(nudgeSignal, () => this.#nudge(), { description: 'Poll now' });
    setHandler(reportStatusSignal, (report) => this.#receive(report), {
      description: 'From getStatus: what the long poll has observed',
    });
  }

  /**
   * Polls until the call has a final status.
   *
   * @param continueAsNew called with the current state when the server suggests it
   */
  async run(continueAsNew: (state: MonitorState) => Promise<never>): Promise<MonitorOutboundCallResult> {
    let wasInterrupted = false;
    for (;;) {
      // A new run would receive neither a cancellation of this one nor the last report of an interrupted long poll.
      const isCancelled = CancellationScope.current().consideredCancelled;
      if (workflowInfo().continueAsNewSuggested && !isCancelled && !wasInterrupted) await continueAsNew(this.state);
      await this.#waitForNextPoll();
      const isFinalPoll = Date.now() >= this.state.deadlineAtMs;
      const poll = await this.#poll({ isFinalPoll, followsInterruption: wasInterrupted });
      wasInterrupted = poll === 'interrupted';
      if (poll === 'interrupted') continue;
      this.#record(poll, isStatusOnlyInResult(this.state, poll));
      const { settings, state } = this;
      const waitsForStore = isFinalPoll && isStoreUnavailable(poll) && patched(WAIT_FOR_STORE_PATCH);
      const now = { nowMs: Date.now(), random: Math.random() };
      const step = planNextStep({ settings, state, poll, isFinalPoll, waitsForStore, ...now });
      if (step.kind === 'finish') return await this.#finish(step.result, poll);
      if (step.kind === 'fail') return await this.#fail(step.type, step.message);
      this.#planWait(step.phase, step.waitMs);
    }
  }

  /** One last poll of a cancelled monitor, because the call may just have ended. */
  async pollOnCancellation(): Promise<void> {
    const request = { ...this.#pollRequest('last poll, on cancellation'), maximumAttempts: 1 };
    const poll = await this.#pollOnce(request);
    this.#record(poll);
    await this.#save(poll, { type: 'Cancelled', message: 'the monitor was cancelled' });
    this.#enter('cancelled');
  }

  async #waitForNextPoll(): Promise<void> {
    const waitMs = (this.state.nextPollAtMs ?? 0) - Date.now();
    if (waitMs > 0) {
      this.#enter(this.state.credentialRefusedSinceMs === undefined ? 'waiting' : 'credential-hold');
      await condition(() => this.#isNudged, waitMs, { summary: this.#summary('next poll') });
    }
    this.#isNudged = false;
    const { nextPollAtMs: _, ...polling } = this.state;
    this.state = polling;
  }

  /** One poll. The one after an interruption is protected from nudges for as long as a slow answer may take. */
  async #poll({ isFinalPoll, followsInterruption }: PollContext): Promise<PollResult | 'interrupted'> {
    const hold = isFinalPoll || followsInterruption ? undefined : this.#longPollRequest();
    this.#enter(hold ? 'holding' : 'polling');
    const scope = new CancellationScope();
    const protectedMs = followsInterruption ? MAX_REQUEST_TIMEOUT_MS : NUDGE_GRACE_MS;
    this.#interruptiblePoll = { scope, protectedUntilMs: Date.now() + protectedMs };
    const limit = isFinalPoll ? { maximumAttempts: FINAL_POLL_ATTEMPTS } : { retryForMs: this.#retryWindowMs() };
    const purpose = hold ? `long poll for up to ${formatDuration(hold.forMs)}` : 'poll';
    const request = { ...this.#pollRequest(purpose), hold, ...limit };
    try {
      return await scope.run(() => this.#pollOnce(request));
    } catch (error) {
      const isMonitorCancelled = CancellationScope.current().consideredCancelled;
      if (!isCancellation(error) || isMonitorCancelled) throw error;
      return 'interrupted';
    } finally {
      this.#interruptiblePoll = undefined;
      scope.cancel();
    }
  }

  /** The result has only those polls that no report has told before. */
  async #pollOnce(request: PollRequest): Promise<PollResult> {
    const poll = await pollCall({ ...request, reportAs: this.#reports.begin() });
    return { ...poll, polls: this.#reports.complete(poll.polls) };
  }

  /** A status report: the `getStatus` that sent it goes on, or has been interrupted. */
  #receive(input: unknown): void {
    const report = parseStatusReport(input);
    if (!report || !this.#reports.isCurrent(report) || !patched(STATUS_REPORTS_PATCH)) return;
    this.#hasReports = true;
    const { reportAs, ...observed } = report;
    this.#record({ kind: 'observed', ...observed, polls: this.#reports.count(reportAs, report.polls) });
    this.#enter(this.#phase);
  }

  /** What all polls have in common. */
  #pollRequest(purpose: string) {
    const { callSid, account } = this.settings;
    const { polls, hasOutcomeStore, lastError } = this.state;
    // Left out while all is well and no outcome store is known: it would only lengthen the history.
    const known: KnownCall | undefined =
      polls === 0 || hasOutcomeStore || lastError ? knownCall(this.state) : undefined;
    return {
      callSid,
      account,
      known,
      summary: this.#summary(purpose),
    };
  }

  /** How long Temporal may retry a poll: until the deadline, or until the alarm is due if that comes first. */
  #retryWindowMs(): number {
    const { alarm, deadlineAtMs, lastObservation, startedAtMs } = this.state;
    const alarmAtMs = alarm ? undefined : atRiskAtMs({ lastObservation, startedAt: isoTime(startedAtMs) });
    return Math.min(deadlineAtMs, alarmAtMs ?? Infinity) - Date.now();
  }

  /** `undefined` if each poll is a separate activity, while the API rejects the token, during an alarm and at the deadline. */
  #longPollRequest(): LongPollRequest | undefined {
    const { holdMs, intervalMs } = this.settings;
    const { credentialRefusedSinceMs, deadlineAtMs, lastObservation, alarm } = this.state;
    if (holdMs === 0 || credentialRefusedSinceMs !== undefined) return undefined;
    // A long poll must not delay an alarm; after one, the first observation must reach the workflow at once.
    const forMs = alarm ? 0 : Math.min(holdMs, deadlineAtMs - Date.now(), this.#retryWindowMs());
    if (forMs <= 0) return undefined;
    return { forMs, intervalMs, ...(lastObservation && { knownStatus: lastObservation.status }) };
  }

  #nudge(): void {
    const poll = this.#interruptiblePoll;
    if (this.#isNudged) return;
    this.#isNudged = true;
    if (!poll) return;
    const interrupt = (): void => poll.scope.cancel();
    const protectedMs = poll.protectedUntilMs - Date.now();
    if (protectedMs <= 0) return interrupt();
    // The timer is cancelled with the poll's scope, so it never interrupts a later poll.
    void poll.scope
      .run(() => sleep(protectedMs, { summary: 'nudged: time for the current poll to complete' }))
      .then(interrupt, () => undefined);
  }

  #record(poll: PollResult, isInResult = false): void {
    const before = this.state;
    this.state = applyPoll(before, poll, Date.now());
    const writeSearchAttributes = poll.kind === 'observed' && poll.searchAttributes === true;
    const isInAttribute = writeSearchAttributes && this.#hasReports && !memoAddsToSearchAttribute(this.state);
    publishStatusChange(before, this.state, { writeMemo: !isInResult && !isInAttribute, writeSearchAttributes });
    publishAlarmChange(before, this.state);
    logNotFound(before, this.state);
  }

  #planWait(phase: MonitorPhase, waitMs: number): void {
    const isDue = this.#isNudged || waitMs === 0;
    if (!isDue) this.state = { ...this.state, nextPollAtMs: Date.now() + waitMs };
    this.#enter(phase);
  }

  async #finish(result: MonitorOutboundCallResult, poll: PollResult): Promise<MonitorOutboundCallResult> {
    const isSaved = await this.#save(poll);
    this.#enter('finished');
    return isSaved ? { ...result, outcomeSaved: true } : result;
  }

  async #fail(type: FailureType, message: string): Promise<never> {
    await this.#save(undefined, { type, message });
    this.#enter('failed');
    const details = failureDetailsOf(this.settings.callSid, this.state);
    throw ApplicationFailure.nonRetryable(message, type, details);
  }

  /** Saves the outcome if workers have an outcome store and `getStatus` has not saved it. `true` if it is in the store. */
  async #save(poll: PollResult | undefined, reason?: FailureReason): Promise<boolean> {
    if (poll?.outcomeStore === 'saved') return true;
    const { hasOutcomeStore, hasHeardWorker } = this.state;
    // If no attempt has returned or failed with a worker's report, only `saveOutcome` can find out about a store.
    if (!hasOutcomeStore && (hasHeardWorker || !patched(SAVE_WITHOUT_WORKER_REPORT_PATCH))) return false;
    this.#enter('saving');
    return await saveOutcome(this.settings, this.state, reason);
  }

  #enter(phase: MonitorPhase): void {
    this.#phase = phase;
    showCurrentDetails(this.#progress());
  }

  #progress(): MonitorProgress {
    const { countedOfLatest: reportedPolls } = this.#reports;
    const progress = progressOf(this.settings.callSid, this.#phase, this.state);
    return reportedPolls > 0 ? { ...progress, reportedPolls } : progress;
  }

  /** One line for the Web UI, which renders Markdown: the last status, and the purpose of this timer or activity. */
  #summary(purpose: string): string {
    const { lastObservation: last } = this.state;
    return last ? `${escapeMarkdown(last.status)}: ${purpose}` : `not observed yet: ${purpose}`;
  }
}

/**
 * Whether the first observation is final, so that the result shows it and a memo would only add an event to most histories.
 * Results of 0.1.0's `getStatus` have no `changes`, and their histories contain the memo.
 */
function isStatusOnlyInResult({ lastObservation }: MonitorState, poll: PollResult): boolean {
  if (lastObservation || poll.kind !== 'observed' || !poll.changes || !poll.observation) return false;
  return classifyCallStatus(poll.observation.status).kind === 'terminal';
}

/** The API does not know the call, and whether the store has its outcome is not known. */
function isStoreUnavailable(poll: PollResult): boolean {
  return poll.kind === 'failed' && poll.type === 'OutcomeStoreUnavailable';
}
