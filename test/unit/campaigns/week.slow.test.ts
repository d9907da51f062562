import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { StatusSource } from '../../../src/activities/accounts.js';
import {
  type CampaignActivities,
  createCampaignActivities,
} from '../../../src/activities/create-campaign-activities.js';
import { openCampaignStore } from '../../../src/campaigns/open.js';
import { type CampaignProgress, isCampaignOver } from '../../../src/contract/campaign.js';
import { openOutcomeStore, type OpenOutcomeStore } from '../../../src/outcomes.js';
import { contactOf } from '../../support/campaign-samples.js';
import { failed, succeeded } from '../../support/outcome-samples.js';
import { isAllowed } from '../../support/wall-clock.js';

/** A file system in memory; Linux has one. */
const MEMORY = '/dev/shm';
const SATURDAY = Date.parse('2026-07-04T00:00:00Z');
const HOUR_MS = 3_600_000;
const REQUEST_MS = 300;
const CALL_MS = 90_000;
/** A worker is replaced while this call is being triggered. */
const REPLACED_AT_CALL = [2, 21, 40, 58, 77];
const RULES = {
  windows: [
    {
      days: ['mon' as const, 'tue' as const, 'wed' as const, 'thu' as const, 'fri' as const],
      from: '09:00',
      until: '11:00',
    },
  ],
  holidays: ['2026-07-08'],
  retryAfter: { 'no-answer': '1h' },
  maxAttempts: 4,
  maxCallsPer24h: 1,
};
const LIMITS = { callsAtOnce: 3, callsPerSecond: 1 };
const ZONES = [
  ...['Pacific/Kiritimati', 'Asia/Tokyo', 'Asia/Kathmandu', 'Europe/London', 'America/St_Johns', 'Pacific/Honolulu'],
];
/** Those in London may be in Berlin: there the windows overlap for an hour. */
const CONTACTS = Array.from({ length: 36 }, (_, index) => {
  const zone = ZONES[index % ZONES.length]!;
  return contactOf(index, { timeZones: zone === 'Europe/London' ? [zone, 'Europe/Berlin'] : [zone] });
});
/** In each zone every third contact answers, the others never do. */
const answers = (number: string): boolean =>
  Math.floor(CONTACTS.findIndex((contact) => contact.number === number) / ZONES.length) % 3 === 0;

interface VendorCall {
  readonly number: string;
  readonly callSid: string;
  readonly atMs: number;
}

/** PolyAI and the monitors: each call ends some time after the request, with its outcome in the database. */
class Vendor {
  readonly ledger: VendorCall[] = [];
  readonly #numbers = new Map<string, string>();
  readonly #monitored = new Set<string>();
  onCall: (() => void) | undefined;

  constructor(private readonly outcomes: OpenOutcomeStore) {}

  readonly polyAi: Pick<StatusSource, 'triggerCall'> = {
    triggerCall: async ({ toNumber }) => {
      const callSid = `OUT-${this.ledger.length}`;
      this.ledger.push({ number: toNumber, callSid, atMs: Date.now() });
      this.#numbers.set(callSid, toNumber);
      this.onCall?.();
      await new Promise((resolve) => setTimeout(resolve, REQUEST_MS));
      return { callSid };
    },
  };

  readonly client = {
    withAbortSignal: (_signal: AbortSignal, work: () => Promise<unknown>) => work(),
    workflow: {
      start: (_type: string, { args: [{ callSid }] }: { args: [{ callSid: string }] }) => {
        if (!this.#monitored.has(callSid)) setTimeout(() => void this.#end(callSid), CALL_MS);
        this.#monitored.add(callSid);
        return Promise.resolve();
      },
    },
  } as unknown as Client;

  async #end(callSid: string): Promise<void> {
    const outcome = answers(this.#numbers.get(callSid)!) ? succeeded(callSid) : failed(callSid, 'no answer');
    await this.outcomes.save({ ...outcome, finishedAt: new Date().toISOString() });
  }
}

/** What a worker has and loses: a connection to the database, and activities. */
class WorkerOfWeek {
  readonly #store;
  readonly #activities: CampaignActivities;
  #current: MockActivityEnvironment | undefined;
  isShutDown = false;

