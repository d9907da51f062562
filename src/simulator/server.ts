import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { requireCallSid } from '../contract/call.js';
import { CallRegistry } from './calls.js';
import { createSimulatorClock, type SimulatorClock } from './clock.js';
import { type Fault, FaultQueue, type RandomFaults, randomFaultSource, type TriggerFault } from './faults.js';
import { type RecordedRequest, RequestLog } from './request-log.js';
import { handleRequest } from './requests.js';
import type { CallScript } from './script.js';
import { AccessToken, DEFAULT_SIMULATOR_TOKEN, type DialledCall, type SimulatorState } from './state.js';

/** Options of `startSimulator`; all are optional. */
export interface SimulatorOptions {
  /**
   * TCP port; 0 chooses a free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on. Other machines reach any but a loopback address.
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * The token that clients must send in `X-PolyAi-Auth-Token`.
   * @default DEFAULT_SIMULATOR_TOKEN
   */
  readonly token?: string | undefined;
  /**
   * Time source of the simulator's clock, epoch milliseconds. With a function that always returns the same value the
   * clock moves only by `advance` and `set`.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
  /**
   * Gives the time of another clock, epoch milliseconds. The simulator's clock is set to it at each request.
   * @default none
   */
  readonly syncClock?: (() => Promise<number>) | undefined;
  /**
   * Seed of the random faults.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Script of a call without a script of its own.
   * @default {} 2 s queued, 8 s calling, then success
   */
  readonly defaultScript?: CallScript | undefined;
  /**
   * Chooses the script of a call triggered over HTTP, by the number as dialled; `undefined` means `defaultScript`. When it
   * throws, the trigger request gets 500. A script in the call's metadata takes precedence.
   */
  readonly scriptFor?: ((toNumber: string) => CallScript | undefined) | undefined;
  /** Faults of random status requests. Scripted faults take precedence. */
  readonly faults?: RandomFaults | undefined;
}

/** A running stand-in for the PolyAI outbound calling API. */
export interface Simulator {
  /** Base URL without a trailing slash, such as `http://127.0.0.1:40213`. */
  readonly url: string;
  /** The token that was set last, even when it has expired. */
  readonly token: string;
  readonly clock: SimulatorClock;
  /** The requests in order of arrival, as a live view: all of them, or at least the latest 100,000. */
  readonly requests: readonly RecordedRequest[];
  /** The requests about one call so far, its trigger included. */
  requestsFor(callSid: string): readonly RecordedRequest[];
  /**
   * Triggers a call with a chosen SID, now by the simulator's clock. It replaces a call with the same SID.
   * @param script @default the simulator's `defaultScript`
   * @throws TypeError when `callSid` cannot be a call SID
   */
  addCall(callSid: string, script?: CallScript): void;
  /** Applies the fault to every status request from now on, or to as many as `times` says; `undefined` removes it. */
  setFault(fault: Fault | undefined): void;
  /**
   * Every number that the simulator has dialled, in order, as a live view: also where the response was lost. Unlike the
   * requests it has phone numbers.
   */
  readonly ledger: readonly DialledCall[];
  /** Applies a fault to the trigger requests for which it returns one; `undefined` removes it. */
  setTriggerFault(fault: TriggerFault | undefined): void;
  /** Accepts only this token from now on; any other gets 401. */
  setToken(token: string): void;
  /** Rejects every token with 401 until `setToken`. */
  expireToken(): void;
  /** Stops listening and breaks all connections, also those of pending requests. */
  close(): Promise<void>;
}

const DEFAULT_SEED = 1;

/**
 * Starts a stand-in for the PolyAI outbound calling API on a real socket. It triggers calls, reports the statuses of their
 * scripts, and injects faults.
 *
 * The script of a call triggered over HTTP comes from the metadata key `simulator_script` (`CallScript` as JSON text), else
 * from `scriptFor`, else from `defaultScript`. So any HTTP client can script a call:
 *
 * ```sh
 * curl "$URL/v1/outbound-calling" -H 'X-PolyAi-Auth-Token: simulator-token' -H 'content-type: application/json' \
 *   -d '{"to_number":"+12025550123","metadata":{"simulator_script":"{\"queuedMs\":500,\"outcome\":\"failure\"}"}}'
 * ```
 *
 * @example
 * const simulator = await startSimulator();
 * simulator.addCall('OUT-1', { queuedMs: 1_000, callingMs: 5_000, faults: [{ kind: 'status', status: 503, times: 2 }] });
 * simulator.clock.advance(6_000);
 * // … poll `${simulator.url}/v1/outbound-calling/OUT-1/status` …
 * await simulator.close();
 * @throws when it cannot listen
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return (await openSimulator(options)).simulator;
}

/** A simulator and its state, for the test kit. */
export async function openSimulator(
  options: SimulatorOptions,
): Promise<{ readonly simulator: Simulator; readonly state: SimulatorState }> {
  const state = createState(options);
  const server = createServer((request, response) => void handleRequest(state, request, response));
  const listener = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);
  return { simulator: createSimulator(state, listener, options), state };
}

function createState(options: SimulatorOptions): SimulatorState {
  const { now, syncClock, token, faults, seed, scriptFor, defaultScript = {} } = options;
  const clock = createSimulatorClock(now ?? (() => Date.now()));
  return {
    clock,
    syncClock: async () => {
      // A clock that is gone, at the end of a test, leaves the last time.
      const time = await syncClock?.().catch(() => undefined);
      if (time !== undefined) clock.set(time);
    },
    token: new AccessToken(token ?? DEFAULT_SIMULATOR_TOKEN),
    calls: new CallRegistry(clock),
    log: new RequestLog(),
    drawRandomFault: randomFaultSource(faults ?? { probability: 0, faults: [] }, seed ?? DEFAULT_SEED),
    scriptFor: (toNumber) => scriptFor?.(toNumber) ?? defaultScript,
    globalFault: new FaultQueue([]),
    ledger: [],
    triggerFault: undefined,
  };
}

function createSimulator(
  state: SimulatorState,
  listener: Listener,
  { defaultScript = {} }: SimulatorOptions,
): Simulator {
  return {
    url: listener.url,
    clock: state.clock,
    requests: state.log.records,
    get token() {
      return state.token.value;
    },
    requestsFor: (callSid) => state.log.recordsFor(callSid),
    addCall: (callSid, script = defaultScript) => {
      requireCallSid(callSid);
      state.calls.add(callSid, script);
    },
    setFault: (fault) => {
      state.globalFault = new FaultQueue(fault ? [fault] : [], Infinity);
    },
    ledger: state.ledger,
    setTriggerFault: (fault) => {
      state.triggerFault = fault;
    },
    setToken: (token) => state.token.replace(token),
    expireToken: () => state.token.expire(),
    close: listener.close,
  };
}

/** Longer than any polling interval, so that the server does not close a connection that a client is about to reuse. */
const KEEP_ALIVE_TIMEOUT_MS = 600_000;

const LOOPBACK_OF_WILDCARD: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

interface Listener {
  /** The URL for clients on this machine. */
  readonly url: string;
  /** Stops listening and breaks all connections. Repeated calls have no effect. */
  readonly close: () => Promise<void>;
}

async function listen(server: Server, host: string, port: number): Promise<Listener> {
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server.address() as AddressInfo), close: () => close(server) };
}

function urlOf({ address, family, port }: AddressInfo): string {
  const host = LOOPBACK_OF_WILDCARD[address] ?? address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
