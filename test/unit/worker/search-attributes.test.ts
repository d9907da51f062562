import { Metadata, status } from '@grpc/grpc-js';
import type { NativeConnection } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../../src/contract/names.js';
import type { SearchAttributeMode } from '../../../src/worker/search-attribute-mode.js';
import { SearchAttributes } from '../../../src/worker/search-attributes.js';

type Listing = () => Promise<Readonly<Record<string, unknown>>>;
type Counting = (query: string) => Promise<unknown>;

const KEYWORD = 2;
const TEXT = 1;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function grpcError(code: status): Error {
  const details = `answered ${status[code]}`;
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

const refuses =
  (code: status): (() => Promise<never>) =>
  () =>
    Promise.reject(grpcError(code));

/** A worker's search attributes in a namespace of a server that answers so. */
function attributesAt(
  list: Listing,
  count: Counting = refuses(status.UNIMPLEMENTED),
  mode: SearchAttributeMode = 'auto',
) {
  const log: string[] = [];
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    log.push(`${level} ${message} ${JSON.stringify(meta)}`);
  });
  const attributes = new SearchAttributes({ mode, namespace: 'calls', logger });
  const source = {
    operatorService: { listSearchAttributes: async () => ({ customAttributes: await list() }) },
    workflowService: { countWorkflowExecutions: async ({ query }: { query: string }) => await count(query) },
  } as unknown as NativeConnection;
  let open = 0;
  const found = attributes.find(async (use) => {
    open += 1;
    return await use(source).finally(() => (open -= 1));
  });
  return {
    log,
    found,
    openConnections: () => open,
    present: () =>
      [CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE].filter((name) => attributes.has(name as never)),
  };
}

test('those that the namespace has as Keywords are written, and the log says so', async () => {
  const { found, present, log } = attributesAt(() => Promise.resolve({ PolyAiCallStatus: KEYWORD, PolyAiAlarm: TEXT }));
  await found;

  expect(present()).toEqual(['PolyAiCallStatus']);
  expect(log).toEqual([
    'INFO search attributes of the namespace {"namespace":"calls","PolyAiCallStatus":true,"PolyAiAlarm":false}',
  ]);
});

test.each([status.PERMISSION_DENIED, status.UNIMPLEMENTED])(
  'a server without an operator service (%i), such as Temporal Cloud, is asked by a query',
  async (refusal) => {
    const { found, present, log } = attributesAt(refuses(refusal), (query) =>
      query.startsWith('PolyAiCallStatus ') ? Promise.resolve({ count: 0 }) : refuses(status.INVALID_ARGUMENT)(),
    );
    await found;

    expect(present()).toEqual(['PolyAiCallStatus']);
    expect(log).toHaveLength(1);
  },
);

test('a server that refuses both questions is not taken for one without search attributes: the log says what to set', async () => {
  const { found, present, log } = attributesAt(refuses(status.PERMISSION_DENIED), refuses(status.PERMISSION_DENIED));
  await found;

  expect(present()).toEqual([]);
  expect(log).toEqual([expect.stringMatching(/^WARN search attributes are not written: .*POLYAI_SEARCH_ATTRIBUTES/)]);
});

test('while the server is unavailable the worker starts, asks again, and writes them from then on', async () => {
  let answers = refuses(status.UNAVAILABLE) as Listing;
  const { found, present, log, openConnections } = attributesAt(() => answers());
  await vi.advanceTimersByTimeAsync(5_000);
  await found;
  expect(openConnections()).toBe(0);
  expect(present()).toEqual([]);
  expect(log[0]).toMatch(/^WARN search attributes are not written yet: .*answered UNAVAILABLE/);

  answers = () => Promise.resolve({ PolyAiCallStatus: KEYWORD, PolyAiAlarm: KEYWORD });
  await vi.advanceTimersByTimeAsync(60_000);

  expect(present()).toEqual(['PolyAiCallStatus', 'PolyAiAlarm']);
  expect(openConnections()).toBe(0);
  expect(log.at(-1)).toMatch(/^INFO search attributes of the namespace/);
});

test('a server that cannot be connected to is asked again, as an unavailable one', async () => {
  const unreachable = Object.assign(new Error('connection refused'), { name: 'TransportError' });
  const answers = [Promise.reject(unreachable), Promise.resolve({ PolyAiAlarm: KEYWORD })];
  answers[0]!.catch(() => undefined);
  const { present, log } = attributesAt(() => answers.shift()!);
  await vi.advanceTimersByTimeAsync(1_000);

  expect(present()).toEqual(['PolyAiAlarm']);
  expect(log[0]).toMatch(/^WARN search attributes are not written yet: .*connection refused/);
});

test.each([
  ['on', ['PolyAiCallStatus', 'PolyAiAlarm']],
  ['off', []],
] as const)('"%s" is not asked', async (mode, expected) => {
  const list = vi.fn(refuses(status.UNAVAILABLE));
  const { found, present, log } = attributesAt(list, undefined, mode);
  await found;

  expect(present()).toEqual(expected);
  expect(list).not.toHaveBeenCalled();
  expect(log).toEqual([expect.stringContaining(`search attributes are ${mode}, as configured`)]);
});
