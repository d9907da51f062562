import { expect, test } from 'vitest';

import { type OpenRecord, RequestLog } from '../../../src/simulator/request-log.js';

const KEPT = 100_000;
const BATCH = 10_000;

function record(number: number): OpenRecord {
  const correlationId = String(number);
  return { method: 'GET', path: '/', callSid: `OUT-${number % 7}`, at: 0, simulatedAt: 0, status: 200, correlationId };
}

function logOf(count: number): RequestLog {
  const log = new RequestLog();
  for (let number = 0; number < count; number += 1) log.add(record(number));
  return log;
}

test.each([
  [KEPT - 1, 0],
  [KEPT, 0],
  [KEPT + 1, 0],
  [KEPT + BATCH - 1, 0],
  [KEPT + BATCH, BATCH],
  [KEPT + 25_001, 2 * BATCH],
])('of %i requests, all but the first %i are in the log, in order', (count, removed) => {
  const { records } = logOf(count);
  expect(records).toHaveLength(count - removed);
  expect(records[0]?.correlationId).toBe(String(removed));
  expect(records.at(-1)?.correlationId).toBe(String(count - 1));
  expect(records[count - removed]).toBeUndefined();
  expect(Object.keys(records)).toHaveLength(count - removed);
});

test('the view is live, also when old records are removed', () => {
  const log = logOf(KEPT + BATCH - 1);
  const { records } = log;
  log.add(record(KEPT + BATCH - 1));
  expect(records).toHaveLength(KEPT);
  expect(records.slice(0, 3).map(({ correlationId }) => Number(correlationId))).toEqual([BATCH, BATCH + 1, BATCH + 2]);
});

test('a record that changes later changes in the view', () => {
  const log = new RequestLog();
  const open = record(1);
  log.add(open);
  open.status = 'dropped';
  expect(log.records).toEqual([{ ...record(1), status: 'dropped' }]);
});

test('the requests of a call are those in the log', () => {
  const log = logOf(KEPT + BATCH);
  // 10,002 is the first number from 10,000 on that leaves 6 when divided by 7.
  expect(log.recordsFor('OUT-6')[0]?.correlationId).toBe('10002');
  expect(log.recordsFor('OUT-9')).toEqual([]);
});
