export type { TerminalStatus } from './contract/call.js';
export { STATUS_RETENTION_MS } from './contract/retention.js';
export type { SimulatorClock } from './simulator/clock.js';
export type {
  BodyFault,
  CutOffFault,
  DelayFault,
  Fault,
  HangFault,
  MalformedFault,
  OversizedFault,
  RandomFaults,
  RedirectFault,
  Repeatable,
  ResetFault,
  StatusFault,
  TriggerFault,
} from './simulator/faults.js';
export type { RecordedRequest } from './simulator/request-log.js';
export type { CallScript, FaultPeriod, ScriptedStatus } from './simulator/script.js';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator/server.js';
export { DEFAULT_SIMULATOR_TOKEN, type DialledCall } from './simulator/state.js';
export { SIMULATOR_SCRIPT_METADATA_KEY } from './simulator/trigger-request.js';
