/** The simulated API, apart from those who poll it, so that its CPU is not counted as theirs. */
import { setInterval } from 'node:timers';
import { startSimulator } from '../../dist/simulator/index.js';
import { AnswerLog } from '../outage/answer-log.mjs';
import { serve } from './serve.mjs';

const TALLY_EVERY_MS = 100;
const MOST_QUEUED_MS = 1_000;

const simulator = await startSimulator();
/** @type {Map<string, number>} */
const endOf = new Map();
const polls = { live: 0, afterEnd: 0 };
/** Who waits for a call's first poll. @type {Map<string, () => void>} */
const expected = new Map();
/** @type {AnswerLog | undefined} */
let answers;
/** @type {unknown} */
let lastCounted;

setInterval(tally, TALLY_EVERY_MS);

serve({
  access: () => ({ url: simulator.url, token: simulator.token }),
  /**
   * @param {string} callSid
   * @param {number} [lengthMs] until `endCalls` when left out
   */
  addCall(callSid, lengthMs = Infinity) {
    const queuedMs = Math.min(MOST_QUEUED_MS, lengthMs / 4);
    simulator.addCall(callSid, { queuedMs, callingMs: lengthMs - queuedMs });
    const bornAt = Date.now();
    endOf.set(callSid, bornAt + lengthMs);
    return bornAt;
  },
  /** Sets how long calls under way have still to go. @param {readonly (readonly [string, number])[]} calls */
  endCalls(calls) {
    const now = Date.now();
    for (const [callSid, inMs] of calls) {
      simulator.addCall(callSid, { queuedMs: 0, callingMs: inMs });
      endOf.set(callSid, now + inMs);
    }
    return now;
  },
  /** No call under way ends any more. Says how many there are. */
  keepCalls() {
    const now = Date.now();
    const live = [...endOf].filter(([, endsAt]) => endsAt > now);
    for (const [callSid] of live) {
      simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
      endOf.set(callSid, Infinity);
    }
    return live.length;
  },
  /** Resolves when a new call has been polled. @param {string} callSid */
  firstPoll: (callSid) => new Promise((resolve) => expected.set(callSid, () => resolve(undefined))),
  polls() {
    tally();
    return { ...polls };
  },
  /** Answers 503 to everything from now on; `false` ends that. Counting begins with the first change. @param {boolean} isOut */
  setOutage(isOut) {
    tally();
    simulator.setFault(isOut ? { kind: 'status', status: 503 } : undefined);
    answers ??= new AnswerLog();
    answers.startOver();
    return Date.now();
  },
  /** What was answered since the first `setOutage`. */
  answers() {
    tally();
    return answers?.report();
  },
});

/** Counts what came since last time. The simulator keeps the latest requests only, so this must not be left for long. */
function tally() {
  const { requests } = simulator;
  for (let index = requests.length - 1; index >= 0 && requests[index] !== lastCounted; index -= 1) {
    const { callSid = '', at } = requests[index];
    const endsAt = endOf.get(callSid);
    // Workflows that only measure turnover ask for calls that are over; so does a worker that checks its token.
    if (endsAt === undefined) continue;
    if (at < endsAt) polls.live += 1;
    else polls.afterEnd += 1;
    expected.get(callSid)?.();
    expected.delete(callSid);
    answers?.add(requests[index]);
  }
  lastCounted = requests.at(-1);
}
