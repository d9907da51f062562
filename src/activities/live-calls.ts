import type { Context } from '@temporalio/activity';

import { classifyCallStatus } from '../contract/call.js';
import { JITTER, MAX_POLL_INTERVAL_MS } from '../contract/pacing.js';
import { ALARM_AFTER_MS, STATUS_RETENTION_MS } from '../contract/retention.js';
import type { StatusSource } from './accounts.js';
import { accountLabel, gauge } from './metrics.js';

const PUBLISH_INTERVAL_MS = 5_000;

const LOG_INTERVAL_MS = 5 * 60_000;

/** A monitor that stays on this worker calls `getStatus` again within this time. */
const EXPIRES_AFTER_MS = MAX_POLL_INTERVAL_MS * (1 + JITTER) + 60_000;

interface LiveCallOptions {
  readonly callSid: string;
  /** Its name; absent for the default account. */
  readonly account: string | undefined;
  readonly polyAi: StatusSource;
  /** When the monitor started, if that is known. ISO 8601. */
  readonly startedAt: string | undefined;
  /** The last status that is known; absent before the first observation. */
  readonly status: string | undefined;
  /** When it was observed. ISO 8601. */
  readonly observedAt: string | undefined;
}

/** A call that a `getStatus` of this worker polls, or did a moment ago. */
interface LiveCall {
  readonly account: string;
  readonly startedAtMs: number;
  status: string;
  observedAtMs: number | undefined;
  /** The `getStatus` of this worker that poll it now: none between two of them. */
  attempts: number;
  /** Whether the call is not live here any more once none polls it. */
  isOver: boolean;
  /** When the last of them ended. By `performance.now()`. */
  leftAtMs: number;
}

/** How one `getStatus` updates its live call. Cheap: a timer publishes the gauges. */
export interface LiveCallAttempt {
  recordObservation(status: string): void;
  /** Logs that calls are at risk, if this one is, every five minutes. */
  recordFailure(log: Context['log']): void;
  /** The call has ended, or another worker continues: remove it from the gauges when this `getStatus` ends. */
  recordEnd(): void;
  /** This `getStatus` has ended. */
  end(): void;
}

/** The live calls of one worker, and its gauges. */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();
  readonly #sources = new Map<string, StatusSource>();
  /** Statuses that were published for each account, so that they return to 0. */
  readonly #statuses = new Map<string, Set<string>>();
  readonly #gauges: Gauges;
  #loggedAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    meter: Context['metricMeter'],
    private readonly now: () => number,
  ) {
    this.#gauges = createGauges(meter);
  }

  /** A `getStatus` of the call has begun. */
  begin(options: LiveCallOptions): LiveCallAttempt {
    const account = accountLabel(options.account);
    const key = `${account}/${options.callSid}`;
    const call = this.#calls.get(key) ?? this.#newCall(account, options);
    this.#calls.set(key, call);
    this.#sources.set(account, options.polyAi);
    call.attempts += 1;
    call.isOver = false;
    if (!this.#timer) this.#publish();
    return {
      recordObservation: (status) => {
        call.status = statusLabel(status);
        call.observedAtMs = this.now();
      },
      recordFailure: (log) => {
        if (unseenMsOf(call, this.now()) >= ALARM_AFTER_MS) this.#warn(log);
      },
      recordEnd: () => {
        call.isOver = true;
      },
      end: () => this.#leave(key, call),
    };
  }

  #leave(key: string, call: LiveCall): void {
    call.attempts -= 1;
    call.leftAtMs = performance.now();
    if (call.attempts > 0 || !call.isOver) return;
    this.#calls.delete(key);
    if (this.#calls.size === 0) this.#publish();
  }

  #newCall(account: string, { startedAt, status, observedAt }: LiveCallOptions): LiveCall {
    return {
      account,
      startedAtMs: epochMs(startedAt) ?? this.now(),
      status: statusLabel(status),
      observedAtMs: epochMs(observedAt),
      attempts: 0,
      isOver: false,
      leftAtMs: 0,
    };
  }

  #warn(log: Context['log']): void {
    if (performance.now() - this.#loggedAtMs < LOG_INTERVAL_MS) return;
    this.#loggedAtMs = performance.now();
    const nowMs = this.now();
    const calls = [...this.#calls.values()].filter((call) => unseenMsOf(call, nowMs) >= ALARM_AFTER_MS).length;
    log.warn('outcomes of calls are at risk: PolyAI stores a status for about two hours after the call ended', {
      calls,
    });
  }

  /** Sets the gauges, now and again until there is no live call. */
  #publish(): void {
    clearTimeout(this.#timer);
    this.#expire();
    try {
      const summaries = this.#summarize();
      for (const [account, source] of this.#sources) {
        this.#publishAccount(account, source, summaries.get(account) ?? emptySummary());
      }
    } catch {
      // The runtime that serves the metrics has been shut down.
      this.#calls.clear();
    }
    const isOver = this.#calls.size === 0;
    this.#timer = isOver ? undefined : setTimeout(() => this.#publish(), PUBLISH_INTERVAL_MS).unref();
  }

  /** Calls whose monitor has moved to another worker expire. */
  #expire(): void {
    const expiredMs = performance.now() - EXPIRES_AFTER_MS;
    for (const [key, call] of this.#calls) {
      if (call.attempts === 0 && call.leftAtMs <= expiredMs) this.#calls.delete(key);
    }
  }

  #publishAccount(account: string, { throttling, tokenRejection }: StatusSource, summary: Summary): void {
    const gauges = this.#gauges;
    const labels = { account };
    const { calls, byStatus, atRisk, unobservedAgeMs, safeMs } = summary;
    const statuses = this.#statuses.get(account) ?? new Set();
    this.#statuses.set(account, statuses);
    for (const status of byStatus.keys()) statuses.add(status);
    for (const status of statuses) gauges.liveCalls.set(byStatus.get(status) ?? 0, { account, status });
    gauges.unobservedCallAge.set(unobservedAgeMs / 1_000, labels);
    gauges.outcomeSafe.set(safeMs / 1_000, labels);
    gauges.callsAtRisk.set(atRisk, labels);
    // Without live calls nothing is requested, so that neither could end.
    gauges.throttled.set(throttling && calls > 0 ? 1 : 0, labels);
    gauges.throttledRate.set(throttling && calls > 0 ? throttling.requestsPerSecond : 0, labels);
    gauges.tokenRejected.set(tokenRejection && calls > 0 ? 1 : 0, labels);
  }

  /** By account, in one pass. */
  #summarize(): ReadonlyMap<string, Summary> {
    const nowMs = this.now();
    const summaries = new Map<string, Summary>();
    for (const call of this.#calls.values()) {
      const summary = summaries.get(call.account) ?? emptySummary();
      summaries.set(call.account, summary);
      addCall(summary, call, nowMs);
    }
    return summaries;
  }
}

