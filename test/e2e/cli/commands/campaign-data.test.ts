import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openCampaignStore } from '../../../../src/campaigns.js';
import { contactOf, startCampaignOf } from '../../../support/campaign-samples.js';
import { callCli } from '../../../support/call-cli.js';
import { runCli } from '../../../support/cli-process.js';

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-campaign-'));
const url = `sqlite:${join(folder, 'kept.sqlite')}`;

beforeAll(async () => {
  const store = openCampaignStore(url, { now: () => Date.parse('2026-07-01T12:00:00Z') });
  await startCampaignOf(store, { campaignId: 'spring', contacts: [contactOf(1), contactOf(2), contactOf(3)] });
  await store.suppress(contactOf(3).number, { reason: 'asked us to', source: 'mail' });
  await store.change({
    campaignId: 'spring',
    changeId: 'p',
    change: { kind: 'pause', reason: 'wrong\u001b[31m price' },
  });
  await store.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function campaign(args: readonly string[], { store = url, run = callCli }: CampaignOptions = {}) {
  const env = { POLYAI_OUTCOMES_URL: store };
  const { code, stdout, stderr } = await run(['campaign', ...args], { env, cwd: folder });
  return { code, stdout, stderr };
}

interface CampaignOptions {
  readonly store?: string;
  /** @default `callCli` */
  readonly run?: typeof callCli | typeof runCli;
}

const inProcess = { run: runCli };

describe('campaign list', () => {
  it('shows the state of each campaign and its contacts by state, without escape sequences', async () => {
    const { code, stdout, stderr } = await campaign(['list'], inProcess);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'CAMPAIGN | STATE | CONTACTS | LEFT | DONE | UNREACHED | ACCOUNT | CREATED | WHY',
      'spring | paused | 3 | 2 | 0 | 1 | 2026-07-01T12:00:00Z | wrong price',
      '',
    ]);
    const listed = JSON.parse((await campaign(['list', '--json'])).stdout) as object;
    expect(listed).toMatchObject({
      campaignId: 'spring',
      state: 'paused',
      contacts: { waiting: 2, suppressed: 1, done: 0 },
    });
  });
});

describe('in a folder without a database', () => {
  const file = join(folder, '.temporal-polyai', 'outcomes.sqlite');
  const nowhere = { store: '' };

  it.each([
    ['list'],
    ['plan', 'spring'],
    ['report', 'spring', '--output', 'report.html'],
    ['export', 'spring', '--format', 'csv'],
    ['suppress', contactOf(1).number],
    ['suppressions'],
    ['erase', '--reference', 'crm-1', '--yes'],
    ['disposition', 'attempt-1', 'human'],
  ])('campaign %s creates none, and says where it looked', async (...args) => {
    const { code, stdout, stderr } = await campaign(args, nowhere);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `temporal-polyai: there is no database ${file}: ` +
        "change to the worker's folder, or set POLYAI_OUTCOMES_URL as on the worker\n",
    });
    expect(existsSync(file)).toBe(false);
  });

  it('campaign import creates one, and says so once', async () => {
    const contacts = join(folder, 'new.csv');
    writeFileSync(contacts, `number,consent\n${contactOf(1).number},web form\n`);
    const first = await campaign(['import', 'spring', contacts, '--json'], nowhere);
    expect(JSON.parse(first.stdout)).toMatchObject({ added: 1 });
    expect(first.stderr).toBe(
      `created a new database: ${file}; start the worker in this folder, or set POLYAI_OUTCOMES_URL as on the worker\n`,
    );
    expect(existsSync(file)).toBe(true);
    expect((await campaign(['import', 'spring', contacts, '--json'], nowhere)).stderr).toBe('');
  });
});

describe('campaign plan', () => {
  it('writes each contact with the names of columns that an export has', async () => {
    const { code, stdout } = await campaign(['plan', 'spring', '--contacts', 'csv']);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\r\n');
    expect(head).toBe('contact_id,reference,state,plan,at,reason');
    expect(rows.map((row) => row.split(',').slice(1).join())).toEqual([
      expect.stringMatching(/^,waiting,dial,20\d\d-.*Z,$/),
      expect.stringMatching(/^,waiting,dial,20\d\d-.*Z,$/),
      ',suppressed,never,,on the suppression list',
    ]);
  });
});

