import { expect, test } from 'vitest';

import { mergeStatusChanges, type StatusChange } from '../../../src/contract/observation.js';

const change = (status: string, minute: number): StatusChange => ({
  status,
  at: `2026-01-15T12:${String(minute).padStart(2, '0')}:00.000Z`,
});

const statusesOf = (timeline: readonly StatusChange[]): string[] => timeline.map(({ status }) => status);

test('a status that a later getStatus observes anew is not a change, however often it reports', () => {
  const [queued, again, calling, success] = [
    change('queued', 0),
    change('queued', 10),
    change('calling', 11),
    change('success', 12),
  ];

  let timeline = mergeStatusChanges([], [queued]);
  timeline = mergeStatusChanges(timeline, [again]);
  timeline = mergeStatusChanges(timeline, [again, calling]);
  timeline = mergeStatusChanges(timeline, [again, calling]);
  timeline = mergeStatusChanges(timeline, [again, calling, success]);

  expect(timeline).toEqual([queued, calling, success]);
});

test('a status that comes back is a change', () => {
  const timeline = mergeStatusChanges([change('calling', 0)], [change('queued', 1), change('calling', 2)]);
  expect(statusesOf(timeline)).toEqual(['calling', 'queued', 'calling']);
});

test('a long timeline keeps its beginning and its end', () => {
  const changes = Array.from({ length: 150 }, (_, index) => change(index % 2 ? 'queued' : 'calling', index % 60));
  expect(
    mergeStatusChanges(
      [],
      changes.map((one, index) => ({ ...one, at: `${one.at}-${index}` })),
    ),
  ).toHaveLength(100);
});
