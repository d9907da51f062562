import fc, { type AsyncCommand } from 'fast-check';

import type { NotSent } from '../../../src/campaigns/store.js';
import type { CampaignChange } from '../../../src/contract/campaign.js';
import { type CampaignDriver, type Ending, EVERY_DAY, OWN_REGIONAL, type Reply } from './campaign-driver.js';
import type { CampaignModel, ModelCall, ModelClaim } from './campaign-model.js';

type CampaignCommand = AsyncCommand<CampaignModel, CampaignDriver>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const rules = fc.record(
  {
    windows: fc.constantFrom(
      [EVERY_DAY],
      [{ ...EVERY_DAY, from: '09:00', until: '17:30' }],
      [
        { days: ['mon', 'wed', 'fri', 'sun'] as const, from: '00:15', until: '04:45' },
        { days: ['tue', 'sat'] as const, from: '12:00', until: '24:00' },
      ],
    ),
    closeMargin: fc.constantFrom(0, 15 * MINUTE_MS),
    regional: fc.constantFrom({ packaged: false, own: [] }, { packaged: true }, { own: OWN_REGIONAL }, { own: [] }),
    holidays: fc.constantFrom([], ['2026-03-29', '2026-11-01', '2026-11-03']),
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    retryAfter: fc.constantFrom({ busy: '1m' }, { busy: '3h', unclassified: '1m' }),
    maxCallsPer24h: fc.integer({ min: 1, max: 3 }),
    maxCallsPer7d: fc.integer({ min: 1, max: 5 }),
    requireConsent: fc.boolean(),
    stopAfterAmbiguous: fc.constantFrom(2, 100),
    weight: fc.constantFrom(1, 3, 100),
  },
  { requiredKeys: [] },
);

const limits = fc.record(
  { callsAtOnce: fc.integer({ min: 1, max: 4 }), callsPerSecond: fc.constantFrom(0.1, 1, 20) },
  { requiredKeys: [] },
);

const change: fc.Arbitrary<CampaignChange> = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), rules, limits }),
  fc.constant({ kind: 'pause' as const }),
  { arbitrary: fc.constant({ kind: 'resume' as const }), weight: 5 },
  fc.record({ kind: fc.constant('rules' as const), rules }),
  fc.record({ kind: fc.constant('limits' as const), limits }),
  fc.constant({ kind: 'retryAmbiguous' as const }),
  fc.constant({ kind: 'cancel' as const }),
);

const contact = fc.record({
  timeZones: fc.constantFrom(
    ...[
      ['Etc/UTC'],
      ['America/New_York'],
      ['Asia/Kolkata', 'Asia/Kathmandu'],
      ['Europe/Berlin', 'Australia/Lord_Howe'],
    ],
  ),
  regions: fc.constantFrom(undefined, undefined, ['US-FL'], ['US-TX'], ['DE'], ['DE'], ['FR', 'DE'], ['US-UT'], ['US']),
  consent: fc.constantFrom('web form', 'web form', 'web form', ''),
});

/** How a call ends, by the text of its reason. */
const ending = fc.constantFrom(
  ...[
    'busy',
    'busy',
    'busy',
    'busy',
    'agent crashed',
    'call queueing: max timeout limit exceeded',
    'invalid number',
    '',
  ],
);

const reply = fc.constantFrom('known', 'known', 'known', 'known', 'ambiguous', 'lost');

const refusal = fc.constantFrom<NotSent['then'][]>('again', 'again', 'again', 'invalid-contact', 'stop');

const campaignIndex = fc.nat(2);

const disturbance = fc.constantFrom<(keyof typeof DISTURBANCES)[]>(
  ...(['a pause and its end', 'a pause', 'an opt-out', 'a consent withdrawn', 'other rules'] as const),
  ...(['a move', 'a move'] as const),
  ...(['a call of another campaign', 'a call of another campaign', 'the same request'] as const),
);

/** Every step that a campaign's worker, its operators and the passing of time can make, in any order. */
export const commands = [
  ...times(8, fc.record({ index: campaignIndex, reply, reason: ending }).map(wholeCall)),
  ...times(
    6,
    fc
      .record({ index: campaignIndex, by: disturbance, afterMs: fc.constantFrom(0, 1_000, 2_500, 29_999) })
      .map(disturbedCall),
  ),
  ...times(3, campaignIndex.map(claim)),
  ...times(3, fc.record({ which: fc.nat(), reaches: fc.boolean() }).map(beginPosting)),
  ...times(3, fc.record({ which: fc.nat(), reply, then: refusal }).map(answerRequest)),
  ...times(2, fc.record({ which: fc.nat(), reason: ending, byOutcome: fc.boolean() }).map(endCall)),
  fc.nat().map(lateCallSid),
  ...times(4, fc.constantFrom(1, 40, 1_000, 2_500, 10_000, 31_000).map(advance)),
  ...times(2, fc.constantFrom(2 * MINUTE_MS, 11 * MINUTE_MS, 3 * HOUR_MS, 6 * HOUR_MS, 25 * HOUR_MS).map(advance)),
  campaignIndex.map(upkeep),
  fc.record({ index: campaignIndex, wanted: change }).map(changeCampaign),
  fc.record({ index: campaignIndex, which: fc.nat(), given: contact }).map(importContact),
  fc.record({ which: fc.nat(), doubt: fc.nat(4) }).map(suppress),
];

function times<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T>[] {
  return Array.from({ length: weight }, () => arbitrary);
}

function command(
  name: string,
  run: (model: CampaignModel, driver: CampaignDriver) => Promise<unknown>,
  check: (model: CampaignModel) => boolean = () => true,
): CampaignCommand {
  return {
    check,
    run: async (model, driver) => {
      await run(model, driver);
    },
    toString: () => name,
  };
}

