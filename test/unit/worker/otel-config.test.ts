import { expect, test } from 'vitest';

import { loadOtelConfig } from '../../../src/worker/otel-config.js';

const OFF = { traces: undefined, otlpMetrics: undefined, problems: [] };

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SERVICE_NAME: 'x' },
  { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: ' ', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp' },
])('%j exports nothing', (env) => {
  expect(loadOtelConfig(env)).toEqual(OFF);
});

test('an exporter is switched on by its variable, and sends to the default endpoint', () => {
  expect(loadOtelConfig({ OTEL_TRACES_EXPORTER: 'OTLP' })).toEqual({
    ...OFF,
    traces: { exporter: 'otlp', protocol: 'http/protobuf' },
  });
  expect(loadOtelConfig({ OTEL_TRACES_EXPORTER: 'console' })).toEqual({ ...OFF, traces: { exporter: 'console' } });
  expect(loadOtelConfig({ OTEL_METRICS_EXPORTER: 'otlp' })).toEqual({
    ...OFF,
    otlpMetrics: {
      ...{ url: 'http://localhost:4318/v1/metrics', protocol: 'http/protobuf', headers: {} },
      ...{ intervalMs: 60_000, temporality: 'cumulative' },
    },
  });
});

test('the endpoint of all signals is a base for http, and the address for grpc; that of metrics is taken as it is', () => {
  const urlOf = (env: Record<string, string>) =>
    loadOtelConfig({ OTEL_METRICS_EXPORTER: 'otlp', ...env }).otlpMetrics?.url;
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'https://collector:4000/base/';

  expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT })).toBe('https://collector:4000/base/v1/metrics');
  expect(urlOf({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toBe('http://localhost:4317');
  expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc' })).toBe(
    OTEL_EXPORTER_OTLP_ENDPOINT,
  );
  expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://other/m' })).toBe(
    'http://other/m',
  );
});

test('traces and metrics may have protocols, headers and intervals of their own', () => {
  const env = {
    ...{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    ...{ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf', OTEL_METRIC_EXPORT_INTERVAL: '5000' },
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%3Db, x-scope = team=1,nonsense, broken=%E0%A4%A',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  };

  const { traces, otlpMetrics } = loadOtelConfig(env);

  expect(traces).toEqual({ exporter: 'otlp', protocol: 'grpc' });
  expect(otlpMetrics).toMatchObject({ protocol: 'http/protobuf', intervalMs: 5_000, temporality: 'delta' });
  expect(otlpMetrics?.headers).toEqual({ authorization: 'Bearer a=b', 'x-scope': 'team=1', broken: '%E0%A4%A' });
});

test.each([
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER must be one of otlp, console, none'],
  [{ OTEL_METRICS_EXPORTER: 'prometheus' }, 'OTEL_METRICS_EXPORTER must be otlp or none'],
  [
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or grpc',
  ],
  [
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL',
  ],
  [
    { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '1s' },
    'OTEL_METRIC_EXPORT_INTERVAL must be a whole number from 100 to 3600000 (milliseconds)',
  ],
])('%j is refused: %s', (env, problem) => {
  expect(loadOtelConfig(env)).toMatchObject({ problems: [problem] });
});
