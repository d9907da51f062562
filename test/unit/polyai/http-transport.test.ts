import { expect, onTestFinished, test, vi } from 'vitest';

import { createHttpAgent, sendRequest } from '../../../src/polyai/http.js';
import { errorOf, tinyServer } from './client-under-test.js';

test('a request that is given up before there is a connection for it ends at once, and is never sent', async () => {
  const server = await tinyServer(({ url }, response) => setTimeout(() => response.end(url), 200));
  const connections = createHttpAgent(1);
  onTestFinished(() => connections.close());
  const send = (path: string, timeoutMs: number, signal?: AbortSignal) =>
    sendRequest(connections, {
      method: 'GET',
      origin: server.url,
      path,
      headers: {},
      timeoutMs,
      signal,
    });
  const controller = new AbortController();

  const first = send('/first', 5_000);
  const aborted = send('/aborted', 5_000, controller.signal);
  const late = errorOf(send('/late', 50));
  const next = send('/next', 5_000);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  controller.abort('enough');

  await expect(aborted).rejects.toBe('enough');
  expect(await late).toMatchObject({ kind: 'PolyAiUnavailable' });
  expect((await first).body).toBe('/first');
  expect((await next).body).toBe('/next');
  expect(server.requests.map(({ url }) => url)).toEqual(['/first', '/next']);
});
