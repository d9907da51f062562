import { expect, test } from 'vitest';

import { type Installation, secretsOf } from '../../../../src/cli/doctor/installation.js';
import { redactFinding } from '../../../../src/cli/doctor/report.js';
import { loadWorkerConfig } from '../../../../src/worker/config.js';

const installation: Installation = {
  worker: loadWorkerConfig({ POLYAI_AUTH_TOKEN: 'token-4711', POLYAI_REGION: 'uk-1' }),
  temporal: { connectionOptions: { apiKey: 'key-90210' }, namespace: 'default', address: '' },
  outcomesUrl: 'postgres://someone:pass%2F5417@db/outcomes',
  taskQueue: 'calls',
  problems: [],
};

test.each(['token-4711', 'key-90210', 'pass%2F5417', 'pass/5417'])('%s is redacted', async (secret) => {
  const finding = { state: 'failure', found: `it said ${secret}!`, remedy: `use ${secret}` } as const;
  expect(redactFinding(finding, await secretsOf(installation))).toEqual({
    state: 'failure',
    found: 'it said [redacted]!',
    remedy: 'use [redacted]',
  });
});

test('other text is not redacted, with or without a configuration', async () => {
  const finding = { state: 'ok', found: 'https://api.uk-1.platform.polyai.app accepts the token' } as const;
  expect(redactFinding(finding, await secretsOf(installation))).toEqual(finding);
  const nothing = { ...installation, worker: undefined, temporal: undefined, outcomesUrl: undefined };
  expect(await secretsOf(nothing)).toEqual([]);
});
