import { randomUUID } from 'node:crypto';

import type { NewContact } from '../campaigns/records.js';
import type { AccountLimits, ContactState } from '../contract/campaign.js';
import { WEEKDAYS } from '../contract/calling-window.js';
import type { CampaignRulesInput } from '../contract/campaign-rules.js';
import type { CallScript } from '../simulator/script.js';
import { SIMULATOR_SCRIPT_METADATA_KEY } from '../simulator/trigger-request.js';

/** Different each time, for a Temporal server that outlives the demo. */
export const DEMO_CAMPAIGN = `demo-${randomUUID().slice(0, 8)}`;

/** At any time of the day, and one attempt each: the next one would be half an hour later. */
export const DEMO_RULES: CampaignRulesInput = {
  windows: [{ days: WEEKDAYS, from: '00:00', until: '24:00' }],
  regional: { packaged: false },
  closeMargin: 0,
  maxAttempts: 1,
};

export const DEMO_LIMITS: AccountLimits = { callsAtOnce: 12, callsPerSecond: 4 };

interface DemoContact {
  readonly contact: NewContact;
  readonly expected: ContactState;
}

const SIZE = 40;

/** What happens to the contacts that are not simply reached. */
const EXCEPTIONS: ReadonlyMap<number, Partial<DemoContact['contact']> & { readonly expected: ContactState }> = new Map([
  [7, { expected: 'suppressed' }],
  [13, { expected: 'blocked', consent: '' }],
  [21, { expected: 'ambiguous' }],
]);

/** The contacts of the demo. The numbers are reserved for fiction. */
export function demoContacts(): readonly DemoContact[] {
  return Array.from({ length: SIZE }, (_, index) => {
    const script = scriptOf(index);
    const { expected, ...given } = EXCEPTIONS.get(index) ?? {
      expected: script.outcome === 'failure' ? 'failed' : 'done',
    };
    const contact: NewContact = {
      number: numberOf(index),
      timeZones: ['Etc/UTC'],
      consent: 'demo',
      reference: `contact ${index}`,
      variables: { [SIMULATOR_SCRIPT_METADATA_KEY]: JSON.stringify(script) },
      ...given,
    };
    return { contact, expected };
  });
}

/** How many contacts are to be in each state at the end. */
export function expectedStates(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { expected } of demoContacts()) counts.set(expected, (counts.get(expected) ?? 0) + 1);
  return counts;
}

/** Whether the answer about the call to a number is to be lost. */
export function isAmbiguous(number: string): boolean {
  return demoContacts().some(({ contact, expected }) => expected === 'ambiguous' && contact.number === number);
}

function numberOf(index: number): string {
  return `+120255501${String(index).padStart(2, '0')}`;
}

function scriptOf(index: number): CallScript {
  const lasts = { queuedMs: 400, callingMs: 1_500 + (index % 5) * 400 };
  if (index % 5 === 3) return { ...lasts, outcome: 'failure', reason: 'busy' };
  if (index % 9 === 8) return { ...lasts, outcome: 'failure', reason: 'no answer' };
  return lasts;
}
