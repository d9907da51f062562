import { expect, test } from 'vitest';

import { GET_STATUS_TIMEOUTS } from '../../src/contract/index.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { WorkerProcess } from '../support/worker-process.js';

const rig = useDevServerRig({ searchAttributes: false });

test(
  'SIGKILL of a worker that holds a call is noticed within the heartbeat timeout, and nothing seen before is lost',
  { timeout: GET_STATUS_TIMEOUTS.holdHeartbeatMs + 60_000 },
  async () => {
    const callSid = 'OUT-killed-while-holding';
    rig().simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
    const monitor = await rig().start({ callSid, polling: { interval: '1s' } });
    const killed = new WorkerProcess(rig().workerEnvironment());
    const held = await eventually('a heartbeat', async () => (await monitor.look()).pendingPoll?.held);
    expect(await killed.end('SIGKILL')).toBeNull();
    const killedAt = Date.now();
    const requests = rig().simulator.requestsFor(callSid).length;

    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    const survivor = new WorkerProcess(rig().workerEnvironment());
    const result = await monitor.result();

    expect(Date.now() - killedAt).toBeLessThan(GET_STATUS_TIMEOUTS.holdHeartbeatMs + 10_000);
    expect(result.status).toBe('success');
    // From the heartbeat of the attempt that was killed.
    expect(result.timeline).toEqual([...held.changes, { status: 'success', at: result.finishedAt }]);
    expect(result.polls).toBeGreaterThan(held.polls);
    expect(rig().simulator.requestsFor(callSid)).toHaveLength(requests + 1);
    expect(await survivor.end('SIGTERM')).toBe(0);
  },
);
