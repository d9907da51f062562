/**
 * Client and simulator against the vendor's published OpenAPI document, with Prism as the judge. The document is not part
 * of this project: name a copy of it in POLYAI_OPENAPI_CONTRACT.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { isCallSid } from '../../src/contract/index.js';
import { PolyAiClient, type TriggerCallRequest } from '../../src/polyai/index.js';
import { startSimulator, type CallScript, type Simulator } from '../../src/simulator/index.js';
import { startPrism, type Prism } from './prism.js';
import { watchAnswers } from './watch-answers.js';

const contract = process.env['POLYAI_OPENAPI_CONTRACT'] ?? '';
const TO_NUMBER = '+14155552671';

beforeEach(({ skip }) => {
  skip(contract === '', 'POLYAI_OPENAPI_CONTRACT names no OpenAPI document of the vendor');
});

let watch: ReturnType<typeof watchAnswers>;
beforeEach(() => {
  watch = watchAnswers();
});
afterEach(() => watch.stop());

describe('through a validating proxy', () => {
  let simulator: Simulator;
  let prism: Prism;
  let client: PolyAiClient;

  beforeAll(async () => {
    if (contract === '') return;
    simulator = await startSimulator();
    prism = await startPrism('proxy', contract, simulator.url, '--errors');
    client = new PolyAiClient({ baseUrl: prism.url, token: simulator.token });
  });

  afterAll(async () => {
    if (contract === '') return;
    await client.close();
    await prism.close();
    await simulator.close();
  });

  /** Asks for the status of a new call, once. */
  async function statusOf(callSid: string, script: CallScript) {
    simulator.addCall(callSid, script);
    return await client.getCallStatus(callSid);
  }

  function expectNoViolation(status: number): void {
    expect(watch.answers).toEqual([{ status, violations: [], isRefusedByPrism: false }]);
  }

  test.each<[string, CallScript, string]>([
    ['queued', { queuedMs: Infinity }, ''],
    ['calling', { queuedMs: 0, callingMs: Infinity }, ''],
    ['success', { queuedMs: 0, callingMs: 0 }, ''],
    ['failure', { queuedMs: 0, callingMs: 0, outcome: 'failure' }, 'no answer'],
  ])('asking for the status of a call that is %s keeps to the contract', async (status, script, reason) => {
    expect(await statusOf(`OUT-${status}`, script)).toEqual({ status, reason });
    expectNoViolation(200);
  });

  test.each<[string, TriggerCallRequest]>([
    ['a number alone', { toNumber: TO_NUMBER }],
    ['every field', { toNumber: '4155552671', countryCode: 'US', metadata: { name: 'Zoë' }, encryption: 'TLS/SRTP' }],
  ])('a trigger with %s keeps to the contract', async (_what, call) => {
    const { callSid } = await client.triggerCall(call);
    expect(simulator.requestsFor(callSid)).toHaveLength(1);
    expectNoViolation(200);
  });

  test.each([
    [400, 'InvalidCallSid'],
    [401, 'Unauthorized'],
    [404, 'CallNotFound'],
    [500, 'PolyAiUnavailable'],
  ])('a status request answered with %i keeps to the contract', async (status, kind) => {
    const asking = statusOf('OUT-error', { faults: [{ kind: 'status', status }] });
    await expect(asking).rejects.toMatchObject({ kind, httpStatus: status });
    expectNoViolation(status);
  });

  test('the simulator’s own 401 and 404 keep to the contract', async () => {
    await expect(client.getCallStatus('OUT-nobody')).rejects.toMatchObject({ kind: 'CallNotFound' });
    expectNoViolation(404);
    const stranger = new PolyAiClient({ baseUrl: prism.url, token: 'wrong' });
    await expect(stranger.getCallStatus('OUT-nobody')).rejects.toMatchObject({ kind: 'Unauthorized' });
    await stranger.close();
    expect(watch.answers[1]).toEqual({ status: 401, violations: [], isRefusedByPrism: false });
  });

  test('a trigger that the simulator turns down with 400 keeps to the contract', async () => {
    const triggering = client.triggerCall({ toNumber: 'nobody' });
    await expect(triggering).rejects.toMatchObject({ kind: 'RequestRejected', httpStatus: 400 });
    expectNoViolation(400);
  });

  test('the judge is awake: a status in capitals is a violation of the answer', async () => {
    const asking = statusOf('OUT-capitals', { upperCase: true });
    await expect(asking).rejects.toMatchObject({ kind: 'PolyAiUnavailable', httpStatus: 500 });
    expect(watch.answers[0]).toMatchObject({ isRefusedByPrism: true, violations: [{ code: 'enum' }] });
  });

  test('the judge is awake: a field of the wrong kind is a violation of the request, and goes no further', async () => {
    const requestsBefore = simulator.requests.length;
    const call = { toNumber: TO_NUMBER, encryption: 'none' } as unknown as TriggerCallRequest;
    await expect(client.triggerCall(call)).rejects.toMatchObject({ httpStatus: 422 });
    expect(watch.answers[0]).toMatchObject({ isRefusedByPrism: true });
    expect(simulator.requests).toHaveLength(requestsBefore);
  });
});

describe('against a mock made from the contract alone', () => {
  let prism: Prism;
  let client: PolyAiClient;

  beforeAll(async () => {
    if (contract === '') return;
    prism = await startPrism('mock', contract);
    client = new PolyAiClient({ baseUrl: prism.url, token: 't0ken' });
  });

  afterAll(async () => {
    if (contract === '') return;
    await client.close();
    await prism.close();
  });

  test('a trigger gives a call SID whose status can be asked for', async () => {
    const { callSid } = await client.triggerCall({ toNumber: TO_NUMBER });
    expect(isCallSid(callSid)).toBe(true);
    const { status } = await client.getCallStatus(callSid);
    expect(['queued', 'calling', 'success', 'failure']).toContain(status);
    expect(watch.answers.map(({ violations }) => violations)).toEqual([[], []]);
  });
});
