import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { createConsumerProject, type ConsumerProject, WORKER_PEERS } from './consumer-project.js';

/** The further peers that some entry point needs. */
const OTHER_PEERS = ['@temporalio/nexus', '@temporalio/testing', 'nexus-rpc'];

/** What the packed package exports, by the specifier of its import. */
const EXPORTED = Object.keys(packedManifest().exports).map((path) => path.replace(/^\./, 'temporal-polyai'));
const ENTRY_POINTS = EXPORTED.filter((specifier) => !specifier.endsWith('.json'));
const DOCUMENTS = EXPORTED.filter((specifier) => specifier.endsWith('.json'));

function packedManifest(): { readonly exports: Readonly<Record<string, unknown>> } {
  const manifest = execFileSync('tar', ['-xzOf', inject('tarballPath'), 'package/package.json'], { encoding: 'utf8' });
  return JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> };
}

let project: ConsumerProject;

beforeAll(async () => {
  project = await createConsumerProject([...WORKER_PEERS, ...OTHER_PEERS]);
});

afterAll(async () => {
  await project.remove();
});

/** What the tarball has of each folder, and nothing else. */
const PACKED = [
  /^dist\/.+\.(?:js|js\.map|d\.ts)$/,
  /^dist\/simulator\/openapi\.json$/,
  /^dist\/contract\/(?:monitor|regional-rule)\.schema\.json$/,
  /^dist\/campaigns\/rules\/(?:area-codes|regional-rules)\.json$/,
  /^dist\/cli\/contacts-file\/number-time-zones\.json$/,
  /^docs\/.+\.(?:md|png|svg)$/,
  /^deploy\/.+\.(?:ya?ml|json)$/,
  /^examples\/(?:README\.md|package\.json|tsconfig\.json)$/,
  /^examples\/(?:src|test)\/[^/]+\.ts$/,
  /^examples\/go\/(?:.+\.go|go\.mod|go\.sum)$/,
  /^examples\/python\/(?:pyproject\.toml|requirements\.txt|outbound_calls\/\w+\.py)$/,
  /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
];
/** What the documents link to that only the repository has. */
const IN_REPOSITORY = /^(?:test\/|bench|CONTRIBUTING\.md$|Dockerfile$|docker-compose\.yml$|eslint\.walls\.js$)/;

describe('the tarball', () => {
  it('holds the build, the documentation and the examples, no sources, no tests, no build records', () => {
    const { packedFiles } = project;
    expect(packedFiles.filter((file) => !PACKED.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(PACKED.filter((pattern) => !packedFiles.some((file) => pattern.test(file)))).toEqual([]);
  });

  it('has what its documents link to', async () => {
    const { packedFiles, folder } = project;
    const documents = packedFiles.filter((file) => file.endsWith('.md'));
    const links = await Promise.all(
      documents.map(async (document) => {
        const text = await readFile(join(folder, 'node_modules/temporal-polyai', document), 'utf8');
        const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/^\[[^\]]+\]: *(\S+)$/gm)];
        const relative = targets.map(([, target]) => target!.split('#')[0]!).filter((path) => /^[\w.]/.test(path));
        return relative.filter((path) => !URL.canParse(path)).map((path) => join(dirname(document), path));
      }),
    );
    const isPacked = (path: string) => packedFiles.some((file) => file === path || file.startsWith(`${path}/`));
    expect(links.flat().length).toBeGreaterThan(100);
    expect(links.flat().filter((path) => !isPacked(path) && !IN_REPOSITORY.test(path))).toEqual([]);
  });
});

describe('an entry point', () => {
  let fromEsm: NamesOfModules;
  let fromCommonJs: NamesOfModules;
  beforeAll(async () => {
    fromEsm = await names('names.mjs', (specifier) => `await import('${specifier}')`);
    fromCommonJs = await names('names.cjs', (specifier) => `require('${specifier}')`);
  });

  it.each(ENTRY_POINTS)('gives the same names to ESM and to CommonJS: %s', (entryPoint) => {
    expect(fromEsm[entryPoint]).not.toEqual([]);
    expect(fromCommonJs[entryPoint]).toEqual(fromEsm[entryPoint]);
  });

  type NamesOfModules = Readonly<Record<string, readonly string[]>>;

  async function names(file: string, load: (specifier: string) => string): Promise<NamesOfModules> {
    const modules = ENTRY_POINTS.map((entryPoint) => `'${entryPoint}': ${load(entryPoint)}`);
    await project.write(
      file,
      `const namesOf = (module) => Object.keys(module).filter((name) => name !== 'default').sort();
       const modules = { ${modules.join(', ')} };
       console.log(JSON.stringify(Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, namesOf(module)]))));`,
    );
    return (await project.runJson(file)) as NamesOfModules;
  }
});

/** What each kind of document begins with. */
function headOf(specifier: string): object {
  if (specifier.includes('/schemas/')) return { $schema: 'https://json-schema.org/draft/2020-12/schema' };
  return specifier.endsWith('/openapi.json') ? { openapi: '3.1.0' } : { name: 'temporal-polyai' };
}

