import { expect, test } from 'vitest';

import { type OpenRecord, RequestLog } from '../../../src/simulator/state.js';

const KEPT = 100_000;

function record(number: number): OpenRecord {
  const correlationId = String(number);
  return { method: 'GET', path: '/', callSid: `OUT-${number % 7}`, at: 0, simulatedAt: 0, status: 200, correlationId };
}

function logOf(count: number): RequestLog {
  const log = new RequestLog();
  for (let number = 0; number < count; number += 1) log.add(record(number));
  return log;
}

test.each([KEPT - 1, KEPT, KEPT + 1, KEPT + 9_999, KEPT + 10_000, KEPT + 25_001])(
  'of %i requests at most the latest 100,000 are there, in order',
  (count) => {
    const { records } = logOf(count);
    const first = Math.max(0, count - KEPT);
    expect(records).toHaveLength(Math.min(count, KEPT));
    expect(records[0]?.correlationId).toBe(String(first));
    expect(records.at(-1)?.correlationId).toBe(String(count - 1));
    expect(records[KEPT]).toBeUndefined();
    expect(Object.keys(records)).toHaveLength(Math.min(count, KEPT));
  },
);

test('the view is live, also when the log is full', () => {
  const log = logOf(KEPT);
  const { records } = log;
  log.add(record(KEPT));
  expect(records).toHaveLength(KEPT);
  expect(records.map(({ correlationId }) => Number(correlationId)).slice(0, 3)).toEqual([1, 2, 3]);
});

test('a record that changes later changes in the view', () => {
  const log = new RequestLog();
  const open = record(1);
  log.add(open);
  open.status = 'dropped';
  expect(log.records).toEqual([{ ...record(1), status: 'dropped' }]);
});

test('the requests of a call are those that are kept', () => {
  const log = logOf(KEPT + 7);
  expect(log.recordsFor('OUT-3')[0]?.correlationId).toBe('10');
  expect(log.recordsFor('OUT-9')).toEqual([]);
});

test('a full log takes a request as quickly as any other', () => {
  const log = logOf(KEPT);
  const startedAt = performance.now();
  for (let number = 0; number < KEPT; number += 1) log.add(record(number));
  // To move 100,000 records for each took several seconds.
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
