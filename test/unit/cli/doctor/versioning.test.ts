import { expect, test } from 'vitest';

import { checkVersioning } from '../../../../src/cli/doctor/versioning.js';
import { accessTo } from './task-queue-access.js';

test.each([
  [{ workers: [''] }, 'no worker versioning'],
  [{ workers: [] }, 'no worker versioning'],
  [{ workers: ['v1'], current: 'v1' }, 'calls.v1 is current'],
  [{ workers: ['v1', 'v2'], current: 'v1', ramping: 'v2' }, 'calls.v1 is current; calls.v2 gets 10 %'],
  [{ workers: ['', 'v1'], ramping: 'v1' }, 'workers without versioning get the work; calls.v1 gets 10 %'],
  // That nobody polls at all is another check's failure.
  [{ workers: [], current: 'v1' }, 'calls.v1 is current'],
])('%j is ok: %s', async (queue, found) => {
  expect(await checkVersioning(accessTo(queue), 'queue')).toEqual({ state: 'ok', found });
});

test.each([
  [{ workers: ['v1'] }, 'the workers of calls.v1 get no work: no version is current', /^temporal worker/],
  [
    { workers: ['v2'], current: 'v1' },
    'no worker of the current version calls.v1 polls "queue"; there are workers of calls.v2',
    /^start workers of that version, or: temporal worker deployment set-current-version --deployment-name calls --build-id v2 --namespace prod$/,
  ],
  [
    { workers: [''], current: 'v1' },
    'calls.v1 is the current version, and the workers of "queue" have no version: they get no work',
    /TEMPORAL_WORKER_BUILD_ID/,
  ],
])('%j is a failure: %s', async (queue, found, remedy) => {
  const finding = await checkVersioning(accessTo(queue), 'queue');

  expect(finding).toEqual({ state: 'failure', found, remedy: expect.stringMatching(remedy) as string });
});
