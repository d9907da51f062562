import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';

import { getMonitor, startMonitor } from '../../../src/client.js';

/** A client of a server that is not there: whoever calls it fails with a connection error. */
function clientWithoutServer(): Client {
  const connection = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: 200 });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

const BAD_SIDS = ['', 'OUT-', 'CA-1', 'OUT-a b', `OUT-${'x'.repeat(125)}`];

test.each(BAD_SIDS)('starting a monitor of %j is refused before the server is asked', async (callSid) => {
  const starting = startMonitor(clientWithoutServer(), { callSid });
  await expect(starting).rejects.toThrow(TypeError);
  await expect(starting).rejects.toThrow(/^invalid callSid: .*"OUT-"/);
});

test.each(BAD_SIDS)('getting the monitor of %j is refused', (callSid) => {
  const client = clientWithoutServer();
  expect(() => getMonitor(client, callSid)).toThrow(/^invalid callSid/);
});

test('the monitor of a call is found by its workflow ID, without asking the server', () => {
  const monitor = getMonitor(clientWithoutServer(), 'OUT-1');
  expect(monitor).toMatchObject({ callSid: 'OUT-1', workflowId: 'outbound-call-OUT-1' });
});
