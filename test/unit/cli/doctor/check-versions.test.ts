import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { checkVersions } from '../../../../src/cli/doctor/temporal.js';

const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
const { version, engines } = JSON.parse(manifest) as { version: string; engines: { node: string } };
const oldest = engines.node.slice(2);

test('this Node.js and the oldest one that the package allows are fine', () => {
  expect(checkVersions()).toEqual({
    state: 'ok',
    found: `temporal-polyai ${version}, Node.js ${process.versions.node}`,
  });
  expect(checkVersions(oldest).state).toBe('ok');
});

test.each(['18.20.8', '20.9.0', '20.18.3'])(
  'Node.js %s is too old, which is said with the version to install',
  (old) => {
    expect(checkVersions(old)).toMatchObject({ state: 'warning', remedy: `install Node.js ${oldest} or newer` });
  },
);