/** The live calls of one account. */
interface Summary {
  calls: number;
  readonly byStatus: Map<string, number>;
  atRisk: number;
  unobservedAgeMs: number;
  safeMs: number;
}

function emptySummary(): Summary {
  return { calls: 0, byStatus: new Map(), atRisk: 0, unobservedAgeMs: 0, safeMs: STATUS_RETENTION_MS };
}

function addCall(summary: Summary, call: LiveCall, nowMs: number): void {
  const { status, observedAtMs } = call;
  const unseenMs = unseenMsOf(call, nowMs);
  summary.calls += 1;
  summary.byStatus.set(status, (summary.byStatus.get(status) ?? 0) + 1);
  if (unseenMs >= ALARM_AFTER_MS) summary.atRisk += 1;
  if (observedAtMs === undefined) summary.unobservedAgeMs = Math.max(summary.unobservedAgeMs, unseenMs);
  summary.safeMs = Math.min(summary.safeMs, Math.max(0, STATUS_RETENTION_MS - unseenMs));
}

/** The time since the last observation, or since the monitor started. */
function unseenMsOf({ observedAtMs, startedAtMs }: LiveCall, nowMs: number): number {
  return Math.max(0, nowMs - (observedAtMs ?? startedAtMs));
}

type Gauges = ReturnType<typeof createGauges>;

function createGauges(meter: Context['metricMeter']) {
  return {
    liveCalls: gauge(meter, 'polyai_live_calls'),
    unobservedCallAge: gauge(meter, 'polyai_unobserved_call_age_seconds'),
    outcomeSafe: gauge(meter, 'polyai_outcome_safe_seconds'),
    callsAtRisk: gauge(meter, 'polyai_calls_at_risk'),
    throttled: gauge(meter, 'polyai_throttled'),
    throttledRate: gauge(meter, 'polyai_throttled_requests_per_second'),
    tokenRejected: gauge(meter, 'polyai_token_rejected'),
  };
}

/** Few values, whatever the API sends. */
function statusLabel(status: string | undefined): string {
  if (status === undefined) return 'none';
  const classified = classifyCallStatus(status);
  return classified.kind === 'unknown' ? 'unknown' : classified.status;
}

function epochMs(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
