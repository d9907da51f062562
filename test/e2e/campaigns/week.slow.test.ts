import { expect, it } from 'vitest';

import type { CampaignHandle } from '../../../src/client/start-campaign.js';
import type { CampaignProgress } from '../../../src/contract/campaign.js';
import { campaignWorkflowId, monitorWorkflowId, NUDGE_SIGNAL_NAME } from '../../../src/contract/names.js';
import type { DialledCall } from '../../../src/simulator.js';
import { CampaignRig } from '../../support/campaign-rig.js';
import { contactOf } from '../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { fetchRuns } from '../../support/replay.js';
import { type DeployedWorker, RollingDeployment, versionsOf } from '../../support/rolling-deployment.js';
import { SkippedTime, TIME_SKIPPING_ARGS } from '../../support/skipped-time.js';
import { isAllowed } from '../../support/wall-clock.js';

// A worker that takes over replays a run of the campaign: short ones, so that the slowest machine does that in time.
const MAX_HISTORY = 400;
const server = useDevServerRig({
  extraArgs: [
    ...TIME_SKIPPING_ARGS,
    ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${MAX_HISTORY}`],
  ],
});

const CAMPAIGN = 'week';
const STARTED = '2026-10-28T14:00:00Z';
const PAUSED = '2026-10-29T20:00:00Z';
/** In Tokyo the window has been open for half an hour. */
const RESUMED = '2026-10-30T00:30:00Z';
const SATURDAY = '2026-10-31T12:00:00Z';
const RULES_CHANGED = '2026-11-01T12:00:00Z';
const LATE_IMPORT = '2026-11-03T20:00:00Z';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const RULES = {
  windows: [{ days: DAYS, from: '09:00', until: '10:00' }],
  holidays: ['2026-11-03'],
  retryAfter: { 'no-answer': '24h', busy: '30m' },
  maxAttempts: 3,
};
const LATER_RULES = { windows: [{ days: DAYS, from: '09:30', until: '10:30' }], maxAttempts: 4 };
const RETRY_AFTER_MS: Partial<Record<string, number>> = { 'no-answer': 24 * 3_600_000, busy: 30 * 60_000 };

const FATES = {
  answers: { script: { outcome: 'success' }, calls: 1 },
  absent: { script: { outcome: 'failure', reason: 'no answer' }, calls: LATER_RULES.maxAttempts },
  busy: { script: { outcome: 'failure', reason: 'busy' }, calls: RULES.maxAttempts },
};
/** In Kathmandu the window opens a quarter of an hour before that of Kolkata. In New York the clocks go back on Sunday. */
const PLACES = [
  { timeZones: ['Asia/Tokyo'], fates: [FATES.answers, FATES.busy] },
  { timeZones: ['Asia/Kathmandu', 'Asia/Kolkata'], fates: [FATES.answers, FATES.absent, FATES.busy] },
  { timeZones: ['America/New_York'], fates: [FATES.answers, FATES.absent] },
];

const withScript = (index: number, timeZones: readonly string[], script: object) =>
  contactOf(index, { timeZones, variables: { simulator_script: JSON.stringify(script) } });

/** One for each place and fate. */
const CONTACTS = PLACES.flatMap(({ timeZones, fates }) => fates.map((fate) => ({ timeZones, ...fate }))).map(
  ({ timeZones, script, calls }, index) => {
    const contact = withScript(index, timeZones, { queuedMs: 0, callingMs: 0, ...script });
    return { contact, calls };
  },
);
/** Their calls last until the test ends them. */
const LONG_CALL = { statuses: [{ status: 'calling', forMs: 1e9 }] };
const EARLY = withScript(100, ['America/New_York'], LONG_CALL);
const LATE = withScript(101, ['America/New_York'], LONG_CALL);

interface Week {
  readonly time: SkippedTime;
  readonly rig: CampaignRig;
  readonly deployment: RollingDeployment;
  readonly campaign: CampaignHandle;
}

async function callTo({ number }: { number: string }): Promise<DialledCall> {
  const { ledger } = server().simulator;
  const find = () => ledger.find(({ toNumber }) => toNumber === number);
  return await eventually(`a call to ${number}`, find, { withinMs: 600_000 });
}

async function endCall({ callSid }: DialledCall): Promise<void> {
  const monitor = server().client.workflow.getHandle(monitorWorkflowId(callSid));
  expect((await monitor.describe()).status.name).toBe('RUNNING');
  server().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
  await monitor.signal(NUDGE_SIGNAL_NAME);
}

/** Replaces a version while a call is live. The campaign moves at once; the old version monitors the call to its end. */
async function replaceDuring(
  call: DialledCall,
  { deployment, campaign }: Week,
  old: DeployedWorker,
  buildId: string,
): Promise<DeployedWorker> {
  const otherOld = await deployment.startWorker(old.buildId);
  const next = await deployment.startWorker(buildId);
  await deployment.setCurrentVersion(buildId);
  await old.shutDown();
  await deployment.movesTo(buildId, campaign.workflowId);
  await endCall(call);
  await deployment.retire(otherOld);
  return next;
}

/** Replaces a version while nobody is called. The campaign moves when it is steered, or wakes up the next time. */
async function replaceDuringWait(
  { deployment }: Week,
  old: DeployedWorker,
  buildId: string,
  wakeUp: () => Promise<unknown>,
): Promise<DeployedWorker> {
  const next = await deployment.startWorker(buildId);
  await deployment.setCurrentVersion(buildId);
  await wakeUp();
  await deployment.retire(old);
  return next;
}

async function liveThrough(week: Week, first: DeployedWorker): Promise<CampaignProgress> {
  const { time, rig, campaign } = week;
  const [second] = await Promise.all([
    callTo(EARLY).then((call) => replaceDuring(call, week, first, 'v2')),
    time.skipUntil(PAUSED),
  ]);
  await campaign.pause('for v3');
  const third = await replaceDuringWait(week, second, 'v3', () => time.skipUntil(RESUMED));
  await campaign.resume();
  await time.skipUntil(SATURDAY);
  const fourth = await replaceDuringWait(week, third, 'v4', () => time.skipUntil(RULES_CHANGED));
  const fifth = await replaceDuringWait(week, fourth, 'v5', () => campaign.changeRules(LATER_RULES));
  await time.skipUntil(LATE_IMPORT);
  await rig.store.addContacts(CAMPAIGN, [LATE]);
  await time.skip();
  const sixth = await replaceDuring(await callTo(LATE), week, fifth, 'v6');
  const result = await campaign.result();
  await sixth.shutDown();
  return result;
}

/** When a number was called, by the campaign's clock. */
function callTimes({ time }: Week, number: string): number[] {
  const { ledger } = server().simulator;
  return ledger.filter(({ toNumber }) => toNumber === number).map(({ dialledAt }) => time.at(dialledAt));
}

function expectWindows(week: Week): void {
  const rulesAt = (ms: number) => ({
    ...RULES,
    closeMarginMs: 5 * 60_000,
    ...(ms > Date.parse(RULES_CHANGED) && LATER_RULES),
  });
  for (const { contact, calls } of [...CONTACTS, { contact: EARLY, calls: 1 }, { contact: LATE, calls: 1 }]) {
    const times = callTimes(week, contact.number);
    expect(times).toHaveLength(calls);
    for (const zone of contact.timeZones) {
      expect(times.filter((ms) => !isAllowed(rulesAt(ms), zone, ms))).toEqual([]);
    }
    expect(times.filter((ms) => ms > Date.parse(PAUSED) && ms < Date.parse(RESUMED))).toEqual([]);
  }
  // When the window opens, seven days after the start.
  expect(new Date(callTimes(week, LATE.number)[0]!).toISOString()).toMatch(/^2026-11-04T14:3/);
}

async function expectAttempts({ rig }: Week): Promise<void> {
  const attempts = await rig.attempts(CAMPAIGN);
  const dialled = server().simulator.ledger.map(({ metadata }) => metadata['temporal_polyai_attempt']);
  expect(dialled.toSorted()).toEqual(attempts.map(({ attemptId }) => attemptId).toSorted());
  const pausesMs = attempts.flatMap(({ contactId, attempt, endedAt, disposition }) => {
    const next = attempts.find((other) => other.contactId === contactId && other.attempt === attempt + 1);
    return next ? Date.parse(next.intendedAt) - Date.parse(endedAt!) - RETRY_AFTER_MS[disposition!]! : [];
  });
  expect(pausesMs).toHaveLength(10);
  expect(Math.min(...pausesMs)).toBeGreaterThanOrEqual(0);
}

async function expectDeployments({ campaign }: Week): Promise<void> {
  const runs = await fetchRuns(server().client, campaign.workflowId);
  const versions = versionsOf(runs);
  expect(versions.filter((ofRun) => ofRun.length > 1)).toEqual([]);
  expect([...new Set(versions.flat())]).toEqual(['v1', 'v2', 'v3', 'v4', 'v5', 'v6']);
  expect(versions.flat()).toEqual(versions.flat().toSorted());
  for (const { events } of runs) {
    expect(events!.length).toBeLessThan(MAX_HISTORY + 50);
    expect(events!.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  }
}

it('obeys its rules through a week with five deployments: during calls, while paused, at the weekend', async () => {
  const time = new SkippedTime(server().client, campaignWorkflowId(CAMPAIGN), STARTED);
  const rig = await CampaignRig.open(server(), { now: time.now });
  const deployment = new RollingDeployment(rig, CAMPAIGN, { now: time.now, plugins: [time] });
  const first = await deployment.startWorker('v1');
  await deployment.setCurrentVersion('v1');
  const contacts = [...CONTACTS.map(({ contact }) => contact), EARLY];
  const rules = { ...RULES, maxCallsPer24h: 2, closeMargin: '5m' };
  const campaign = await rig.start({ campaignId: CAMPAIGN, contacts, rules, taskQueue: CAMPAIGN });
  const week = { time, rig, deployment, campaign };
  const result = await liveThrough(week, first);

  expect(result).toMatchObject({
    state: 'completed',
    contacts: { done: 5, failed: 4 },
    dispositions: { answered: 5, 'no-answer': 8, busy: 6 },
  });
  expectWindows(week);
  await expectAttempts(week);
  await expectDeployments(week);
}, 1_200_000);
