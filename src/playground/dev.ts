import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';

import { isCallSid } from '../contract/call.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { redactOutcomesUrl } from '../outcomes/url.js';
import { Interruption } from '../platform/interruption.js';
import type { Simulator } from '../simulator/server.js';
import { loadWorkerConfig, type WorkerConfig } from '../worker/config.js';
import { runWorker } from '../worker/run-worker.js';
import { type DevTemporal, openPolyAi, openTemporal } from './dev-environment.js';

export interface DevOptions {
  readonly data: string;
  readonly port: number;
  readonly uiPort: number;
  readonly simulatorPort: number;
}

/** Runs Temporal, the simulator and a worker until Ctrl-C, and ends them in reverse order. */
export async function runDev(options: DevOptions): Promise<void> {
  const { signal } = new Interruption();
  signal.addEventListener('abort', () => console.error('\nstopping (Ctrl-C again: at once)'));
  const temporal = await openTemporal(options);
  try {
    if (signal.aborted) return;
    const { simulator, workerEnvironment, close } = await openPolyAi(options);
    try {
      const config = loadWorkerConfig(workerEnvironment);
      const onReady = (): void => console.log(renderBanner({ temporal, simulator, config, data: options.data }));
      // Ctrl-C is handled here: the worker is shut down first, then what it uses.
      Runtime.install({ logger: devLogger, shutdownSignals: [] });
      await runWorker({ config, temporal, signal, onRunning: onReady });
    } finally {
      await close?.();
    }
  } finally {
    await temporal.close?.();
  }
}

interface BannerInput {
  readonly temporal: DevTemporal;
  readonly simulator: Simulator | undefined;
  readonly config: WorkerConfig;
  readonly data: string;
}

/** Where everything is, and what to type next. */
function renderBanner({ temporal, simulator, config, data }: BannerInput): string {
  const { address, namespace, uiUrl, isOwn } = temporal;
  const { taskQueue, accounts } = config;
  const kept = redactOutcomesUrl(config.outcomesUrl);
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
    `Outcomes   ${kept === 'off' ? 'are not kept' : `in ${kept}`}`,
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
const devLogger = new DefaultLogger('WARN', (entry) => console.error(renderLogEntry(entry)));

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

/**
 * The calls that the simulator knew when it ended last; they begin anew, for a monitor that goes on would else be told
 * that there is no such call.
 */
export async function readSimulatedCalls(file: string): Promise<readonly string[]> {
  try {
    const callSids: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(callSids) ? callSids.filter(isCallSid) : [];
  } catch {
    return [];
  }
}

/** Keeps the calls that were triggered, or asked for and known. */
export async function writeSimulatedCalls(file: string, { requests }: Simulator): Promise<void> {
  const known = requests.filter(({ status }) => status === 200).flatMap(({ callSid }) => callSid ?? []);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify([...new Set(known)]));
}
