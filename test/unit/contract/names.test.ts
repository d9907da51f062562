import { expect, test } from 'vitest';

import { createActivities } from '../../../src/activities.js';
import {
  CALL_STATUS_SEARCH_ATTRIBUTE,
  DEFAULT_TASK_QUEUE,
  GET_STATUS_ACTIVITY_TYPE,
  MONITOR_WORKFLOW_TYPE,
  monitorWorkflowId,
  NEXUS_SERVICE_NAME,
  NUDGE_SIGNAL_NAME,
  PROGRESS_QUERY_NAME,
  READ_MONITOR_ACTIVITY_TYPE,
  REPORT_STATUS_SIGNAL_NAME,
  SAVE_OUTCOME_ACTIVITY_TYPE,
} from '../../../src/contract/names.js';
import * as workflows from '../../../src/workflows.js';

// Literals on purpose: a change here breaks saved histories and other people's code.
test('the durable names have not changed', () => {
  expect(DEFAULT_TASK_QUEUE).toBe('polyai-outbound-calls');
  expect(MONITOR_WORKFLOW_TYPE).toBe('monitorOutboundCall');
  expect(GET_STATUS_ACTIVITY_TYPE).toBe('getStatus');
  expect(SAVE_OUTCOME_ACTIVITY_TYPE).toBe('saveOutcome');
  expect(READ_MONITOR_ACTIVITY_TYPE).toBe('readMonitor');
  expect(PROGRESS_QUERY_NAME).toBe('progress');
  expect(NUDGE_SIGNAL_NAME).toBe('nudge');
  expect(REPORT_STATUS_SIGNAL_NAME).toBe('reportStatus');
  expect(CALL_STATUS_SEARCH_ATTRIBUTE).toBe('PolyAiCallStatus');
  expect(NEXUS_SERVICE_NAME).toBe('PolyAiOutboundCalls');
});

test('the workflow is exported under its durable type, the name that Temporal registers', () => {
  expect(workflows).toHaveProperty('monitorOutboundCall');
  expect(workflows.monitorOutboundCall.name).toBe('monitorOutboundCall');
});

test('the query and the signal have their durable names', () => {
  expect(workflows.progressQuery.name).toBe('progress');
  expect(workflows.nudgeSignal.name).toBe('nudge');
});

test('the activities are registered under their durable types', () => {
  const polyAi = { getCallStatus: () => Promise.reject(new Error('not called')) };
  const types = [GET_STATUS_ACTIVITY_TYPE, SAVE_OUTCOME_ACTIVITY_TYPE, READ_MONITOR_ACTIVITY_TYPE];
  expect(Object.keys(createActivities({ polyAi })).sort()).toEqual(types.sort());
});

test('the monitor of a call has the workflow ID outbound-call-<callSid>', () => {
  expect(monitorWorkflowId('OUT-550e8400')).toBe('outbound-call-OUT-550e8400');
});

test('two calls never share a workflow ID, even when their SIDs differ only in letter case', () => {
  expect(monitorWorkflowId('OUT-a')).not.toBe(monitorWorkflowId('OUT-A'));
});
