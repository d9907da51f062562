import { expect, test } from 'vitest';

import { DURATION_RULES, parseMonitorInput } from '../../../src/workflows/monitor-input.js';

const callSid = 'OUT-1';
const DEFAULTS = { callSid, intervalMs: 3_000, holdMs: 600_000, deadlineMs: 14_400_000, notFoundGraceMs: 0 };

test.each([
  [{ callSid }, {}],
  [{ callSid, polling: {} }, {}],
  [{ callSid, polling: undefined, deadline: undefined, notFoundGrace: undefined }, {}],
  [{ callSid, polling: { interval: null }, deadline: null, notFoundGrace: null }, {}],
  [{ callSid, someNewField: true, polling: { hold: '1m', other: 1 } }, { holdMs: 60_000 }],
  [{ callSid, polling: { hold: 0 } }, { holdMs: 0 }],
  [{ callSid, polling: { interval: '5s' } }, { intervalMs: 5_000 }],
  [{ callSid, polling: { interval: 2_000 } }, { intervalMs: 2_000 }],
  [{ callSid, polling: { interval: '250ms' } }, { intervalMs: 250 }],
  [{ callSid, polling: { interval: '5 min' } }, { intervalMs: 300_000 }],
  [{ callSid, deadline: '2h' }, { deadlineMs: 7_200_000 }],
  [{ callSid, deadline: 1_000 }, { deadlineMs: 1_000 }],
  [{ callSid, deadline: '30 days' }, { deadlineMs: 2_592_000_000 }],
  [{ callSid, notFoundGrace: '90 s' }, { notFoundGraceMs: 90_000 }],
  [{ callSid, account: 'acme-2_x.Y' }, { account: 'acme-2_x.Y' }],
  [{ callSid, account: null }, {}],
  [{ callSid, account: 'x'.repeat(64) }, { account: 'x'.repeat(64) }],
])('reads %j', (input, expected) => {
  expect(parseMonitorInput(input)).toEqual({ ...DEFAULTS, ...expected });
});

test('accepts null for polling, which some languages send for an absent field', () => {
  expect(parseMonitorInput({ callSid, polling: null })).toEqual(DEFAULTS);
});

test.each([
  [undefined, 'InvalidInput', /one object/],
  [null, 'InvalidInput', /one object/],
  ['OUT-1', 'InvalidInput', /one object/],
  [7, 'InvalidInput', /one object/],
  [[{ callSid }], 'InvalidInput', /one object/],
  [{}, 'InvalidInput', /^callSid must be a string/],
  [{ callSid: null }, 'InvalidInput', /^callSid must be a string/],
  [{ callSid: 7 }, 'InvalidInput', /^callSid must be a string/],
  [{ call_sid: 'OUT-1' }, 'InvalidInput', /^callSid must be a string/],
  [{ callSid: '' }, 'InvalidCallSid', /invalid callSid/],
  [{ callSid: 'CA-1' }, 'InvalidCallSid', /starts with "OUT-"/],
  [{ callSid: `OUT-${'x'.repeat(125)}` }, 'InvalidCallSid', /at most 128/],
  [{ callSid, account: '' }, 'InvalidInput', /^account must be letters, digits/],
  [{ callSid, account: 7 }, 'InvalidInput', /^account must be/],
  [{ callSid, account: 'two words' }, 'InvalidInput', /^account must be/],
  [{ callSid, account: 'x'.repeat(65) }, 'InvalidInput', /^account must be .*at most 64/],
  [{ callSid, polling: '3s' }, 'InvalidInput', /^polling must be an object/],
  [{ callSid, polling: ['3s'] }, 'InvalidInput', /^polling must be an object/],
  [{ callSid, polling: { interval: 'soon' } }, 'InvalidInput', /^polling\.interval must be a number of milliseconds/],
  [{ callSid, polling: { interval: '3' } }, 'InvalidInput', /^polling\.interval must be/],
  [{ callSid, polling: { interval: 0 } }, 'InvalidInput', /from 250 ms to 5 min, not 0 ms/],
  [{ callSid, polling: { interval: 249 } }, 'InvalidInput', /not 249 ms/],
  [{ callSid, polling: { interval: '301 s' } }, 'InvalidInput', /not 5 min 1 s/],
  [{ callSid, polling: { hold: true } }, 'InvalidInput', /^polling\.hold must be a number/],
  [{ callSid, polling: { hold: '2h' } }, 'InvalidInput', /^polling\.hold must be from 0 ms to 1 h/],
  [{ callSid, deadline: 999 }, 'InvalidInput', /^deadline must be from 1 s to 30 d, not 999 ms/],
  [{ callSid, deadline: '31 days' }, 'InvalidInput', /^deadline must be from 1 s to 30 d/],
  [{ callSid, deadline: true }, 'InvalidInput', /^deadline must be/],
  [{ callSid, deadline: {} }, 'InvalidInput', /^deadline must be/],
  [{ callSid, notFoundGrace: -1 }, 'InvalidInput', /^notFoundGrace must be/],
  [{ callSid, notFoundGrace: '6m' }, 'InvalidInput', /^notFoundGrace must be from 0 ms to 5 min/],
])('refuses %j as %s, and says which field', (input, type, message) => {
  expect(parseMonitorInput(input)).toEqual({ type, message: expect.stringMatching(message) as string });
});

test('accepts the limits themselves and rejects values just outside', () => {
  const inputOf: Partial<Record<string, (ms: number) => object>> = {
    'polling.interval': (ms) => ({ polling: { interval: ms } }),
    'polling.hold': (ms) => ({ polling: { hold: ms } }),
  };
  for (const [name, { minMs, maxMs }] of Object.entries(DURATION_RULES)) {
    const parse = (ms: number) => parseMonitorInput({ callSid, ...(inputOf[name]?.(ms) ?? { [name]: ms }) });
    for (const ms of [minMs, maxMs]) expect(parse(ms)).not.toHaveProperty('type');
    for (const ms of [minMs - 1, maxMs + 1]) expect(parse(ms)).toHaveProperty('type', 'InvalidInput');
  }
});

test('an error message does not repeat the input, which may be personal data', () => {
  const sent = '+14155552671';
  for (const input of [{ callSid: sent }, { callSid, deadline: sent }, { callSid, polling: { interval: sent } }]) {
    expect(parseMonitorInput(input)).toHaveProperty('message', expect.not.stringContaining(sent));
  }
});
