import { setMaxListeners } from 'node:events';

import { formatDuration } from '../../contract/duration.js';
import { reasonOf } from './reason-of.js';

export type CheckState = 'ok' | 'warning' | 'failure' | 'not-checked';

/** What a check has found. */
export interface Finding {
  readonly state: CheckState;
  readonly found: string;
  /** What to do: a command, or a variable to set. */
  readonly remedy?: string;
}

export interface CheckResult extends Finding {
  readonly name: string;
}

/** A check that is under way. */
export interface Check {
  readonly name: string;
  /** Never rejects. */
  readonly finding: Promise<Finding>;
}

export const ok = (found: string): Finding => ({ state: 'ok', found });
export const warning = (found: string, remedy: string): Finding => ({ state: 'warning', found, remedy });
export const failure = (found: string, remedy: string): Finding => ({ state: 'failure', found, remedy });
export const notChecked = (because: string): Finding => ({ state: 'not-checked', found: `because ${because}` });

export interface CheckLimits {
  readonly limitMs: number;
  /** For whatever the check itself has no better word for. */
  readonly remedy: string;
}

/** Runs a check to its end or its time limit; what it throws is a failure. */
export async function limited(
  { limitMs, remedy }: CheckLimits,
  check: (signal: AbortSignal) => Promise<Finding>,
): Promise<Finding> {
  const limit = new AbortController();
  // Every request that is under way listens to it.
  setMaxListeners(0, limit.signal);
  const late = new Promise<Finding>((resolve) => {
    const found = `no answer within ${formatDuration(limitMs)}`;
    limit.signal.addEventListener('abort', () => resolve(failure(found, remedy)), { once: true });
  });
  const timer = setTimeout(() => limit.abort(), limitMs);
  const checked = check(limit.signal).catch((error: unknown) => failure(reasonOf(error), remedy));
  const finding = await Promise.race([checked, late]);
  clearTimeout(timer);
  return finding;
}
