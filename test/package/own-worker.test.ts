import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { type DevServer, startDevServer } from '../../src/playground/temporal-server.js';
import { READY_TIMEOUT_MS } from '../support/shared-dev-server.js';
import { createConsumerProject, type ConsumerProject, WORKER_PEERS } from './consumer-project.js';

const TRACING_PEERS = [
  '@temporalio/interceptors-opentelemetry',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-node',
];

let project: ConsumerProject;
let server: DevServer;

beforeAll(async () => {
  project = await createConsumerProject([...WORKER_PEERS, ...TRACING_PEERS]);
  server = await startDevServer({
    executablePath: inject('temporalCliPath'),
    ui: false,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
});

afterAll(async () => {
  await server.stop();
  await project.remove();
});

/** The workflows of a project that knows nothing of this package, in the two module formats, and as a folder. */
const ESM_WORKFLOWS = `
import { proxyActivities } from '@temporalio/workflow';
const { shout } = proxyActivities({ startToCloseTimeout: '10s' });
export async function greet(name) { return await shout('hello ' + name); }
export default async function anyOther() { return 'by default'; }`;
const CJS_WORKFLOWS = `
const { proxyActivities } = require('@temporalio/workflow');
const { shout } = proxyActivities({ startToCloseTimeout: '10s' });
exports.greet = async function greet(name) { return await shout('hello ' + name); };
exports.default = async function anyOther() { return 'by default'; };`;

/** What the worker of such a project does; the plugin is the only thing that it has of this package. */
const RUN = `
async function run({ address, taskQueue, workflows, twice, prebuilt, traces }) {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const simulator = await startSimulator({ defaultScript: { queuedMs: 300, callingMs: 600 } });
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  const connection = await NativeConnection.connect({ address });
  const [seen, spans] = [[], new Set()];
  const interceptor = () => ({ inbound: { execute: async (input, next) => { seen.push(input.args[0]?.callSid ?? input.args[0]); return next(input); } } });
  const plugins = traces ? [openTelemetry(spans), new PolyAiPlugin({ polyAi })] : twice ? [new PolyAiPlugin({ polyAi }), new PolyAiPlugin({ polyAi })] : [new PolyAiPlugin({ polyAi })];
  const workflowCode = prebuilt
    ? { workflowBundle: await bundleWorkflowCode({ workflowsPath: workflows, plugins, logger: new DefaultLogger('ERROR') }) }
    : { workflowsPath: workflows };
  const worker = await Worker.create({
    connection, taskQueue, ...workflowCode, plugins,
    activities: { shout: async (text) => text.toUpperCase() },
    interceptors: { activity: [interceptor] },
  });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const outcome = await worker.runUntil(async () => {
    const workflow = (type, args) => client.workflow.execute(type, { taskQueue, workflowId: taskQueue + type, args });
    const { callSid } = await polyAi.triggerCall({ toNumber: '+14155550100' });
    const { status } = await awaitCallOutcome(client, { callSid }, { taskQueue });
    return { status, greet: await workflow('greet', ['you']), other: await workflow('unheardOf', []), seen: seen.map((text) => text === callSid ? 'call' : text), spans: [...spans].filter((name) => /^RunWorkflow:|^GET /.test(name)).sort() };
  });
  await client.connection.close(); await connection.close(); await polyAi.close(); await simulator.close();
  console.log(JSON.stringify(outcome));
}
function openTelemetry(names) {
  const exporter = { export: (spans) => spans.forEach(({ name }) => names.add(name)), shutdown: async () => {} };
  const spanProcessor = new SimpleSpanProcessor(exporter);
  new NodeTracerProvider({ spanProcessors: [spanProcessor] }).register();
  return new OpenTelemetryPlugin({ resource: new Resource({}), spanProcessor });
}
run(JSON.parse(process.argv[2]));`;

const IMPORTS = [
  ['Client, Connection', '@temporalio/client'],
  ['bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker', '@temporalio/worker'],
  ['awaitCallOutcome', 'temporal-polyai/client'],
  ['PolyAiClient, PolyAiPlugin', 'temporal-polyai/plugin'],
  ['startSimulator', 'temporal-polyai/simulator'],
  ['OpenTelemetryPlugin', '@temporalio/interceptors-opentelemetry'],
  ['Resource', '@opentelemetry/resources'],
  ['NodeTracerProvider, SimpleSpanProcessor', '@opentelemetry/sdk-trace-node'],
] as const;

const ESM_WORKER = IMPORTS.map(([names, from]) => `import { ${names} } from '${from}';`).join('\n') + RUN;
const CJS_WORKER = IMPORTS.map(([names, from]) => `const { ${names} } = require('${from}');`).join('\n') + RUN;

/** With traces: of this package's workflow and request, and of the project's own workflows. */
const SPANS = [
  'GET /v1/outbound-calling/{call_sid}/status',
  ...['greet', 'monitorOutboundCall', 'unheardOf'].map((type) => `RunWorkflow:${type}`),
];

it('a project with the oldest SDK of the peer ranges: calls are monitored and traced', async () => {
  const sdkFolder = inject('oldestSdkFolder');
  const old = await createConsumerProject([...WORKER_PEERS, ...TRACING_PEERS], sdkFolder);
  onTestFinished(() => old.remove());
  await old.write('worker.mjs', ESM_WORKER);
  const workflows = await old.write('workflows.mjs', ESM_WORKFLOWS);
  await old.write('version.cjs', `console.log(JSON.stringify(require('@temporalio/worker/package.json').version))`);
  const { peerDependencies } = await readManifest(old);

  const argument = { address: server.address, taskQueue: 'oldest-sdk', workflows, traces: true };
  const outcome = await old.runJson('worker.mjs', [JSON.stringify(argument)]);

  expect(outcome).toMatchObject({ status: 'success', greet: 'HELLO YOU', other: 'by default', spans: SPANS });
  expect(`^${String(await old.runJson('version.cjs'))}`).toBe(peerDependencies['@temporalio/worker']);
});

it('a project with OpenTelemetry 2, and the interceptors of the SDK for it: calls are monitored and traced', async () => {
  const sdkFolder = inject('oldestSdkFolder');
  const modern = await createConsumerProject(WORKER_PEERS, sdkFolder);
  onTestFinished(() => modern.remove());
  const interceptors = '@temporalio/interceptors-opentelemetry-v2';
  for (const name of [interceptors, '@opentelemetry/resources', '@opentelemetry/sdk-trace-node']) {
    await modern.link(name, sdkFolder);
  }
  const worker = ESM_WORKER.replace('@temporalio/interceptors-opentelemetry', interceptors)
    .replace('import { Resource }', 'import { resourceFromAttributes }')
    .replace('new Resource(', 'resourceFromAttributes(');
  await modern.write('worker.mjs', worker);
  const workflows = await modern.write('workflows.mjs', ESM_WORKFLOWS);

  const argument = { address: server.address, taskQueue: 'open-telemetry-2', workflows, traces: true };
  const outcome = await modern.runJson('worker.mjs', [JSON.stringify(argument)]);

  expect(outcome).toMatchObject({ status: 'success', spans: SPANS });
});

async function readManifest({ folder }: ConsumerProject) {
  const manifest = await readFile(join(folder, 'node_modules/temporal-polyai/package.json'), 'utf8');
  return JSON.parse(manifest) as { readonly peerDependencies: Readonly<Record<string, string>> };
}

describe('PolyAiPlugin in the worker of a project', () => {
  it.each([
    ['an ESM project', 'worker.mjs', ESM_WORKER, 'workflows.mjs', ESM_WORKFLOWS, {}],
    ['a CommonJS project', 'worker.cjs', CJS_WORKER, 'workflows.cjs', CJS_WORKFLOWS, {}],
    ['a folder of workflows', 'worker.mjs', ESM_WORKER, 'flows/index.js', CJS_WORKFLOWS, { workflows: 'flows' }],
    ['a worker that is given it twice', 'worker.mjs', ESM_WORKER, 'twice.mjs', ESM_WORKFLOWS, { twice: true }],
    ['a worker with traces', 'worker.mjs', ESM_WORKER, 'traced.mjs', ESM_WORKFLOWS, { traces: true }],
    ['a prebuilt bundle', 'worker.mjs', ESM_WORKER, 'prebuilt.mjs', ESM_WORKFLOWS, { prebuilt: true }],
  ])(
    '%s: calls are monitored, and its own workflows, activities and interceptors work as before',
    async (what, workerFile, worker, workflowsFile, workflows, given) => {
      await project.write(workerFile, worker);
      const path = await project.write(workflowsFile, workflows);
      const { workflows: folder, ...options } = { workflows: undefined, ...given };
      const workflowsPath = folder === undefined ? path : path.replace(/\/[^/]+$/, '');
      const taskQueue = what.replaceAll(' ', '-');
      const argument = { address: server.address, taskQueue, workflows: workflowsPath, ...options };

      const outcome = await project.runJson(workerFile, [JSON.stringify(argument)]);

      const seen = ['call', 'hello you'];
      const spans = 'traces' in given ? SPANS : [];
      expect(outcome).toEqual({ status: 'success', greet: 'HELLO YOU', other: 'by default', seen, spans });
    },
  );
});
