export { DEFAULT_SIMULATOR_TOKEN } from './access-token.js';
export type { CallScript, ScriptedStatus } from './call-script.js';
export { STATUS_RETENTION_MS } from './call-status-at.js';
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
} from './fault.js';
export type { RandomFaults } from './random-faults.js';
export type { RecordedRequest } from './request-log.js';
export type { SimulatorClock } from './simulator-clock.js';
export type { Simulator, SimulatorOptions } from './simulator.js';
export { startSimulator } from './start-simulator.js';
export { SIMULATOR_SCRIPT_METADATA_KEY } from './trigger-request.js';
