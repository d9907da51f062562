import { setMaxListeners } from 'node:events';

import { formatDuration } from '../../contract/duration.js';
import { untilAborted, withTimeoutSignal } from '../../platform/abortable.js';
import { errorMessage } from '../../platform/error-message.js';
import { GRPC_STATUS, grpcStatusOf } from '../../platform/grpc.js';
import type { WorkerConfig } from '../../worker/config.js';
import type { Installation } from './run.js';

type CheckState = 'ok' | 'warning' | 'failure' | 'not-checked';

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

interface CheckLimits {
  readonly limitMs: number;
  /** For whatever the check itself has no better word for. */
  readonly remedy: string;
}

/** Runs a check to its end or its time limit; what it throws is a failure. */
export async function limited(
  { limitMs, remedy }: CheckLimits,
  check: (signal: AbortSignal) => Promise<Finding>,
): Promise<Finding> {
  return await withTimeoutSignal(limitMs, async (signal) => {
    // Every request that is under way listens to it.
    setMaxListeners(0, signal);
    const late = untilAborted(signal).then(() => failure(`no answer within ${formatDuration(limitMs)}`, remedy));
    const checked = check(signal).catch((error: unknown) => failure(reasonOf(error), remedy));
    return await Promise.race([checked, late]);
  });
}

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

/** Shorter text may be a part of any word. */
const MIN_SECRET_LENGTH = 4;

/** A finding without these secrets, whoever has put them into a message. */
export function hideSecrets({ state, found, remedy }: Finding, secrets: readonly string[]): Finding {
  const hide = (text: string): string =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
  return { state, found: hide(found), ...(remedy !== undefined && { remedy: hide(remedy) }) };
}

/** What no output may show. */
export async function secretsOf({ worker, temporal, outcomesUrl = '' }: Installation): Promise<string[]> {
  const apiKey = temporal?.connectionOptions.apiKey;
  const { password } = URL.canParse(outcomesUrl) ? new URL(outcomesUrl) : { password: '' };
  const tokens = await Promise.all((worker?.accounts ?? []).map(readToken));
  const secrets = [typeof apiKey === 'string' ? apiKey : '', password, decoded(password), ...tokens];
  return secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
}

/** A lone % is no escape, and PostgreSQL's client takes it as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function readToken({ token }: WorkerConfig['accounts'][number]): Promise<string> {
  try {
    return (await token({ afterRejection: false })).trim();
  } catch {
    // Its own check says so.
    return '';
  }
}

/** The first line of what an error says. */
export function reasonOf(error: unknown): string {
  return errorMessage(error).split('\n')[0] ?? '';
}

/** Whether the server refuses the credentials, or wants some. */
export function isCredentialRefused(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return code === GRPC_STATUS.PERMISSION_DENIED || code === GRPC_STATUS.UNAUTHENTICATED;
}
