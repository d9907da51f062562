import { expect, test } from 'vitest';

import { checkEagerDispatch } from '../../../../src/cli/doctor/eager-dispatch.js';
import { accessTo } from './task-queue-access.js';

test.each([
  [{ serverVersion: '1.32.0', workers: ['', ''] }, 'ok'],
  [{ serverVersion: '1.100.0', workers: ['', ''] }, 'ok'],
  [{ serverVersion: '1.30.4', workers: [''] }, 'ok'],
  [{ serverVersion: '1.29.0-148.4', address: 'prod.a1b2c.tmprl.cloud:7233', workers: ['', ''] }, 'ok'],
  [{ serverVersion: '', workers: ['', ''] }, 'not-checked'],
])('%j is %s', async (queue, state) => {
  expect(await checkEagerDispatch(accessTo(queue), 'queue')).toMatchObject({ state });
});

test('with several workers an older server is a warning that names the setting', async () => {
  const finding = await checkEagerDispatch(accessTo({ serverVersion: '1.31.1', workers: ['', ''] }), 'queue');

  expect(finding).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('off by default in server 1.31.1: with 2 workers') as string,
    remedy: expect.stringContaining('system.enableActivityEagerExecution') as string,
  });
});
