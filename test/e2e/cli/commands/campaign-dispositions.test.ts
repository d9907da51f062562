import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openCampaignStore } from '../../../../src/campaigns.js';
import { contactOf, startCampaignOf } from '../../../support/campaign-samples.js';
import { callCli } from '../../../support/call-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-dispositions-'));
const url = `sqlite:${join(folder, 'kept.sqlite')}`;
const CREATED_AT = Date.parse('2026-07-01T12:00:00Z');
let attemptId: string;

beforeAll(async () => {
  let nowMs = CREATED_AT;
  const store = openCampaignStore(url, { now: () => nowMs });
  await store.create({ campaignId: 'draft' });
  nowMs += 1_000;
  await startCampaignOf(store, {
    campaignId: 'spring',
    account: 'acme',
    contacts: [1, 2, 3].map((index) => contactOf(index)),
  });
  for (const callSid of ['OUT-1', 'OUT-2']) {
    const answer = await store.claim({ campaignId: 'spring', owner: callSid });
    if (answer.kind !== 'claimed') throw new Error(`not claimed: ${answer.kind}`);
    ({ attemptId } = answer.claim);
    await store.beginPosting(answer.claim);
    await store.recordPosted({ attemptId, callSid });
    if (callSid === 'OUT-1') await store.recordEnded({ attemptId, status: 'success', reason: '' });
    nowMs += 10_000;
  }
  await store.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function campaign(...args: string[]) {
  return await callCli(['campaign', ...args], { env: { POLYAI_OUTCOMES_URL: url } });
}

test('a list has the latest campaigns first, and tells calls under way from those that are done', async () => {
  const { stdout, stderr } = await campaign('list');
  expect(stderr).toBe('');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['CAMPAIGN', 'STATE', 'CONTACTS', 'LEFT', 'DONE', 'UNREACHED', 'ACCOUNT', 'CREATED', 'WHY'],
    ['spring', 'running', '3', '2', '1', '0', 'acme', '2026-07-01T12:00:01Z'],
    ['draft', 'draft', '0', '0', '0', '0', '2026-07-01T12:00:00Z'],
  ]);

  const latest = await campaign('list', '--limit', '1', '--json');
  expect(latest.json).toMatchObject({
    campaignId: 'spring',
    account: 'acme',
    contacts: { waiting: 1, dialling: 1, done: 1 },
    nextDueAt: '2026-07-01T12:00:01.000Z',
  });
  expect(latest.stderr).toBe('');
  expect((await campaign('list', '--limit', '1')).stderr).toBe('these are the latest 1; --limit 0 lists all\n');
  expect((await campaign('list', '--limit', '0')).stdout).toBe(stdout);
});

test('a disposition is recorded once, with where it comes from, and when to call again', async () => {
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const report = [attemptId, 'call-back', '--call-back-at', at, '--source', 'agent'];
  const first = await campaign('disposition', ...report, '--json');
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.json).toMatchObject({ isNew: true, attemptId, campaignId: 'spring', contactState: 'dialling' });

  const store = openCampaignStore(url);
  const reports = [];
  for await (const { disposition, source, callBackAt } of store.dispositionReports('spring')) {
    reports.push({ disposition, source, callBackAt });
  }
  expect(reports).toEqual([{ disposition: 'call-back', source: 'agent', callBackAt: at }]);
  await store.recordEnded({ attemptId, status: 'success', reason: '' });
  await store.change({ campaignId: 'spring', changeId: 'pause', change: { kind: 'pause', reason: '' } });
  await store.close();

  const again = await campaign('disposition', ...report);
  expect([again.code, again.stdout, again.stderr]).toEqual([
    0,
    `spring: recorded before; the contact is waiting, due at ${at}\n`,
    'the campaign is paused: nobody is dialled until it runs\n',
  ]);
  const human = await campaign('disposition', attemptId, 'human');
  expect([human.stdout, human.stderr]).toEqual(['spring: recorded; the contact is done\n', '']);
});

test('a disposition that says too little is wrong usage', async () => {
  const { code, stderr } = await campaign('disposition', attemptId, 'call-back');
  expect([code, stderr]).toEqual([2, expect.stringContaining('callBackAt')]);
});
