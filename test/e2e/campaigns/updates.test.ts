import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';

import { CAMPAIGN_UPDATE_NAMES } from '../../../src/contract/names.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf } from '../../support/campaign-samples.js';
import { useDevServerRig } from '../../support/dev-server-rig.js';

const server = useDevServerRig();

/** One minute a week. */
const CLOSED = [{ days: ['sun' as const], from: '03:00', until: '03:01' }];

test('an update from any client makes the change that it is for, with arguments of the right types', async () => {
  const rig = await CampaignRig.open(server());
  await rig.whileWorking(async () => {
    const campaign = await rig.start({ contacts: [contactOf(1)], rules: { windows: CLOSED } });
    const { workflowId } = campaign;
    const update = (name: string, argument: unknown): Promise<unknown> =>
      server()
        .client.workflow.getHandle(workflowId)
        .executeUpdate(name, { args: [argument] });
    await campaign.pause('lunch');

    const { retryFailed, ...names } = CAMPAIGN_UPDATE_NAMES;
    expect(await update(retryFailed, { kind: 'resume', acceptRestored: true })).toMatchObject({ state: 'paused' });
    for (const [name, argument, message] of [
      [names.pause, { reason: 7 }, 'reason must be text'],
      [names.cancel, { reason: [] }, 'reason must be text'],
      [names.resume, { acceptRestored: 'yes' }, 'acceptRestored must be true or false'],
      [names.changeRules, { maxAttempts: 0 }, 'maxAttempts must be a whole number from 1 to 20'],
      [names.changeLimits, { callsAtOnce: 0 }, 'callsAtOnce must be a whole number from 1 to 100000'],
    ] as const) {
      const error = await update(name, argument).catch((reason: unknown) => (reason as Error).cause);
      expect(error).toBeInstanceOf(ApplicationFailure);
      expect(error).toMatchObject({ type: 'InvalidInput', message });
    }
    expect(await campaign.progress()).toMatchObject({ state: 'paused', stateReason: 'lunch' });
    await update(names.cancel, null);
    await campaign.result();
  });
});
