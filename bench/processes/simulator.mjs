/** The simulated API, apart from those who poll it, so that its CPU is not counted as theirs. */
import { setInterval } from 'node:timers';
import { startSimulator } from '../../dist/simulator/index.js';
import { serve } from './serve.mjs';

const TALLY_EVERY_MS = 250;

const simulator = await startSimulator();
/** @type {Map<string, number>} */
const endOf = new Map();
const polls = { live: 0, afterEnd: 0 };
/** @type {unknown} */
let lastCounted;

setInterval(tally, TALLY_EVERY_MS);

serve({
  access: () => ({ url: simulator.url, token: simulator.token }),
  /** @param {string} callSid @param {number} lengthMs */
  addCall(callSid, lengthMs) {
    const queuedMs = Math.min(1_000, lengthMs / 4);
    simulator.addCall(callSid, { queuedMs, callingMs: lengthMs - queuedMs });
    const bornAt = Date.now();
    const endsAt = bornAt + lengthMs;
    endOf.set(callSid, endsAt);
    return { bornAt, endsAt };
  },
  polls() {
    tally();
    return { ...polls };
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
  }
  lastCounted = requests.at(-1);
}
