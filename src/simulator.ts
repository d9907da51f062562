export { DEFAULT_SIMULATOR_TOKEN } from './simulator/state.js';
export type { CallScript, ScriptedStatus } from './simulator/script.js';
export { STATUS_RETENTION_MS } from './contract/retention.js';
export type {
  BodyFault,
  CutOffFault,
  DelayFault,
  Fault,
  HangFault,
  MalformedFault,
  OversizedFault,
  RedirectFault,
  ResetFault,
  StatusFault,
} from './simulator/faults.js';
export type { RandomFaults } from './simulator/faults.js';
export type { RecordedRequest } from './simulator/request-log.js';
export type { SimulatorClock } from './simulator/state.js';
export type { Simulator, SimulatorOptions } from './simulator/server.js';
export { startSimulator } from './simulator/server.js';
export { SIMULATOR_SCRIPT_METADATA_KEY } from './simulator/trigger-request.js';
