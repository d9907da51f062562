export type { PolyAiActivities } from './activities/create-activities.js';
export type { SaveOutcomeResult } from './activities/outcomes.js';
export type { TerminalStatus } from './contract/call.js';
export type {
  CompletionFailure,
  MonitorCompletion,
  ReadMonitorInput,
  ReadMonitorResult,
} from './contract/completion.js';
export type { FailureType } from './contract/failures.js';
export type {
  GetStatusInput,
  GetStatusResult,
  KnownCall,
  LongPollRequest,
  PollReport,
  WorkerCapabilities,
} from './contract/get-status.js';
export type { MonitorOutboundCallResult } from './contract/monitor.js';
export type { CallObservation, MonitorError, ObservedCall, StatusChange } from './contract/observation.js';
export type { FailureReason, OutcomeRecord, StoredOutcome } from './contract/outcome.js';
export type { OutcomeQuery, OutcomeStore, StoreRequestOptions } from './outcomes/store.js';
export type {
  BodyFault,
  CutOffFault,
  DelayFault,
  Fault,
  HangFault,
  MalformedFault,
  OversizedFault,
  RedirectFault,
  Repeatable,
  ResetFault,
  StatusFault,
  TriggerFault,
} from './simulator/faults.js';
export type { RecordedRequest } from './simulator/request-log.js';
export type { CallScript, FaultPeriod, ScriptedStatus } from './simulator/script.js';
export type { Simulator } from './simulator/server.js';
export type { SimulatorClock } from './simulator/clock.js';
export type { DialledCall } from './simulator/state.js';
export { type Poll, startTestKit, type TestKit, type TestKitOptions, type TestServer } from './testing/test-kit.js';
