import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
const ASKED_AT_A_TIME = 20;

/**
 * Waits until the outcome of each call is known, or the time is up. For calls that nobody waits for, the server tells
 * when it closed the workflow.
 *
 * @param {object} context
 * @param {readonly import('./watched-call.mjs').WatchedCall[]} context.calls that have ended
 * @param {import('./shapes/shape.mjs').RunningShape} context.shape
 * @param {number} context.giveUpAt
 * @param {AbortSignal} context.signal
 */
export async function settle({ calls, shape, giveUpAt, signal }) {
  for (;;) {
    const open = calls.filter(({ knownAt, error }) => knownAt === undefined && error === undefined);
    await askServer(
      open.filter(({ isAwaited }) => !isAwaited),
      shape,
      giveUpAt,
    );
    if (open.every(({ knownAt }) => knownAt !== undefined) || Date.now() >= giveUpAt) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/**
 * @param {import('./watched-call.mjs').WatchedCall[]} calls
 * @param {import('./shapes/shape.mjs').RunningShape} shape
 * @param {number} giveUpAt
 */
async function askServer(calls, { closedAt }, giveUpAt) {
  if (!closedAt) return;
  const left = [...calls];
  const askNext = async () => {
    for (let call = left.shift(); call !== undefined && Date.now() < giveUpAt; call = left.shift()) {
      // A workflow that is not started yet, or a server with no time to answer: asked again at the next look.
      const at = await closedAt(call.callSid).catch(() => undefined);
      if (at !== undefined) call.knownAt ??= at;
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, askNext));
}
