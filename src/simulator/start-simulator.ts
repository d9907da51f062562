import { createServer } from 'node:http';

import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import { AccessToken, DEFAULT_SIMULATOR_TOKEN } from './access-token.js';
import { CallRegistry } from './call-registry.js';
import { FaultQueue } from './fault-queue.js';
import { handleRequest } from './handle-request.js';
import { listen, type Listener } from './listen.js';
import { randomFaultSource } from './random-faults.js';
import { RequestLog } from './request-log.js';
import { createSimulatorClock } from './simulator-clock.js';
import type { SimulatorState } from './simulator-state.js';
import type { Simulator, SimulatorOptions } from './simulator.js';

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
