/**
 * Takes docs/images/web-ui-monitor.png: a monitor that polls a live call, in the Web UI of a real dev server.
 * Needs a built package and a Chromium: `npm run build && CHROMIUM=/usr/bin/chromium node scripts/take-screenshot.mjs`.
 */
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { chromium } from 'playwright-core';
import { PolyAiClient, startMonitor } from 'temporal-polyai';
import { startSimulator } from 'temporal-polyai/simulator';

import { createWorker } from '../dist/worker/create-worker.js';
import { startDevServer } from '../dist/playground/temporal-server.js';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const callSid = 'OUT-550e8400-e29b-41d4-a716-446655440000';
const target = fileURLToPath(new URL('../docs/images/web-ui-monitor.png', import.meta.url));

const server = await startDevServer({ searchAttributes: [{ name: 'PolyAiCallStatus', type: 'KEYWORD' }] });
const simulator = await startSimulator();
simulator.addCall(callSid, { queuedMs: 5_000, callingMs: Infinity });
const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
const { address, namespace, uiUrl } = server;
const nativeConnection = await NativeConnection.connect({ address });
const connection = await Connection.connect({ address });
const taskQueue = 'polyai-outbound-calls';
const worker = await createWorker({ connection: nativeConnection, namespace, taskQueue, polyAi });
await worker.runUntil(async () => {
  const monitor = await startMonitor(new Client({ connection, namespace }), { callSid });
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  await photograph(`${uiUrl}/namespaces/${namespace}/workflows/${monitor.workflowId}`);
  await monitor.cancel();
  await monitor.result().catch(() => undefined);
});
await Promise.all([connection.close(), nativeConnection.close(), polyAi.close()]);
await simulator.close();
await server.stop();

async function photograph(url) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForTimeout(5_000);
  await page.screenshot({ path: target });
  await browser.close();
}
