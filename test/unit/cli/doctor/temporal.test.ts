import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { checkSearchAttribute, readSearchAttributes } from '../../../../src/cli/doctor/search-attributes.js';
import { checkNamespace, checkVersions, type TemporalAccess } from '../../../../src/cli/doctor/temporal.js';
import { refusingServer, useServers } from './refusing-server.js';

const PERMISSION_DENIED = 7;
const addressOf = useServers();
let access: TemporalAccess;

beforeAll(async () => {
  const address = await addressOf(refusingServer(PERMISSION_DENIED, 'Request unauthorized.'));
  const connection = Connection.lazy({ address, interceptors: [] });
  access = {
    address,
    namespace: 'prod',
    serverVersion: '',
    connection,
    client: new Client({ connection, namespace: 'prod' }),
  };
});
afterAll(() => access.connection.close());

test('a namespace that denies access is told apart from one that does not exist', async () => {
  const finding = await checkNamespace(access, true);
  expect(finding).toMatchObject({
    state: 'failure',
    found: `${access.address} denies access to namespace "prod": Request unauthorized.`,
    remedy: expect.stringContaining('TEMPORAL_API_KEY') as string,
  });
});

test('search attributes are not checked where the server does not allow the question', async () => {
  const attributes = await readSearchAttributes(access);
  expect(checkSearchAttribute('PolyAiAlarm', attributes, access)).toMatchObject({
    state: 'not-checked',
    found: expect.stringMatching(
      /Temporal Cloud.* tcld namespace search-attributes add --namespace prod --search-attribute PolyAiAlarm=Keyword$/,
    ) as string,
  });
});

const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
const { version, engines } = JSON.parse(manifest) as { version: string; engines: { node: string } };
const oldest = engines.node.slice(2);

test('this Node.js and the oldest one that the package allows are ok', () => {
  expect(checkVersions()).toEqual({
    state: 'ok',
    found: `temporal-polyai ${version}, Node.js ${process.versions.node}`,
  });
  expect(checkVersions(oldest).state).toBe('ok');
});

test.each(['18.20.8', '20.9.0', '20.18.3'])('Node.js %s is too old: the remedy names the version to install', (old) => {
  expect(checkVersions(old)).toMatchObject({ state: 'warning', remedy: `install Node.js ${oldest} or newer` });
});
