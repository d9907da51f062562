import { expect, test } from 'vitest';

import { errorKindOfHttpStatus } from '../../../src/polyai/errors.js';
import { answering, clientUnderTest, errorOf, simulatorAndClient, tinyServer } from './client-under-test.js';

const TABLE = [
  [400, 'InvalidCallSid', false],
  [401, 'Unauthorized', false],
  [403, 'Unauthorized', false],
  [404, 'CallNotFound', false],
  [408, 'PolyAiUnavailable', true],
  [429, 'RateLimited', true],
  [500, 'PolyAiUnavailable', true],
  [502, 'PolyAiUnavailable', true],
  [503, 'PolyAiUnavailable', true],
  [504, 'PolyAiUnavailable', true],
  [599, 'PolyAiUnavailable', true],
  [405, 'RequestRejected', false],
  [409, 'RequestRejected', false],
  [410, 'RequestRejected', false],
  [413, 'RequestRejected', false],
  [418, 'RequestRejected', false],
  [422, 'RequestRejected', false],
  [300, 'RequestRejected', false],
  [201, 'InvalidResponse', true],
  [202, 'InvalidResponse', true],
] as const;

test.each(TABLE)('the answer %i is %s, retryable: %j, after one request', async (httpStatus, kind, retryable) => {
  const { simulator, client } = await simulatorAndClient();
  simulator.setFault({ kind: 'status', status: httpStatus });

  const error = await errorOf(client.getCallStatus('OUT-1'));

  expect(error).toMatchObject({ name: 'PolyAiError', kind, retryable, httpStatus });
  expect(error.message).toContain(String(httpStatus));
  expect(simulator.requestsFor('OUT-1')).toHaveLength(1);
});

test.each([
  [204, 'InvalidResponse', true],
  [304, 'RequestRejected', false],
])('a %i without a body is %s, retryable: %j', async (status, kind, retryable) => {
  const { url } = await tinyServer((_request, response) => response.writeHead(status).end());
  const error = await errorOf(clientUnderTest({ baseUrl: url, token: 't0ken' }).getCallStatus('OUT-1'));
  expect(error).toMatchObject({ kind, retryable, httpStatus: status });
});

test('every HTTP status but 200 has its kind: each 5xx is an outage, each other 3xx and 4xx a rejection', () => {
  const special = new Map<number, string>(TABLE.map(([status, kind]) => [status, kind]));
  for (let status = 300; status < 600; status += 1) {
    const expected = special.get(status) ?? (status >= 500 ? 'PolyAiUnavailable' : 'RequestRejected');
    expect([status, errorKindOfHttpStatus(status)]).toEqual([status, expected]);
  }
});

test.each([301, 302, 303, 307, 308])('a %i is never followed, so the token goes nowhere else', async (status) => {
  const target = await answering(200, '{"status":"success","reason":""}');
  const location = `${target.url}/v1/outbound-calling/OUT-1/status`;
  const origin = await answering(status, '{}', { location });
  const client = clientUnderTest({ baseUrl: origin.url, token: 't0ken' });

  const error = await errorOf(client.getCallStatus('OUT-1'));
  await errorOf(client.triggerCall({ toNumber: '+12025550123' }));

  expect(error).toMatchObject({ kind: 'RequestRejected', retryable: false, httpStatus: status });
  expect(origin.requests).toHaveLength(2);
  expect(target.connections()).toBe(0);
});

test('a redirect to another path of the same host is not followed either', async () => {
  const { simulator, client } = await simulatorAndClient();
  simulator.addCall('OUT-1', {
    faults: [{ kind: 'redirect', location: `${simulator.url}/v1/outbound-calling/OUT-2/status` }],
  });
  expect(await errorOf(client.getCallStatus('OUT-1'))).toMatchObject({ kind: 'RequestRejected', httpStatus: 307 });
  expect(simulator.requestsFor('OUT-2')).toHaveLength(0);
});

test.each(['queued', 'calling', 'success', 'failure', 'QUEUED', 'Ringing', 'in-progress'])(
  'a 200 with the status %s is given back as the API wrote it',
  async (status) => {
    const { simulator, client } = await simulatorAndClient();
    simulator.addCall('OUT-1', { faults: [{ kind: 'body', body: { status, reason: 'why', new_field: [1] } }] });
    expect(await client.getCallStatus('OUT-1')).toEqual({ status, reason: 'why' });
  },
);

test.each([{ status: 'queued' }, { status: 'queued', reason: null }, { status: 'queued', reason: '' }])(
  'the reason of %j is empty text',
  async (body) => {
    const { simulator, client } = await simulatorAndClient();
    simulator.addCall('OUT-1', { faults: [{ kind: 'body', body }] });
    expect(await client.getCallStatus('OUT-1')).toEqual({ status: 'queued', reason: '' });
  },
);
