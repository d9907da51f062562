import { readRunningPollers } from '../../platform/pollers.js';
import { type Finding, notChecked, ok, warning } from './report.js';
import type { TemporalAccess } from './temporal.js';

/** The first version of Temporal Server that has `system.enableActivityEagerExecution` on by default. */
const ON_SINCE = '1.32';

const CLOUD = /\.(?:tmprl\.cloud|temporal\.io)(?::\d+)?$/;

/**
 * Checks whether the server dispatches activities eagerly, so that the long poll which a nudge abandons ends at once. By the
 * server's version: no request tells the setting.
 */
export async function checkEagerDispatch(
  access: Pick<TemporalAccess, 'address' | 'client' | 'serverVersion'>,
  taskQueue: string,
): Promise<Finding> {
  const { address, serverVersion, client } = access;
  if (CLOUD.test(address)) return ok('on: Temporal Cloud dispatches activities eagerly');
  if (!/^\d+\.\d+/.test(serverVersion)) return notChecked('the server does not say its version');
  if (serverVersion.localeCompare(ON_SINCE, 'en', { numeric: true }) >= 0) {
    return ok(`on by default in server ${serverVersion}`);
  }
  const found = `off by default in server ${serverVersion}`;
  const workers = (await readRunningPollers(client, { taskQueue, kind: 'activities' })).length;
  if (workers <= 1) return ok(`${found}; it only matters with several workers`);
  return warning(
    `${found}: with ${workers} workers a long poll that a nudge abandons may run on for up to 75 s`,
    'set system.enableActivityEagerExecution to true in the dynamic configuration of the server',
  );
}
