import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { csvRecord } from '../../../src/cli/commands/export-items.js';
import { getCampaign } from '../../../src/client.js';
import type { CampaignProgress } from '../../../src/contract/campaign.js';
import type { CallScript, DialledCall } from '../../../src/simulator.js';
import { type CampaignEvidence, disagreementsIn } from '../../support/campaign-evidence.js';
import { numberOf, OPEN_RULES } from '../../support/campaign-samples.js';
import { callCli } from '../../support/call-cli.js';
import { CliProcess } from '../../support/cli-process.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { followCallsUntil } from '../../support/followed-calls.js';
import { readReportPage } from '../../support/report-page.js';

const server = useDevServerRig();
const CAMPAIGN = 'agreement';
const BUSY: CallScript = { statuses: [{ status: 'failure' }], reason: 'busy' };
const STRIKE: CallScript = { statuses: [{ status: 'failure' }], reason: 'the carrier is on strike' };
const QUEUED: CallScript = { statuses: [{ status: 'failure' }], reason: 'call queueing: max timeout limit exceeded' };
const TALKED: CallScript = { statuses: [{ status: 'success' }] };

/** What becomes of a contact: the calls to it, and how it ends. */
interface Fate {
  /** How its calls end, one after the other; none of them ends before the test says so. */
  readonly calls?: readonly CallScript[];
  /** What the agent reports about its first call. */
  readonly reported?: string;
  /** What becomes of its first request to dial. */
  readonly fault?: { readonly status: number; readonly retryAfter?: number } | 'reset';
  readonly faultDials?: boolean;
  readonly consent?: string;
  readonly attempts: number;
  readonly state: string;
  readonly reason: string;
}

const FATES: Readonly<Record<string, Fate>> = {
  answers: { calls: [TALKED], attempts: 1, state: 'done', reason: 'answered' },
  'busy twice': { calls: [BUSY, BUSY], attempts: 2, state: 'failed', reason: 'busy; no attempt is left' },
  'answers the second call': { calls: [BUSY, TALKED], attempts: 2, state: 'done', reason: 'answered' },
  'a voicemail that the API takes for an answer': {
    ...{ calls: [TALKED, TALKED], reported: 'voicemail' },
    ...{ attempts: 2, state: 'done', reason: 'answered' },
  },
  'opts out': {
    ...{ calls: [TALKED], reported: 'opted-out' },
    ...{ attempts: 1, state: 'suppressed', reason: 'opted-out' },
  },
  'suppressed before': { attempts: 0, state: 'suppressed', reason: 'on the suppression list' },
  'no consent': { consent: '', attempts: 0, state: 'blocked', reason: 'no consent' },
  'ambiguous and called': {
    ...{ fault: 'reset', faultDials: true, calls: [TALKED] },
    ...{ attempts: 1, state: 'ambiguous', reason: expect.stringContaining('') as string },
  },
  'ambiguous and not called': {
    ...{ fault: { status: 500 }, attempts: 1, state: 'ambiguous', reason: expect.stringContaining('500') as string },
  },
  'ambiguous until the agent reports': {
    ...{ fault: 'reset', faultDials: true, calls: [TALKED], reported: 'human' },
    ...{ attempts: 1, state: 'done', reason: 'human' },
  },
  'refused once': {
    ...{ fault: { status: 429, retryAfter: 1 }, calls: [TALKED] },
    ...{ attempts: 1, state: 'done', reason: 'answered' },
  },
  'a number that PolyAI rejects': {
    ...{ fault: { status: 400 }, attempts: 1, state: 'failed', reason: expect.stringContaining('400') as string },
  },
  'queued for too long': { calls: [QUEUED, TALKED], attempts: 2, state: 'done', reason: 'answered' },
  'a reason that nobody knows': {
    ...{ calls: [STRIKE, STRIKE], attempts: 2, state: 'failed', reason: 'unclassified; no attempt is left' },
  },
};
const NAMES = Object.keys(FATES);
const fateOf = (number: string): Fate => FATES[NAMES[NAMES.findIndex((_, index) => numberOf(index) === number)]!]!;

let folder: string;
let worker: CliProcess;

