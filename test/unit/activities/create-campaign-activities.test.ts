import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';

import { createCampaignActivities, type CampaignDependencies } from '../../../src/activities.js';

/** Not asked. */
const campaigns = {} as CampaignDependencies['campaigns'];
const polyAi = { getCallStatus: () => Promise.reject(new Error('no request is expected')) };

test('a worker without any account cannot dial, which shows when its activities are created', () => {
  expect(() => createCampaignActivities({ campaigns })).toThrow(
    new TypeError('polyAi, accounts or both must be given'),
  );
});

test.each([
  [null],
  [undefined],
  [{}],
  [{ campaignId: 'spring', contactId: 7, attempt: 1 }],
  [{ campaignId: 'spring', contactId: 'a', attempt: 1.5 }],
])('triggerCall of %j fails at once, because no retry can cure it', async (input) => {
  const { triggerCall } = createCampaignActivities({ campaigns, polyAi });
  await expect(new MockActivityEnvironment().run(triggerCall, input as never)).rejects.toMatchObject({
    type: 'InvalidInput',
    nonRetryable: true,
  });
});
