import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openCampaignStore } from '../../../src/campaigns/open.js';
import type { OpenCampaignStore } from '../../../src/campaigns/store.js';
import type { AccountLimits } from '../../../src/contract/campaign.js';
import { contactOf, startCampaignOf } from '../../support/campaign-samples.js';
import { propertyRuns } from '../../support/property-runs.js';

/** A file system in memory, for thousands of transactions; Linux has one. */
const MEMORY = '/dev/shm';
const CLAIMS = 60;
/** A claim that is not posted takes one of the calls at once for so long. */
const CLAIM_LEASE_MS = 30_000;
/** A worker looks at the database this often, whatever it was told to wait for. */
const TICK_MS = 1_000;
const MAX_LATE_MS = 900;
const clock = { nowMs: Date.parse('2026-07-01T12:00:00Z') };
let folder = '';
let store: OpenCampaignStore;

beforeAll(async () => {
  folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'temporal-polyai-shares-'));
  store = openCampaignStore(`sqlite:${join(folder, 'outcomes.sqlite')}`, { now: () => clock.nowMs });
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

interface Caller {
  readonly campaignId: string;
  readonly weight: number;
  asksAtMs: number;
  /** Calls since all campaigns have waited. */
  calls: number;
  hasWaited: boolean;
}

let runs = 0;

async function startCallers(weights: readonly number[], limits: AccountLimits): Promise<Caller[]> {
  runs += 1;
  const callers: Caller[] = [];
  for (const [index, weight] of weights.entries()) {
    // Numbers of its own: one that is called for one campaign is not called for another.
    const contacts = Array.from({ length: 2 * CLAIMS }, (_, contact) => contactOf(2 * CLAIMS * index + contact));
    const campaign = { campaignId: `campaign-${runs}-${index}`, account: `account-${runs}` };
    const campaignId = await startCampaignOf(store, { ...campaign, contacts, rules: { weight }, ...limits });
    callers.push({ campaignId, weight, asksAtMs: clock.nowMs, calls: 0, hasWaited: false });
  }
  return callers;
}

/** Since when the limits allow another call, by the times of those before. */
function allowedAt(claimedAtMs: readonly number[], { callsAtOnce, callsPerSecond }: AccountLimits): number {
  const last = claimedAtMs.at(-1) ?? -Infinity;
  const oldestUnderWay = claimedAtMs.at(-callsAtOnce) ?? -Infinity;
  const freeAtMs = claimedAtMs.length < callsAtOnce ? -Infinity : oldestUnderWay + CLAIM_LEASE_MS;
  return Math.max(last + 1_000 / callsPerSecond, freeAtMs);
}

const limits = fc.oneof(
  fc.record({ callsAtOnce: fc.constant(1_000), callsPerSecond: fc.constantFrom(0.5, 3, 40) }),
  fc.record({ callsAtOnce: fc.constantFrom(1, 4, 10), callsPerSecond: fc.constantFrom(1, 1_000) }),
);
const weights = fc.array(fc.constantFrom(1, 1, 2, 3, 7, 100), { minLength: 2, maxLength: 3 });
const lateness = fc.array(fc.nat(MAX_LATE_MS), { minLength: 1, maxLength: 50 });

test(
  'campaigns that wait dial in proportion to their weights, as soon as the limits allow',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(weights, limits, lateness, async (givenWeights, givenLimits, late) => {
        const callers = await startCallers(givenWeights, givenLimits);
        const claimedAtMs: number[] = [];
        let waits = 0;
        while (claimedAtMs.length < CLAIMS) {
          const caller = callers.reduce((first, other) => (other.asksAtMs < first.asksAtMs ? other : first));
          clock.nowMs = caller.asksAtMs;
          const answer = await store.claim({ campaignId: caller.campaignId, owner: `owner-${claimedAtMs.length}` });
          if (answer.kind === 'claimed') {
            if (callers.every(({ hasWaited }) => hasWaited)) {
              caller.calls += 1;
              expect(clock.nowMs - allowedAt(claimedAtMs, givenLimits)).toBeLessThanOrEqual(2 * TICK_MS);
            }
            claimedAtMs.push(clock.nowMs);
          } else {
            expect(answer.kind).toBe('wait');
            const { waitMs } = answer as Extract<typeof answer, { kind: 'wait' }>;
            caller.hasWaited = true;
            caller.asksAtMs = clock.nowMs + Math.min(waitMs, TICK_MS) + late[(waits += 1) % late.length]!;
          }
        }
        for (const [index, { calls, weight }] of callers.entries()) {
          for (const other of callers.slice(index + 1)) {
            const error = Math.abs(calls / weight - other.calls / other.weight);
            expect(error).toBeLessThanOrEqual(1 / weight + 1 / other.weight + 1e-6);
          }
        }
      }),
      { numRuns: propertyRuns(2), endOnFailure: true },
    );
  },
);
