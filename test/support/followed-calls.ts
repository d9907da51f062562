import type { DialledCall, Simulator } from '../../src/simulator.js';
import { eventually } from './dev-server-rig.js';

/** @param earlier how many calls to the number there were before */
type Follow = (call: DialledCall, earlier: number) => Promise<void>;

/** Does something about each call that the simulator has dialled or dials, until a promise has settled. */
export async function followCallsUntil(
  over: Promise<unknown>,
  { ledger }: Pick<Simulator, 'ledger'>,
  follow: Follow,
): Promise<void> {
  let isOver = false;
  const end = over.finally(() => (isOver = true));
  const followed: Promise<void>[] = [];
  for (let index = 0; ; index += 1) {
    const call = await eventually('a call, or the end', () => ledger[index] ?? (isOver ? 'none' : undefined), {
      withinMs: 600_000,
    });
    if (call === 'none') break;
    const earlier = ledger.slice(0, index).filter(({ toNumber }) => toNumber === call.toNumber);
    followed.push(follow(call, earlier.length));
  }
  await Promise.all([end, ...followed]);
}
