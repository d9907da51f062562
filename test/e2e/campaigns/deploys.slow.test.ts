import { WorkflowFailedError } from '@temporalio/client';
import { expect, it } from 'vitest';

import type { CampaignHandle } from '../../../src/client/start-campaign.js';
import { monitorWorkflowId, NUDGE_SIGNAL_NAME } from '../../../src/contract/names.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf, OPEN_RULES } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { RollingDeployment, versionsOf } from '../../support/rolling-deployment.js';

const server = useDevServerRig({
  extraArgs: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=30'],
});

/** One minute a week: where it is open now, it is not in five minutes. */
const ALMOST_NEVER = [{ days: ['sun' as const], from: '03:00', until: '03:01' }];
const SCRIPT = JSON.stringify({ queuedMs: 50, callingMs: 100 });

/** Between two deployments a campaign is used, and its history grows. */
async function use(campaign: CampaignHandle, turn: number): Promise<void> {
  await campaign.pause(`deployment ${turn}`);
  await campaign.changeLimits({ callsPerSecond: 50 + turn });
  await campaign.resume();
  await campaign.changeRules({ maxAttempts: 1 + turn });
}

it('goes on through five deployments, continued as new, and waits for its window meanwhile', async () => {
  const rig = await CampaignRig.open(server());
  const start = server().simulator.ledger.length;
  const contacts = Array.from({ length: 12 }, (_, index) =>
    contactOf(index, { variables: { simulator_script: SCRIPT } }),
  );
  const campaign = await rig.start({ campaignId: 'deployed', contacts, rules: { windows: ALMOST_NEVER } });
  for (let turn = 1; turn <= 5; turn += 1) {
    await rig.whileWorking(async () => {
      await use(campaign, turn);
      await eventually('the wait for the window', async () => {
        const { events } = await server().client.workflow.getHandle(campaign.workflowId).fetchHistory();
        return events?.at(-1)?.timerStartedEventAttributes ? true : undefined;
      });
    });
  }
  expect(server().simulator.ledger).toHaveLength(start);

  const result = await rig.whileWorking(async () => {
    await campaign.changeRules(OPEN_RULES);
    return await campaign.result();
  });

  expect(result).toMatchObject({ state: 'completed', contacts: { done: 12 }, rulesVersion: 8 });
  const runs = await fetchRuns(server().client, campaign.workflowId);
  expect(runs.length).toBeGreaterThan(3);
  for (const { events } of runs) expect(events!.length).toBeLessThan(90);
  const numbers = server()
    .simulator.ledger.slice(start)
    .map(({ toNumber }) => toNumber);
  expect(numbers.toSorted()).toEqual(contacts.map(({ number }) => number).toSorted());
});

it('is cancelled for good: it does not continue as new while its last calls are live', async () => {
  const rig = await CampaignRig.open(server());
  const { client, simulator } = server();
  const contacts = [contactOf(50, { variables: { simulator_script: JSON.stringify({ callingMs: 1e9 }) } })];
  const campaign = await rig.start({ campaignId: 'cancelled', contacts });
  const workflow = client.workflow.getHandle(campaign.workflowId);
  const findCall = () => simulator.ledger.find(({ toNumber }) => toNumber === contacts[0]!.number);
  await rig.whileWorking(async () => {
    await eventually('the call', findCall);
    for (let turn = 1; turn <= 3; turn += 1) await use(campaign, turn);
    await workflow.cancel();
    await eventually('the campaign to be cancelled', async () =>
      (await campaign.progress())?.state === 'cancelled' ? true : undefined,
    );
  });

  // The next worker finds a history that is long enough to continue as new.
  await rig.whileWorking(async () => {
    const { callSid } = findCall()!;
    simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    await client.workflow.getHandle(monitorWorkflowId(callSid)).signal(NUDGE_SIGNAL_NAME);
    await expect(campaign.result()).rejects.toThrow(WorkflowFailedError);
  });

  expect((await workflow.describe()).status.name).toBe('CANCELLED');
});

it('pinned to a version, moves to the next one when it continues as new, and the old one can be stopped', async () => {
  const rig = await CampaignRig.open(server());
  const start = server().simulator.ledger.length;
  const contacts = Array.from({ length: 8 }, (_, index) =>
    contactOf(100 + index, { variables: { simulator_script: SCRIPT } }),
  );
  const dialled = () => server().simulator.ledger.slice(start);
  const taskQueue = 'pinned-calls';
  const deployment = new RollingDeployment(rig, taskQueue);

  const first = await deployment.startWorker('v1');
  await deployment.setCurrentVersion('v1');
  const campaign = await rig.start({ contacts, taskQueue, limits: { callsAtOnce: 4, callsPerSecond: 0.2 } });
  await eventually('calls', () => (dialled().length >= 2 ? true : undefined));
  const second = await deployment.startWorker('v2');
  await deployment.setCurrentVersion('v2');
  await campaign.pause('v1 is replaced');
  await deployment.movesTo('v2', campaign.workflowId);
  await deployment.retire(first);
  expect(dialled().length).toBeLessThan(contacts.length);
  await campaign.changeLimits({ callsPerSecond: 100 });
  await campaign.resume();
  const result = await campaign.result();
  await second.shutDown();

  expect(result).toMatchObject({ state: 'completed', contacts: { done: 8 } });
  const runs = await fetchRuns(server().client, campaign.workflowId);
  const versions = versionsOf(runs);
  expect(versions[0]).toEqual(['v1']);
  expect(versions.slice(1).every(([only, ...others]) => only === 'v2' && others.length === 0)).toBe(true);
  const events = runs.flatMap((run) => run.events ?? []);
  expect(events.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  const numbers = dialled().map(({ toNumber }) => toNumber);
  expect(numbers.toSorted()).toEqual(contacts.map(({ number }) => number).toSorted());
});
