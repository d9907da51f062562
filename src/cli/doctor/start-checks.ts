import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../contract/names.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import { checkApiClock } from './check-api-clock.js';
import { checkMonitorsAtRisk } from './check-monitors-at-risk.js';
import { checkNamespace } from './check-namespace.js';
import { checkOutcomeStore } from './check-outcome-store.js';
import { checkPoller } from './check-poller.js';
import { checkPolyAi } from './check-poly-ai.js';
import { judgeSearchAttribute, readSearchAttributes } from './check-search-attribute.js';
import { checkTemporalClock } from './check-temporal-clock.js';
import { checkVersions } from './check-versions.js';
import { type Check, type Finding, limited, notChecked } from './check.js';
import { reachTemporal } from './reach-temporal.js';
import { checkConfiguration, type Installation } from './read-installation.js';
import type { TemporalAccess } from './temporal-access.js';

/** Of one check. It waits for two others at most: 10 s to reach Temporal, and this for its namespace. 28 s together. */
const LIMIT_MS = 9_000;
const STOP_LOOKING_AFTER_MS = 7_500;

const LOOK_AT_TEMPORAL = 'check Temporal itself, and TEMPORAL_ADDRESS';

export interface StartedChecks {
  /** What an operator must see first comes first. */
  readonly checks: readonly Check[];
  /** Ends the connections; when all findings are there. */
  readonly close: () => Promise<void>;
}

/** Starts all checks at once. Each tells by itself what it is missing when one that it needs fails. */
export function startChecks(installation: Installation): StartedChecks {
  const temporal = temporalChecks(installation);
  const checks = [
    { name: 'versions', finding: Promise.resolve(checkVersions()) },
    ...temporal.first,
    { name: 'configuration', finding: Promise.resolve(checkConfiguration(installation)) },
    storeCheck(installation),
    ...polyAiChecks(installation),
    ...temporal.last,
  ];
  return { checks, close: temporal.close };
}

function polyAiChecks({ worker }: Installation): Check[] {
  const [first] = worker?.accounts ?? [];
  if (!worker || !first) {
    const finding = Promise.resolve(notChecked('the configuration is not usable'));
    return ['polyai', 'polyai-clock'].map((name) => ({ name, finding }));
  }
  const limits = { limitMs: LIMIT_MS, remedy: 'check POLYAI_REGION or POLYAI_BASE_URL, and the network' };
  const { requestTimeoutMs } = worker;
  return [
    ...worker.accounts.map(({ name, ...access }) => ({
      name: name === undefined ? 'polyai' : `polyai:${name}`,
      finding: limited(limits, (signal) => checkPolyAi({ ...access, requestTimeoutMs }, signal)),
    })),
    { name: 'polyai-clock', finding: limited(limits, (signal) => checkApiClock(first.baseUrl, signal)) },
  ];
}

function storeCheck({ outcomesUrl: url }: Installation): Check {
  const limits = { limitMs: LIMIT_MS, remedy: 'check POLYAI_OUTCOMES_URL' };
  const finding = url
    ? limited(limits, () => checkOutcomeStore(url))
    : Promise.resolve(notChecked('the configuration is not usable'));
  return { name: 'outcome-store', finding };
}

interface TemporalChecks {
  readonly first: readonly Check[];
  readonly last: readonly Check[];
  readonly close: () => Promise<void>;
}

function temporalChecks({ temporal, outcomesUrl, taskQueue }: Installation): TemporalChecks {
  const reached = temporal
    ? reachTemporal(temporal)
    : Promise.resolve({ finding: notChecked('its configuration is not usable'), access: undefined });
  const keepsOutcomes = outcomesUrl !== undefined && parseOutcomesUrl(outcomesUrl).kind !== 'off';
  const namespace = reached.then(async ({ access }) =>
    access
      ? await checkInTime(access, () => checkNamespace(access, { keepsOutcomes }))
      : notChecked('Temporal is not reached'),
  );
  const usable = Promise.all([reached, namespace]).then(([{ access }, { state }]) =>
    state === 'failure' ? undefined : access,
  );
  const check = (name: string, run: (access: TemporalAccess, signal: AbortSignal) => Promise<Finding>): Check => ({
    name,
    finding: usable.then((access) =>
      access
        ? checkInTime(access, (signal) => run(access, signal))
        : notChecked("Temporal or its namespace can't be used"),
    ),
  });
  const attribute = (name: string): Check =>
    check(name, async (access) => judgeSearchAttribute(name, await readSearchAttributes(access), access));
  const atRisk = (access: TemporalAccess): Promise<Finding> =>
    checkMonitorsAtRisk(access, {
      taskQueue,
      nowMs: Date.now(),
      stopAtMs: performance.now() + STOP_LOOKING_AFTER_MS,
    });
  return {
    first: [
      { name: 'temporal', finding: reached.then(({ finding }) => finding) },
      { name: 'namespace', finding: namespace },
      check('workflow-worker', (access) => checkPoller(access, { taskQueue, kind: 'workflows' })),
      check('activity-worker', (access) => checkPoller(access, { taskQueue, kind: 'activities' })),
      check('monitors-at-risk', atRisk),
    ],
    last: [
      check('temporal-clock', checkTemporalClock),
      attribute(CALL_STATUS_SEARCH_ATTRIBUTE),
      attribute(ALARM_SEARCH_ATTRIBUTE),
    ],
    close: async () => await (await reached).access?.connection.close(),
  };
}

async function checkInTime(
  { client }: TemporalAccess,
  run: (signal: AbortSignal) => Promise<Finding>,
): Promise<Finding> {
  return await limited({ limitMs: LIMIT_MS, remedy: LOOK_AT_TEMPORAL }, (signal) =>
    client.withAbortSignal(signal, () => run(signal)),
  );
}
