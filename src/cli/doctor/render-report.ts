import type { CheckResult, CheckState } from './check.js';

const WORDS: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  warning: 'warning',
  failure: 'FAILURE',
  'not-checked': 'not checked',
};
const STATE_WIDTH = Math.max(...Object.values(WORDS).map((word) => word.length));

/** One line, and below it what to do. */
export function renderResult({ name, state, found, remedy }: CheckResult, nameWidth: number): string {
  const line = `${WORDS[state].padEnd(STATE_WIDTH)}  ${name.padEnd(nameWidth)}  ${oneLine(found)}`;
  const indent = ' '.repeat(STATE_WIDTH + nameWidth + 4);
  return remedy === undefined ? line : `${line}\n${indent}→ ${oneLine(remedy)}`;
}

/** What it comes to, in one line. */
export function renderSummary(results: readonly CheckResult[]): string {
  const count = (wanted: CheckState): number => results.filter(({ state }) => state === wanted).length;
  const parts = [
    `${count('ok')} ok`,
    ...(['warning', 'failure'] as const).map((state) => `${count(state)} ${state}${count(state) === 1 ? '' : 's'}`),
    ...(count('not-checked') > 0 ? [`${count('not-checked')} not checked`] : []),
  ];
  return parts.join(', ');
}

/** The report for machines. */
export function asJson(results: readonly CheckResult[]): string {
  return JSON.stringify({ ok: results.every(({ state }) => state !== 'failure'), checks: results });
}

/** A message from outside may hold anything. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
