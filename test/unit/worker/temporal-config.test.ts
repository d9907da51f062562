import { afterEach, expect, test, vi } from 'vitest';

import { ConfigError } from '../../../src/worker/config-error.js';
import { loadPlaygroundConfig, loadTemporalConfig } from '../../../src/worker/temporal-config.js';
import { temporalUnreachableError } from '../../../src/worker/temporal-diagnosis.js';

afterEach(() => vi.unstubAllEnvs());

test('an empty variable counts as unset', () => {
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
  for (const name of [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_API_KEY',
    'TEMPORAL_TLS',
    'TEMPORAL_PROFILE',
  ]) {
    vi.stubEnv(name, ' ');
  }
  expect(loadTemporalConfig()).toEqual({ address: 'localhost:7233', namespace: 'default', connectionOptions: {} });
  expect(loadPlaygroundConfig()).toEqual({ isServerNamed: false, namespace: undefined });
});

test('a variable with a value is used', () => {
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233');
  expect(loadTemporalConfig()).toMatchObject({ address: 'temporal.example:7233' });
});

test('a profile that does not exist is a problem of the configuration, and is named', () => {
  vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
  vi.stubEnv('TEMPORAL_PROFILE', 'nope');
  expect(() => loadTemporalConfig()).toThrow(ConfigError);
  expect(() => loadTemporalConfig()).toThrow(/Temporal .*nope/);
});

test.each([
  [
    'tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:1, Os { code: 111 })))',
    /nothing answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)$/,
  ],
])('a native error is told without Rust: %s', async (message, expected) => {
  const address = '127.0.0.1:1';
  const error = await temporalUnreachableError(
    { address, namespace: 'default', connectionOptions: { address } },
    new Error(message),
  );
  expect(error.message).toMatch(expected);
  expect(error.message).not.toContain('tonic');
});
