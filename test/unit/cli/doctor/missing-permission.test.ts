import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { checkTemporalClock } from '../../../../src/cli/doctor/clocks.js';
import {
  checkNamespace,
  judgeSearchAttribute,
  readSearchAttributes,
  type TemporalAccess,
} from '../../../../src/cli/doctor/temporal.js';
import { refusingServer, useServers } from './refusing-server.js';

const PERMISSION_DENIED = 7;
const addressOf = useServers();
let access: TemporalAccess;

beforeAll(async () => {
  const address = await addressOf(refusingServer(PERMISSION_DENIED, 'Request unauthorized.'));
  const connection = Connection.lazy({ address, interceptors: [] });
  access = { address, namespace: 'prod', connection, client: new Client({ connection, namespace: 'prod' }) };
});
afterAll(() => access.connection.close());

test('a namespace that does not let us in is told apart from one that is not there', async () => {
  const finding = await checkNamespace(access, { keepsOutcomes: true });
  expect(finding).toMatchObject({
    state: 'failure',
    found: `${access.address} does not let us into namespace "prod": Request unauthorized.`,
    remedy: expect.stringContaining('TEMPORAL_API_KEY') as string,
  });
});

test('search attributes that we may not ask for are said not to be checked, which is no failure', async () => {
  const attributes = await readSearchAttributes(access);
  expect(judgeSearchAttribute('PolyAiAlarm', attributes, access)).toMatchObject({
    state: 'not-checked',
    found: expect.stringContaining('Temporal Cloud') as string,
  });
});

test('a clock that we may not find out is said to be unknown', async () => {
  expect(await checkTemporalClock(access, new AbortController().signal)).toEqual({
    state: 'not-checked',
    found: 'because Temporal does not tell us its time (Request unauthorized.): unknown',
  });
});
