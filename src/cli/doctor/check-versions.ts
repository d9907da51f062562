import { readFileSync } from 'node:fs';

import { ok, warning, type Finding } from './check.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** Which package this is, on which Node.js. */
export function checkVersions(nodeVersion: string = process.versions.node): Finding {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(manifest) as Manifest;
  const found = `temporal-polyai ${version}, Node.js ${nodeVersion}`;
  const oldest = engines.node.replace(/^>=/, '');
  if (nodeVersion.localeCompare(oldest, 'en', { numeric: true }) >= 0) return ok(found);
  return warning(`${found}, which is older than ${oldest}`, `install Node.js ${oldest} or newer`);
}