const env = () => ({
  ...server().workerEnvironment(),
  POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'outcomes.sqlite')}`,
});

async function cli(args: readonly string[], others: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await callCli(['campaign', ...args], { env: { ...env(), ...others } });
  if (code !== 0) throw new Error(`campaign ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Imports a file with one row too many, which has no number. */
async function importContacts(): Promise<void> {
  const endless = JSON.stringify({ queuedMs: 0, callingMs: 3_600_000 });
  const rows = NAMES.map((name, index) => {
    const { consent = 'web form', calls } = FATES[name]!;
    return csvRecord([numberOf(index), 'Asia/Kathmandu', consent, name, calls ? endless : '{}']);
  });
  const file = join(folder, 'contacts.csv');
  const head = csvRecord(['number', 'time_zone', 'consent', 'reference', 'simulator_script']);
  await writeFile(file, [head, ...rows, csvRecord(['nobody', 'Asia/Kathmandu', 'web form', 'nobody', '{}'])].join(''));
  const imported = await callCli(['campaign', 'import', CAMPAIGN, file, '--json'], { env: env() });
  expect(imported.json).toMatchObject({ rows: NAMES.length + 1, added: NAMES.length, rejected: 1 });
}

/** The first request to dial some numbers goes wrong. */
function setFaults(): void {
  const requested = new Set<string>();
  server().simulator.setTriggerFault((number) => {
    const { fault, faultDials = false } = fateOf(number);
    if (fault === undefined || requested.has(number)) return undefined;
    requested.add(number);
    return { fault: fault === 'reset' ? { kind: 'reset' } : { kind: 'status', ...fault }, dials: faultDials };
  });
}

/** The agent and the callee: one says how the call went, the other hangs up. */
async function endCall({ toNumber, callSid, metadata }: DialledCall, earlier: number): Promise<void> {
  const { calls = [], reported } = fateOf(toNumber);
  if (earlier === 0 && reported !== undefined) {
    await cli(['disposition', metadata['temporal_polyai_attempt']!, reported, '--source', 'agent']);
  }
  server().simulator.addCall(callSid, calls[earlier]);
}

const lines = <T>(text: string): T[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const rows = (text: string): Record<string, string>[] => parse(text, { columns: true });

/** All that says something about the campaign, read as a user reads it. */
async function collect(): Promise<CampaignEvidence> {
  const page = join(folder, 'report.html');
  await cli(['report', CAMPAIGN, '--output', page]);
  const status = async (others: Record<string, string> = {}) =>
    JSON.parse(await cli(['status', CAMPAIGN, '--json'], others)) as CampaignProgress;
  return {
    ledger: [...server().simulator.ledger],
    contacts: lines(await cli(['export', CAMPAIGN, '--format', 'jsonl'])),
    attempts: lines(await cli(['export', CAMPAIGN, '--attempts', '--format', 'jsonl'])),
    contactRows: rows(await cli(['export', CAMPAIGN, '--format', 'csv'])),
    attemptRows: rows(await cli(['export', CAMPAIGN, '--attempts', '--format', 'csv'])),
    progress: {
      'the database': await status(),
      'the workflow': await status({ POLYAI_OUTCOMES_URL: 'off' }),
      'the query': (await getCampaign(server().client, CAMPAIGN).progress())!,
    },
    report: readReportPage(await readFile(page, 'utf8')),
  };
}

/** Once some calls have ended, and none is under way: then nothing changes while it is read. */
async function collectWhilePaused(): Promise<CampaignEvidence> {
  const campaign = getCampaign(server().client, CAMPAIGN);
  const until = async (what: string, isSo: (read: CampaignProgress) => boolean): Promise<void> => {
    await eventually(what, async () => {
      const progress = await campaign.progress();
      return progress && isSo(progress) ? true : undefined;
    });
  };
  await until('the first calls', ({ attempts }) => attempts.ended >= 5);
  await cli(['pause', CAMPAIGN]);
  await until('the calls under way', ({ state, attempts: { intended, posting, posted } }) => {
    return state === 'paused' && intended + posting + posted === 0;
  });
  return await collect();
}

let paused: CampaignEvidence;
let ended: CampaignEvidence;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-agreement-'));
  await importContacts();
  await cli(['suppress', numberOf(NAMES.indexOf('suppressed before'))]);
  const rules = join(folder, 'rules.json');
  const retryAfter = { busy: '1m', voicemail: '1m', unclassified: '1m' };
  await writeFile(rules, JSON.stringify({ ...OPEN_RULES, maxAttempts: 2, retryAfter }));
  setFaults();
  worker = new CliProcess(['worker'], { env: env() });
  await worker.prints('RUNNING');
  await cli(['start', CAMPAIGN, '--rules', rules, '--calls-at-once', '50', '--calls-per-second', '20']);
  const campaign = getCampaign(server().client, CAMPAIGN);
  server().remember(campaign.workflowId);
  const ending = followCallsUntil(campaign.result(), server().simulator, endCall);
  paused = await collectWhilePaused();
  await cli(['resume', CAMPAIGN]);
  await ending;
  ended = await collect();
}, 400_000);

