import { expect, test } from 'vitest';

import { monitorWorkflowId } from '../../../src/contract/names.js';

test('the monitor of a call has the workflow ID outbound-call-<callSid>', () => {
  expect(monitorWorkflowId('OUT-550e8400')).toBe('outbound-call-OUT-550e8400');
});

test('two calls never share a workflow ID, not even when their SIDs differ in letter case alone', () => {
  expect(monitorWorkflowId('OUT-a')).not.toBe(monitorWorkflowId('OUT-A'));
});
