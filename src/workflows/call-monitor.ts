import {
  ApplicationFailure,
  CancellationScope,
  condition,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import { classifyCallStatus } from '../contract/call.js';
import type { FailureType } from '../contract/failures.js';
import type { MonitorOutboundCallResult, MonitorPhase, MonitorProgress } from '../contract/monitor.js';
import type { FailureReason } from '../contract/outcome.js';
import { pollCall, saveOutcome } from './activity-calls.js';
import { nudgeSignal, progressQuery, reportStatusSignal } from './messages.js';
import type { MonitorSettings } from './monitor-input.js';
import { applyPoll, failureDetailsOf, type MonitorState, type PollResult, progressOf } from './monitor-state.js';
import { Nudges } from './nudges.js';
import { cancellationPollRequest, nextPollRequest, type PollRequest } from './poll-request.js';
import { planNextStep } from './polling-plan.js';
import { parseStatusReport, StatusReports } from './status-reports.js';
import {
  logNotFound,
  isStatusAttributeOutdated,
  memoAddsToSearchAttribute,
  publishAlarmChange,
  publishStatusChange,
  showCurrentDetails,
  writeStatusAttribute,
  summaryLine,
} from './visibility.js';

/** Since 0.2.0. */
const SAVE_WITHOUT_WORKER_REPORT_PATCH = 'asks-for-outcome-store';

/** Since 0.2.0. A worker of an earlier version ignores the reports that it receives, also in a run that goes on here. */
const STATUS_REPORTS_PATCH = 'status-reports';

/** Since 0.2.0. */
const LATE_STATUS_ATTRIBUTE_PATCH = 'writes-late-status-attribute';

/** Since 0.2.0. */
const WAIT_FOR_STORE_PATCH = 'waits-for-store-at-deadline';

/** Carries out the decisions of the polling plan for one call. Workflow code: handles the query and the signal `nudge`. */
export class CallMonitor {
  #phase: MonitorPhase = 'polling';
  readonly #nudges = new Nudges();
  readonly #reports = new StatusReports();
  /** This run has acted on a status report, so no worker of an earlier version can have processed all of it. */
  #hasReports = false;
  #failure: FailureReason | undefined;

  constructor(
    private readonly settings: MonitorSettings,
    private state: MonitorState,
  ) {
    setHandler(progressQuery, () => this.#progress(), {
      description: 'What the monitor is doing and what it has observed',
    });
    setHandler(nudgeSignal, () => this.#nudges.receive(), { description: 'Poll now' });
    setHandler(reportStatusSignal, (report) => this.#receive(report), {
      description: 'From getStatus: what the long poll has observed',
    });
  }

  /**
   * Polls until the call has a terminal status.
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
      const poll = await this.#poll(isFinalPoll, wasInterrupted);
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
    const poll = await this.#pollOnce(cancellationPollRequest(this.settings, this.state));
    this.#record(poll);
    await this.#save(poll, { type: 'Cancelled', message: 'the monitor was cancelled' });
    this.#enter('cancelled');
  }

  async #waitForNextPoll(): Promise<void> {
    const waitMs = (this.state.nextPollAtMs ?? 0) - Date.now();
    if (waitMs > 0) {
      this.#enter(this.state.credentialRefusedSinceMs === undefined ? 'waiting' : 'credential-hold');
      await condition(() => this.#nudges.isPending, waitMs, { summary: summaryLine(this.state, 'next poll') });
    }
    this.#nudges.clear();
    const { nextPollAtMs: _, ...polling } = this.state;
    this.state = polling;
  }

  async #poll(isFinalPoll: boolean, followsInterruption: boolean): Promise<PollResult | 'interrupted'> {
    const context = { isFinalPoll, followsInterruption, nowMs: Date.now() };
    const request = nextPollRequest(this.settings, this.state, context);
    this.#enter(request.hold ? 'holding' : 'polling');
    return await this.#nudges.runInterruptibly(() => this.#pollOnce(request), followsInterruption);
  }

  /** The result has only those polls that no report has told before. */
  async #pollOnce(request: PollRequest): Promise<PollResult> {
    const followsAbandoned = this.#reports.isLatestOpen || undefined;
    const poll = await pollCall({ ...request, reportAs: this.#reports.begin(), followsAbandoned });
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

  #record(poll: PollResult, isInResult = false): void {
    const before = this.state;
    this.state = applyPoll(before, poll, Date.now());
    const writeSearchAttributes = poll.kind === 'observed' && poll.searchAttributes === true;
    const isInAttribute = writeSearchAttributes && this.#hasReports && !memoAddsToSearchAttribute(this.state);
    publishStatusChange(before, this.state, { writeMemo: !isInResult && !isInAttribute, writeSearchAttributes });
    // A failed poll may have observed a status, or the worker that observed it did not know of the attribute.
    const isLate = poll.searchAttributes === true && isStatusAttributeOutdated(this.state);
    if (isLate && patched(LATE_STATUS_ATTRIBUTE_PATCH)) writeStatusAttribute(this.state);
    publishAlarmChange(before, this.state);
    logNotFound(before, this.state);
  }

  #planWait(phase: MonitorPhase, waitMs: number): void {
    const isDue = this.#nudges.isPending || waitMs === 0;
    if (!isDue) this.state = { ...this.state, nextPollAtMs: Date.now() + waitMs };
    this.#enter(phase);
  }

  async #finish(result: MonitorOutboundCallResult, poll: PollResult): Promise<MonitorOutboundCallResult> {
    const isSaved = await this.#save(poll);
    this.#enter('finished');
    return isSaved ? { ...result, outcomeSaved: true } : result;
  }

  async #fail(type: FailureType, message: string): Promise<never> {
    this.#failure = { type, message };
    await this.#save(undefined, this.#failure);
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
    showCurrentDetails(this.#progress(), this.#failure);
  }

  #progress(): MonitorProgress {
    const { countedOfLatest: reportedPolls } = this.#reports;
    const progress = progressOf(this.settings.callSid, this.#phase, this.state);
    return reportedPolls > 0 ? { ...progress, reportedPolls } : progress;
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
