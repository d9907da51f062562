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
import { atRiskFromMs } from '../contract/retention.js';
import { knownCall, pollCall, saveOutcome } from './activity-calls.js';
import { nudgeSignal, progressQuery } from './messages.js';
import type { MonitorSettings } from './monitor-input.js';
import { failureDetailsOf, type MonitorState, type PollOutcome, progressOf, recordOutcome } from './monitor-state.js';
import { planNextStep } from './polling-plan.js';
import { showAlarmChange, showCurrentDetails, showStatusChange } from './visibility.js';

/** A nudge leaves a poll alone that is as young as this: it is under way, not backing off. */
const YOUNG_POLL_MS = 1_000;

/** Since 0.2.0. */
const ASKS_FOR_STORE = 'asks-for-outcome-store';

/** Attempts of the poll at the deadline: it waits for a worker, and outlives a crash or a brief outage. */
const FINAL_POLL_ATTEMPTS = 5;

interface PendingPoll {
  readonly scope: CancellationScope;
  /** Until then a nudge leaves it alone. */
  readonly protectedUntilMs: number;
}

interface PollKind {
  /** The deadline has passed. */
  readonly isFinalPoll: boolean;
  /** The poll before was cut short by a nudge. */
  readonly isRepeated: boolean;
}

/** Carries out what the polling plan decides, for one call. Workflow code: it takes the query and the signal upon itself. */
export class CallMonitor {
  #phase: MonitorPhase = 'polling';
  #isNudged = false;
  /** The last `getStatus` was cut short: what it saw has still to be heard. */
  #hasUnheard = false;
  #pendingPoll: PendingPoll | undefined;

  constructor(
    private readonly settings: MonitorSettings,
    private state: MonitorState,
  ) {
    setHandler(progressQuery, () => this.#progress(), {
      description: 'What the monitor is doing and what it has seen',
    });
    setHandler(nudgeSignal, () => this.#nudge(), { description: 'Poll now' });
  }

  /** The durable loop. `startAfresh` is called when the history has grown long. */
  async run(startAfresh: (state: MonitorState) => Promise<never>): Promise<MonitorOutboundCallResult> {
    let isCutShort = false;
    for (;;) {
      // A new run would not hear of a cancellation that has reached this one, nor of what a nudged hold has seen.
      const isCancelled = CancellationScope.current().consideredCancelled;
      if (workflowInfo().continueAsNewSuggested && !isCancelled && !isCutShort) await startAfresh(this.state);
      await this.#waitForNextPoll();
      const isFinalPoll = Date.now() >= this.state.deadlineAtMs;
      const outcome = await this.#poll({ isFinalPoll, isRepeated: isCutShort });
      isCutShort = outcome === 'cut short';
      if (outcome === 'cut short') continue;
      this.#record(outcome, isToldByResult(this.state, outcome));
      const { settings, state } = this;
      const step = planNextStep({ settings, state, outcome, isFinalPoll, nowMs: Date.now(), random: Math.random() });
      if (step.kind === 'finish') return await this.#finish(step.result, outcome);
      if (step.kind === 'fail') throw await this.#failure(step.type, step.message);
      this.#planWait(step.phase, step.waitMs);
    }
  }

