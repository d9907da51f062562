import { expect, test } from 'vitest';

import { type Simulator, SIMULATOR_SCRIPT_METADATA_KEY } from '../../../src/simulator.js';
import { getStatus, simulatorUnderTest, trigger } from './simulator-under-test.js';

const NUMBER = '+12025550123';

async function triggeredSid(simulator: Simulator, body: unknown): Promise<string> {
  const answer = await trigger(simulator, body);
  expect(answer.status).toBe(200);
  return (answer.body as { call_sid: string }).call_sid;
}

async function triggeredStatus(simulator: Simulator, body: unknown): Promise<unknown> {
  return (await getStatus(simulator, await triggeredSid(simulator, body))).body;
}

function scripted(script: unknown): unknown {
  const text = typeof script === 'string' ? script : JSON.stringify(script);
  return { to_number: NUMBER, metadata: { [SIMULATOR_SCRIPT_METADATA_KEY]: text } };
}

test('a trigger answers with a new call SID, whose call lives from then on', async () => {
  const simulator = await simulatorUnderTest();
  const first = await triggeredSid(simulator, { to_number: NUMBER });
  const second = await triggeredSid(simulator, { to_number: NUMBER });
  expect(first).toMatch(/^OUT-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(second).not.toBe(first);
  expect((await getStatus(simulator, first)).body).toEqual({ status: 'queued', reason: '' });
  simulator.clock.advance(10_000);
  expect((await getStatus(simulator, first)).body).toEqual({ status: 'success', reason: '' });
});

test.each([
  ['metadata and encryption', { to_number: NUMBER, metadata: { name: 'Ada' }, encryption: 'UDP/SRTP' }],
  ['a national number and its country', { to_number: '(202) 555-0123', country_code: 'US' }],
  ['a national number with a leading zero', { to_number: '020 7946 0123', country_code: 'GB', metadata: {} }],
  ['a field of tomorrow', { to_number: NUMBER, tomorrow: 1 }],
  ['metadata of less than 26 KB in base64', { to_number: NUMBER, metadata: { text: 'x'.repeat(19_000) } }],
])('a trigger request with %s is accepted', async (_what, body) => {
  expect((await trigger(await simulatorUnderTest(), body)).status).toBe(200);
});

test.each([
  ['nothing', ''],
  ['broken JSON', '{"to_number":'],
  ['an array', []],
  ['no number', {}],
  ['a number that is no text', { to_number: 12025550123 }],
  ['a national number without a country', { to_number: '(202) 555-0123' }],
  ['a number of 16 digits', { to_number: '+1234567890123456' }],
  ['a number with letters', { to_number: '+1202CALLNOW', country_code: 'US' }],
  ['a country that is no code', { to_number: NUMBER, country_code: 'USA' }],
  ['metadata that is no text', { to_number: NUMBER, metadata: { age: 7 } }],
  ['metadata of 26 KB in base64', { to_number: NUMBER, metadata: { text: 'x'.repeat(19_500) } }],
  ['an unknown encryption', { to_number: NUMBER, encryption: 'none' }],
  ['a body of more than 1 MiB', { to_number: NUMBER, padding: 'x'.repeat(1024 * 1024) }],
  ['a script that is no JSON', scripted('{')],
  ['a script with a typo', scripted({ queueMs: 5 })],
])('a trigger request with %s is answered with 400', async (_what, body) => {
  const answer = await trigger(await simulatorUnderTest(), body);
  expect(answer).toMatchObject({ status: 400, body: { error: expect.any(String) as string, code: 'INVALID_REQUEST' } });
});

test('a refusal says what is wrong, and does not repeat the number', async () => {
  const { body } = await trigger(await simulatorUnderTest(), { to_number: '2025550123', metadata: { age: 7 } });
  expect(JSON.stringify(body)).toContain('metadata.age');
  expect(JSON.stringify(body)).not.toContain('2025550123');
});

test('metadata can carry the call’s script, faults included', async () => {
  const simulator = await simulatorUnderTest();
  const script = {
    queuedMs: 0,
    callingMs: 0,
    outcome: 'failure',
    reason: 'busy',
    faults: [{ kind: 'status', status: 502 }],
  };
  const callSid = await triggeredSid(simulator, scripted(script));
  expect((await getStatus(simulator, callSid)).status).toBe(502);
  expect((await getStatus(simulator, callSid)).body).toEqual({ status: 'failure', reason: 'busy' });
});

test('the dialled number chooses the script, the metadata overrules it, and the default is for the rest', async () => {
  const simulator = await simulatorUnderTest({
    defaultScript: { statuses: [{ status: 'by-default', forMs: 1 }] },
    scriptFor: (toNumber) => (toNumber === NUMBER ? { statuses: [{ status: 'by-number', forMs: 1 }] } : undefined),
  });
  const byMetadata = scripted({ statuses: [{ status: 'by-metadata', forMs: 1 }] });
  expect(await triggeredStatus(simulator, { to_number: NUMBER })).toMatchObject({ status: 'by-number' });
  expect(await triggeredStatus(simulator, { to_number: '+12025550199' })).toMatchObject({ status: 'by-default' });
  expect(await triggeredStatus(simulator, byMetadata)).toMatchObject({ status: 'by-metadata' });
});

test('a trigger is answered with 500 when the script by number throws', async () => {
  const simulator = await simulatorUnderTest({
    scriptFor: () => {
      throw new Error('no line');
    },
  });
  const answer = await trigger(simulator, { to_number: NUMBER });
  expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
});
