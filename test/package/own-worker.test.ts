import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { type DevServer, startDevServer } from '../../src/playground/temporal-server.js';
import { createConsumerProject, type ConsumerProject } from './consumer-project.js';

let project: ConsumerProject;
let server: DevServer;

beforeAll(async () => {
  project = await createConsumerProject();
  server = await startDevServer({ executablePath: inject('temporalCliPath'), ui: false });
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
async function run({ address, taskQueue, workflows, twice, prebuilt }) {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const simulator = await startSimulator({ defaultScript: { queuedMs: 300, callingMs: 600 } });
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  const connection = await NativeConnection.connect({ address });
  const seen = [];
  const interceptor = () => ({ inbound: { execute: async (input, next) => { seen.push(input.args[0]?.callSid ?? input.args[0]); return next(input); } } });
  const plugins = twice ? [new PolyAiPlugin({ polyAi }), new PolyAiPlugin({ polyAi })] : [new PolyAiPlugin({ polyAi })];
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
    return { status, greet: await workflow('greet', ['you']), other: await workflow('unheardOf', []), seen: seen.map((text) => text === callSid ? 'call' : text) };
  });
  await client.connection.close(); await connection.close(); await polyAi.close(); await simulator.close();
  console.log(JSON.stringify(outcome));
}
run(JSON.parse(process.argv[2]));`;

const IMPORTS = [
  ['Client, Connection', '@temporalio/client'],
  ['bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker', '@temporalio/worker'],
  ['awaitCallOutcome', 'temporal-polyai/client'],
  ['PolyAiClient, PolyAiPlugin', 'temporal-polyai/plugin'],
  ['startSimulator', 'temporal-polyai/simulator'],
] as const;

const ESM_WORKER = IMPORTS.map(([names, from]) => `import { ${names} } from '${from}';`).join('\n') + RUN;
const CJS_WORKER = IMPORTS.map(([names, from]) => `const { ${names} } = require('${from}');`).join('\n') + RUN;

describe('PolyAiPlugin in the worker of a project', () => {
  it.each([
    ['an ESM project', 'worker.mjs', ESM_WORKER, 'workflows.mjs', ESM_WORKFLOWS, {}],
    ['a CommonJS project', 'worker.cjs', CJS_WORKER, 'workflows.cjs', CJS_WORKFLOWS, {}],
    ['a folder of workflows', 'worker.mjs', ESM_WORKER, 'flows/index.js', CJS_WORKFLOWS, { workflows: 'flows' }],
    ['a worker that is given it twice', 'worker.mjs', ESM_WORKER, 'twice.mjs', ESM_WORKFLOWS, { twice: true }],
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
      expect(outcome).toEqual({ status: 'success', greet: 'HELLO YOU', other: 'by default', seen });
    },
  );
});
