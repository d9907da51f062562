import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { startSimulator } from '../../../src/simulator.js';
import { LiveCalls, occurrences, requestsSince, SecretFile } from '../../support/credentials-rig.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig({ searchAttributes: false });

const CALLS = 15;
const OPENED = 'PolyAI rejects the token';
const CLOSED = 'PolyAI accepts the token again';
/** A probe within 24 s, and then each monitor within 36 s. */
const RESUMED_WITHIN_MS = 60_000;

test.concurrent(
  'a token that is refused for a while under live calls fails none of them, and costs few requests',
  { timeout: 150_000 },
  async ({ onTestFinished }) => {
    const { simulator } = rig();
    const taskQueue = 'refused';
    const environment = { ...rig().workerEnvironment(), POLYAI_TASK_QUEUE: taskQueue };
    const worker = new WorkerProcess(environment, onTestFinished);
    const calls = new LiveCalls(rig(), { simulator, taskQueue, count: CALLS });
    await calls.start();

    const refusedFrom = Date.now();
    simulator.expireToken();
    await pause(35_000);
    const refused = requestsSince(simulator, refusedFrom);
    // In good times it would have been 175.
    expect(refused.length).toBeLessThanOrEqual(15);
    expect(refused.length).toBeGreaterThanOrEqual(4);
    // One that asks again just now is told in milliseconds that its request was not sent.
    for (const phase of await calls.phases()) expect(['credential-hold', 'polling']).toContain(phase);
    expect(worker.output).toContain(OPENED);

    const worksFrom = Date.now();
    simulator.setToken(simulator.token);
    const results = await calls.end();
    expect(Date.now() - worksFrom).toBeLessThan(RESUMED_WITHIN_MS + 10_000);

    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['success']));
    // Polls that were not sent are not counted.
    for (const { callSid, polls } of results) expect(simulator.requestsFor(callSid)).toHaveLength(polls);
    expect(occurrences(worker.output, OPENED)).toBe(1);
    expect(occurrences(worker.output, CLOSED)).toBe(1);
    expect(await worker.end('SIGTERM')).toBe(0);
  },
);

test.concurrent(
  'a token is rotated in its file without a restart: in time, and then late',
  { timeout: 150_000 },
  async ({ onTestFinished }) => {
    const simulator = await startSimulator({ token: 'first-secret' });
    onTestFinished(() => simulator.close());
    const file = new SecretFile('first-secret', onTestFinished);
    const taskQueue = 'rotated';
    const worker = new WorkerProcess(
      {
        ...rig().workerEnvironment(),
        POLYAI_TASK_QUEUE: taskQueue,
        POLYAI_BASE_URL: simulator.url,
        POLYAI_AUTH_TOKEN: undefined,
        POLYAI_AUTH_TOKEN_FILE: file.path,
      },
      onTestFinished,
    );
    const calls = new LiveCalls(rig(), { simulator, taskQueue, count: CALLS });
    await calls.start();

    // In time: the file first, and the old token refused before the worker would have looked at the file by itself.
    file.replace('second-secret');
    const inTimeFrom = Date.now();
    simulator.setToken('second-secret');
    await calls.until('good answers', (callSid) => {
      return simulator.requestsFor(callSid).some(({ at, status }) => at > inTimeFrom && status === 200);
    });
    expect(requestsSince(simulator, inTimeFrom).some(({ status }) => status === 401)).toBe(true);
    expect(new Set(await calls.phases())).toEqual(new Set(['holding']));
    expect(worker.output).not.toContain(OPENED);

    // Late: refused for a while, until somebody writes the file.
    simulator.setToken('third-secret');
    await eventually('the circuit to open', () => worker.output.includes(OPENED) || undefined);
    await pause(8_000);
    const replacedAt = Date.now();
    expect(requestsSince(simulator, replacedAt - 5_000).length).toBeLessThanOrEqual(1);
    file.replace('third-secret');
    const results = await calls.end();

    expect(Date.now() - replacedAt).toBeLessThan(RESUMED_WITHIN_MS + 10_000);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['success']));
    expect(occurrences(worker.output, OPENED)).toBe(1);
    expect(occurrences(worker.output, CLOSED)).toBe(1);
    expect(worker.output).not.toContain('-secret');
    expect(await worker.end('SIGTERM')).toBe(0);
  },
);
