import { classifyCallStatus } from '../contract/call.js';
import type { CallScript, ScriptedStatus } from './call-script.js';

/** How long a call's status is kept after the call ended: 2 h, in milliseconds. The vendor says "approximately". */
export const STATUS_RETENTION_MS = 7_200_000;

const DEFAULT_QUEUED_MS = 2_000;
const DEFAULT_CALLING_MS = 8_000;
const DEFAULT_FAILURE_REASON = 'no answer';

/** The body of a good status answer. */
export interface StatusBody {
  readonly status: string;
  readonly reason: string;
}

/** What the API says of a call `ageMs` after its trigger; `undefined` when it knows nothing of it yet, or any more. */
export function callStatusAt(script: CallScript, ageMs: number): StatusBody | undefined {
  if (ageMs < (script.notFoundForMs ?? 0)) return undefined;
  const { passing, final } = stagesOf(script);
  let endsAtMs = 0;
  for (const { status, forMs = 0 } of passing) {
    endsAtMs += forMs;
    if (ageMs < endsAtMs) return { status: spelled(status, script), reason: '' };
  }
  if (ageMs >= endsAtMs + STATUS_RETENTION_MS) return undefined;
  return { status: spelled(final, script), reason: script.reason ?? defaultReason(final) };
}

function stagesOf(script: CallScript): { passing: readonly ScriptedStatus[]; final: string } {
  const scripted = script.statuses ?? [
    { status: 'queued', forMs: script.queuedMs ?? DEFAULT_QUEUED_MS },
    { status: 'calling', forMs: script.callingMs ?? DEFAULT_CALLING_MS },
  ];
  const last = scripted.at(-1);
  if (last && classifyCallStatus(last.status).kind === 'terminal') {
    return { passing: scripted.slice(0, -1), final: last.status };
  }
  return { passing: scripted, final: script.outcome ?? 'success' };
}

function spelled(status: string, { upperCase = false }: CallScript): string {
  return upperCase ? status.toUpperCase() : status;
}

function defaultReason(final: string): string {
  return classifyCallStatus(final).status === 'failure' ? DEFAULT_FAILURE_REASON : '';
}
