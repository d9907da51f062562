/** The simulated API, in a process of its own, so that its CPU time is not counted as a worker's or client's. */
import { startSimulator, type RecordedRequest } from 'temporal-polyai/simulator';
import { serve, type ChildProcessHandle } from './child-process.js';

const TALLY_INTERVAL_MS = 100;
const MAX_QUEUED_MS = 1_000;
const ALWAYS_FAILING = [{ fault: { kind: 'status', status: 500 } }] as const;

/** What the simulated API answered in each second, and when each call first had a good answer. */
class AnswerLog {
  readonly #seconds = new Map<number, { good: number; refused: number }>();
  readonly #firstGood = new Map<string, number>();

  /** From now on the first good answer of each call is recorded again. */
  forgetFirstGood(): void {
    this.#firstGood.clear();
  }

  add({ callSid, at, status }: RecordedRequest): void {
    const second = Math.floor(at / 1_000);
    const count = this.#seconds.get(second) ?? { good: 0, refused: 0 };
    this.#seconds.set(second, count);
    count[status === 200 ? 'good' : 'refused'] += 1;
    if (status === 200 && callSid && !this.#firstGood.has(callSid)) this.#firstGood.set(callSid, at);
  }

  /** In a form that can be sent to another process; seconds are of the epoch, times in epoch milliseconds. */
  report() {
    return {
      perSecond: [...this.#seconds].map(([second, counts]) => ({ second, ...counts })),
      firstGood: [...this.#firstGood],
    };
  }
}

/** The times between two polls of each healthy call. */
class PollGaps {
  readonly #lastAt = new Map<string, number>();
  #fromAt = Infinity;
  #gaps = new Map<string, number[]>();

  /** From now on gaps are recorded: those that end later. */
  begin(): void {
    this.#fromAt = Date.now();
    this.#gaps = new Map();
  }

  addCall(callSid: string): void {
    this.#lastAt.set(callSid, Date.now());
  }

  addPoll({ callSid = '', at }: RecordedRequest): void {
    const lastAt = this.#lastAt.get(callSid);
    if (lastAt === undefined) return;
    this.#lastAt.set(callSid, at);
    if (at < this.#fromAt) return;
    this.#gaps.set(callSid, [...(this.#gaps.get(callSid) ?? []), at - lastAt]);
  }

  /** In ascending milliseconds. A call that was not polled counts with its gap so far. */
  end(): number[] {
    const gaps = [...this.#lastAt].flatMap(([callSid, lastAt]) => this.#gaps.get(callSid) ?? [Date.now() - lastAt]);
    return gaps.sort((a, b) => a - b);
  }
}

const simulator = await startSimulator();
const endOf = new Map<string, number>();
const polls = { live: 0, afterEnd: 0 };
/** Resolve `firstPoll` of a call. */
const expected = new Map<string, () => void>();
let answers: AnswerLog | undefined;
const gaps = new PollGaps();
const added = { calls: 0, failing: 0 };
let failingPercent = 0;
let lastCounted: RecordedRequest | undefined;

const functions = {
  access: () => ({ url: simulator.url, token: simulator.token }),
  /** @param lengthMs until `endCalls` when left out @returns when the call started */
  addCall(callSid: string, lengthMs = Infinity): number {
    const queuedMs = Math.min(MAX_QUEUED_MS, lengthMs / 4);
    const faultPeriods = isNextFailing() ? ALWAYS_FAILING : [];
    if (faultPeriods.length === 0 && lengthMs > 0) gaps.addCall(callSid);
    simulator.addCall(callSid, { queuedMs, callingMs: lengthMs - queuedMs, faultPeriods });
    const startedAt = Date.now();
    endOf.set(callSid, startedAt + lengthMs);
    return startedAt;
  },
  /** Sets how much longer live calls last. @returns now */
  endCalls(calls: readonly (readonly [callSid: string, inMs: number])[]): number {
    const now = Date.now();
    for (const [callSid, inMs] of calls) {
      simulator.addCall(callSid, { queuedMs: 0, callingMs: inMs });
      endOf.set(callSid, now + inMs);
    }
    return now;
  },
  /** No live call ends from now on. @returns how many there are */
  stopCallsFromEnding(): number {
    const now = Date.now();
    const live = [...endOf].filter(([, endsAt]) => endsAt > now);
    for (const [callSid] of live) {
      simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
      endOf.set(callSid, Infinity);
    }
    return live.length;
  },
  /** Resolves when a new call has been polled. */
  firstPoll: (callSid: string) => new Promise<void>((resolve) => expected.set(callSid, resolve)),
  polls() {
    tally();
    return { ...polls };
  },
  /** Answers 503 to everything, or works again. Answers are counted from the first use on. @returns now */
  setOutage(isOut: boolean): number {
    tally();
    simulator.setFault(isOut ? { kind: 'status', status: 503 } : undefined);
    answers ??= new AnswerLog();
    answers.forgetFirstGood();
    return Date.now();
  },
  /** So many of the calls that are added from now on are never answered but with 500. */
  setFailing(percent: number): void {
    failingPercent = percent;
    Object.assign(added, { calls: 0, failing: 0 });
  },
  /** Records the times between two polls of each healthy call from now on. */
  beginGaps(): void {
    tally();
    gaps.begin();
  },
  /** @returns those times, in ascending milliseconds */
  endGaps(): number[] {
    tally();
    return gaps.end();
  },
  /** What was answered since the first `setOutage`. */
  answers() {
    tally();
    return (answers ?? new AnswerLog()).report();
  },
};

export type SimulatorFunctions = typeof functions;
/** The simulator as the benchmark's main process sees it. */
export type SimulatorProcess = ChildProcessHandle<SimulatorFunctions>;

setInterval(tally, TALLY_INTERVAL_MS);
serve(functions);

/** Failing calls are spread evenly among the others. */
function isNextFailing(): boolean {
  added.calls += 1;
  if (added.failing + 1 > (added.calls * failingPercent) / 100) return false;
  added.failing += 1;
  return true;
}

/** Counts the requests since the last time. The simulator keeps the latest ones only, so this must run often. */
function tally(): void {
  const { requests } = simulator;
  for (const request of requests.slice(requests.lastIndexOf(lastCounted!) + 1)) {
    const { callSid = '', at } = request;
    const endsAt = endOf.get(callSid);
    // A worker that checks its token asks for a call that does not exist.
    if (endsAt === undefined) continue;
    if (at < endsAt) polls.live += 1;
    else polls.afterEnd += 1;
    expected.get(callSid)?.();
    expected.delete(callSid);
    answers?.add(request);
    gaps.addPoll(request);
  }
  lastCounted = requests.at(-1);
}
