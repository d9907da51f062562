import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../contract/names.js';
import { print, printJson } from '../../platform/printing.js';
import { EXIT_CODES, type ExitCode } from '../terminal.js';
import { checkEagerDispatch } from './eager-dispatch.js';
import { checkConfiguration, hasOutcomeStore, type Installation, readInstallation, secretsOf } from './installation.js';
import { checkMonitorsAtRisk } from './monitors-at-risk.js';
import { checkApiClock, checkPolyAi } from './polyai.js';
import {
  type Check,
  type CheckResult,
  type Finding,
  notChecked,
  redactFinding,
  jsonReportOf,
  renderResult,
  renderCounts,
  runCheck,
} from './report.js';
import { checkSearchAttribute, checkSearchAttributeMode, readSearchAttributes } from './search-attributes.js';
import { checkOutcomeStore } from './store.js';
import { checkTemporal } from './temporal-connection.js';
import { checkNamespace, checkPoller, checkVersions, type TemporalAccess } from './temporal.js';
import { checkVersioning } from './versioning.js';
import { checkWorkers } from './workers.js';

interface DoctorOptions {
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Runs `doctor`: checks the installation end to end and prints each result as soon as it and those before it are there. */
export async function runDoctor({ taskQueue, json }: DoctorOptions): Promise<ExitCode> {
  const installation = readInstallation(taskQueue);
  const { checks, close } = startChecks(installation);
  const secrets = await secretsOf(installation);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const results: CheckResult[] = [];
  for (const { name, finding } of checks) {
    const result = { name, ...redactFinding(await finding, secrets) };
    results.push(result);
    if (!json) print(renderResult(result, width));
  }
  await close();
  if (json) printJson(jsonReportOf(results));
  else print(`\n${renderCounts(results)}`);
  return exitCodeOf(results);
}

function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  const failures = results.filter(({ state }) => state === 'failure');
  if (failures.length === 0) return EXIT_CODES.done;
  return failures.every(({ name }) => name === 'configuration') ? EXIT_CODES.usage : EXIT_CODES.error;
}

/** A check waits for at most two others: 10 s to connect to Temporal, and this for its namespace. 28 s in total. */
const CHECK_TIMEOUT_MS = 9_000;
/** No monitor is read later than this, so that the check can report the monitors it has read. */
const STOP_READING_AFTER_MS = 7_500;

interface StartedChecks {
  /** In the order of the report: what matters most first. */
  readonly checks: readonly Check[];
  /** Closes the connections. To be called when all findings are there. */
  readonly close: () => Promise<void>;
}

/** Starts all checks at once. A check that needs a failed one reports why it did not run. */
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
    const finding = Promise.resolve(notChecked('the configuration is not valid'));
    return ['polyai', 'polyai-clock'].map((name) => ({ name, finding }));
  }
  const limits = { timeoutMs: CHECK_TIMEOUT_MS, remedy: 'check POLYAI_REGION or POLYAI_BASE_URL, and the network' };
  const { requestTimeoutMs } = worker;
  return [
    ...worker.accounts.map(({ name, ...access }) => ({
      name: name === undefined ? 'polyai' : `polyai:${name}`,
      finding: runCheck(limits, (signal) => checkPolyAi({ ...access, requestTimeoutMs }, signal)),
    })),
    { name: 'polyai-clock', finding: runCheck(limits, (signal) => checkApiClock(first.baseUrl, signal)) },
  ];
}

function storeCheck({ outcomesUrl: url }: Installation): Check {
  const limits = { timeoutMs: CHECK_TIMEOUT_MS, remedy: 'check POLYAI_OUTCOMES_URL' };
  const finding = url
    ? runCheck(limits, () => checkOutcomeStore(url))
    : Promise.resolve(notChecked('the configuration is not valid'));
  return { name: 'outcome-store', finding };
}

interface TemporalChecks {
  readonly first: readonly Check[];
  readonly last: readonly Check[];
  readonly close: () => Promise<void>;
}

function temporalChecks(installation: Installation): TemporalChecks {
  const { temporal, taskQueue } = installation;
  const connected = temporal
    ? checkTemporal(temporal)
    : Promise.resolve({ finding: notChecked('its configuration is not valid'), access: undefined });
  const namespace = connected.then(async ({ access }) =>
    access
      ? await runTemporalCheck(access, () => checkNamespace(access, hasOutcomeStore(installation)))
      : notChecked('Temporal cannot be reached'),
  );
  const usable = Promise.all([connected, namespace]).then(([{ access }, { state }]) =>
    state === 'failure' ? undefined : access,
  );
  const check = (name: string, run: (access: TemporalAccess) => Promise<Finding>): Check => ({
    name,
    finding: usable.then((access) =>
      access ? runTemporalCheck(access, () => run(access)) : notChecked('Temporal or its namespace cannot be used'),
    ),
  });
  const searchAttribute = (name: string): Check =>
    check(name, async (access) => checkSearchAttribute(name, await readSearchAttributes(access), access));
  const atRisk = (access: TemporalAccess): Promise<Finding> =>
    checkMonitorsAtRisk(access, {
      taskQueue,
      nowMs: Date.now(),
      stopAtMs: performance.now() + STOP_READING_AFTER_MS,
    });
  return {
    first: [
      { name: 'temporal', finding: connected.then(({ finding }) => finding) },
      { name: 'namespace', finding: namespace },
      check('workflow-worker', (access) => checkPoller(access, { taskQueue, kind: 'workflows' })),
      check('activity-worker', (access) => checkPoller(access, { taskQueue, kind: 'activities' })),
      check('worker-heartbeats', (access) => checkWorkers(access, taskQueue)),
      check('versioning', (access) => checkVersioning(access, taskQueue)),
      check('eager-dispatch', (access) => checkEagerDispatch(access, taskQueue)),
      check('monitors-at-risk', atRisk),
    ],
    last: [
      check('POLYAI_SEARCH_ATTRIBUTES', async (access) =>
        checkSearchAttributeMode(installation.worker?.searchAttributes, await readSearchAttributes(access)),
      ),
      searchAttribute(CALL_STATUS_SEARCH_ATTRIBUTE),
      searchAttribute(ALARM_SEARCH_ATTRIBUTE),
    ],
    close: async () => await (await connected).access?.connection.close(),
  };
}

async function runTemporalCheck({ client }: TemporalAccess, run: () => Promise<Finding>): Promise<Finding> {
  const limits = { timeoutMs: CHECK_TIMEOUT_MS, remedy: 'check Temporal, and TEMPORAL_ADDRESS' };
  return await runCheck(limits, (signal) => client.withAbortSignal(signal, run));
}
