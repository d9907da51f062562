import { classifyCallStatus } from '../contract/call.js';
import { STATUS_RETENTION_MS } from '../contract/retention.js';
import type { SimulatorClock } from './clock.js';
import { type Fault, FaultQueue } from './faults.js';
import type { CallScript, ScriptedStatus } from './script.js';

/** A call since it was triggered, or scripted anew. */
export interface RegisteredCall {
  readonly script: CallScript;
  /** `Infinity` while the call waits for its first status request. */
  readonly triggeredAtMs: number;
  readonly faults: FaultQueue;
}

/** The calls that the simulator knows, each with the status that its script gives at the simulator's time. */
export class CallRegistry {
  readonly #calls = new Map<string, RegisteredCall>();
  readonly #clock: SimulatorClock;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Triggers a call now, by the simulator's clock. It replaces a call with the same SID. */
  add(callSid: string, script: CallScript): void {
    this.#calls.set(callSid, { script, triggeredAtMs: this.#clock.now(), faults: new FaultQueue(script.faults ?? []) });
  }

  find(callSid: string): RegisteredCall | undefined {
    return this.#calls.get(callSid);
  }

  /** Lets a call begin anew, with its next status request. */
  beginWhenPolled(callSid: string): void {
    this.#beginAt(callSid, Infinity);
  }

  /** A status request begins a call that waits for one. */
  begin(callSid: string, atMs: number): void {
    if (this.#calls.get(callSid)?.triggeredAtMs === Infinity) this.#beginAt(callSid, atMs);
  }

  #beginAt(callSid: string, triggeredAtMs: number): void {
    const call = this.#calls.get(callSid);
    if (call) this.#calls.set(callSid, { ...call, triggeredAtMs });
  }

  /**
   * Until when the call's status requests get the response that they get now, by the simulator's clock. `undefined` when the next
   * may get another one: while it has faults, and for a call that the API does not know.
   */
  steadyUntilMs(callSid: string): number | undefined {
    const call = this.#calls.get(callSid);
    if (!call?.faults.isEmpty || faultAt(call.script, this.#ageMs(call))) return undefined;
    const ageMs = this.#ageMs(call);
    return call.triggeredAtMs + Math.min(...changesOf(call.script).filter((atMs) => atMs > ageMs));
  }

  /** The call's status now; `undefined` for a call that the API does not know. */
  statusOf(callSid: string): StatusBody | undefined {
    const call = this.#calls.get(callSid);
    return call && callStatusAt(call.script, this.#ageMs(call));
  }

  /** Takes the call's next scripted fault. */
  takeFault(callSid: string): Fault | undefined {
    const call = this.#calls.get(callSid);
    return call && (call.faults.take() ?? faultAt(call.script, this.#ageMs(call)));
  }

  #ageMs({ triggeredAtMs }: RegisteredCall): number {
    return Math.max(0, this.#clock.now() - triggeredAtMs);
  }
}

function faultAt({ faultPeriods = [] }: CallScript, ageMs: number): Fault | undefined {
  return faultPeriods.find(({ fromMs = 0, forMs = Infinity }) => ageMs >= fromMs && ageMs < fromMs + forMs)?.fault;
}

const DEFAULT_QUEUED_MS = 2_000;
const DEFAULT_CALLING_MS = 8_000;
const DEFAULT_FAILURE_REASON = 'no answer';

/** The body of a successful status response. */
interface StatusBody {
  readonly status: string;
  readonly reason: string;
}

/** The call's status `ageMs` after its trigger; `undefined` before the API knows it, and after the status retention. */
function callStatusAt(script: CallScript, ageMs: number): StatusBody | undefined {
  if (ageMs < (script.notFoundForMs ?? 0)) return undefined;
  const { statuses, final } = statusesOf(script);
  const spelled = (status: string): string => (script.upperCase ? status.toUpperCase() : status);
  let endsAtMs = 0;
  for (const { status, forMs = 0 } of statuses) {
    endsAtMs += forMs;
    if (ageMs < endsAtMs) return { status: spelled(status), reason: '' };
  }
  if (ageMs >= endsAtMs + STATUS_RETENTION_MS) return undefined;
  const isFailure = classifyCallStatus(final).status === 'failure';
  return { status: spelled(final), reason: script.reason ?? (isFailure ? DEFAULT_FAILURE_REASON : '') };
}

/** When a response may differ from the one before it, in milliseconds after the trigger. */
function changesOf(script: CallScript): readonly number[] {
  const { notFoundForMs = 0, faultPeriods = [] } = script;
  let endsAtMs = 0;
  const ends = statusesOf(script).statuses.map(({ forMs = 0 }) => (endsAtMs += forMs));
  const faults = faultPeriods.flatMap(({ fromMs = 0, forMs = Infinity }) => [fromMs, fromMs + forMs]);
  return [notFoundForMs, ...ends, endsAtMs + STATUS_RETENTION_MS, ...faults];
}

/** The statuses that the call passes through, and the one that it ends in. */
function statusesOf(script: CallScript): { statuses: readonly ScriptedStatus[]; final: string } {
  const statuses = script.statuses ?? [
    { status: 'queued', forMs: script.queuedMs ?? DEFAULT_QUEUED_MS },
    { status: 'calling', forMs: script.callingMs ?? DEFAULT_CALLING_MS },
  ];
  const last = statuses.at(-1);
  if (last && classifyCallStatus(last.status).kind === 'terminal') {
    return { statuses: statuses.slice(0, -1), final: last.status };
  }
  return { statuses, final: script.outcome ?? 'success' };
}