afterAll(async () => {
  server().simulator.setTriggerFault(undefined);
  expect(await worker.end('SIGTERM')).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

describe('exports, report, progress and the ledger of a campaign', () => {
  it('agree while it is paused', () => {
    expect(paused.progress['the query']).toMatchObject({ state: 'paused' });
    expect(paused.contacts.filter(({ state }) => state === 'waiting').length).toBeGreaterThan(0);
    expect(disagreementsIn(paused)).toEqual([]);
  });

  it('agree when it has ended', () => {
    expect(ended.progress['the query']).toMatchObject({ state: 'completed' });
    expect(disagreementsIn(ended)).toEqual([]);
  });

  it('say of each contact what became of it, and nothing of a row that was rejected', () => {
    const found = ended.contacts.map(({ contactId, reference, state, reason }) => {
      const attempts = ended.attempts.filter((attempt) => attempt.contactId === contactId).length;
      return [reference, { attempts, state, reason }] as const;
    });
    const expected = Object.entries(FATES).map(([name, { attempts, state, reason }]) => [
      name,
      { attempts, state, reason },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });
});

describe('what disagrees is found', () => {
  const without = <T>(items: readonly T[], isMeant: (item: T) => boolean = () => true): T[] => {
    const meant = items.findIndex(isMeant);
    return items.filter((_, index) => index !== meant);
  };
  const oneMore = (progress: CampaignProgress): CampaignProgress => {
    return { ...progress, contacts: { ...progress.contacts, done: progress.contacts.done + 1 } };
  };

  it.each<[string, (given: CampaignEvidence) => Partial<CampaignEvidence>, RegExp]>([
    ['a call that was dialled twice', ({ ledger }) => ({ ledger: [...ledger, ledger[0]!] }), /: dialled 2 times$/],
    [
      'a call that no attempt knows',
      ({ attempts }) => ({ attempts: without(attempts, ({ state }) => state === 'ended') }),
      /^call .* which is not known$/,
    ],
    ['an attempt without a call', ({ ledger }) => ({ ledger: without(ledger) }), /^attempt .*: not dialled$/],
    [
      'another number',
      ({ ledger: [first, ...others] }) => ({ ledger: [{ ...first!, toNumber: '+15550100' }, ...others] }),
      /: number: "\+15550100", not/,
    ],
    [
      'a contact in another state',
      ({ contacts }) => ({ contacts: contacts.map((one) => ({ ...one, state: 'dialling' as const })) }),
      /^contact .*: dialling, not done$/,
    ],
    [
      'a cell of the CSV',
      ({ contactRows: [first, ...others] }) => ({ contactRows: [{ ...first!, state: 'lost' }, ...others] }),
      /^row 1 of the contacts as CSV: .*"lost"/,
    ],
    ['a row of the CSV', ({ attemptRows }) => ({ attemptRows: without(attemptRows) }), /^attempts as CSV: 16, not 17$/],
    [
      'a count of the progress',
      ({ progress }) => ({ progress: { ...progress, 'the query': oneMore(progress['the query']!) } }),
      /^contacts by the query: /,
    ],
    [
      'a number of the report',
      ({ report }) => ({ report: { ...report, tables: { ...report.tables, contacts: [['done', 99]] } } }),
      /^contacts in the report: {"done":99}, not/,
    ],
  ])('%s', (_what, tamper, message) => {
    const found = disagreementsIn({ ...ended, ...tamper(ended) });
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });
});
