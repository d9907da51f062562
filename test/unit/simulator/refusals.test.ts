import { expect, test } from 'vitest';

import { DEFAULT_SIMULATOR_TOKEN } from '../../../src/simulator.js';
import { getStatus, send, simulatorUnderTest, trigger } from './simulator-under-test.js';

const errorBody = (code: string) => ({ error: expect.any(String) as string, code });

test('a call that nobody triggered is answered with 404', async () => {
  const answer = await getStatus(await simulatorUnderTest(), 'OUT-nobody');
  expect(answer).toMatchObject({ status: 404, body: errorBody('CALL_NOT_FOUND') });
});

test.each(['CA-1', 'OUT-', 'OUT-a%20b', 'OUT-%2Fetc', 'OUT-%ZZ', `OUT-${'x'.repeat(125)}`])(
  'the malformed call SID %s is answered with 400',
  async (callSid) => {
    const answer = await getStatus(await simulatorUnderTest(), callSid);
    expect(answer).toMatchObject({ status: 400, body: errorBody('INVALID_CALL_SID') });
  },
);

test('a call SID may come percent-encoded', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1');
  expect((await getStatus(simulator, 'OUT%2D1')).status).toBe(200);
  expect(simulator.requestsFor('OUT-1')).toHaveLength(1);
});

test.each([undefined, '', 'another-token'])('the token %j is answered with 401', async (token) => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1');
  const refused = { status: 401, body: errorBody('UNAUTHORIZED') };
  expect(await getStatus(simulator, 'OUT-1', { token })).toMatchObject(refused);
  expect(await trigger(simulator, { to_number: '+12025550123' }, { token })).toMatchObject(refused);
});

test('the default token is taken unless another is given', async () => {
  const standard = await simulatorUnderTest();
  expect(standard.token).toBe(DEFAULT_SIMULATOR_TOKEN);
  const own = await simulatorUnderTest({ token: 'own' });
  expect(own.token).toBe('own');
  expect((await getStatus(own, 'OUT-1', { token: DEFAULT_SIMULATOR_TOKEN })).status).toBe(401);
  expect((await getStatus(own, 'OUT-1', { token: 'own' })).status).toBe(404);
});

test('a new token shuts the old one out', async () => {
  const simulator = await simulatorUnderTest({ token: 'old' });
  simulator.setToken('new');
  expect((await getStatus(simulator, 'OUT-1', { token: 'old' })).status).toBe(401);
  expect((await getStatus(simulator, 'OUT-1', { token: 'new' })).status).toBe(404);
});

test('an expired token is refused until one is set', async () => {
  const simulator = await simulatorUnderTest();
  simulator.expireToken();
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(401);
  simulator.setToken(simulator.token);
  expect((await getStatus(simulator, 'OUT-1')).status).toBe(404);
});

test('a wrong method is answered with 405 and the right one', async () => {
  const simulator = await simulatorUnderTest();
  const wrong = { status: 405, body: errorBody('METHOD_NOT_ALLOWED') };
  expect(await getStatus(simulator, 'OUT-1', { method: 'DELETE' })).toMatchObject({
    ...wrong,
    headers: { allow: 'GET' },
  });
  expect(await send(simulator, '/v1/outbound-calling')).toMatchObject({ ...wrong, headers: { allow: 'POST' } });
});

test('an unknown path is answered with 404', async () => {
  const answer = await send(await simulatorUnderTest(), '/v2/outbound-calling');
  expect(answer).toMatchObject({ status: 404, body: errorBody('ROUTE_NOT_FOUND') });
});

test('every answer is JSON and has a correlation ID of its own, the one on record', async () => {
  const simulator = await simulatorUnderTest();
  simulator.addCall('OUT-1', { faults: [{ kind: 'status', status: 503 }] });
  const answers = [
    await getStatus(simulator, 'OUT-1'),
    await getStatus(simulator, 'OUT-1'),
    await getStatus(simulator, 'OUT-2'),
    await getStatus(simulator, 'nonsense'),
    await getStatus(simulator, 'OUT-1', { token: 'wrong' }),
    await trigger(simulator, { to_number: '+12025550123' }),
    await trigger(simulator, 'nonsense'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([503, 200, 404, 400, 401, 200, 400]);
  for (const { headers } of answers) expect(headers['content-type']).toBe('application/json');
  const ids = answers.map(({ headers }) => headers['x-polyai-correlation-id']);
  expect(new Set(ids).size).toBe(answers.length);
  expect(ids).toEqual(simulator.requests.map(({ correlationId }) => correlationId));
});
