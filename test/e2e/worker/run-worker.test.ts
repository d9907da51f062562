import { expect, test } from 'vitest';

import { callWorker } from '../../support/call-cli.js';
import { useDevServerRig } from '../../support/dev-server-rig.js';

const rig = useDevServerRig();

test.each([
  ['a bundle that is none', { POLYAI_WORKFLOW_BUNDLE: import.meta.filename }, /the worker cannot be created: .*Bundle/],
  [
    'no server',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /cannot reach Temporal at 127\.0\.0\.1:1: start one .*: nothing answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)$/m,
  ],
  [
    'an unknown namespace',
    { TEMPORAL_NAMESPACE: 'nowhere' },
    /denies access to namespace "nowhere" .*: Namespace nowhere is not found/,
  ],
])('the worker does not start with %s, and says so in a line', async (_, change, line) => {
  const { code, stderr } = await callWorker({ ...rig().workerEnvironment(), ...change });
  expect(code).toBe(1);
  expect(stderr).toMatch(line);
  expect(stderr).not.toMatch(/\n\s+at /);
});
