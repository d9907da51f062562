import { expect, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { campaignHistories } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const versions = campaignHistories.versions();

test.each(versions)('replays the campaigns of %s', async (version) => {
  const runs = [...campaignHistories.ofVersion(version)];

  const results = await replay(runs);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(runs.length);
});

test.each([
  ['completes', 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED'],
  ['is paused, resumed and changed', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED'],
  ['waits for a window', 'EVENT_TYPE_TIMER_STARTED'],
  ['is woken while it waits', 'EVENT_TYPE_TIMER_CANCELED'],
  ['continues as new', 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW'],
  ['is cancelled', 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED'],
])('a campaign is recorded that %s', (_what, eventType) => {
  const runs = versions.flatMap((version) => [...campaignHistories.ofVersion(version)]);
  expect(runs.some(({ history }) => history.events.some((event) => event.eventType === eventType))).toBe(true);
});