  /** One last poll for a monitor that was cancelled, for the call may just have ended. */
  async lookOnceMore(): Promise<void> {
    const { callSid, account } = this.settings;
    const summary = 'last poll, on cancellation';
    const request = { callSid, account, resumes: this.#hasUnheard, known: this.#known(), maximumAttempts: 1, summary };
    const outcome = await pollCall(request);
    this.#record(outcome);
    await this.#save(outcome, { type: 'Cancelled', message: 'the monitor was cancelled' });
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

  /** One poll. After one that was cut short by a nudge, the next is given the time that a slow answer needs. */
  async #poll({ isFinalPoll, isRepeated }: PollKind): Promise<PollOutcome | 'cut short'> {
    const hold = isFinalPoll || isRepeated ? undefined : this.#holdRequest();
    this.#enter(hold ? 'holding' : 'polling');
    const scope = new CancellationScope();
    const protectedMs = isRepeated ? MAX_REQUEST_TIMEOUT_MS : YOUNG_POLL_MS;
    this.#pendingPoll = { scope, protectedUntilMs: Date.now() + protectedMs };
    const limit = isFinalPoll ? { maximumAttempts: FINAL_POLL_ATTEMPTS } : { retryForMs: this.#patienceMs() };
    const { callSid, account } = this.settings;
    const summary = this.#summary(hold ? `polls for up to ${formatDuration(hold.forMs)}` : 'poll');
    try {
      const request = { callSid, account, hold, resumes: this.#hasUnheard, known: this.#known(), summary, ...limit };
      const outcome = await scope.run(() => pollCall(request));
      this.#hasUnheard = false;
      return outcome;
    } catch (error) {
      this.#hasUnheard = true;
      const isMonitorCancelled = CancellationScope.current().consideredCancelled;
      if (!isCancellation(error) || isMonitorCancelled) throw error;
      return 'cut short';
    } finally {
      this.#pendingPoll = undefined;
      scope.cancel();
    }
  }

  /** How long a poll may be retried: to the deadline, but first until it is time to raise the alarm. */
  #patienceMs(): number {
    const { alarm, deadlineAtMs, lastObservation, startedAtMs } = this.state;
    const startedAt = new Date(startedAtMs).toISOString();
    const alarmAtMs = alarm ? undefined : atRiskFromMs({ lastObservation, startedAt });
    return Math.min(deadlineAtMs, alarmAtMs ?? Infinity) - Date.now();
  }

  /** Nothing where each poll is to be an activity of its own, or while polling slowly for a refused credential. */
  #holdRequest(): LongPollRequest | undefined {
    const { holdMs, intervalMs } = this.settings;
    const { credentialRefusedSinceMs, deadlineAtMs, lastObservation, alarm } = this.state;
    if (holdMs === 0 || credentialRefusedSinceMs !== undefined) return undefined;
    // After an alarm the first answer is to be heard at once, and no hold is to put an alarm off.
    const forMs = alarm ? 0 : Math.min(holdMs, deadlineAtMs - Date.now(), this.#patienceMs());
    if (forMs <= 0) return undefined;
    return { forMs, intervalMs, ...(lastObservation && { knownStatus: lastObservation.status }) };
  }

  #nudge(): void {
    const poll = this.#pendingPoll;
    if (this.#isNudged) return;
    this.#isNudged = true;
    if (!poll) return;
    const cutShort = (): void => poll.scope.cancel();
    const protectedMs = poll.protectedUntilMs - Date.now();
    if (protectedMs <= 0) return cutShort();
    // The timer ends with the poll's scope, so it never reaches a later poll.
    void poll.scope
      .run(() => sleep(protectedMs, { summary: 'nudged: let the poll end' }))
      .then(cutShort, () => undefined);
  }

  #record(outcome: PollOutcome, isToldElsewhere = false): void {
    const before = this.state;
    this.state = recordOutcome(before, outcome, Date.now());
    const hasSearchAttributes = outcome.kind === 'observed' && outcome.searchAttributes === true;
    showStatusChange(before, this.state, { hasMemo: !isToldElsewhere, hasSearchAttributes });
    showAlarmChange(before, this.state);
  }

  #planWait(phase: MonitorPhase, waitMs: number): void {
    const isDue = this.#isNudged || waitMs === 0;
    if (!isDue) this.state = { ...this.state, nextPollAtMs: Date.now() + waitMs };
    this.#enter(phase);
  }

  async #finish(result: MonitorOutboundCallResult, outcome: PollOutcome): Promise<MonitorOutboundCallResult> {
    const isSaved = await this.#save(outcome);
    this.#enter('finished');
    return isSaved ? { ...result, outcomeSaved: true } : result;
  }

  async #failure(type: FailureType, message: string): Promise<ApplicationFailure> {
    await this.#save(undefined, { type, message });
    this.#enter('failed');
    const details = failureDetailsOf(this.settings.callSid, this.state);
    return ApplicationFailure.nonRetryable(message, type, details);
  }

  /** Nothing closes before its outcome is kept, where outcomes are. */
  async #save(outcome: PollOutcome | undefined, ending?: FailureReason): Promise<boolean> {
    if (outcome?.outcomeStore === 'saved') return true;
    const { hasOutcomeStore, hasHeardWorker } = this.state;
    // Where no worker could say so, because each was killed or failed in its polls, one is asked now.
    if (!hasOutcomeStore && (hasHeardWorker || !patched(ASKS_FOR_STORE))) return false;
    this.#enter('saving');
    return await saveOutcome(this.settings, this.state, ending);
  }

  /** Left out where no outcome is kept, as far as is known, and all is well: it would only lengthen the history. */
  #known(): KnownCall | undefined {
    const { polls, hasOutcomeStore, lastError } = this.state;
    return polls === 0 || hasOutcomeStore || lastError ? knownCall(this.state) : undefined;
  }

  #enter(phase: MonitorPhase): void {
    this.#phase = phase;
    showCurrentDetails(this.#progress());
  }

  #progress(): MonitorProgress {
    return progressOf(this.settings.callSid, this.#phase, this.state);
  }

  /** One line for the Web UI: what is known of the call, and what this timer or activity is for. */
  #summary(purpose: string): string {
    const { lastObservation: last } = this.state;
    return last ? `${last.status}: ${purpose}` : `no answer yet: ${purpose}`;
  }
}

/**
 * Whether the workflow's result is about to say what a memo would that has said nothing yet: one event less for most calls.
 * Results of 0.1.0's `getStatus` have no `changes`, and their histories have the memo.
 */
function isToldByResult({ lastObservation }: MonitorState, outcome: PollOutcome): boolean {
  if (lastObservation || outcome.kind !== 'observed' || !outcome.changes || !outcome.observation) return false;
  return classifyCallStatus(outcome.observation.status).kind === 'terminal';
}
