import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { PolyAiClient, PolyAiPlugin, REGION_BASE_URLS } from 'temporal-polyai/plugin';

import { createContactActivities } from './activities.js';
import { contactBook } from './contact-book.js';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const polyAi = new PolyAiClient({
  baseUrl: process.env['POLYAI_BASE_URL'] ?? REGION_BASE_URLS['us-1'],
  token: () => process.env['POLYAI_AUTH_TOKEN'] ?? '', // read for each request
});
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: 'contacts',
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  activities: createContactActivities(polyAi, contactBook),
  plugins: [new PolyAiPlugin({ polyAi })],
});
await worker.run();
await connection.close();
await polyAi.close();
