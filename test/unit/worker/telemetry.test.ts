import { expect, test } from 'vitest';

import { jsonLine, runtimeOptions } from '../../../src/worker/telemetry.js';

const ENTRY = { level: 'WARN', message: 'a problem', timestampNanos: 1_768_478_400_000_000_000n } as const;

test('a log line in JSON has time, level, message and what the entry says about the call', () => {
  expect(JSON.parse(jsonLine({ ...ENTRY, meta: { workflowId: 'outbound-call-OUT-1', account: 'acme' } }))).toEqual({
    time: '2026-01-15T12:00:00.000Z',
    level: 'WARN',
    message: 'a problem',
    workflowId: 'outbound-call-OUT-1',
    account: 'acme',
  });
});

test('errors, big numbers and circular values are logged too, in one line', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  expect(jsonLine({ ...ENTRY, meta: { error: new Error('lost'), count: 3n } })).toMatch(
    /"error":"Error: lost.*"count":"3"/,
  );
  expect(jsonLine({ ...ENTRY, meta: { circular } })).toContain('Circular');
});

test('metrics are served where the configuration says, and nowhere without an address', () => {
  const config = { logFormat: 'text', logLevel: 'INFO' } as const;

  expect(runtimeOptions({ ...config, metricsAddress: undefined })).not.toHaveProperty('telemetryOptions');
  expect(runtimeOptions({ ...config, metricsAddress: '127.0.0.1:9464' })).toHaveProperty(
    'telemetryOptions.metrics.prometheus.bindAddress',
    '127.0.0.1:9464',
  );
});
