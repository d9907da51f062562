import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { isCallSid } from '../../../src/contract/call.js';
import { PolyAiClient, type TriggerCallRequest } from '../../../src/polyai/client.js';
import {
  type CallScript,
  type Simulator,
  startSimulator,
  STATUS_RETENTION_MS,
  type StatusFault,
} from '../../../src/simulator.js';
import { type Prism, startPrism } from './prism.js';

/**
 * The simulator, its OpenAPI description and `PolyAiClient` against each other, with Prism as the judge. Prism follows
 * redirects, so the answer 307 is not among those that it checks.
 */

const DESCRIPTION = fileURLToPath(new URL('../../../src/simulator/openapi.json', import.meta.url));
const TO_NUMBER = '+12025550123';
const UNSCRIPTABLE_NUMBER = '+12025550199';

let simulator: Simulator;
let proxy: Prism;
let mock: Prism;

beforeAll(async () => {
  simulator = await startSimulator({
    scriptFor: (toNumber) => {
      if (toNumber === UNSCRIPTABLE_NUMBER) throw new Error('no script');
      return undefined;
    },
  });
  [proxy, mock] = await Promise.all([
    startPrism('proxy', DESCRIPTION, simulator.url, '--errors'),
    startPrism('mock', DESCRIPTION),
  ]);
});

afterAll(async () => {
  await Promise.all([proxy.close(), mock.close(), simulator.close()]);
});

interface Answer {
  readonly status: number;
  /** How request or answer depart from the description, warnings included. */
  readonly violations: readonly unknown[];
  /** Prism answers by itself when it finds a violation that is an error. */
  readonly from: 'Prism' | 'upstream';
}