describe('options that exclude each other', () => {
  it.each([
    [['plan', 'spring', '--output', 'plan.csv'], '--output needs --contacts csv or jsonl'],
    [
      ['plan', 'spring', '--contacts', 'csv', '--json'],
      "option '--json' cannot be used with option '--contacts <format>'",
    ],
    [['suppress', contactOf(1).number, '--file', 'numbers.txt'], 'give numbers or --file, not both'],
  ])('campaign %j is wrong usage', async (args, message) => {
    const { code, stdout, stderr } = await campaign(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('campaign import', () => {
  it('says when the new contacts are called', async () => {
    const file = join(folder, 'more.csv');
    writeFileSync(file, `number,time_zone,consent\n${contactOf(50).number},Etc/UTC,web form\n`);
    const store = openCampaignStore(url);
    await startCampaignOf(store, { campaignId: 'goes-on', contacts: [contactOf(51)] });
    await startCampaignOf(store, { campaignId: 'is-over', contacts: [] });
    await store.upkeep('is-over');
    await store.create({ campaignId: 'is-draft' });
    await store.close();
    const added = async (campaignId: string) => (await campaign(['import', campaignId, file])).stdout;
    expect(await added('goes-on')).toBe(
      'goes-on: 1 contact added, 0 updated\nthe campaign sees the new contacts within ten minutes, or at once: ' +
        'temporal-polyai campaign start goes-on\n',
    );
    expect(await added('goes-on')).toBe('goes-on: 0 contacts added, 1 updated\n');
    expect(await added('is-over')).toBe(
      'is-over: 1 contact added, 0 updated\nthe campaign is completed: start it again to call the new contacts\n',
    );
    expect(await added('is-draft')).toBe('is-draft: 1 contact added, 0 updated\n');
  });
});

describe('campaign export', () => {
  it('writes contacts that can be imported again, and nothing but a complete file', async () => {
    const file = join(folder, 'out.csv');
    expect(await campaign(['export', 'spring', '--format', 'csv', '--output', file], inProcess)).toEqual({
      code: 0,
      stdout: `${file}: 3 contacts\n`,
      stderr: '',
    });
    const [head, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\r\n');
    expect(head).toBe('contact_id,number,reference,state,reason,due_at,time_zones,regions,consent,variables');
    expect(rows.map((row) => row.split(',').slice(1, 5))).toEqual([
      [contactOf(1).number, '', 'waiting', ''],
      [contactOf(2).number, '', 'waiting', ''],
      [contactOf(3).number, '', 'suppressed', 'on the suppression list'],
    ]);
    const again = ['import', 'copy', file, '--ignore-column', 'variables', '--json'];
    expect(JSON.parse((await campaign(again)).stdout)).toMatchObject({ rows: 3, added: 3, withoutConsent: 0 });
  });

  it('writes attempts, and takes a disposition by the ID in them', async () => {
    const store = openCampaignStore(url);
    await startCampaignOf(store, { campaignId: 'summer', contacts: [contactOf(9)] });
    const answer = await store.claim({ campaignId: 'summer', owner: 'test' });
    if (answer.kind !== 'claimed') throw new Error(`not claimed: ${answer.kind}`);
    await store.beginPosting(answer.claim);
    await store.recordPosted({ attemptId: answer.claim.attemptId, callSid: 'OUT-9' });
    await store.recordEnded({ attemptId: answer.claim.attemptId, status: 'success', reason: '=done' });
    await store.close();

    const attempt = JSON.parse((await campaign(['export', 'summer', '--attempts', '--format', 'jsonl'])).stdout) as {
      attemptId: string;
    };
    expect(attempt).toMatchObject({ callSid: 'OUT-9', state: 'ended', disposition: 'answered', reason: '=done' });
    expect((await campaign(['export', 'summer', '--attempts', '--format', 'csv'])).stdout).toContain(",'=done,OUT-9,");

    expect((await campaign(['disposition', attempt.attemptId, 'opted-out'], inProcess)).stdout).toMatch(
      /^summer: recorded; the contact is /,
    );
    expect((await campaign(['disposition', attempt.attemptId, 'call-back'])).code).toBe(2);
    expect((await campaign(['disposition', 'nobody', 'human'])).stderr).toContain('there is no attempt "nobody"');
  });

  it('says that there is no such campaign', async () => {
    const { code, stderr } = await campaign(['export', 'autumn', '--format', 'csv']);
    expect([code, stderr]).toEqual([
      1,
      'temporal-polyai: there is no campaign "autumn"; to list them: temporal-polyai campaign list\n',
    ]);
  });
});

describe('campaign suppress', () => {
  it('takes numbers out of all campaigns, and names the lines that it cannot read', async () => {
    const file = join(folder, 'opted-out.txt');
    const national = contactOf(1).number.replace('+44', '0');
    writeFileSync(file, `${national}\r\n\r\nnobody\n${contactOf(2).number}`);
    expect(await campaign(['suppress', '--file', file, '--country', 'GB'])).toEqual({
      code: 1,
      stdout: '2 numbers are suppressed\n',
      stderr: 'line 3 is not a phone number\n',
    });
    const listed = (await campaign(['list', '--json'])).stdout.split('\n').find((line) => line.includes('"spring"'));
    expect(JSON.parse(listed ?? '')).toMatchObject({ contacts: { waiting: 0, suppressed: 3 } });
  });
});

describe('campaign erase', () => {
  it('asks first, erases in all campaigns, and leaves the suppression', async () => {
    const store = openCampaignStore(url);
    await startCampaignOf(store, { campaignId: 'old', contacts: [contactOf(21, { reference: 'crm-21' })] });
    await startCampaignOf(store, { campaignId: 'new', contacts: [contactOf(21), contactOf(22)] });
    await store.suppress(contactOf(21).number, { reason: 'letter', source: 'mail' });
    await store.close();

    const erase = ['erase', '--reference', 'crm-21'];
    expect(await campaign(erase)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--yes') as string,
    });
    expect(await campaign([...erase, '--yes'], inProcess)).toEqual({
      code: 0,
      stdout: 'erased: 2 contacts (new: 1, old: 1) and the number in 1 suppression\n',
      stderr: '',
    });
    const again = ['erase', '--number', contactOf(21).number, '--json'];
    expect(JSON.parse((await campaign(again)).stdout)).toEqual({ campaigns: [], suppressions: 0 });

    const suppressions = (await campaign(['suppressions', '--json'], inProcess)).stdout.trim().split('\n');
    expect(suppressions.map((line) => JSON.parse(line) as object)).toContainEqual({
      reason: '',
      source: '',
      createdAt: expect.any(String) as string,
    });
    expect((await campaign(['suppressions'])).stdout).toMatch(/^NUMBER .*\n(\+447700900\d+ .*\n)+\(erased\) /);
  });

  it('says whose data it needs, without repeating a number that it cannot read', async () => {
    expect(await campaign(['erase', '--yes'])).toMatchObject({
      code: 2,
      stderr: 'temporal-polyai: whose data? give --number or --reference\n',
    });
    const { code, stderr } = await campaign(['erase', '--number', '0770090', '--yes']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--number has no country code')]);
    expect(stderr).not.toContain('0770090');
  });
});
