import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { openCampaignStore, type OpenCampaignStore } from 'temporal-polyai/campaigns';
import { startCampaign } from 'temporal-polyai/client';
import { type Simulator, startSimulator } from 'temporal-polyai/simulator';
import type { CampaignOptions } from '../options.js';
import { type PackageBuild, REPOSITORY } from '../package-build.js';
import { makeTrouble } from './chaos.js';
import { CAMPAIGN_ID, importContacts, OPEN_RULES } from './contacts.js';
import { compareWithLedger, historiesOf, memoryOf } from './figures.js';
import { WorkerFleet } from './fleet.js';
import { CrashableServer } from './server.js';

const LOOK_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 30_000;

interface Run {
  readonly folder: string;
  readonly build: PackageBuild;
  readonly options: CampaignOptions;
  readonly signal: AbortSignal;
}

/** What one campaign did. */
export type CampaignFigures = Awaited<ReturnType<typeof runCampaign>>;

/** Dials all contacts of a campaign, with trouble if the options say so, and measures it. */
export async function runCampaign({ folder, build, options, signal }: Run) {
  const url = `sqlite:${join(folder, 'outcomes.sqlite')}`;
  const server = await CrashableServer.start(folder);
  const simulator = await startSimulator();
  const store = openCampaignStore(url);
  const connection = await Connection.connect({ address: server.address });
  const client = new Client({ connection, namespace: server.namespace });
  let fleet: WorkerFleet | undefined;
  try {
    // In this time a worker that is lost leaves a call that nobody knows of.
    simulator.setTriggerFault(() => ({ fault: { kind: 'delay', ms: options.answer }, dials: true }));
    const script = JSON.stringify({ queuedMs: 100, callingMs: options.call * 1_000 - 100 });
    const variables = { simulator_script: script };
    await importContacts(store, { contacts: options.contacts, variables, signal, onProgress: console.log });
    const { workers, unguarded } = options;
    const env = environment({ server, simulator, url, bundle: writeBundle(folder) });
    fleet = new WorkerFleet({ workers, workerPath: build.workerPath, unguarded, env });
    const limits = { callsAtOnce: options.atOnce, callsPerSecond: options.perSecond };
    const startedAt = performance.now();
    const { workflowId } = await startCampaign(client, {
      ...{ campaignId: CAMPAIGN_ID, rules: OPEN_RULES, limits, lanes: Math.min(10, workers) },
    });
    const trouble = await whileTroubled({ fleet, server, client, workflowId, options, signal }, async () => {
      await untilCompleted(store, { simulator, fleet: fleet!, signal });
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      seconds,
      trouble,
      progress: await store.progress(CAMPAIGN_ID),
      ledger: await compareWithLedger(store, simulator.ledger),
      memory: memoryOf(fleet.memory),
      histories: await historiesOf(client, workflowId),
    };
  } finally {
    await fleet?.end();
    await store.close();
    await simulator.close();
    await server.stop();
  }
}

interface Addresses {
  readonly server: CrashableServer;
  readonly simulator: Simulator;
  readonly url: string;
  readonly bundle: string;
}

/** Made once: a worker that has to make its own takes seconds to replace a killed one. */
function writeBundle(folder: string): string {
  const path = join(folder, 'workflow-bundle.js');
  execFileSync(process.execPath, [join(REPOSITORY, 'dist/cli/main.js'), 'bundle', '--out', path]);
  return path;
}

function environment({ server, simulator, url, ...paths }: Addresses): Record<string, string> {
  return {
    POLYAI_AUTH_TOKEN: simulator.token,
    POLYAI_BASE_URL: simulator.url,
    POLYAI_REGION: '',
    POLYAI_AUTH_TOKEN_FILE: '',
    POLYAI_OUTCOMES_URL: url,
    POLYAI_WORKFLOW_BUNDLE: paths.bundle,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
  };
}

interface TroubledRun extends Pick<Run, 'options' | 'signal'> {
  readonly fleet: WorkerFleet;
  readonly server: CrashableServer;
  readonly client: Client;
  readonly workflowId: string;
}

async function whileTroubled(run: TroubledRun, work: () => Promise<void>): Promise<Record<string, number>> {
  const { options, signal, ...chaos } = run;
  const over = new AbortController();
  const everyMs = options.every * 1_000;
  const making = options.chaos
    ? makeTrouble({ ...chaos, workers: options.workers, everyMs, signal: AbortSignal.any([signal, over.signal]) })
    : Promise.resolve({});
  await work().finally(() => over.abort());
  return await making;
}

interface Watched {
  readonly simulator: Simulator;
  readonly fleet: WorkerFleet;
  readonly signal: AbortSignal;
}

async function untilCompleted(store: OpenCampaignStore, { simulator, fleet, signal }: Watched): Promise<void> {
  let reportAt = performance.now() + REPORT_EVERY_MS;
  for (;;) {
    const campaign = await store.find(CAMPAIGN_ID);
    if (campaign?.state === 'completed') return;
    if (campaign?.state === 'paused') throw new Error(`the campaign is paused: ${campaign.stateReason}`);
    if (performance.now() > reportAt) {
      reportAt += REPORT_EVERY_MS;
      console.log(`${simulator.ledger.length} dialled`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) continue;
    if ((signal.reason as Error).name !== 'TimeoutError') throw signal.reason as Error;
    // What was dialled by then is reported all the same.
    console.error(`it did not complete in time; the workers printed last:\n${fleet.output}`);
    process.exitCode = 1;
    return;
  }
}