interface Request {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send({ url }: Prism, path: string, { body, headers: extra }: Request = {}): Promise<Answer> {
  const answer = await request(`${url}/v1/outbound-calling${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'X-PolyAi-Auth-Token': simulator.token, ...extra },
    body: body ?? null,
  });
  await answer.body.dump();
  return {
    status: answer.statusCode,
    violations: JSON.parse(String(answer.headers['sl-violations'] ?? '[]')) as unknown[],
    from: answer.headers['content-type'] === 'application/problem+json' ? 'Prism' : 'upstream',
  };
}

function getStatus(callSid: string): Promise<Answer> {
  return send(proxy, `/${callSid}/status`);
}

/** The first status answer of a new call. */
function statusOf(callSid: string, script: CallScript): Promise<Answer> {
  simulator.addCall(callSid, script);
  return getStatus(callSid);
}

function trigger(body: unknown): Promise<Answer> {
  return send(proxy, '', { body: JSON.stringify(body) });
}

function asDescribed(status: number): Answer {
  return { status, violations: [], from: 'upstream' };
}

describe('the simulator keeps to its description', () => {
  test.each<[string, CallScript]>([
    ['queued', { queuedMs: Infinity }],
    ['calling', { queuedMs: 0, callingMs: Infinity }],
    ['success', { queuedMs: 0, callingMs: 0 }],
    ['failure', { queuedMs: 0, callingMs: 0, outcome: 'failure' }],
  ])('for a call that is %s', async (status, script) => {
    expect(await statusOf(`OUT-${status}`, script)).toEqual(asDescribed(200));
  });

  test.each<Omit<StatusFault, 'kind'>>([
    { status: 400 },
    { status: 401 },
    { status: 403 },
    { status: 404 },
    { status: 408 },
    { status: 429 },
    { status: 429, retryAfter: 5 },
    { status: 500, retryAfter: 5 },
    { status: 502 },
    { status: 503, retryAfter: { httpDateInMs: 60_000 } },
  ])('when a fault answers %o', async (fault) => {
    const answer = await statusOf('OUT-fault', { faults: [{ kind: 'status', ...fault }] });
    expect(answer).toEqual(asDescribed(fault.status));
  });

  test('for an unknown, an expired and a malformed call SID', async () => {
    expect(await getStatus('OUT-unknown')).toEqual(asDescribed(404));
    await statusOf('OUT-expired', { queuedMs: 0, callingMs: 0 });
    simulator.clock.advance(STATUS_RETENTION_MS);
    expect(await getStatus('OUT-expired')).toEqual(asDescribed(404));
    expect(await getStatus('IN-1')).toEqual(asDescribed(400));
  });

  test.each<[number, string, unknown]>([
    [200, 'with a number alone', { to_number: TO_NUMBER }],
    [200, 'with a script', { to_number: TO_NUMBER, metadata: { simulator_script: '{"outcome":"failure"}' } }],
    [400, 'without a number in to_number', { to_number: 'nobody' }],
    [400, 'with a malformed country code', { to_number: TO_NUMBER, country_code: 'USA' }],
    [400, 'with a malformed script', { to_number: TO_NUMBER, metadata: { simulator_script: '{"outcome":1}' } }],
    [400, 'with too much metadata', { to_number: TO_NUMBER, metadata: { long: 'x'.repeat(26_000) } }],
    [500, 'for which scriptFor throws', { to_number: UNSCRIPTABLE_NUMBER }],
  ])('with %i for a trigger %s', async (status, _what, body) => {
    expect(await trigger(body)).toEqual(asDescribed(status));
  });

  test('with 401 for a wrong token', async () => {
    const headers = { 'X-PolyAi-Auth-Token': 'wrong' };
    expect(await send(proxy, '/OUT-unknown/status', { headers })).toEqual(asDescribed(401));
    const body = JSON.stringify({ to_number: TO_NUMBER });
    expect(await send(proxy, '', { body, headers })).toEqual(asDescribed(401));
  });
});

describe('Prism reports', () => {
  test('an answer that violates the description: a status in capitals', async () => {
    const answer = await statusOf('OUT-capitals', { upperCase: true });
    expect(answer).toMatchObject({ status: 500, from: 'Prism', violations: [{ code: 'enum' }] });
  });

  test('a request that violates the description, and does not forward it', async () => {
    const requestsBefore = simulator.requests.length;
    const answer = await trigger({ to_number: TO_NUMBER, encryption: 'none' });
    expect(answer).toMatchObject({ status: 422, from: 'Prism' });
    expect(simulator.requests).toHaveLength(requestsBefore);
  });
});

describe('PolyAiClient', () => {
  async function withClient<T>({ url: baseUrl }: Prism, use: (client: PolyAiClient) => Promise<T>): Promise<T> {
    const client = new PolyAiClient({ baseUrl, token: simulator.token });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  test.each<[string, TriggerCallRequest]>([
    ['a number alone', { toNumber: TO_NUMBER }],
    ['every field', { toNumber: '2025550123', countryCode: 'US', metadata: { name: 'Zoë' }, encryption: 'TLS/SRTP' }],
  ])('sends what the description allows: a trigger with %s, then a status request', async (_what, call) => {
    await withClient(proxy, async (client) => {
      const { callSid } = await client.triggerCall(call);
      expect(await client.getCallStatus(callSid)).toEqual({ status: 'queued', reason: '' });
      expect(simulator.requestsFor(callSid)).toHaveLength(2);
    });
  });

  test('understands a mock server that is generated from the description', async () => {
    await withClient(mock, async (client) => {
      const { callSid } = await client.triggerCall({ toNumber: TO_NUMBER });
      expect(isCallSid(callSid)).toBe(true);
      expect(await client.getCallStatus(callSid)).toEqual({ status: 'success', reason: '' });
    });
  });
});

describe('the examples of the description match its schemas', () => {
  test.each([200, 307, 400, 401, 404, 429, 500, 502, 503])('for the status answer %i', async (status) => {
    const headers = { Prefer: `code=${status}` };
    expect(await send(mock, '/OUT-1/status', { headers })).toEqual(asDescribed(status));
  });

  test.each([200, 400, 401, 500])('for the trigger answer %i', async (status) => {
    const headers = { Prefer: `code=${status}` };
    const body = JSON.stringify({ to_number: TO_NUMBER });
    expect(await send(mock, '', { body, headers })).toEqual(asDescribed(status));
  });
});