  constructor(
    url: string,
    private readonly vendor: Vendor,
  ) {
    this.#store = openCampaignStore(url, { now: () => Date.now() });
    this.#activities = createCampaignActivities({ polyAi: vendor.polyAi as StatusSource, campaigns: this.#store });
  }

  async execute<T>(work: (activities: CampaignActivities) => Promise<T>): Promise<T> {
    this.#current = new MockActivityEnvironment({}, { client: this.vendor.client });
    return await this.#current.run(() => work(this.#activities));
  }

  shutDown(): void {
    this.isShutDown = true;
    this.#current!.cancel('WORKER_SHUTDOWN');
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

/** Lets the fake clock run from timer to timer until a promise is settled. */
async function elapse<T>(promise: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const settle = (): void => void (state.isSettled = true);
  promise.then(settle, settle);
  while (!state.isSettled) await vi.advanceTimersToNextTimerAsync();
  return await promise;
}

test('activities and database, without Temporal: in a week with five replaced workers each call obeys the rules', async () => {
  const folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'temporal-polyai-week-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const url = `sqlite:${join(folder, 'outcomes.sqlite')}`;
  vi.useFakeTimers({
    now: SATURDAY,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  onTestFinished(() => void vi.useRealTimers());
  const outcomes = await openOutcomeStore(url);
  onTestFinished(() => outcomes.close());
  const person = openCampaignStore(url, { now: () => Date.now() });
  onTestFinished(() => person.close());
  const vendor = new Vendor(outcomes);
  const campaignId = 'week';
  await person.create({ campaignId });
  await person.addContacts(campaignId, CONTACTS);

  let worker = new WorkerOfWeek(url, vendor);
  let replaced = 0;
  vendor.onCall = () => {
    if (!REPLACED_AT_CALL.includes(vendor.ledger.length)) return;
    worker.shutDown();
  };
  // As the workflow does: dials, then sleeps until somebody is due.
  const start = { kind: 'start', rules: RULES, limits: LIMITS } as const;
  let progress: CampaignProgress = await elapse(
    worker.execute((activities) => activities.changeCampaign({ campaignId, changeId: 'start', change: start })),
  );
  while (!isCampaignOver(progress)) {
    const { sequence } = progress;
    progress = await elapse(
      worker.execute((activities) => activities.dialContacts({ campaignId, forMs: 60_000, sequence })),
    );
    if (worker.isShutDown) {
      replaced += 1;
      await worker.close();
      worker = new WorkerOfWeek(url, vendor);
    } else if (progress.attempts.posted === 0 && progress.nextDueAt !== undefined) {
      const sleepMs = Math.min(Math.max(Date.parse(progress.nextDueAt) - Date.now(), 1_000), 600_000);
      await vi.advanceTimersByTimeAsync(sleepMs);
    }
  }
  await worker.close();

  const answering = CONTACTS.filter(({ number }) => answers(number));
  expect(progress).toMatchObject({ state: 'completed', contacts: { done: answering.length, failed: 24 } });
  expect(replaced).toBe(REPLACED_AT_CALL.length);
  expect(Date.now() - SATURDAY).toBeGreaterThan(6 * 24 * HOUR_MS);
  const { rules } = await person.rules(campaignId);
  for (const { number, timeZones } of CONTACTS) {
    const times = vendor.ledger.filter((call) => call.number === number).map(({ atMs }) => atMs);
    expect(times).toHaveLength(answers(number) ? 1 : RULES.maxAttempts);
    for (const zone of timeZones) expect(times.every((ms) => isAllowed(rules, zone, ms))).toBe(true);
    expect(times.slice(1).every((ms, index) => ms - times[index]! >= 24 * HOUR_MS)).toBe(true);
  }
  for (const { atMs } of vendor.ledger) {
    const live = vendor.ledger.filter((call) => call.atMs <= atMs && call.atMs + CALL_MS > atMs);
    expect(live.length).toBeLessThanOrEqual(LIMITS.callsAtOnce);
  }
  const recorded: (string | undefined)[] = [];
  for await (const { callSid } of person.attempts(campaignId)) recorded.push(callSid);
  expect(recorded.toSorted()).toEqual(vendor.ledger.map(({ callSid }) => callSid).toSorted());
});
