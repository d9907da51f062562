import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../contract/names.js';
import { parseOutcomesUrl } from '../../outcomes/url.js';
import {
  ConfigError,
  loadOutcomesUrl,
  loadTaskQueue,
  loadWorkerConfig,
  type WorkerConfig,
} from '../../worker/config.js';
import { loadTemporalConfig, type TemporalConfig } from '../../worker/temporal-config.js';
import { EXIT_CODES, type ExitCode } from '../terminal.js';
import { checkApiClock, checkTemporalClock } from './clocks.js';
import { checkMonitorsAtRisk } from './monitors-at-risk.js';
import { checkPolyAi } from './polyai.js';
import {
  asJson,
  type Check,
  type CheckResult,
  failure,
  type Finding,
  hideSecrets,
  limited,
  notChecked,
  ok,
  renderResult,
  renderSummary,
  secretsOf,
} from './report.js';
import { checkOutcomeStore } from './store.js';
import { reachTemporal } from './temporal-connection.js';
import {
  checkNamespace,
  checkPoller,
  checkVersions,
  judgeSearchAttribute,
  readSearchAttributes,
  type TemporalAccess,
} from './temporal.js';

interface RunDoctorOptions {
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Checks the installation from end to end and prints what it finds, each line as soon as it is known. */
export async function runDoctor({ taskQueue, json }: RunDoctorOptions): Promise<ExitCode> {
  const installation = readInstallation(taskQueue);
  const { checks, close } = startChecks(installation);
  const secrets = await secretsOf(installation);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const results: CheckResult[] = [];
  for (const { name, finding } of checks) {
    const result = { name, ...hideSecrets(await finding, secrets) };
    results.push(result);
    if (!json) console.log(renderResult(result, width));
  }
  await close();
  console.log(json ? asJson(results) : `\n${renderSummary(results)}`);
  return exitCodeOf(results);
}

/** A warning is no failure. */
function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  const failures = results.filter(({ state }) => state === 'failure');
  if (failures.length === 0) return EXIT_CODES.done;
  return failures.every(({ name }) => name === 'configuration') ? EXIT_CODES.usage : EXIT_CODES.error;
}

/** Of one check. It waits for two others at most: 10 s to reach Temporal, and this for its namespace. 28 s together. */
const LIMIT_MS = 9_000;
const STOP_LOOKING_AFTER_MS = 7_500;

const LOOK_AT_TEMPORAL = 'check Temporal itself, and TEMPORAL_ADDRESS';

interface StartedChecks {
  /** What an operator must see first comes first. */
  readonly checks: readonly Check[];
  /** Ends the connections; when all findings are there. */
  readonly close: () => Promise<void>;
}

/** Starts all checks at once. Each tells by itself what it is missing when one that it needs fails. */
function startChecks(installation: Installation): StartedChecks {
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

/** What the environment says, as far as it is usable. */
export interface Installation {
  readonly worker: WorkerConfig | undefined;
  readonly temporal: TemporalConfig | undefined;
  readonly outcomesUrl: string | undefined;
  readonly taskQueue: string;
  /** Every problem of the environment. */
  readonly problems: readonly string[];
}

/** Reads the whole environment, however much of it is wrong. */
function readInstallation(taskQueue: string | undefined): Installation {
  const problems: string[] = [];
  const worker = loadOrNote(loadWorkerConfig, problems);
  const temporal = loadOrNote(loadTemporalConfig, problems);
  const outcomesUrl = loadOrNote(loadOutcomesUrl, problems);
  return { worker, temporal, outcomesUrl, taskQueue: taskQueue ?? loadTaskQueue(), problems };
}

function loadOrNote<T>(load: () => T, problems: string[]): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** Whether a worker could start with this environment. */
function checkConfiguration({ problems, worker, temporal }: Installation): Finding {
  if (worker && temporal && problems.length === 0) {
    const apis = new Set(worker.accounts.map(({ baseUrl }) => baseUrl));
    return ok(`usable: PolyAI at ${[...apis].join(', ')}; Temporal at ${temporal.address}`);
  }
  return failure(problems.join('; '), 'set the variables that are named, where the worker runs');
}
