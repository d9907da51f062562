import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

import { createBackend } from './backend.js';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const port = Number(process.env['PORT'] ?? 3000);
createBackend(new Client({ connection, namespace }), { taskQueue: 'contacts' }).listen(port, () => {
  console.log(`http://localhost:${port}/calls/OUT-…/outcome`);
});
