import { expect, test } from 'vitest';

import { ServerTime } from '../../../src/testing/server-time.js';

const YEAR_2030_MS = Date.UTC(2030, 0, 1);

function serverTime() {
  let requests = 0;
  const time = new ServerTime(() => {
    requests += 1;
    return Promise.resolve(YEAR_2030_MS);
  });
  return { time, requests: () => requests };
}

test('all activities that run at once take one request for the time', async () => {
  const { time, requests } = serverTime();
  const activity = () => time.whileRunning(async () => [await time.now(), await time.now()]);

  const times = (await Promise.all([activity(), activity()])).flat();

  expect(requests()).toBe(1);
  expect(times).toHaveLength(4);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(YEAR_2030_MS);
});

test('once no activity runs the server may have skipped time, so it is asked again', async () => {
  const { time, requests } = serverTime();

  await time.whileRunning(() => time.now());
  await time.whileRunning(() => time.now());
  await time.now();
  await time.now();

  expect(requests()).toBe(4);
});

test('an activity that fails has ended too', async () => {
  const { time, requests } = serverTime();

  await time.whileRunning(() => Promise.reject(new Error('failed'))).catch(() => undefined);
  await time.now();
  await time.now();

  expect(requests()).toBe(2);
});

test('a request that fails is made again, also while the same activity runs', async () => {
  const answers = [Promise.reject(new Error('unavailable')), Promise.resolve(YEAR_2030_MS)];
  answers[0]!.catch(() => undefined);
  const time = new ServerTime(() => answers.shift()!);

  await time.whileRunning(async () => {
    await expect(time.now()).rejects.toThrow('unavailable');
    expect(await time.now()).toBeGreaterThanOrEqual(YEAR_2030_MS);
  });
});
