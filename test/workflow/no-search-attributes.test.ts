import { expect, test } from 'vitest';

import { useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });

test('monitors a call in a namespace without the search attributes', async () => {
  const callSid = 'OUT-plain-namespace';
  rig().simulator.addCall(callSid, { queuedMs: 300, callingMs: 300 });

  const result = await rig().whileWorking(async () =>
    (await rig().start({ callSid, polling: { interval: 300 } })).result(),
  );

  expect(result.status).toBe('success');
});
