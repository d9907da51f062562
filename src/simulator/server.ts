import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import { AccessToken, DEFAULT_SIMULATOR_TOKEN } from './exchange.js';
import { type Fault, FaultQueue, type RandomFaults, randomFaultSource } from './faults.js';
import { handleRequest } from './requests.js';
import type { CallScript } from './script.js';
import {
  CallRegistry,
  createSimulatorClock,
  type RecordedRequest,
  RequestLog,
  type SimulatorClock,
  type SimulatorState,
} from './state.js';

/** Options of `startSimulator`; all can be left out. */
export interface SimulatorOptions {
  /**
   * TCP port; 0 takes any free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on. Anything but loopback lets other machines in.
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * The token that clients must send in `X-PolyAi-Auth-Token`.
   * @default DEFAULT_SIMULATOR_TOKEN
   */
  readonly token?: string | undefined;
  /**
   * What the simulator's clock runs by, epoch milliseconds. A function that always returns the same makes a clock that
   * moves only when told to.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
  /**
   * Seed of the random faults.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Script of a call that has no other.
   * @default {} 2 s queued, 8 s calling, then success
   */
  readonly defaultScript?: CallScript | undefined;
  /**
   * Script of a call triggered over HTTP, by its number as dialled; `undefined` stands for `defaultScript`. When it
   * throws, the trigger is answered with 500. A script in the call's metadata goes before it.
   */
  readonly scriptFor?: ((toNumber: string) => CallScript | undefined) | undefined;
  /** Faults that strike status requests at random. Scripted faults go before them. */
  readonly faults?: RandomFaults | undefined;
}

/** A running stand-in for the PolyAI outbound calling API. */
export interface Simulator {
  /** Base URL without a slash at its end, such as `http://127.0.0.1:40213`. */
  readonly url: string;
  /** The token to send: the latest one set, even when it has expired. */
  readonly token: string;
  readonly clock: SimulatorClock;
  /** All requests in order of arrival, as a live view. Of more than 100,000 the latest are kept. */
  readonly requests: readonly RecordedRequest[];
  /** The requests about one call so far, its trigger included. */
  requestsFor(callSid: string): readonly RecordedRequest[];
  /**
   * Begins a call with a chosen SID, now by the simulator's clock, in place of any call of that SID.
   * @param script `defaultScript` when left out
   * @throws TypeError when `callSid` cannot be a call SID
   */
  addCall(callSid: string, script?: CallScript): void;
  /** Spoils every status request from now on, for as many as its `times` says, if it has any; `undefined` lifts it. */
  setFault(fault: Fault | undefined): void;
  /** Takes only this token from now on; any other is refused with 401. */
  setToken(token: string): void;
  /** Refuses every token with 401 until `setToken`. */
  expireToken(): void;
  /** Stops listening and breaks all connections, requests under way included. */
  close(): Promise<void>;
}

const DEFAULT_SEED = 1;

/**
 * Starts a stand-in for the PolyAI outbound calling API on a real socket: it triggers calls, answers for their status as
 * their scripts say, and fails as told to. Rejects when it cannot listen.
 *
 * A call triggered over HTTP takes its script (`CallScript` as JSON text) from the metadata key `simulator_script`, else
 * from `scriptFor`, else from `defaultScript`; so anything that can send a request can script a call:
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
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const state = createState(options);
  const server = createServer((request, response) => void handleRequest(state, request, response));
  const listener = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);
  return createSimulator(state, listener, options);
}

function createState({ now, token, faults, seed, scriptFor, defaultScript = {} }: SimulatorOptions): SimulatorState {
  const clock = createSimulatorClock(now ?? (() => Date.now()));
  return {
    clock,
    token: new AccessToken(token ?? DEFAULT_SIMULATOR_TOKEN),
    calls: new CallRegistry(clock),
    log: new RequestLog(),
    drawRandomFault: randomFaultSource(faults ?? { probability: 0, faults: [] }, seed ?? DEFAULT_SEED),
    scriptFor: (toNumber) => scriptFor?.(toNumber) ?? defaultScript,
    globalFault: new FaultQueue([]),
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
      if (!isCallSid(callSid)) throw new TypeError(CALL_SID_EXPECTATION);
      state.calls.add(callSid, script);
    },
    setFault: (fault) => {
      state.globalFault = new FaultQueue(fault ? [fault] : [], Infinity);
    },
    setToken: (token) => state.token.replace(token),
    expireToken: () => state.token.expire(),
    close: listener.close,
  };
}

/** Longer than any polling interval in use, so that the server never closes a connection just as a client takes it up. */
const KEEP_ALIVE_TIMEOUT_MS = 600_000;

const LOOPBACK_OF_WILDCARD: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** A server that listens. */
interface Listener {
  /** Where this machine reaches it. */
  readonly url: string;
  /** Stops listening and breaks all connections. Can be called again. */
  readonly close: () => Promise<void>;
}

/** Makes the server listen; rejects when it cannot. */
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
