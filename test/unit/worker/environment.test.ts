import { expect, test } from 'vitest';

import { DEFAULT_OUTCOMES_URL } from '../../../src/outcomes.js';
import { ConfigError } from '../../../src/worker/config-error.js';
import { hasPolyAiAccess, loadOutcomesUrl } from '../../../src/worker/environment.js';

test('the environment names the store, or leaves it to the default', () => {
  expect(loadOutcomesUrl({})).toBe(DEFAULT_OUTCOMES_URL);
  expect(loadOutcomesUrl({ POLYAI_OUTCOMES_URL: ' ' })).toBe(DEFAULT_OUTCOMES_URL);
  expect(loadOutcomesUrl({ POLYAI_OUTCOMES_URL: ' off\n' })).toBe('off');
  const load = (): string => loadOutcomesUrl({ POLYAI_OUTCOMES_URL: 'mysql://me:s3cret@db' });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/POLYAI_OUTCOMES_URL is not an outcomes URL: it must be "sqlite:(?!.*s3cret)/);
});

test('each way to name the real API and a token keeps `dev` from the simulator', () => {
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN: 'token', POLYAI_REGION: 'us-1' })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN_FILE: '/run/token', POLYAI_BASE_URL: 'https://x' })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_ACCOUNTS_FILE: '/etc/accounts.json' })).toBe(true);
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN_FILE: '/run/token' })).toBe(false);
  expect(hasPolyAiAccess({})).toBe(false);
  expect(hasPolyAiAccess({ POLYAI_AUTH_TOKEN: ' ', POLYAI_REGION: 'us-1' })).toBe(false);
  expect(hasPolyAiAccess({ POLYAI_ACCOUNTS_FILE: ' ' })).toBe(false);
});
