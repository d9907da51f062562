import { setMaxListeners } from 'node:events';

import { formatDuration } from '../../contract/duration.js';
import { untilAborted, withTimeoutSignal } from '../../platform/abortable.js';
import { errorMessage } from '../../platform/error-message.js';
import { counted, oneLine } from '../../platform/printing.js';

type CheckState = 'ok' | 'warning' | 'failure' | 'not-checked';

/** The result of a check. */
export interface Finding {
  readonly state: CheckState;
  readonly found: string;
  /** A command to run, or a variable to set. */
  readonly remedy?: string;
}

export interface CheckResult extends Finding {
  readonly name: string;
}

/** A check in progress. */
export interface Check {
  readonly name: string;
  /** Never rejects. */
  readonly finding: Promise<Finding>;
}

export const ok = (found: string): Finding => ({ state: 'ok', found });
export const warning = (found: string, remedy: string): Finding => ({ state: 'warning', found, remedy });
export const failure = (found: string, remedy: string): Finding => ({ state: 'failure', found, remedy });
export const notChecked = (because: string): Finding => ({ state: 'not-checked', found: `because ${because}` });

interface CheckLimits {
  readonly timeoutMs: number;
  /** For a timeout, and for errors that the check does not handle. */
  readonly remedy: string;
}

/** Runs a check under a timeout. A timeout or an error of the check is a failure. */
export async function runCheck(
  { timeoutMs, remedy }: CheckLimits,
  check: (signal: AbortSignal) => Promise<Finding>,
): Promise<Finding> {
  return await withTimeoutSignal(timeoutMs, async (signal) => {
    // Every request in progress listens to it.
    setMaxListeners(0, signal);
    const late = untilAborted(signal).then(() => failure(`no answer within ${formatDuration(timeoutMs)}`, remedy));
    const checked = check(signal).catch((error: unknown) => failure(firstLineOf(error), remedy));
    return await Promise.race([checked, late]);
  });
}

/** The first line of an error's message. */
export function firstLineOf(error: unknown): string {
  return errorMessage(error).split('\n')[0] ?? '';
}

const LABELS: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  warning: 'warning',
  failure: 'FAILURE',
  'not-checked': 'not checked',
};
const STATE_WIDTH = Math.max(...Object.values(LABELS).map((label) => label.length));

/** The result in one line, and the remedy in a second one. */
export function renderResult({ name, state, found, remedy }: CheckResult, nameWidth: number): string {
  const line = `${LABELS[state].padEnd(STATE_WIDTH)}  ${name.padEnd(nameWidth)}  ${oneLine(found)}`;
  const indent = ' '.repeat(STATE_WIDTH + nameWidth + 4);
  return remedy === undefined ? line : `${line}\n${indent}→ ${oneLine(remedy)}`;
}

/** The number of results in each state, in one line. */
export function renderCounts(results: readonly CheckResult[]): string {
  const count = (wanted: CheckState): number => results.filter(({ state }) => state === wanted).length;
  const parts = [
    `${count('ok')} ok`,
    ...(['warning', 'failure'] as const).map((state) => counted(count(state), state)),
    ...(count('not-checked') > 0 ? [`${count('not-checked')} not checked`] : []),
  ];
  return parts.join(', ');
}

/** The report for `--json`. */
export function jsonReportOf(results: readonly CheckResult[]) {
  return { ok: results.every(({ state }) => state !== 'failure'), checks: results };
}

/** The finding with `[redacted]` in place of each secret. */
export function redactFinding({ state, found, remedy }: Finding, secrets: readonly string[]): Finding {
  const redact = (text: string): string =>
    secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '[redacted]'), text);
  return { state, found: redact(found), ...(remedy !== undefined && { remedy: redact(remedy) }) };
}
