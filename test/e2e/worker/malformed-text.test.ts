import { expect, test } from 'vitest';

import { monitorFailureOf } from '../../../src/client.js';
import { useDevServerRig } from '../../support/dev-server-rig.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig();

/** Half a surrogate pair, an escape sequence of terminals, NUL, and an override of the text's direction. */
const MALFORMED = '\ud83d\u001b[31m\0\u202e';

test('a worker survives text of the API that is not well-formed, and shows it nowhere', async () => {
  const { simulator } = rig();
  const answer = { kind: 'status', status: 500, body: { error: MALFORMED, code: MALFORMED } } as const;
  const script = { queuedMs: 0, callingMs: 0, outcome: 'failure', reason: MALFORMED } as const;
  // Before the first observation, so that the answer becomes the failure of an attempt.
  simulator.addCall('OUT-500', { ...script, faults: [answer, answer] });
  simulator.addCall('OUT-418', { faults: [{ ...answer, status: 418 }] });
  simulator.addCall('OUT-status', { ...script, faults: [{ kind: 'body', body: { status: MALFORMED, reason: '' } }] });
  const worker = new WorkerProcess(rig().workerEnvironment());

  const monitors = await Promise.all(['OUT-500', 'OUT-418', 'OUT-status'].map((callSid) => rig().start({ callSid })));
  const [first, failure, second] = await Promise.all(
    monitors.map((monitor) => monitor.result().catch((error: unknown) => error)),
  );

  expect(first).toMatchObject({ status: 'failure', reason: '��[31m��', polls: 3 });
  expect(monitorFailureOf(failure)).toMatchObject({ type: 'RequestRejected' });
  expect(second).toMatchObject({ status: 'failure', reason: '��[31m��' });
  expect(await worker.end('SIGTERM')).toBe(0);
  expect(worker.output).not.toContain('panicked');
  for (const character of ['\u001b[31m', '\0', '\u202e']) expect(worker.output).not.toContain(character);
});
