import { type DeploymentVersion, readTaskQueue, RECENT_POLL_MS } from '../../platform/pollers.js';
import { failure, type Finding, ok } from './report.js';
import { namespaceFlag, type TemporalAccess } from './temporal.js';

/** Checks that workers of the version that gets the tasks poll the task queue. */
export async function checkVersioning(
  access: Pick<TemporalAccess, 'client' | 'namespace'>,
  taskQueue: string,
): Promise<Finding> {
  const { pollers, current, ramping } = await readTaskQueue(access.client, { taskQueue, kind: 'workflows' });
  const running = pollers.filter(({ ageMs }) => ageMs < RECENT_POLL_MS).map(({ version }) => version);
  const [newest] = running.filter((version) => version !== undefined);
  const isServed = running.some((version) => isSame(version, current));
  if (!current && !newest) return ok('no worker versioning');
  if (!isServed && newest) {
    const found = current
      ? `no worker of the current version ${nameOf(current)} polls "${taskQueue}"; there are workers of ${nameOf(newest)}`
      : `the workers of ${nameOf(newest)} get no work: no version is current`;
    const remedy = `${current ? 'start workers of that version, or: ' : ''}${setCurrent(newest, access)}`;
    return failure(found, remedy);
  }
  if (!isServed && running.length > 0) {
    return failure(
      `${nameOf(current!)} is the current version, and the workers of "${taskQueue}" have no version: they get no work`,
      'set TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID where the worker runs',
    );
  }
  const share = ramping ? `; ${nameOf(ramping)} gets ${ramping.percentage} %` : '';
  return ok(`${current ? `${nameOf(current)} is current` : 'workers without versioning get the work'}${share}`);
}

function isSame(one: DeploymentVersion | undefined, other: DeploymentVersion | undefined): boolean {
  return one?.deploymentName === other?.deploymentName && one?.buildId === other?.buildId;
}

function nameOf({ deploymentName, buildId }: DeploymentVersion): string {
  return `${deploymentName}.${buildId}`;
}

function setCurrent({ deploymentName, buildId }: DeploymentVersion, access: Pick<TemporalAccess, 'namespace'>): string {
  return (
    `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}` +
    namespaceFlag(access)
  );
}
