import fc from 'fast-check';
import { expect, test } from 'vitest';

import { RequestQueue, type WaitingRequest } from '../../../src/polyai/request-queue.js';
import { Subjects } from '../../../src/polyai/subjects.js';

interface NamedRequest extends WaitingRequest {
  readonly name: string;
}

let sequence = 0;

function waiting(name: string, options: Partial<WaitingRequest> = {}): NamedRequest {
  const defaults = { standing: 'good', isUrgent: false, waitingSinceMs: 0, hasReturned: false } as const;
  return { name, ...defaults, ...options, sequence: (sequence += 1) };
}

function queueOf(...requests: readonly NamedRequest[]): RequestQueue<NamedRequest> {
  const queue = new RequestQueue<NamedRequest>();
  for (const request of requests) queue.add(request);
  return queue;
}

function admitAll(queue: RequestQueue<NamedRequest>, onlyProven = false): string[] {
  const names: string[] = [];
  for (let next = queue.next({ onlyProven }); next; next = queue.next({ onlyProven })) {
    queue.admit(next);
    names.push(next.name);
  }
  return names;
}

const OLDEST_LAST = [
  waiting('failing', { standing: 'failing', waitingSinceMs: 4 }),
  waiting('good', { standing: 'good', waitingSinceMs: 5 }),
  waiting('new', { standing: 'new', waitingSinceMs: 3 }),
  waiting('urgent', { standing: 'new', isUrgent: true, waitingSinceMs: 2 }),
  waiting('urgent and failing', { standing: 'failing', isUrgent: true, waitingSinceMs: 1 }),
];

test('urgent requests go first, then new calls, those that work and those that fail; every fourth is the oldest', () => {
  expect(admitAll(queueOf(...OLDEST_LAST))).toEqual(['urgent', 'urgent and failing', 'new', 'failing', 'good']);
});

test('unproven requests can be left out: those of calls that fail, and of new calls unless they are urgent', () => {
  const queue = queueOf(...OLDEST_LAST);
  expect(admitAll(queue, true)).toEqual(['urgent', 'good']);
  expect(queue.size).toBe(3);
});

test('a request that has returned goes before those that began to wait after it', () => {
  const queue = queueOf(
    waiting('second', { waitingSinceMs: 2 }),
    waiting('fourth', { waitingSinceMs: 4 }),
    waiting('third', { waitingSinceMs: 3, hasReturned: true }),
    waiting('first', { waitingSinceMs: 1, hasReturned: true }),
  );
  expect(admitAll(queue)).toEqual(['first', 'second', 'third', 'fourth']);
});

test('any mix of adding and deleting leaves the requests of a rank in the order in which they began to wait', () => {
  const step = fc.record({ waitingSinceMs: fc.nat(50), deletes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = queueOf();
      const expected: NamedRequest[] = [];
      for (const { waitingSinceMs, deletes } of steps) {
        const request = waiting('any', { waitingSinceMs, hasReturned: true });
        queue.add(request);
        if (deletes) queue.delete(request);
        else expected.push(request);
      }
      expect(queue.size).toBe(expected.length);
      expected.sort((one, other) => one.waitingSinceMs - other.waitingSinceMs || one.sequence - other.sequence);
      expect(queue.clear()).toEqual(expected);
      expect(queue.size).toBe(0);
    }),
  );
});

test('a subject keeps its place over tries that were not sent, until it is sent or has not tried for 2 min', () => {
  const subjects = new Subjects();
  expect(subjects.recordWaiting('OUT-1', 1_000)).toBe(1_000);
  expect(subjects.recordWaiting('OUT-1', 5_000)).toBe(1_000);
  expect(subjects.recordWaiting('OUT-1', 125_000)).toBe(1_000);
  subjects.recordSent('OUT-1');
  expect(subjects.recordWaiting('OUT-1', 126_000)).toBe(126_000);
  expect(subjects.recordWaiting('OUT-1', 246_001)).toBe(246_001);
});

test('of 20,000 subjects and more the one that was used least recently is forgotten', () => {
  const subjects = new Subjects();
  subjects.recordResponse('OUT-first', 'good');
  for (let i = 0; i < 19_999; i += 1) subjects.recordResponse(`OUT-${i}`, 'failing');
  subjects.recordSent('OUT-first');
  subjects.recordSent('OUT-another');
  expect(['OUT-first', 'OUT-0', 'OUT-1'].map((subject) => subjects.standing(subject))).toEqual([
    'good',
    'new',
    'failing',
  ]);
});