describe('a document', () => {
  it.each(DOCUMENTS)('is read by ESM and by CommonJS: %s', async (specifier) => {
    await project.write('document.cjs', `console.log(JSON.stringify(require('${specifier}')))`);
    await project.write(
      'document.mjs',
      `import document from '${specifier}' with { type: 'json' };\nconsole.log(JSON.stringify(document));`,
    );
    const document = await project.runJson('document.mjs');
    expect(document).toMatchObject(headOf(specifier));
    expect(await project.runJson('document.cjs')).toEqual(document);
  });
});

describe('a backend that has not installed the optional peers, the worker with its native module among them', () => {
  let backend: ConsumerProject;
  beforeAll(async () => {
    backend = await createConsumerProject([]);
  });
  afterAll(async () => {
    await backend.remove();
  });

  it.each([
    'temporal-polyai',
    'temporal-polyai/client',
    'temporal-polyai/outcomes',
    'temporal-polyai/campaigns',
    'temporal-polyai/simulator',
  ])('imports %s', async (entryPoint) => {
    await backend.write('names.mjs', `console.log(Object.keys(await import('${entryPoint}')).length);`);
    expect(await backend.runJson('names.mjs')).toBeGreaterThan(0);
  });

  it('is told by the command what to install for a worker', async () => {
    const command = backend.run('node_modules/temporal-polyai/dist/cli/main.js', ['worker']);
    await expect(command).rejects.toThrow(/npm install @temporalio\/(?:worker|envconfig|activity)/);
  });
});

describe('a project with OpenTelemetry 2', () => {
  it('is told by the worker that traces need OpenTelemetry 1, and what to install', async () => {
    const modern = await createConsumerProject([...WORKER_PEERS, '@temporalio/interceptors-opentelemetry']);
    onTestFinished(() => modern.remove());
    const packages = ['exporter-trace-otlp-proto', 'resources', 'sdk-trace-node'].map(
      (name) => `@opentelemetry/${name}`,
    );
    for (const name of packages) await modern.link(name, inject('oldestSdkFolder'));
    const env = { POLYAI_AUTH_TOKEN: 'token', POLYAI_BASE_URL: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'otlp' };

    const worker = modern.run('node_modules/temporal-polyai/dist/worker.js', [], env);

    await expect(worker).rejects.toThrow(
      /OTEL_TRACES_EXPORTER\): another version of OpenTelemetry is installed; .* @opentelemetry\/sdk-trace-node@1 /,
    );
  });
});

describe('what a backend loads', () => {
  it.each([
    'temporal-polyai',
    'temporal-polyai/client',
    'temporal-polyai/workflows',
    'temporal-polyai/simulator',
    'temporal-polyai/testing',
  ])('%s loads neither the worker, with its native module, nor the test servers', async (entryPoint) => {
    expect(await loadedPackages(entryPoint)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^@temporalio\/(?:worker|core-bridge|testing)$/)]),
    );
  });

  it('is seen by this test: the worker itself shows up', async () => {
    expect(await loadedPackages('@temporalio/worker')).toContain('@temporalio/core-bridge');
  });

  /** CommonJS packages that an import loads; all of Temporal's are. */
  async function loadedPackages(specifier: string): Promise<unknown> {
    await project.write(
      'loaded.mjs',
      `import { createRequire } from 'node:module';
       await import('${specifier}');
       const packages = Object.keys(createRequire(import.meta.url).cache)
         .map((file) => /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
       console.log(JSON.stringify([...new Set(packages)]));`,
    );
    return await project.runJson('loaded.mjs');
  }
});

describe('the workflows in the bundle of a consumer', () => {
  const CONSUMERS = [
    ['an ESM file', 'workflows.mjs', "export * from 'temporal-polyai/workflows';"],
    ['a CommonJS file', 'workflows.cjs', "module.exports = { ...require('temporal-polyai/workflows') };"],
    ['a renaming file', 'renamed.mjs', "export { monitorOutboundCall as watchCall } from 'temporal-polyai/workflows';"],
  ] as const;

  it.each(CONSUMERS)('come along from %s, without zod and undici', async (_what, file, source) => {
    const workflowsPath = await project.write(file, source);
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const modules = code.replace(/\/\/# sourceMappingURL=.*/s, '');
    expect(modules).toContain('temporal-polyai/dist/workflows/');
    expect(modules).not.toMatch(/node_modules\/(?:zod|undici)\//);
    expect(modules).not.toMatch(/ZodError|ProxyAgent/);
  });
});

describe('the command', () => {
  it('writes a bundle whose workflows share their modules: webpack has not dropped the import that preloads them', async () => {
    await project.run('node_modules/temporal-polyai/dist/cli/main.js', ['bundle', '--out', 'bundle.js']);
    const bundle = await readFile(join(project.folder, 'bundle.js'), 'utf8');
    expect(bundle).toMatch(/function preloadModules\(\) \{\s*__webpack_require__\([^)]*workflows\/preloaded\.js/);
  });

  it('starts without the optional peer @temporalio/testing', async () => {
    const help = await project.run('node_modules/temporal-polyai/dist/cli/main.js', ['--help']);
    expect(help).toContain('temporal-polyai');
  });
});
