import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';

import { isCallSid } from '../contract/call.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { redactOutcomesUrl } from '../outcomes/url.js';
import { onAbort } from '../platform/abortable.js';
import { DisposalStack } from '../platform/disposal.js';
import { INTERRUPTED_EXIT_CODE, InterruptedError, Interruption } from '../platform/interruption.js';
import { print, printError } from '../platform/printing.js';
import type { Simulator } from '../simulator/server.js';
import { loadWorkerConfig, type WorkerConfig } from '../worker/config.js';
import { childEnvironment, hasPolyAiAccess } from '../worker/environment.js';
import { runWorker } from '../worker/run-worker.js';
import { startSimulatorOn, openTemporal, type PlaygroundTemporal } from './environment.js';

/** Options of `temporal-polyai dev`. A port of 0 means a free one. */
export interface DevOptions {
  /** SQLite file of the dev server's data. */
  readonly data: string;
  readonly port: number;
  readonly uiPort: number;
  readonly simulatorPort: number;
}

/**
 * Runs Temporal, the simulator and a worker until Ctrl-C, and stops them in reverse order.
 *
 * @returns the exit code: 0, or 130 when it was interrupted before everything ran
 */
export async function runDev(options: DevOptions): Promise<number> {
  const interruption = new Interruption();
  const { signal } = interruption;
  onAbort(signal, () => printError('\nstopping (Ctrl-C again: at once)'));
  const disposal = new DisposalStack();
  try {
    await startAndRun(options, signal, disposal);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    return INTERRUPTED_EXIT_CODE;
  } finally {
    await disposal.dispose();
    interruption.dispose();
  }
  return 0;
}

async function startAndRun(options: DevOptions, signal: AbortSignal, disposal: DisposalStack): Promise<void> {
  const { data, port, uiPort, simulatorPort } = options;
  const temporal = await openTemporal({
    dbFilename: data,
    port: port || undefined,
    uiPort: uiPort || undefined,
    onProgress: (line) => printError(line),
    signal,
    disposal,
  });
  signal.throwIfAborted();
  const simulator = hasPolyAiAccess() ? undefined : await startSimulatorOn(simulatorPort, disposal);
  if (simulator) await restoreCalls(simulator, `${data}.simulated-calls.json`, disposal);
  const config = loadWorkerConfig(workerEnvironment(simulator));
  // Ctrl-C is handled here: the worker is shut down first, then what it uses.
  Runtime.install({ logger: devLogger, shutdownSignals: [] });
  const onRunning = (): void => print(renderBanner({ temporal, simulator, config, data }));
  await runWorker({ config, temporal, signal, onRunning });
}

/** The real API of the environment, or the simulator. */
function workerEnvironment(simulator: Simulator | undefined): NodeJS.ProcessEnv {
  if (!simulator) return childEnvironment({}, /^$/);
  const access = { POLYAI_AUTH_TOKEN: simulator.token, POLYAI_BASE_URL: simulator.url };
  return childEnvironment(access, /^POLYAI_(AUTH_TOKEN|AUTH_TOKEN_FILE|REGION|BASE_URL|ACCOUNTS_FILE)$/);
}

/**
 * Adds the calls that the previous simulator knew, which start again, and saves those of this one when it is disposed of:
 * without them a monitor that continues would get a 404.
 */
async function restoreCalls(simulator: Simulator, file: string, disposal: DisposalStack): Promise<void> {
  const restored = await readCallSids(file);
  for (const callSid of restored) simulator.addCall(callSid);
  disposal.defer(async () => {
    // The calls that were triggered, or found by a status request.
    const known = simulator.requests.filter(({ status }) => status === 200).flatMap(({ callSid }) => callSid ?? []);
    await mkdir(dirname(file), { recursive: true });
    // Without any, monitors have not come to poll: the worker could not start, or Ctrl-C came before.
    await writeFile(file, JSON.stringify([...new Set(known.length > 0 ? known : restored)]));
  });
}

async function readCallSids(file: string): Promise<readonly string[]> {
  try {
    const callSids: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(callSids) ? callSids.filter(isCallSid) : [];
  } catch {
    return [];
  }
}

interface BannerInput {
  readonly temporal: PlaygroundTemporal;
  readonly simulator: Simulator | undefined;
  readonly config: WorkerConfig;
  readonly data: string;
}

/** Where everything is, and what to type next. */
function renderBanner({ temporal, simulator, config, data }: BannerInput): string {
  const { address, namespace, uiUrl, isOwn } = temporal;
  const { taskQueue, accounts } = config;
  const outcomesUrl = redactOutcomesUrl(config.outcomesUrl);
  const environment = [
    `TEMPORAL_ADDRESS=${address}`,
    ...(namespace === 'default' ? [] : [`TEMPORAL_NAMESPACE=${namespace}`]),
    ...(taskQueue === DEFAULT_TASK_QUEUE ? [] : [`POLYAI_TASK_QUEUE=${taskQueue}`]),
  ].join(' ');
  return [
    '',
    `Temporal   ${address}, namespace "${namespace}"${isOwn ? `, data in ${data}` : ''}`,
    ...(uiUrl ? [`Web UI     ${uiUrl}`] : []),
    simulator
      ? `Simulator  ${simulator.url}, in place of the PolyAI API`
      : `PolyAI     ${[...new Set(accounts.map(({ baseUrl }) => baseUrl))].join(', ')}`,
    `Worker     polls task queue "${taskQueue}"`,
    `Outcomes   ${outcomesUrl === 'off' ? 'are not saved' : `in ${outcomesUrl}`}`,
    '',
    ...(simulator ? ['Trigger a simulated call:', `  ${triggerCommand(simulator)}`, ''] : []),
    'Monitor it, with the call_sid that came back:',
    `  ${environment} npx temporal-polyai monitor OUT-…`,
    '',
    'Ctrl-C ends everything.',
  ].join('\n');
}

function triggerCommand({ url, token }: Simulator): string {
  const headers = `-H 'X-PolyAi-Auth-Token: ${token}' -H 'content-type: application/json'`;
  return `curl ${url}/v1/outbound-calling ${headers} -d '{"to_number":"+12025550123"}'`;
}

/** Warnings of the worker in one line each, without stacks. */
const devLogger = new DefaultLogger('WARN', (entry) => printError(renderLogEntry(entry)));

function renderLogEntry({ level, message, meta }: LogEntry): string {
  const { workflowId, attempt, problem, error } = (meta ?? {}) as Readonly<Record<string, unknown>>;
  const parts = [
    typeof workflowId === 'string' && workflowId,
    typeof attempt === 'number' && `attempt ${attempt}`,
    typeof problem === 'string' && problem,
    error instanceof Error && error.message,
  ];
  return [`${level.toLowerCase()}: ${message}`, ...parts.filter(Boolean)].join(' · ');
}
