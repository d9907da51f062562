import { expect, inject, test } from 'vitest';

import { quietRuntime } from '../support/quiet-runtime.js';
import { campaignHistories, monitorHistories, stagesOf, subscriberHistories } from '../support/recorded-histories.js';
import { replay } from '../support/replay.js';

quietRuntime();

const ownWorkflows = { codePath: inject('workflowBundlePath') };
const corpora = [
  { name: 'monitors', corpus: monitorHistories, workflowBundle: ownWorkflows },
  { name: 'subscribers', corpus: subscriberHistories, workflowBundle: { codePath: inject('callerBundlePath') } },
  { name: 'campaigns', corpus: campaignHistories, workflowBundle: ownWorkflows },
].flatMap(({ corpus, ...each }) => corpus.versions().map((version) => ({ ...each, corpus, version })));

test.each(corpora)('goes on from every stage of the $name of $version', async ({ corpus, workflowBundle, version }) => {
  const stages = stagesOf(corpus.ofVersion(version));

  const results = await replay(stages, workflowBundle);

  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(results).toHaveLength(stages.length);
});