type WholeCall = Pick<Reply, 'reply'> & Pick<Ending, 'reason'> & { readonly index: number };

function wholeCall({ index, ...call }: WholeCall): CampaignCommand {
  return command(`call of ${index}, ${call.reply}, "${call.reason}"`, async ({ clock }, driver) => {
    clock.nowMs += 50;
    await driver.callOnce(index, call);
  });
}

/** What may come between the claim and the request of a call. */
const DISTURBANCES = {
  'a pause and its end': async (driver, { index }) => {
    await driver.change(index, { kind: 'pause' });
    await driver.change(index, { kind: 'resume' });
  },
  'a pause': async (driver, { index }) => await driver.change(index, { kind: 'pause' }),
  'an opt-out': async (driver, { claim }) => await driver.suppress(await driver.numberOf(claim)),
  'a consent withdrawn': async (driver, { index, claim }) =>
    await driver.import(index, { number: await driver.numberOf(claim), timeZones: ['Etc/UTC'], consent: '' }),
  'a move': async (driver, { index, claim }) =>
    await driver.import(index, {
      number: await driver.numberOf(claim),
      timeZones: ['America/Denver'],
      regions: ['US-UT'],
      consent: 'web form',
    }),
  'other rules': async (driver, { index, claim }) =>
    await driver.change(index, { kind: 'rules', rules: { stopAfterFailures: 500 + claim.attempt, maxAttempts: 2 } }),
  'a call of another campaign': async (driver, { index }) =>
    await driver.callOnce((index + 1) % 3, { reply: 'known', reason: 'busy' }),
  'the same request': async (driver, { claim }) => await driver.beginPosting(claim, false),
} satisfies Record<string, (driver: CampaignDriver, at: Disturbed) => Promise<unknown>>;

interface Disturbed {
  readonly index: number;
  readonly claim: ModelClaim;
}

interface DisturbedCall {
  readonly index: number;
  readonly by: keyof typeof DISTURBANCES;
  readonly afterMs: number;
}

function disturbedCall({ index, by, afterMs }: DisturbedCall): CampaignCommand {
  return command(`claim of ${index}, then ${by}, then its request after ${afterMs} ms`, async (model, driver) => {
    model.clock.nowMs += 100;
    const answer = await driver.claim(index);
    if (answer.kind !== 'claimed') return;
    const claim = model.claims.at(-1)!;
    model.clock.nowMs += afterMs;
    await DISTURBANCES[by](driver, { index, claim });
    await driver.beginPosting(claim, true);
  });
}

function claim(index: number): CampaignCommand {
  return command(`claim of ${index}`, async (_, driver) => await driver.claim(index));
}

function beginPosting({ which, reaches }: { readonly which: number; readonly reaches: boolean }): CampaignCommand {
  return command(
    `begin posting ${which}${reaches ? '' : ', which does not reach the vendor'}`,
    async ({ claims }, driver) => await driver.beginPosting(pick(claims, which), reaches),
    ({ claims }) => claims.length > 0,
  );
}

function answerRequest({ which, ...answer }: Reply & { readonly which: number }): CampaignCommand {
  return command(
    `answer request ${which}: ${answer.reply}, ${answer.then}`,
    async (model, driver) => await driver.answer(pick(model.callsIn('posting'), which), answer),
    (model) => model.callsIn('posting').length > 0,
  );
}

function endCall({ which, ...ending }: Ending & { readonly which: number }): CampaignCommand {
  return command(
    `end call ${which} "${ending.reason}"${ending.byOutcome ? ', by its outcome' : ''}`,
    async (model, driver) => await driver.end(pick(model.callsIn('posted'), which), ending),
    (model) => model.callsIn('posted').length > 0,
  );
}

function lateCallSid(which: number): CampaignCommand {
  const late = (model: CampaignModel): ModelCall[] =>
    [...model.callsIn('ambiguous'), ...model.callsIn('posting')].filter(({ reaches }) => reaches);
  return command(
    `late call SID ${which}`,
    async (model, driver) => await driver.posted(pick(late(model), which)),
    (model) => late(model).length > 0,
  );
}

function advance(ms: number): CampaignCommand {
  return command(`${ms} ms pass`, async ({ clock }) => (clock.nowMs += ms));
}

function upkeep(index: number): CampaignCommand {
  return command(`upkeep of ${index}`, async (_, driver) => await driver.upkeep(index));
}

interface ChangeOf {
  readonly index: number;
  readonly wanted: CampaignChange;
}

function changeCampaign({ index, wanted }: ChangeOf): CampaignCommand {
  return command(`change of ${index}: ${JSON.stringify(wanted)}`, async (_, driver) => {
    await driver.change(index, wanted);
  });
}

interface ImportedContact {
  readonly index: number;
  readonly which: number;
  readonly given: { readonly timeZones: string[]; readonly consent: string };
}

function importContact({ index, which, given }: ImportedContact): CampaignCommand {
  return command(
    `import ${which} into ${index}: ${JSON.stringify(given)}`,
    async (_, driver) => await driver.import(index, { number: pick(driver.numbers, which), ...given }),
    ({ campaigns }) => campaigns[index]!.off !== 'cancelled',
  );
}

/** Seldom, for it is for ever. */
function suppress({ which, doubt }: { readonly which: number; readonly doubt: number }): CampaignCommand {
  return command(
    `suppress ${which}`,
    async (_, driver) => await driver.suppress(pick(driver.numbers, which)),
    () => doubt === 0,
  );
}

function pick<T>(from: readonly T[], which: number): T {
  return from[which % from.length]!;
}
