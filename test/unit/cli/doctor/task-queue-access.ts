import { msToTs } from '@temporalio/common/lib/time.js';

import type { TemporalAccess } from '../../../../src/cli/doctor/temporal.js';

const VERSIONED = 2;

interface FakeTaskQueue {
  readonly serverVersion?: string;
  readonly address?: string;
  readonly current?: string;
  readonly ramping?: string;
  /** Build IDs of the workers that poll; '' for one without versioning. */
  readonly workers: readonly string[];
}

/** A server that knows one task queue. */
export function accessTo({ serverVersion = '1.32.0', address = '', current, ramping, workers }: FakeTaskQueue) {
  const versionOf = (buildId: string | undefined) => buildId && { deploymentName: 'calls', buildId };
  const describeTaskQueue = () =>
    Promise.resolve({
      pollers: workers.map((buildId) => ({
        identity: 'worker',
        lastAccessTime: msToTs(Date.now()),
        deploymentOptions: buildId ? { ...versionOf(buildId)!, workerVersioningMode: VERSIONED } : null,
      })),
      versioningInfo: {
        currentDeploymentVersion: versionOf(current),
        rampingDeploymentVersion: versionOf(ramping),
        rampingVersionPercentage: ramping ? 10 : 0,
      },
    });
  const client = { options: { namespace: 'prod' }, workflowService: { describeTaskQueue } };
  return { client, namespace: 'prod', address, serverVersion } as unknown as TemporalAccess;
}
