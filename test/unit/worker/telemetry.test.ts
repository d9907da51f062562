import { expect, test } from 'vitest';

import { jsonLine, runtimeOptions } from '../../../src/worker/telemetry.js';
import type { TelemetryConfig } from '../../../src/worker/telemetry-config.js';

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

const CONFIG: TelemetryConfig = {
  logFormat: 'text',
  logLevel: 'INFO',
  metricsAddress: undefined,
  otlpMetrics: undefined,
  traces: undefined,
};

test('metrics are served where the configuration says, and nowhere without an address', () => {
  expect(runtimeOptions(CONFIG)).not.toHaveProperty('telemetryOptions.metrics');
  expect(runtimeOptions({ ...CONFIG, metricsAddress: '127.0.0.1:9464' })).toHaveProperty(
    'telemetryOptions.metrics.prometheus.bindAddress',
    '127.0.0.1:9464',
  );
});

test('the latency of requests has buckets where answers and timeouts are', () => {
  expect(runtimeOptions({ ...CONFIG, metricsAddress: '127.0.0.1:9464' })).toHaveProperty(
    'telemetryOptions.metrics.prometheus.histogramBucketOverrides.polyai_status_request_latency',
    expect.arrayContaining([0.2, 15]),
  );
});

test('metrics are sent by OTLP, with durations in seconds as the alert rules expect', () => {
  const otlpMetrics = {
    url: 'http://collector:4318/v1/metrics',
    protocol: 'http/protobuf',
    headers: { 'api-key': 'k' },
    intervalMs: 10_000,
    temporality: 'delta',
  } as const;

  expect(runtimeOptions({ ...CONFIG, otlpMetrics })).toHaveProperty('telemetryOptions.metrics.otel', {
    ...{ url: 'http://collector:4318/v1/metrics', http: true, headers: { 'api-key': 'k' } },
    ...{ metricsExportInterval: 10_000, temporality: 'delta', useSecondsForDurations: true },
    histogramBucketOverrides: { polyai_status_request_latency: expect.arrayContaining([0.2, 15]) as number[] },
  });
});

test("the SDK's native part logs through the same logger", () => {
  expect(runtimeOptions(CONFIG)).toHaveProperty('telemetryOptions.logging.forward');
});
