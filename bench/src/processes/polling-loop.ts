/** What the loops without Temporal have in common. */
// Not the package's main entry: that also loads the Temporal client, 30 MB that these loops do not need.
import { classifyCallStatus } from '../../../dist/contract/call.js';
import { PolyAiClient } from '../../../dist/polyai/client.js';

const { POLYAI_BASE_URL: baseUrl = '', POLYAI_AUTH_TOKEN: token = '', BENCH_INTERVAL_MS } = process.env;
const polyAi = new PolyAiClient({ baseUrl, token });

/** The functions that a loop process serves. */
export interface LoopFunctions {
  /** Starts to poll a call. */
  begin(callSid: string): void | Promise<void>;
  /** The final status of a call, once. */
  result(callSid: string): Promise<unknown>;
  /** Runs a workflow that does nothing. */
  runEmpty(): Promise<void>;
}

export async function fetchStatus(callSid: string): Promise<string> {
  return (await polyAi.getCallStatus(callSid)).status;
}

export function isTerminal(status: string): boolean {
  return classifyCallStatus(status).kind === 'terminal';
}

/** The interval with the jitter of `monitorOutboundCall`, ±20 %. */
export function nextPollMs(): number {
  return Math.round(Number(BENCH_INTERVAL_MS) * (0.8 + 0.4 * Math.random()));
}

/** Results of calls that are being polled, until the parent process asks for them. */
export class PendingResults {
  readonly #results = new Map<string, Promise<unknown>>();

  add(callSid: string, result: Promise<unknown>): void {
    result.catch(() => undefined);
    this.#results.set(callSid, result);
  }

  async take(callSid: string): Promise<unknown> {
    const result = await this.#results.get(callSid);
    this.#results.delete(callSid);
    return result;
  }
}
