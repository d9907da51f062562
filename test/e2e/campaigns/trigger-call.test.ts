import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it, onTestFinished } from 'vitest';

import { createCampaignActivities } from '../../../src/activities.js';
import { DEFAULT_TASK_QUEUE, PolyAiClient } from '../../../src/index.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf, startCampaignOf } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';

const server = useDevServerRig();

it('triggerCall says that an ambiguous attempt was one, also after its call was reported', async () => {
  const { client, simulator } = server();
  const { store } = await CampaignRig.open(server());
  const campaignId = await startCampaignOf(store, { campaignId: `c-${crypto.randomUUID()}` });
  const answer = await store.claim({ campaignId, owner: 'lost' });
  if (answer.kind !== 'claimed') throw new Error(`not claimed: ${answer.kind}`);
  const { attemptId, contactId, attempt } = answer.claim;
  await store.beginPosting(answer.claim);
  await store.recordAmbiguous({ ...answer.claim, reason: 'timeout' });
  await store.recordDisposition({ attemptId, reportId: 'r', disposition: 'human', source: 'agent' });
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  onTestFinished(() => polyAi.close());
  const { triggerCall } = createCampaignActivities({ polyAi, campaigns: store });
  const environment = new MockActivityEnvironment({ taskQueue: DEFAULT_TASK_QUEUE }, { client });

  const result = await environment.run(triggerCall, { campaignId, contactId, attempt });

  expect(result).toMatchObject({ kind: 'ambiguous', attemptId });
});

it('triggerCall has each call of the campaign monitored that a lost worker left, and its own', async () => {
  const { client, simulator } = server();
  const { store } = await CampaignRig.open(server());
  const campaignId = `c-${crypto.randomUUID()}`;
  await startCampaignOf(store, { campaignId, contacts: [contactOf(1), contactOf(2)] });
  const left: { readonly contactId: string; readonly callSid: string }[] = [];
  for (const callSid of [`OUT-${crypto.randomUUID()}`, `OUT-${crypto.randomUUID()}`]) {
    const claim = await eventually('a claim', async () => {
      const answer = await store.claim({ campaignId, owner: 'lost' });
      return answer.kind === 'claimed' ? answer.claim : undefined;
    });
    await store.beginPosting(claim);
    await store.recordPosted({ attemptId: claim.attemptId, callSid });
    left.push({ contactId: claim.contactId, callSid });
  }
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  onTestFinished(() => polyAi.close());
  const { triggerCall } = createCampaignActivities({ polyAi, campaigns: store });
  const environment = new MockActivityEnvironment({ taskQueue: DEFAULT_TASK_QUEUE }, { client });
  const trigger = async (): Promise<unknown> =>
    await environment.run(triggerCall, { campaignId, contactId: left[0]!.contactId, attempt: 1 });
  const monitors = left.map(({ callSid }) => client.workflow.getHandle(`outbound-call-${callSid}`));

  expect(await trigger()).toMatchObject({ kind: 'posted', callSid: left[0]!.callSid });
  for (const monitor of monitors) expect((await monitor.describe()).status.name).toBe('RUNNING');
  for (const monitor of monitors) await monitor.terminate();
});
