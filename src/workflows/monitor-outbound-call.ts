import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import type {
  FailureType,
  MonitorOutboundCallInput,
  MonitorOutboundCallResult,
  MonitorPhase,
  MonitorProgress,
} from '../contract/index.js';
import { nudgeSignal, progressQuery } from './messages.js';
import { failureDetailsOf, progressOf } from './monitor-progress.js';
import { parseMonitorInput, type MonitorSettings } from './monitor-settings.js';
import { initialMonitorState, recordOutcome, type MonitorState, type PollOutcome } from './monitor-state.js';
import { pollCall } from './poll-call.js';
import { planNextStep } from './polling-plan.js';
import { showCurrentDetails, showStatusChange } from './show-monitor.js';

/** A nudge leaves a poll alone that is as young as this: it is under way, not backing off. */
const YOUNG_POLL_MS = 1_000;

/**
 * Monitors one outbound call until it has a final status: polls the API in a durable loop that survives crashes,
 * deploys and outages of the API.
 *
 * Workflow ID: `monitorWorkflowId(callSid)`. Query `progress`, signal `nudge`.
 *
 * @param input see {@link MonitorOutboundCallInput}; checked, for any client in any language may send it
 * @param carried state of the run before, after a continue-as-new; starters leave it out
 * @returns the call's final status; a call that ended in `failure` is a result too
 * @throws ApplicationFailure `InvalidInput`, `InvalidCallSid`, `Unauthorized`, `CallNotFound`, `CallStatusExpired`,
 *   `RequestRejected` or `MonitorDeadlineExceeded`, with `MonitorFailureDetails` as the first of its details
 */
export async function monitorOutboundCall(
  input: MonitorOutboundCallInput,
  carried?: MonitorState,
): Promise<MonitorOutboundCallResult> {
  const settings = parseMonitorInput(input);
  if ('type' in settings) throw ApplicationFailure.nonRetryable(settings.message, settings.type);
  const startedAtMs = workflowInfo().startTime.getTime();
  const monitor = new Monitor(settings, carried ?? initialMonitorState(startedAtMs, settings.deadlineMs));
  try {
    return await monitor.runUntil((state) => continueAsNew<typeof monitorOutboundCall>(input, state));
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => monitor.lookOnceMore());
    throw error;
  }
}

class Monitor {
  #phase: MonitorPhase = 'polling';
  #isNudged = false;
  #pendingPoll: { readonly scope: CancellationScope; readonly sinceMs: number } | undefined;

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
  async runUntil(startAfresh: (state: MonitorState) => Promise<never>): Promise<MonitorOutboundCallResult> {
    for (;;) {
      if (workflowInfo().continueAsNewSuggested) await startAfresh(this.state);
      await this.#waitForNextPoll();
      const isFinalPoll = Date.now() >= this.state.deadlineAtMs;
      const outcome = await this.#poll();
      if (outcome === 'nudged') continue;
      this.#record(outcome);
      const { settings, state } = this;
      const step = planNextStep({ settings, state, outcome, isFinalPoll, nowMs: Date.now(), random: Math.random() });
      if (step.kind === 'finish') return this.#finish(step.result);
      if (step.kind === 'fail') throw this.#failure(step.type, step.message);
      this.#planWait(step.phase, step.waitMs);
    }
  }

  /** One last poll for a monitor that was cancelled, for the call may just have ended. */
  async lookOnceMore(): Promise<void> {
    const { callSid } = this.settings;
    this.#record(await pollCall({ callSid, remainingMs: 0, summary: 'last poll, on cancellation' }));
    this.#enter('cancelled');
  }

  async #waitForNextPoll(): Promise<void> {
    const waitMs = (this.state.nextPollAtMs ?? 0) - Date.now();
    if (waitMs > 0) await condition(() => this.#isNudged, waitMs, { summary: this.#summary('next poll') });
    this.#isNudged = false;
    const { nextPollAtMs: _, ...polling } = this.state;
    this.state = polling;
  }

  async #poll(): Promise<PollOutcome | 'nudged'> {
    this.#enter('polling');
    const scope = new CancellationScope();
    this.#pendingPoll = { scope, sinceMs: Date.now() };
    const { callSid } = this.settings;
    const remainingMs = this.state.deadlineAtMs - Date.now();
    try {
      return await scope.run(() => pollCall({ callSid, remainingMs, summary: this.#summary('poll') }));
    } catch (error) {
      const isMonitorCancelled = CancellationScope.current().consideredCancelled;
      if (!isCancellation(error) || isMonitorCancelled) throw error;
      return 'nudged';
    } finally {
      this.#pendingPoll = undefined;
    }
  }

  #nudge(): void {
    this.#isNudged = true;
    const poll = this.#pendingPoll;
    if (poll && Date.now() - poll.sinceMs >= YOUNG_POLL_MS) poll.scope.cancel();
  }

  #record(outcome: PollOutcome): void {
    const before = this.state;
    this.state = recordOutcome(before, outcome, Date.now());
    showStatusChange(before, this.state, outcome.kind === 'observed' && outcome.searchAttributes === true);
  }

  #planWait(phase: MonitorPhase, waitMs: number): void {
    const isDue = this.#isNudged || waitMs === 0;
    if (!isDue) this.state = { ...this.state, nextPollAtMs: Date.now() + waitMs };
    this.#enter(phase);
  }

  #finish(result: MonitorOutboundCallResult): MonitorOutboundCallResult {
    this.#enter('finished');
    return result;
  }

  #failure(type: FailureType, message: string): ApplicationFailure {
    this.#enter('failed');
    const details = failureDetailsOf(this.settings.callSid, this.state);
    return ApplicationFailure.nonRetryable(message, type, details);
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
