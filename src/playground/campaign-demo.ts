import type { Client } from '@temporalio/client';

import { openCampaignStore } from '../campaigns/open.js';
import type { OpenCampaignStore } from '../campaigns/store.js';
import type { Attempt, Contact } from '../campaigns/records.js';
import { startCampaign } from '../client/start-campaign.js';
import type { CampaignProgress } from '../contract/campaign.js';
import { ATTEMPT_METADATA_KEY, campaignWorkflowId, monitorWorkflowId } from '../contract/names.js';
import { print } from '../platform/printing.js';
import type { DialledCall } from '../simulator/state.js';
import {
  DEMO_CAMPAIGN,
  DEMO_LIMITS,
  DEMO_RULES,
  demoContacts,
  expectedStates,
  isAmbiguous,
} from './campaign-contacts.js';
import { addressOf, startDemoEnvironment } from './demo-environment.js';
import { terminateWorkflow } from './environment.js';
import { type DemoRun, KEEP_HINT, keepUntilInterrupted, printStep, runInDemo } from './demo-run.js';

/** Shows a campaign until it has ended. */
export type FollowCampaign = (campaign: {
  readonly read: () => Promise<CampaignProgress>;
  readonly signal: AbortSignal;
}) => Promise<CampaignProgress>;

interface CampaignDemoOptions {
  /** Whether everything keeps running at the end, until Ctrl-C. */
  readonly keep: boolean;
  readonly follow: FollowCampaign;
}

/**
 * Calls some tens of contacts on a real Temporal server, with a real worker process and the simulator in place of PolyAI, and
 * compares the database with the simulator's ledger. Leaves nothing behind.
 *
 * @returns the exit code: 0 when every contact ended as expected and none was dialled twice, 130 when interrupted, else 1
 */
export async function runCampaignDemo(options: CampaignDemoOptions): Promise<number> {
  return await runInDemo((run) => runCampaign(run, options));
}

async function runCampaign(run: DemoRun, { keep, follow }: CampaignDemoOptions): Promise<number> {
  const { interruption, disposal } = run;
  const { signal } = interruption;
  const environment = await startDemoEnvironment({ onProgress: printStep, ...run });
  const { client, taskQueue, simulator, outcomesUrl } = environment;
  const store = disposal.adopt(openCampaignStore(outcomesUrl), (opened) => opened.close());
  await importContacts(store);
  simulator.setTriggerFault((number) =>
    isAmbiguous(number) ? { fault: { kind: 'status', status: 500 }, dials: true } : undefined,
  );
  disposal.defer(() => terminateAll(client, store));
  await client.withAbortSignal(signal, () =>
    startCampaign(client, { campaignId: DEMO_CAMPAIGN, rules: DEMO_RULES, limits: DEMO_LIMITS }, { taskQueue }),
  );
  print(
    `\nA campaign of ${demoContacts().length} contacts; its workflow:\n  ${addressOf(environment, campaignWorkflowId(DEMO_CAMPAIGN))}\n`,
  );
  const progress = await follow({ read: () => store.progress(DEMO_CAMPAIGN), signal });
  clearTimeout(environment.timeLimit);
  const isRight = await compare(progress, store, simulator.ledger);
  if (keep) await keepUntilInterrupted(signal);
  else if (environment.uiUrl) print(KEEP_HINT);
  return isRight ? 0 : 1;
}

async function importContacts(store: OpenCampaignStore): Promise<void> {
  const contacts = demoContacts();
  await store.create({ campaignId: DEMO_CAMPAIGN });
  await store.addContacts(
    DEMO_CAMPAIGN,
    contacts.map(({ contact }) => contact),
  );
  for (const { contact, expected } of contacts) {
    if (expected === 'suppressed') await store.suppress(contact.number, { reason: 'opted out', source: 'demo' });
  }
}

/** Compares what the database says with what the simulator dialled, and prints it without numbers. */
async function compare(
  progress: CampaignProgress,
  store: OpenCampaignStore,
  ledger: readonly DialledCall[],
): Promise<boolean> {
  const attempts = await listed(store.attempts(DEMO_CAMPAIGN));
  const contacts = await listed(store.contacts(DEMO_CAMPAIGN));
  const findings = [
    finding(isAsExpected(progress), 'every contact ended as expected'),
    finding(
      new Set(ledger.map(({ toNumber }) => toNumber)).size === ledger.length,
      `${ledger.length} numbers are in the simulator's ledger, none of them twice`,
    ),
    finding(isSame(attempts, ledger), 'each of them is an attempt in the database, and each attempt is one of them'),
  ];
  print(['', ...findings.map(({ text }) => text), ...ambiguousLines(contacts)].join('\n'));
  return findings.every(({ isTrue }) => isTrue);
}

function finding(isTrue: boolean, text: string): { readonly isTrue: boolean; readonly text: string } {
  return { isTrue, text: `${isTrue ? '✔' : '✘ not so:'} ${text}` };
}

function isAsExpected({ state, contacts }: CampaignProgress): boolean {
  const expected = expectedStates();
  return (
    state === 'completed' && Object.entries(contacts).every(([name, count]) => count === (expected.get(name) ?? 0))
  );
}

/** The metadata of a call has the ID of its attempt. */
function isSame(attempts: readonly Attempt[], ledger: readonly DialledCall[]): boolean {
  const dialled = new Set(ledger.map(({ metadata }) => metadata[ATTEMPT_METADATA_KEY]));
  const known = attempts.filter(({ state }) => state === 'ended' || state === 'ambiguous');
  return known.length === ledger.length && known.every(({ attemptId }) => dialled.has(attemptId));
}

function ambiguousLines(contacts: readonly Contact[]): string[] {
  return contacts
    .filter(({ state }) => state === 'ambiguous')
    .map(({ reference, reason }) => `${reference} is ambiguous, and is not dialled again by itself: ${reason}`);
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function terminateAll(client: Client, store: OpenCampaignStore): Promise<void> {
  const attempts = await listed(store.attempts(DEMO_CAMPAIGN));
  const monitors = attempts.flatMap(({ state, callSid }) =>
    state === 'posted' && callSid !== undefined ? [monitorWorkflowId(callSid)] : [],
  );
  await Promise.all(
    [campaignWorkflowId(DEMO_CAMPAIGN), ...monitors].map((workflowId) => terminateWorkflow(client, workflowId)),
  );
}
